"""Decks and pages in Firefox: every slide can be read, and a phone shows all of a page."""

import pytest
from publish_tools import NOT_AS_IT_SHOULD_BE, STEMS, TOO_WIDE, skip_if_worked_in
from slide_rules import RULES, SETTLED, WALK


@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_can_be_read_in_firefox_too(fox, decks, stem):
    skip_if_worked_in(stem)
    fox.size(1280, 720)
    fox.goto((decks / f"{stem}.html").as_uri())
    fox.wait_for(SETTLED, every=300)
    assert dict(fox.evaluate(RULES)) == {}
    assert fox.evaluate(f"() => ({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert fox.evaluate(WALK) == list(range(fox.evaluate("() => Reveal.getTotalSlides()")))


@pytest.mark.parametrize("stem", ["00_start_here", "01_autoencoder"])
def test_a_page_is_whole_on_a_phone_in_firefox_too(fox, site, stem):
    skip_if_worked_in(stem)
    fox.size(390, 844)
    fox.goto((site / f"{stem}.html").as_uri())
    fox.wait_for("() => document.querySelector('.stage .said')?.textContent")
    fox.wait_for("() => document.documentElement.scrollWidth <= innerWidth")
    assert fox.evaluate(TOO_WIDE) == []
