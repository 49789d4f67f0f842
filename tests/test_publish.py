"""The decks and pages that `make slides` and `make site` write, in Chromium with no network, and `make present`."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request

import numpy as np
import publish
import pytest
from browser_tools import MISSING, ROOT, browser, canvas_greys, copy_of_the_series
from notebook_tools import NOTEBOOKS, VIEW, read

in_chromium = pytest.mark.skipif(bool(MISSING), reason=f"these tests need {' and '.join(MISSING)} on this machine")
STEMS = [path.stem for path in NOTEBOOKS]
AXE = {"axe-core": ("4.14.1", ["axe.min.js"])}  # finds what people who hear a page or use keys cannot use


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Where the decks, the pages and the checker of accessibility are."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("slides", "site", "axe")}
    try:
        publish.fetch(publish.PACKAGES | AXE, folders["axe"])
    except SystemExit as error:
        pytest.skip(f"no npm packages: {error}")
    for kind in ("slides", "site"):
        publish.main(kind, folders[kind])
    return folders


@pytest.fixture(scope="module")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture
def open_page(chromium):
    """Opens files in pages of 1280 x 720 with no network; at the end none of them may have met an error."""
    wrong = []
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)

    def open_page(path):
        page = context.new_page()
        wrong.append(watch(page))
        page.goto(path.as_uri())
        page.wait_for_function(
            """() => [...document.querySelectorAll("script[type*=widget-view]")].every(
                (view) => view.parentElement.querySelector(".jupyter-widgets, .latent-map")
            ) && (!window.MathJax || (MathJax.isReady && !MathJax.Hub.queue.pending && !MathJax.Hub.queue.running))"""
        )
        return page

    yield open_page
    context.close()
    assert [problem for page in wrong for problem in page] == []


def watch(page):
    """A list that grows with each failed or outward request, exception and error of the console."""
    wrong = []
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:200]}"))
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("request", lambda it: None if re.match("(file|data|blob):", it.url) else wrong.append(f"asked: {it.url}"))
    return wrong


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
NOT_ON_THE_SLIDE = """(slide) => {
    const wrong = [], unseen = "aside.notes, .MJX_Assistive_MathML, script, style";
    for (const part of slide.querySelectorAll("*")) {
        if (part.closest(unseen)) continue;
        const { left, top, right, bottom, width, height } = part.getBoundingClientRect();
        if (width && height && (left < -1 || top < -1 || right > 1281 || bottom > 721))
            wrong.push(`${part.tagName}.${part.className} ends at ${Math.round(right)}, ${Math.round(bottom)}`);
        if (part.matches("pre, table, .MathJax_Display, .MJXc-display") && part.scrollWidth > part.clientWidth + 2)
            wrong.push(`${part.tagName}.${part.className} is cut off at its side`);
    }
    for (const picture of slide.querySelectorAll(".jp-OutputArea-output img"))
        if (picture.height < 0.6 * picture.naturalHeight) wrong.push("a picture has shrunk below 60 %");
    if (!slide.innerText.trim()) wrong.push("a slide without words");
    return wrong;
}"""


def walk(page, see=lambda number: None):
    """Go through all slides of a deck, calling `see` on each; return what is wrong, {slide: [what, ...], ...}."""
    wrong = {}
    for number in range(page.evaluate("() => Reveal.getTotalSlides()")):
        slide = page.evaluate_handle("() => Reveal.getCurrentSlide()").as_element()
        while page.evaluate("() => Reveal.availableFragments().next"):
            page.evaluate("() => Reveal.nextFragment()")
        if found := slide.evaluate(NOT_AS_IT_SHOULD_BE) + slide.evaluate(NOT_ON_THE_SLIDE):
            wrong[f"{number + 1}: {slide.inner_text().strip()[:40]}"] = found[:5]
        see(number)
        page.evaluate("() => Reveal.next()")
    assert page.evaluate("() => Reveal.isLastSlide()")
    return wrong


@in_chromium
@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_of_a_deck_fits_and_shows_its_formulas(open_page, folders, stem):
    page = open_page(folders["slides"] / f"{stem}.html")
    assert page.evaluate("() => Reveal.getTotalSlides()") >= 8
    assert walk(page) == {}


@in_chromium
@pytest.mark.parametrize("stem", STEMS)
def test_a_page_can_be_read_by_everyone_and_leads_on(open_page, folders, stem):
    page = open_page(folders["site"] / f"{stem}.html")
    assert page.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert barriers(page, folders) == []
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    pages = {link for link in links if re.match(r"\d\d_", link)}
    assert pages >= {f"{STEMS[k]}.html" for k in (STEMS.index(stem) - 1, STEMS.index(stem) + 1) if 0 <= k < len(STEMS)}
    assert all((folders["site"] / link.split("#")[0]).exists() for link in {*pages, "index.html"})
    assert "index.html" in links


@in_chromium
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_index_leads_to_every_notebook(open_page, folders, kind):
    page = open_page(folders[kind] / "index.html")
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    assert links == [f"{stem}.html" for stem in STEMS]
    assert barriers(page, folders) == []


def barriers(page, folders):
    """What axe finds that people who hear a page, use keys or see few colours would stumble over."""
    page.evaluate(f"{(folders['axe'] / 'axe-core/axe.min.js').read_text(encoding='utf-8')}; 0")
    found = page.evaluate("() => axe.run({ preload: false })")["violations"]
    return [f"{rule['id']}: {place['html'][:200]}" for rule in found for place in rule["nodes"]]


@in_chromium
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_map_is_alive_without_a_kernel(open_page, folders, kind):
    page = open_page(folders[kind] / "05_latent_space.html")
    show(page, ".latent-map")
    decoded = page.locator(".latent-map .side canvas").first
    before = canvas_greys(decoded)
    page.locator(".latent-map .marker").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert np.abs(canvas_greys(decoded) - before).max() > 40
    assert page.evaluate(IS_THE_WIDGET_STILL_THERE)
    assert barriers(page, folders) == []


@in_chromium
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_interpolation_is_alive_without_a_kernel(open_page, folders, kind):
    page = open_page(folders[kind] / "00_start_here.html")
    show(page, ".film")
    decoded = page.locator(".film canvas").nth(1)
    before = canvas_greys(decoded)
    page.get_by_role("slider", name="α", exact=True).press("Home")
    page.wait_for_function("() => document.querySelectorAll('.film canvas')[1].ariaLabel.endsWith('0.00')")
    assert np.abs(canvas_greys(decoded) - before).max() > 40
    assert page.evaluate(IS_THE_WIDGET_STILL_THERE)
    assert barriers(page, folders) == []


IS_THE_WIDGET_STILL_THERE = """() => !window.Reveal
    || Boolean(Reveal.getCurrentSlide().querySelector(".latent-map, .film"))"""


def show(page, selector):
    """Go to the slide that holds an element, or scroll to it."""
    page.evaluate(
        """(selector) => {
            const section = document.querySelector(selector).closest("section");
            if (section) Reveal.slide(...Object.values(Reveal.getIndices(section)));
        }""",
        selector,
    )
    page.locator(selector).first.scroll_into_view_if_needed()


def test_a_panel_that_needs_a_kernel_becomes_its_picture_with_words_and_others_stay():
    before, after = {}, {}
    for path in NOTEBOOKS:
        notebook = read(path)
        before[path.stem] = alive(notebook)
        publish.show_still_what_needs_a_kernel(notebook)
        publish.name_pictures(notebook)
        after[path.stem] = alive(notebook)
        assert bool(after[path.stem]) == ("widgets" in notebook.metadata)  # what is not shown is not kept
    assert (before["01_autoencoder"], after["01_autoencoder"]) == (["A map of"], [])
    assert len(before["05_latent_space"]) > 1
    assert after["05_latent_space"] == ["A latent map"]
    assert after["00_start_here"] == ["Two images, and"]


def alive(notebook):
    """The first words of what a notebook shows alive; of all other pictures, there must be words, too."""
    alive = []
    for output in [output for cell in notebook.cells for output in cell.get("outputs", [])]:
        data = output.get("data", {})
        if VIEW in data:
            alive.append(" ".join(data["text/plain"].split()[:3]))
        elif "image/png" in data and "text/html" in data:
            assert re.match('<img alt="[^"]{20,}" src="data:image/png;base64,', data["text/html"])
    return alive


def test_no_npm_and_no_such_package_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    with monkeypatch.context() as away:
        away.setenv("PATH", "")
        with pytest.raises(SystemExit, match="npm is needed"):
            publish.fetch(publish.PACKAGES, tmp_path)
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SystemExit, match=r"npm could not fetch reveal\.js 4.*\n.*no network"):
        publish.fetch(publish.PACKAGES, tmp_path)


@contextlib.contextmanager
def presented(stem, log):
    """The address of a notebook that `make present` shows."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with log.open("w") as out:
        command = [
            "make",
            "--old-file=.venv/ready",
            "present",
            f"NOTEBOOK={stem}",
            f"OPTIONS=--no-browser --port={port}",
        ]
        copy = copy_of_the_series(log.parent)
        voila = subprocess.Popen(command, cwd=copy, stdout=out, stderr=out, start_new_session=True)
        try:
            for _ in range(300):
                if voila.poll() is not None:
                    raise RuntimeError(f"make present did not start:\n{log.read_text()}")
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://localhost:{port}/voila/static/voila.js", timeout=5)
                    break
                time.sleep(0.1)
            yield f"http://localhost:{port}/"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(voila.pid, signal.SIGTERM)
            voila.wait(30)


@in_chromium
def test_make_present_shows_a_notebook_live_and_without_code_and_asks_no_network(chromium, tmp_path):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with presented("00_start_here", tmp_path / "log") as address:
        page.goto(address, timeout=120_000)
        film = page.locator(".film")
        film.wait_for(timeout=120_000)
        page.get_by_role("slider", name="α", exact=True).press("Home")
        film.get_by_role("img", name="decoded at alpha 0.00").wait_for()
        assert page.get_by_text("load_pretrained(").count() == 0  # code
        assert page.get_by_text("Your turn").count() == 0
    page.close()
    assert [url for url in asked if not re.match(r"(https?|wss?)://localhost:|data:|blob:", url)] == []


def test_make_present_of_no_notebook_names_those_there_are():
    present = ["make", "--old-file=.venv/ready", "present", "NOTEBOOK=07"]
    said = subprocess.run(present, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode != 0
    assert [word for word in ("not 07", *STEMS) if word not in said.stdout] == []
