"""The decks of the series: what frames them, what every slide of them has, the plans, and the picture of them."""

import copy
import itertools
import re

import pytest
from series import worked_in
from talk_tools import text_of

from vae_helpers.authoring import picture
from vae_helpers.authoring.notebooks import NOTEBOOKS, read
from vae_helpers.authoring.plans import PLANS, deck_row, picked, sections
from vae_helpers.authoring.slide_cells import talk_cells
from vae_helpers.authoring.slide_notes import told
from vae_helpers.authoring.slide_pages import goes_on
from vae_helpers.authoring.talk_frame import questions_for_the_room, whole_talk

SERIES = {path.stem: path for path in NOTEBOOKS}
STEMS = list(SERIES)


@pytest.fixture(scope="module")
def talks():
    return {path.stem: whole_talk(read(path), path.stem, STEMS) for path in NOTEBOOKS}


def shown_heading(slide):
    return slide.topic or slide.heading


def test_no_slide_of_a_deck_has_more_than_twelve_lines_of_code(talks):
    """Without the questions for the room, which have three short answers each."""
    slides = [slide for talk in talks.values() for slide in talk if slide.kind != "quiz"]
    lines = {
        slide.topic or slide.heading: [part.cell.source.count("\n") + 1 for part in slide.of("code")]
        for slide in slides
    }
    assert {heading: count for heading, count in lines.items() if sum(count) > 12} == {}
    assert sum(map(bool, lines.values())) > 40


def test_a_talk_begins_with_its_title_and_its_agenda_and_ends_with_the_way_on(talks):
    for stem, talk in talks.items():
        kinds = [slide.kind for slide in talk if not slide.appendix]
        assert (kinds[0], kinds[1], kinds[-1]) == ("title", "agenda", "last")
        assert kinds.count("last") == 1
        assert talk[0].of("picture"), stem
        assert "You will be able to\n\n- " in text_of(talk[0])
        after = STEMS[STEMS.index(stem) + 1 : STEMS.index(stem) + 2]
        assert all(f"({name}.html)" in text_of(talk[len(kinds) - 1]) for name in after)


def test_no_slide_of_a_deck_ends_in_the_midst_of_a_thought(talks):
    ends = [slide.parts[-1] for talk in talks.values() for slide in talk]
    assert [part.cell.source for part in ends if part.kind == "text" and goes_on(part.cell.source)] == []


def test_every_slide_has_a_heading_and_notes_with_minutes_and_what_to_say_or_show_or_ask(talks):
    for talk in talks.values():
        assert [slide for slide in talk if not slide.heading.strip()] == []
        assert [slide.topic or slide.heading for slide in talk if not told(slide)] == []
        notes = [cell for cell in talk_cells(talk) if cell.metadata.get("slideshow", {}).get("slide_type") == "notes"]
        assert len(notes) == len(talk)
        assert all(re.search(r"\d minutes?; .+\n\n\*\*(Say|Show|Ask)", cell.source) for cell in notes)


def test_each_slide_says_what_it_is_about_and_a_picture_table_or_panel_what_to_say(talks):
    pairs = [pair for talk in talks.values() for pair in itertools.pairwise(talk)]
    assert [two.topic or two.heading for one, two in pairs if shown_heading(one) == shown_heading(two)] == []
    shown = [slide for talk in talks.values() for slide in talk if slide.kind in ("picture", "table", "panel", "code")]
    assert [slide.topic or slide.heading for slide in shown if not slide.say] == []


OF_A_PAGE = (
    r"this (notebook|page)|\b(line|loop|table|bound|figure|picture|code|case|definition|fraction) (above|below)"
    r"|(shown|everything|steps?|estimates|tried) (above|below)|\b(above|below):|, (above|below)\b"
)


def test_no_slide_speaks_of_its_page_or_of_what_is_above_or_below(talks):
    parts = [part for talk in talks.values() for slide in talk for part in slide.of("text", "question")]
    texts = [part.cell.source or part.cell.outputs[0].data["text/plain"] for part in parts]
    assert [text for text in texts if re.search(OF_A_PAGE, text, re.IGNORECASE)] == []


def test_questions_for_the_room_have_one_right_answer_and_hints_from_the_exercises(talks):
    room = questions_for_the_room("03")
    assert [slide.kind for slide in room] == ["quiz", "answers"] * (len(room) // 2)
    room = room[:2]
    reasons = [part.cell.source for part in room[1].parts]
    assert sum(reason.endswith("** is right.") for reason in reasons) == 1
    assert len(set(reasons)) == 3
    assert [slide.appendix for slide in room] == [True, True]
    assert room[0].heading in [slide.heading for slide in talks["03_vae"] if slide.appendix]


def test_plans_name_sections_that_are_there_and_keep_within_their_minutes(talks):
    for title, (minutes, lectures) in PLANS.items():
        for plan in lectures:
            chosen, missing = picked(plan, talks)
            assert missing == [], title
            assert 0.6 * minutes < sum(section.minutes for _, _, section in chosen) < 0.95 * minutes, (title, plan)
    assert picked({"00": ("No such",), "99": ()}, talks) == ([], ["00 No such", "99"])


def test_the_sections_of_a_deck_have_all_its_slides(talks):
    for talk in talks.values():
        assert sum(section.slides for section in sections(talk)) == deck_row(talk)[0]


def test_the_picture_of_the_readme_shows_the_slides_as_they_are(talks):
    for deck, *_ in picture.SHOTS:
        if worked_in(SERIES[deck]):
            pytest.skip(f"{deck} was saved or answered since `make notebooks`")
    stale = picture.stale(picture.CARD, talks)
    assert stale == [], f"README's picture shows slides of {', '.join(stale)} as they were: run `make picture`"


def test_the_picture_is_stale_when_what_it_shows_changes_and_not_when_something_else_does(talks, monkeypatch):
    deck, words, *_ = picture.SHOTS[0]
    talk = copy.deepcopy(talks[deck])
    number = picture.chosen(talk, words)
    before = picture.sources(talks)
    talk[number - 1].parts[0].cell.source += " changed"
    talk[number + 1].topic = "changed"
    assert picture.sources(talks | {deck: talk}) == before
    talk[number].parts[-1].cell.source += " changed"
    assert [
        other for other, checksum in picture.sources(talks | {deck: talk}).items() if checksum != before[other]
    ] == [deck]
    state = picture._state
    monkeypatch.setattr(picture, "_state", lambda deck, view: str(state(deck, view)).replace("#0072b2", "#0072b3"))
    changed = {other for other, checksum in picture.sources(talks).items() if checksum != before[other]}
    assert changed == {deck for deck, words, *_ in picture.SHOTS if words}
    with pytest.raises(LookupError, match="mend SHOTS"):
        picture.chosen(talk, "No such panel")
