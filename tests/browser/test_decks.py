"""The decks that `make slides` writes, in Chromium with no network: every slide, every key of a clicker, widgets."""

import re

import pytest
from publish_tools import NOT_AS_IT_SHOULD_BE, SERIES, STEMS, check_index, check_interpolation, check_map, made, show
from slide_rules import RULES, faults


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    return made("slides", tmp_path_factory.mktemp("series"))


@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_of_a_deck_is_one_that_can_be_read_from_the_last_row(open_page, decks, published, stem):
    published(SERIES[stem])
    page = open_page(decks / f"{stem}.html")
    settle(page)
    number = page.evaluate("() => Reveal.getTotalSlides()")
    assert number >= 8
    wrong = {}
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"() => Math.abs(Reveal.getScale() - {width / 1280}) < 0.01")
        wrong |= {f"{height}, {slide}": found for slide, found in faults(page).items()}
    assert wrong == {}
    assert page.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert page.evaluate(WALK) == list(range(number))


WALK = """() => {
    const visited = [], right = { key: "ArrowRight", keyCode: 39, bubbles: true };
    for (let k = 0; k < 1000 && (visited.at(-1) ?? -1) < Reveal.getTotalSlides() - 1; k++) {
        const place = Reveal.getSlidePastCount();
        if (place !== visited.at(-1)) visited.push(place);
        document.body.dispatchEvent(new KeyboardEvent("keydown", right));
    }
    return visited;
}"""


@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_can_be_read_in_firefox_too(fox, decks, published, stem):
    published(SERIES[stem])
    fox.size(1280, 720)
    fox.goto((decks / f"{stem}.html").as_uri())
    fox.wait_for(SETTLED, every=700)
    assert dict(fox.evaluate(RULES)) == {}
    assert fox.evaluate(f"() => ({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert fox.evaluate(WALK) == list(range(fox.evaluate("() => Reveal.getTotalSlides()")))


SETTLED = """() => {
    const sizes = [...document.querySelectorAll("section[data-kind]")].map((slide) => slide.style.cssText +
        [...slide.querySelectorAll(".jupyter-widgets")].map((panel) => panel.style.zoom)).join();
    const same = window.sizesBefore === sizes;
    window.sizesBefore = sizes;
    const views = [...document.querySelectorAll(".jupyter-widgets:has(> script[type*=widget-view])")];
    const there = views.every((view) => view.querySelector(".stage, .latent-map, .prediction"));
    return same && there && document.documentElement.dataset.laidOut;
}"""


def settle(page):
    """Wait until panels have come and slides are laid out around them."""
    page.wait_for_function(SETTLED, polling=700)


BROKEN = {
    "no heading": "slide.querySelector('h2').remove()",
    "letters of 12.0 px": "slide.querySelector('p').style.fontSize = '12px'",
    "words": "slide.querySelector('p').append(' word'.repeat(80))",
    "filled to": "slide.querySelector('.flow').style.cssText = 'flex: none; margin-bottom: 400px'",
    "lower band": "slide.querySelector('p').style.cssText = 'position: absolute; top: 660px'",
    "text on text": "slide.querySelector('p').style.cssText = 'position: absolute; left: 56px; top: 30px'",
    "ends at": "slide.querySelector('p').style.cssText = 'position: absolute; left: 1200px; width: 300px'",
    "a line of code is broken": "slide.querySelector('pre').prepend('wide '.repeat(40))",
    "a line of a test": "slide.querySelector('.jp-OutputArea-output pre').append('\\nit holds: True')",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_rules_for_slides_see_what_breaks_them(open_page, decks, fault):
    page = open_page(decks / "00_start_here.html")
    number = page.evaluate(
        f"""() => {{
            const slides = [...document.querySelectorAll("section[data-kind]:not(:has(> section))")];
            const slide = slides.findLast((slide) => slide.matches("[data-kind=code]")
                && [".flow", "p", ".highlight pre", ".jp-OutputArea-output pre"].every((part) =>
                    slide.querySelector(part)));
            {BROKEN[fault]};
            return slides.indexOf(slide) + 1;
        }}"""
    )
    assert fault in str(next(found for slide, found in faults(page).items() if slide.startswith(f"{number}: ")))


def test_a_reload_stays_on_the_slide_and_a_name_is_on_all_decks(chromium, decks):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto((decks / "00_start_here.html").as_uri())
    page.locator(".by").fill("Ada Lovelace, 4 May")
    page.keyboard.press("Enter")
    assert past(page) == 0
    for _ in range(5):
        page.keyboard.press("PageDown")
    here = page.evaluate("() => { const { h, v } = Reveal.getIndices(); return v ? `#/${h}/${v}` : `#/${h}`; }")
    page.wait_for_function("(here) => location.hash === here", arg=here)  # reveal.js writes it once a second at most
    page.reload()
    page.wait_for_function("() => document.documentElement.dataset.laidOut")
    assert past(page) == 5
    page.goto((decks / "01_autoencoder.html").as_uri())
    assert page.locator(".by").text_content() == "Ada Lovelace, 4 May"
    context.close()


@pytest.mark.parametrize(("notes", "height"), [("", 720), ("&notes", 1180)])
def test_a_handout_has_a_page_for_each_slide_with_all_of_it(chromium, decks, notes, height):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{(decks / '02_elbo_and_kl.html').as_uri()}?handout{notes}")
    page.wait_for_function("() => document.documentElement.dataset.laidOut")
    settle(page)
    slides = page.locator("section[data-kind]:not(:has(> section))")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == slides.count()
    page.emulate_media(media="print")
    boxes = [slide.bounding_box() for slide in slides.all()]
    assert {(box["width"], box["height"]) for box in boxes} == {(1280, height)}
    assert [round(box["y"]) for box in boxes] == [height * k for k in range(len(boxes))]
    wrong = faults(page)
    assert {slide: found for slide, found in wrong.items() if "ends at" in str(found) or "cut" in str(found)} == {}
    assert page.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert page.locator("aside.notes").first.is_visible() == bool(notes)
    page.close()


def test_formulas_in_the_speakers_notes_stand_there_once(open_page, decks):
    page = open_page(decks / "02_elbo_and_kl.html")
    settle(page)
    notes = "() => [...document.querySelectorAll('aside.notes')].map((notes) => notes.innerHTML).join()"
    assert "<math" in page.evaluate(notes)
    assert not re.search("mjx|MathJax|math/tex", page.evaluate(notes))


def past(page):
    """How many slides of the deck have been before the one that is shown."""
    return page.evaluate("() => Reveal.getSlidePastCount()")


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


def test_the_plans_of_lectures_lead_to_slides_that_are_there(open_page, decks):
    page = open_page(decks / "plans.html")
    links = page.eval_on_selector_all(
        "td a", "(links) => links.map((link) => [link.getAttribute('href'), link.innerText])"
    )
    assert len(links) > 20
    link, heading = links[-1]
    page.locator("td a").last.click()
    page.wait_for_function("() => window.Reveal?.isReady()")
    assert page.evaluate("() => Reveal.getCurrentSlide().querySelector('h2').innerText").startswith(heading)
    assert link.split("#")[0] in page.url


def test_the_map_in_decks_is_alive_without_a_kernel(open_page, decks, published):
    published(SERIES["06_latent_space"])
    check_map(open_page(decks / "06_latent_space.html"), decks)


def test_the_interpolation_in_decks_is_alive_without_a_kernel(open_page, decks, published):
    published(SERIES["00_start_here"])
    check_interpolation(open_page(decks / "00_start_here.html"), decks)
