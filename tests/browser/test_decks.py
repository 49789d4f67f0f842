"""The decks that `make slides` writes, in Chromium with no network: every slide of each, on the screen and on paper."""

import contextlib

import pypdf
import pytest
from browser_tools import pages
from publish_tools import NOT_AS_IT_SHOULD_BE, SERIES, STEMS, check_index, skip_if_worked_in
from slide_rules import RULES, WALK, faults, settle

from vae_helpers.authoring import handout


@pytest.fixture(scope="module", params=STEMS)
def stem(request):
    skip_if_worked_in(request.param)
    return request.param


@pytest.fixture(scope="module")
def deck(stem, chromium, decks):
    """A deck that is opened once, for all that is asked of it."""
    with pages(chromium) as open_page:
        page = open_page(decks / f"{stem}.html")
        settle(page)
        yield page


def test_every_slide_of_a_deck_is_one_that_can_be_read_from_the_last_row(deck):
    wrong = {}
    for width, height in ((1920, 1080), (1280, 720)):
        deck.set_viewport_size({"width": width, "height": height})
        deck.wait_for_function(f"() => Math.abs(Reveal.getScale() - {width / 1280}) < 0.01")
        wrong |= {f"{height}, {slide}": found for slide, found in faults(deck).items()}
    assert wrong == {}


def test_the_right_arrow_visits_every_slide(deck):
    number = deck.evaluate("() => Reveal.getTotalSlides()")
    assert number >= 8
    assert deck.evaluate(WALK) == list(range(number))


def test_all_formulas_are_set_and_those_in_the_speakers_notes_stand_there_once(deck):
    assert deck.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    notes = deck.evaluate("() => [...document.querySelectorAll('aside.notes')].map((notes) => notes.innerHTML).join()")
    assert not any(rest in notes for rest in ("mjx", "MathJax", "math/tex"))


ON_PAPER = """() => {
    const slides = [...document.querySelectorAll("section[data-kind]:not(:has(> section))")];
    const gone = [...document.querySelectorAll("section .mjx-chtml")].filter((formula) => !formula.offsetWidth
        && !formula.closest("[data-layout=alone] .side")); // in the notes, where a panel needs the slide
    return { gone: gone.map((formula) => formula.outerHTML.slice(0, 100)),
        height: document.documentElement.scrollHeight,
        places: slides.map((slide) => Object.values(slide.getBoundingClientRect().toJSON()).slice(0, 4)),
        headings: slides.map((slide) => slide.querySelector("h1, h2").innerText),
        notes: slides.filter((slide) => slide.querySelector("aside.notes").offsetHeight > 0).length };
}"""


def test_a_handout_has_a_page_for_each_slide_with_all_of_it(deck, stem):
    """Each deck is laid out on paper in both ways, and printed in one of them, for the sake of time."""
    for notes, height in ((False, 720), (True, 1180)):
        if notes:
            deck.evaluate("() => addNotes()")
        deck.evaluate("() => document.documentElement.classList.add('handout', 'print-pdf')")
        deck.emulate_media(media="print")
        found, wrong = deck.evaluate(ON_PAPER), faults(deck)
        number = len(found["headings"])
        assert found["places"] == [[0, height * k, 1280, height] for k in range(number)]
        assert found["height"] == number * height
        assert found["gone"] == []
        assert found["notes"] == number * notes
        assert [slide for slide, faults in wrong.items() if "ends at" in str(faults) or "cut" in str(faults)] == []
        if notes == STEMS.index(stem) % 2:
            printed = handout.printed(deck, number)
            assert len(printed.pages) == number
            for page, heading in zip(printed.pages, found["headings"], strict=True):
                assert set(heading.split()) & set(page.extract_text().split()), f"the page of {heading} is blank"


def test_make_handout_writes_one_pdf_of_each_deck_and_one_of_all(chromium, decks, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(handout, "browser", lambda: contextlib.nullcontext(chromium))
    monkeypatch.setattr(handout, "NOTEBOOKS", [SERIES["00_start_here"]])
    handout.write(decks, tmp_path / "handout")
    names = {f"{stem}{kind}.pdf" for stem in ("00_start_here", "decks") for kind in handout.KINDS}
    assert {path.name for path in (tmp_path / "handout").iterdir()} == names
    for kind, height in (("", 540), ("-notes", 885)):  # in points
        whole = pypdf.PdfReader(tmp_path / f"handout/decks{kind}.pdf")
        assert [entry.title for entry in whole.outline] == ["00_start_here"]
        assert len(whole.pages) == len(pypdf.PdfReader(tmp_path / f"handout/00_start_here{kind}.pdf").pages) > 8
        assert {round(float(page.mediabox.height)) for page in whole.pages} == {height}
    assert "decks-notes.pdf" in capsys.readouterr().out


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


def test_the_rules_for_slides_see_what_breaks_them(open_page, decks):
    page = open_page(decks / "00_start_here.html")
    settle(page)
    for fault, damage in BROKEN.items():
        number, found = page.evaluate(
            f"""() => {{
                const slides = [...document.querySelectorAll("section[data-kind]:not(:has(> section))")];
                const slide = slides.findLast((slide) => slide.matches("[data-kind=code]")
                    && [".flow", "p", ".highlight pre", ".jp-OutputArea-output pre"].every((part) =>
                        slide.querySelector(part)));
                const whole = slide.cloneNode(true);
                {damage};
                const found = ({RULES})();
                slide.replaceWith(whole);
                return [slides.indexOf(slide) + 1, found];
            }}"""
        )
        assert fault in str(next((wrong for slide, wrong in found if slide.startswith(f"{number}: ")), "nothing"))


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
