"""What the tests of decks and pages share: a build of them, and what must hold for both."""

import os
import subprocess
import time

import numpy as np
import pytest
from browser_tools import canvas_greys
from series import ROOT, copy_of_the_series, worked_in

from vae_helpers.authoring.notebooks import NOTEBOOKS
from vae_helpers.authoring.npm import PACKAGES, fetch

SERIES = {path.stem: path for path in NOTEBOOKS}
STEMS = list(SERIES)
AXE = {"axe-core": ("4.14.1", ["axe.min.js"])}  # finds what people who hear a page or use keys cannot use


def made(kind, factory):
    """The folder of the decks or the pages, made by make in a copy of the series; with axe in it.

    The first process of a run that asks for it makes it, in a folder that they share; the others wait.
    """
    shared = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    folder, log = shared / f"made-{kind}", shared / f"made-{kind}.log"
    try:
        folder.mkdir()
    except FileExistsError:
        while not log.exists():
            time.sleep(0.2)
    else:
        said = "the copy could not be made"
        try:
            said = _make(kind, copy_of_the_series(folder))
        finally:
            (shared / ".said").write_text(said)
            (shared / ".said").rename(log)
    (series,) = folder.iterdir()
    said = log.read_text()
    if said.startswith("no npm packages"):
        pytest.skip(said)
    assert (series / f"build/{kind}/axe-core").exists(), said
    return series / "build" / kind


def _make(kind, series):
    """Make decks or pages; return what was said."""
    try:
        npm_in(series)
    except pytest.skip.Exception as skipped:
        return str(skipped)
    done = subprocess.run(["make", "--old-file=.venv/ready", kind], cwd=series, capture_output=True, text=True)
    if done.returncode == 0:
        (series / "npm/axe-core").rename(series / f"build/{kind}/axe-core")
    return done.stdout + done.stderr


def skip_if_worked_in(stem):
    """Skip the tests of a page whose notebook somebody has worked in."""
    if worked_in(SERIES[stem]):
        pytest.skip(f"{stem} was saved or answered since `make notebooks`: what it holds is tested in CI only")


def npm_in(series):
    """Give a copy of the series what pages load, and axe."""
    try:
        fetch(PACKAGES | AXE, series / "npm")
    except SystemExit as error:
        pytest.skip(f"no npm packages: {error}")
    (series / "build").mkdir()
    (series / "build/npm").symlink_to(ROOT / "build/npm")  # fetched above


NOT_AS_IT_SHOULD_BE = r"""(part) => {
    const wrong = [];
    const words = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const { data, parentElement } = words.currentNode;
        if (parentElement.closest("pre, code, script, style, annotation")) continue;
        if (/\$\S|\\(begin|frac|mathbb|log)/.test(data))
            wrong.push(`a formula is not set: ${data}`);
    }
    for (const error of part.querySelectorAll(".MathJax_Error, .mjx-merror, .merror"))
        wrong.push(`a formula is wrong: ${error.textContent}`);
    for (const picture of part.querySelectorAll("img"))
        if (!picture.alt) wrong.push("a picture has no words");
    return wrong;
}"""
TOO_WIDE = """() => [...document.querySelectorAll("main *")].filter((part) =>
    part.getBoundingClientRect().right > innerWidth + 1
    && !part.closest("table, .MJXc-display, .wide, .jupyter-widgets svg, .MJX_Assistive_MathML")
).map((part) => part.outerHTML.slice(0, 120))"""
IS_THE_WIDGET_STILL_THERE = """() => !window.Reveal
    || Boolean(Reveal.getCurrentSlide().querySelector(".latent-map, .stage"))"""


def barriers(page, folder):
    """What axe finds that people who hear a page, use keys or see few colours would stumble over."""
    page.evaluate(f"{(folder / 'axe-core/axe.min.js').read_text(encoding='utf-8')}; 0")
    found = page.evaluate("() => axe.run({ preload: false, iframes: false })")["violations"]
    return [f"{rule['id']}: {place['html'][:200]}" for rule in found for place in rule["nodes"]]


def show(page, selector):
    """Go to the slide that holds an element, or scroll to it and unfold the answer that it is in."""
    page.evaluate(
        """(selector) => {
            const section = document.querySelector(selector).closest("section");
            if (section) Reveal.slide(...Object.values(Reveal.getIndices(section)));
        }""",
        selector,
    )
    folded = page.locator("details:not([open])").filter(has=page.locator(selector))
    if folded.count():
        folded.locator("summary").click()
    page.locator(selector).first.scroll_into_view_if_needed()


def check_index(page, folder):
    """Assert that an index leads to every notebook, and to no page that is not there."""
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    assert [link for link in links if link[:2].isdigit()] == [f"{stem}.html" for stem in STEMS]
    assert [link for link in links if not (folder / link.split("#")[0]).exists()] == []
    assert barriers(page, folder) == []


def check_map(page, folder):
    """Assert that the map of a page is alive without a kernel."""
    show(page, ".latent-map")
    decoded = page.locator(".latent-map .side canvas").first
    before = canvas_greys(decoded)
    page.locator(".latent-map .marker").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert np.abs(canvas_greys(decoded) - before).max() > 40
    assert page.evaluate(IS_THE_WIDGET_STILL_THERE)
    assert barriers(page, folder) == []


def check_interpolation(page, folder):
    """Assert that the interpolation of a page is alive without a kernel."""
    show(page, ".stage")
    decoded = page.locator(".stage figure canvas").nth(1)
    before = canvas_greys(decoded)
    page.locator(".noUi-handle").first.press("Home")
    page.wait_for_function("() => document.querySelectorAll('.stage figure canvas')[1].ariaLabel.endsWith('0.00')")
    assert np.abs(canvas_greys(decoded) - before).max() > 40
    assert page.evaluate(IS_THE_WIDGET_STILL_THERE)
    assert barriers(page, folder) == []
