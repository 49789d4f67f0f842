"""The keys of a deck: whatever a clicker sends leads on, also after a widget was touched, and a reload stays."""

import pytest
from browser_tools import wait_until
from publish_tools import check_interpolation, check_map, show, skip_if_worked_in


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


def past(page):
    """How many slides of the deck have been before the one that is shown."""
    return page.evaluate("() => Reveal.getSlidePastCount()")


KEYS = ["ArrowRight", "ArrowDown", "PageDown", " ", "n"]
BACK = ["ArrowLeft", "ArrowUp", "PageUp", "Shift+ ", "p"]


def test_each_key_of_a_clicker_visits_every_slide_there_and_back(open_page, decks):
    page = open_page(decks / "00_start_here.html")
    numbers = list(range(page.evaluate("() => Reveal.getTotalSlides()")))
    for key, back in zip(KEYS, BACK, strict=True):
        visited = []
        for pressed in [key] * numbers[-1] + [back] * numbers[-1]:
            visited.append(past(page))
            page.keyboard.press(pressed)
        assert visited == numbers + numbers[:0:-1][1:], key
        assert past(page) == 0


WIDGETS = {
    "00_start_here": (".stage", ".noUi-handle", check_interpolation),
    "01_autoencoder": (".stage", ".handle", None),
    "06_latent_space": (".latent-map", ".marker", check_map),
}


@pytest.mark.parametrize("stem", WIDGETS)
def test_a_widget_takes_the_keys_that_it_needs_and_gives_them_back(open_page, decks, stem):
    skip_if_worked_in(stem)
    selector, handle, check = WIDGETS[stem]
    page = open_page(decks / f"{stem}.html")
    show(page, selector)
    live = page, page.locator(handle).first, lambda: page.locator(f"{selector} p").first.text_content()
    for k, key in enumerate(KEYS):
        a_clicker_leads_on_after_it_was_dragged(*live, key, to_the_right=k % 2 == 0)
    for leave in ("Escape", "PageDown"):
        it_has_the_arrows_until_it_is_left(*live, leave)
    a_swipe_leads_on_but_for_what_is_dragged_itself(*live[:2])
    if check:  # that it is alive without a kernel
        check(page, decks)


def a_clicker_leads_on_after_it_was_dragged(page, handle, place, key, to_the_right):
    start, before = past(page), place()
    drag(page, handle, 60 if to_the_right else -60)
    wait_until(page, lambda: place() != before)
    dragged = place()
    page.keyboard.press(key)
    assert past(page) == start + 1, key
    page.keyboard.press("PageUp")
    assert past(page) == start
    assert place() == dragged


def it_has_the_arrows_until_it_is_left(page, handle, place, leave):
    start, before = past(page), place()
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert past(page) == start
    wait_until(page, lambda: place() != before)
    moved = place()
    page.keyboard.press(leave)
    page.wait_for_function("() => document.activeElement == document.body")
    assert not page.evaluate("() => Reveal.isOverview()")
    on = leave == "PageDown"
    assert past(page) == start + on
    page.keyboard.press("ArrowRight")
    assert past(page) == start + on + 1
    assert place() == moved
    for _ in range(on + 1):
        page.keyboard.press("PageUp")
    assert past(page) == start


def a_swipe_leads_on_but_for_what_is_dragged_itself(page, handle):
    start, box = past(page), handle.bounding_box()
    swipe(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert past(page) == start
    slide = page.evaluate("() => Reveal.getCurrentSlide().querySelector('p').getBoundingClientRect().toJSON()")
    swipe(page, slide["x"] + 200, slide["y"] + 5)
    assert past(page) == start + 1


def drag(page, handle, far):
    """Drag something sideways."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + far, y, steps=4)
    page.mouse.up()
    page.wait_for_function("() => document.activeElement == document.body")


def swipe(page, x, y):
    """A finger that goes to the left."""
    touch = page.context.new_cdp_session(page)
    for kind, points in (("Start", [0]), ("Move", [60]), ("Move", [120]), ("End", [])):
        at = [{"x": x - left, "y": y} for left in points]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})
