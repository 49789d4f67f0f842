"""The decks that `make slides` writes, in Chromium with no network: every slide, every key of a clicker, widgets."""

import pytest
from publish_tools import NOT_AS_IT_SHOULD_BE, SERIES, STEMS, check_index, check_interpolation, check_map, made, show


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    return made("slides", tmp_path_factory.mktemp("series"))


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


def walk(page):
    """Go through all slides of a deck by the right arrow; return what is wrong, {slide: [what, ...], ...}."""
    wrong = {}
    for number in range(page.evaluate("() => Reveal.getTotalSlides()")):
        assert past(page) == number
        slide = page.evaluate_handle("() => Reveal.getCurrentSlide()").as_element()
        while page.evaluate("() => Reveal.availableFragments().next"):
            page.keyboard.press("ArrowRight")
        if found := slide.evaluate(NOT_AS_IT_SHOULD_BE) + slide.evaluate(NOT_ON_THE_SLIDE):
            wrong[f"{number + 1}: {slide.inner_text().strip()[:40]}"] = found[:5]
        page.keyboard.press("ArrowRight")
    assert page.evaluate("() => Reveal.isLastSlide()")
    return wrong


def past(page):
    """How many slides of the deck have been before the one that is shown."""
    return page.evaluate("() => Reveal.getSlidePastCount()")


@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_of_a_deck_fits_and_shows_its_formulas(open_page, decks, published, stem):
    published(SERIES[stem])
    page = open_page(decks / f"{stem}.html")
    assert page.evaluate("() => Reveal.getTotalSlides()") >= 8
    assert walk(page) == {}


KEYS = ["ArrowRight", "ArrowDown", "PageDown", " ", "n"]
BACK = ["ArrowLeft", "ArrowUp", "PageUp", "Shift+ ", "p"]


@pytest.mark.parametrize(("key", "back"), list(zip(KEYS, BACK, strict=True)))
def test_each_key_of_a_clicker_visits_every_slide_there_and_back(open_page, decks, key, back):
    page = open_page(decks / "00_start_here.html")
    numbers = list(range(page.evaluate("() => Reveal.getTotalSlides()")))
    visited = []
    for pressed in [key] * numbers[-1] + [back] * numbers[-1]:
        visited.append(past(page))
        page.keyboard.press(pressed)
    assert visited == numbers + numbers[:0:-1][1:]
    assert past(page) == 0


WIDGETS = {
    "00_start_here": (".stage", ".noUi-handle"),
    "01_autoencoder": (".stage", ".handle"),
    "06_latent_space": (".latent-map", ".marker"),
}
each_widget = pytest.mark.parametrize("stem", WIDGETS)


@pytest.fixture
def live(open_page, decks, published, stem):
    """A deck at the slide of its live widget, what of it is dragged, and a way to tell where that stands."""
    published(SERIES[stem])
    page, (selector, handle) = open_page(decks / f"{stem}.html"), WIDGETS[stem]
    show(page, selector)
    return page, page.locator(handle).first, lambda: page.locator(f"{selector} p").first.text_content()


@each_widget
@pytest.mark.parametrize("key", KEYS)
def test_a_clicker_leads_on_after_a_widget_was_dragged(live, key):
    page, handle, place = live
    start, before = past(page), place()
    drag(page, handle)
    dragged = place()
    assert dragged != before
    page.keyboard.press(key)
    assert past(page) == start + 1
    page.keyboard.press("PageUp")
    assert past(page) == start
    assert place() == dragged


@each_widget
@pytest.mark.parametrize("leave", ["Escape", "PageDown"])
def test_a_widget_that_tab_leads_to_has_the_arrows_until_it_is_left(live, leave):
    page, handle, place = live
    start, before = past(page), place()
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert past(page) == start
    moved = place()
    assert moved != before
    page.keyboard.press(leave)
    page.wait_for_function("() => document.activeElement == document.body")
    assert not page.evaluate("() => Reveal.isOverview()")
    assert past(page) == start + (leave == "PageDown")
    page.keyboard.press("ArrowRight")
    assert past(page) == start + (leave == "PageDown") + 1
    assert place() == moved


@each_widget
def test_a_swipe_on_a_slide_leads_on_but_for_what_is_dragged_itself(live):
    page, handle, _ = live
    start, box = past(page), handle.bounding_box()
    swipe(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert past(page) == start
    slide = page.evaluate("() => Reveal.getCurrentSlide().querySelector('p').getBoundingClientRect().toJSON()")
    swipe(page, slide["x"] + 200, slide["y"] + 5)
    assert past(page) == start + 1


def drag(page, handle):
    """Drag something to the right."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    page.wait_for_function("() => document.activeElement == document.body")


def swipe(page, x, y):
    """A finger that goes to the left."""
    touch = page.context.new_cdp_session(page)
    for kind, points in (("Start", [0]), ("Move", [60]), ("Move", [120]), ("End", [])):
        at = [{"x": x - left, "y": y} for left in points]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})


def test_the_index_of_decks_leads_to_every_notebook(open_page, decks):
    check_index(open_page(decks / "index.html"), decks)


def test_the_map_in_decks_is_alive_without_a_kernel(open_page, decks, published):
    published(SERIES["06_latent_space"])
    check_map(open_page(decks / "06_latent_space.html"), decks)


def test_the_interpolation_in_decks_is_alive_without_a_kernel(open_page, decks, published):
    published(SERIES["00_start_here"])
    check_interpolation(open_page(decks / "00_start_here.html"), decks)
