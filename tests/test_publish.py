"""The decks and pages that `make slides` and `make site` write, in Chromium with no network."""

import re

import browser_tools
import pytest
from notebook_tools import NOTEBOOKS
from publish import main

pytestmark = pytest.mark.skipif(bool(browser_tools.MISSING), reason=f"{', '.join(browser_tools.MISSING)} not there")
STEMS = [path.stem for path in NOTEBOOKS]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Where the decks and the pages are: {"slides": folder, "site": folder}."""
    made = {kind: tmp_path_factory.mktemp(kind) for kind in ("slides", "site")}
    for kind, folder in made.items():
        try:
            main(kind, folder)
        except SystemExit as error:
            pytest.skip(str(error))
    return made


@pytest.fixture(scope="module")
def chromium():
    with browser_tools.browser() as chromium:
        yield chromium


@pytest.fixture
def open_page(chromium):
    """Open a file in a page of 1280 x 720 with no network; what goes wrong there is gathered in page.wrong."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)

    def open_file(path):
        page = context.new_page()
        page.wrong = watch(page)
        page.goto(path.as_uri())
        page.wait_for_function("() => window.MathJax?.Hub.queue.pending == 0 && MathJax.Hub.queue.running == 0")
        page.wait_for_load_state("networkidle")
        return page

    yield open_file
    context.close()


def watch(page):
    """A list that grows with each failed or outward request, exception and error of the console."""
    wrong = []
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:200]}"))
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("request", lambda it: None if re.match("(file|data|blob):", it.url) else wrong.append(f"asked: {it.url}"))
    return wrong


NOT_ON_THE_SLIDE = """() => {
    const slide = Reveal.getCurrentSlide(), wrong = [];
    for (const part of slide.querySelectorAll("*")) {
        if (part.closest("aside.notes, .MJX_Assistive_MathML, .widget-readout, script, style")) continue;
        const { left, top, right, bottom, width, height } = part.getBoundingClientRect();
        if (width && height && (left < 0 || top < 0 || right > 1281 || bottom > 721))
            wrong.push(`${part.tagName}.${part.className} ends at ${Math.round(right)}, ${Math.round(bottom)}`);
        if (part.scrollWidth > part.clientWidth + 2 && part.matches("pre, table, .MathJax_Display, .jp-OutputArea-output"))
            wrong.push(`${part.tagName}.${part.className} is cut off at its side`);
    }
    for (const picture of slide.querySelectorAll(".jp-OutputArea-output img"))
        if (picture.height < 0.6 * picture.naturalHeight) wrong.push(`a picture has shrunk to ${Math.round(100 * picture.height / picture.naturalHeight)} %`);
    const words = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    while (words.nextNode())
        if (/\\$\\S|\\\\(begin|frac|mathbb)/.test(words.currentNode.data) && !words.currentNode.parentElement.closest("pre, code, script"))
            wrong.push(`formula not set: ${words.currentNode.data}`);
    for (const error of slide.querySelectorAll(".MathJax_Error, .merror, .mjx-merror")) wrong.push(`bad formula: ${error.textContent}`);
    if (!slide.innerText.trim() && !slide.querySelector("img, canvas")) wrong.push("an empty slide");
    return wrong.slice(0, 5);
}"""


def walk(page, see=lambda name: None):
    """Go through all slides of a deck; return what is wrong, {slide: [what, ...]}. `see` is called on each."""
    wrong = {}
    for number in range(page.evaluate("() => Reveal.getTotalSlides()")):
        name = page.evaluate("() => `${Reveal.getSlidePastCount() + 1}: ${Reveal.getCurrentSlide().innerText.trim().slice(0, 40)}`")
        if found := page.evaluate(NOT_ON_THE_SLIDE):
            wrong[name] = found
        see(number)
        page.evaluate("() => Reveal.next()")
    assert page.evaluate("() => Reveal.isLastSlide()")
    return wrong


@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_of_a_deck_fits_and_shows_its_formulas_with_no_network(open_page, folders, stem):
    page = open_page(folders["slides"] / f"{stem}.html")
    assert page.evaluate("() => Reveal.getTotalSlides()") >= 8
    assert walk(page) == {}
    assert page.wrong == []
