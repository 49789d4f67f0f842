"""Notebooks as talks: what becomes a slide, what a note, and what frames them."""

import itertools
import re

import nbformat
import pandas as pd
import pytest

from vae_helpers.authoring.notebooks import NOTEBOOKS, read
from vae_helpers.authoring.plans import PLANS, deck_row, picked, sections
from vae_helpers.authoring.slide_cells import talk_cells
from vae_helpers.authoring.slide_code import COLUMNS, LINES, fit_code, in_pieces
from vae_helpers.authoring.slide_notes import told
from vae_helpers.authoring.slide_pages import goes_on
from vae_helpers.authoring.slide_tables import ALONE, cut_table, lines_of, tidy
from vae_helpers.authoring.slide_text import blocks, sentences, shorten, words
from vae_helpers.authoring.talk_frame import questions_for_the_room, whole_talk
from vae_helpers.authoring.talks import slides_of

STEMS = [path.stem for path in NOTEBOOKS]
PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}


def markdown(source, kind="-", *tags):
    return nbformat.v4.new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind}, "tags": list(tags)})


def code(source, output=None, kind="-", *tags):
    outputs = [] if output is None else [output]
    metadata = {"slideshow": {"slide_type": kind}, "tags": list(tags)}
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata=metadata)


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def shown(data):
    return nbformat.v4.new_output("display_data", data)


def asked():
    data = {"text/markdown": "**Predict.** How many?", "text/plain": "How many?"}
    return code("", shown(data), "subslide", "question")


def slides(*cells):
    return slides_of(nbformat.v4.new_notebook(cells=list(cells)))


def shown_heading(slide):
    return slide.topic or slide.heading


def text_of(slide):
    return "\n".join(part.cell.source for part in slide.parts)


@pytest.fixture(scope="module")
def talks():
    return {path.stem: whole_talk(read(path), path.stem, STEMS) for path in NOTEBOOKS}


def test_a_continued_slide_has_the_heading_of_its_section_and_a_new_one_its_own():
    made = slides(markdown("## One\n\nA.", "slide"), markdown("B.", "subslide"), markdown("### Two\n\nC.", "subslide"))
    assert [(slide.heading, slide.opens) for slide in made] == [("One", True), ("One", False), ("Two", False)]


def test_a_heading_within_a_cell_begins_a_slide():
    made = slides(markdown("## One\n\nA.\n\n### Two\n\nB.", "slide"))
    assert [(slide.heading, text_of(slide)) for slide in made] == [("One", "A."), ("Two", "B.")]


def test_what_is_for_readers_and_checkers_is_on_no_slide():
    kept = code("x", printed("MNIST: 60,000 images\nit holds: True\nit is 3.1"))
    made = slides(
        markdown("## One", "slide"), kept, markdown("S", "skip"), code("assert x", None, "-", "check"),
        markdown("T", "-", "task"), code("y", None, "-", "exercise"), code("z", printed("so it is: False")),
    )  # fmt: skip
    (slide,) = made
    assert [part.kind for part in slide.parts] == ["code", "print", "code"]
    assert slide.parts[1].cell.outputs[0].text == "it is 3.1"


def test_the_answer_comes_after_the_question():
    view = "application/vnd.jupyter.widget-view+json"
    question = {view: {"model_id": "1"}, "text/markdown": "**Predict.** How many?", "text/plain": "How many?"}
    made = slides(
        markdown("## One\n\nAsk.", "slide"),
        code("", shown(question), "-", "question"),
        code("", shown(PICTURE), "-", "plumbing", "answer"),
    )
    assert [slide.kind for slide in made] == ["ask", "picture"]
    assert "**Ask** for a show of hands" in talk_cells(made)[3].source


def test_what_is_too_long_for_a_slide_is_said_and_text_alone_goes_on():
    sentence = "A sentence that has nine words is here now. "
    long = slides(markdown("## One", "slide"), code("", shown(PICTURE), "-", "plumbing"), markdown(20 * sentence))
    assert len(long) == 1
    assert words(text_of(long[0])) <= 60
    assert (20 * sentence).strip() in long[0].say
    pages = slides(markdown("## One\n\n" + "\n\n".join(6 * [3 * sentence]), "slide"))
    assert "\n".join(map(text_of, pages)).count("nine") == 18
    assert all(words(text_of(page)) <= 60 for page in pages)


SENTENCE = "A sentence that has nine words is here now. "


def test_no_page_ends_in_the_midst_of_a_thought():
    text = f"## One\n\n{4 * SENTENCE}With $t$ the fraction,\n\n$$a \\ge b ,$$\n\nand {2 * SENTENCE}\n\n{3 * SENTENCE}"
    pages = slides(markdown(text, "slide"), markdown("Last.", "subslide"))
    assert "With $t$ the fraction,\n$$a \\ge b ,$$\nand A" in text_of(pages[1])
    assert text_of(pages[0]) == (3 * SENTENCE).strip()
    announced = slides(markdown("## One\n\nA. Here it is:", "slide"), code("x = 1", None, "subslide"))
    assert [text_of(slide) for slide in announced] == ["A.", "Here it is:\nx = 1"]


def test_a_list_keeps_the_sentence_that_leads_to_it_on_every_page():
    points = "\n".join(6 * [f"- {3 * SENTENCE}"])
    pages = slides(markdown(f"## One\n\nSee these:\n\n{points}", "slide"))
    assert len(pages) == 3
    assert all(text_of(page).startswith("See these:\n- A sentence") for page in pages)


def test_a_line_that_begins_with_a_number_is_no_point_of_a_list():
    assert blocks("It lies between 0 and\n1. No wonder.") == ["It lies between 0 and\n1. No wonder."]


def test_no_words_in_bold_letters_end_a_slide_alone():
    cells = [code("", shown(PICTURE), "-", "plumbing"), markdown(f"{5 * SENTENCE}\n\n**Verdict.** {2 * SENTENCE}")]
    (slide,) = slides(markdown("## One", "slide"), *cells)
    assert "Verdict" not in text_of(slide)
    assert "Verdict" in "".join(slide.say)


def test_words_in_bold_letters_and_metadata_are_the_headings_of_continued_slides():
    titled = markdown("First.\n\nSecond, long.", "subslide")
    titled.metadata.slideshow["title"] = {"Second": "The second"}
    picture = code("", shown(PICTURE), "subslide", "plumbing")
    picture.metadata.slideshow["title"] = "A picture"
    cells = [markdown("**Dead codes.** They stay dead.", "subslide"), code("x", None, "subslide"), titled, picture]
    made = slides(markdown("## One\n\nA.", "slide"), *cells)
    assert [slide.topic for slide in made] == ["", "Dead codes", "Dead codes", "Dead codes", "The second", "A picture"]
    assert text_of(made[1]) == "They stay dead."
    long = markdown(f"{3 * SENTENCE}\n\n{3 * SENTENCE}At last a claim, {2 * SENTENCE}", "subslide")
    long.metadata.slideshow["title"] = {"At last": "The claim"}
    assert [slide.topic for slide in slides(markdown("## One\n\nA.", "slide"), long)] == ["", "", "The claim"]
    assert slides(markdown("## One\n\nA.", "slide"), asked())[1].topic == "Your guess: One"
    headings = [cell.source for cell in talk_cells(made) if cell.source.startswith("##")]
    assert headings[:2] == ["## One", "## <small>One</small> Dead codes"]


def test_a_picture_without_words_takes_those_that_say_what_to_see():
    made = slides(
        markdown("## One\n\nIntro.", "slide"),
        code("", shown(PICTURE), "subslide", "plumbing"),
        markdown("What to see: it rises.", "subslide"),
    )
    assert [text_of(slide).strip() for slide in made] == ["Intro.", "It rises."]


def test_what_only_the_lecturer_should_hear_is_in_the_notes():
    cell = markdown("## One\n\nA.", "slide")
    cell.metadata.slideshow["say"] = "Ask the room."
    (slide,) = slides(cell)
    assert "Ask the room." in slide.say
    assert "Ask the room." not in text_of(slide)


def test_the_appendix_comes_after_all_else():
    made = slides(markdown("## One\n\nA.", "slide", "appendix"), markdown("## Two\n\nB.", "slide"))
    assert [slide.heading for slide in made] == ["Two", "One"]
    check = code("x = 1", None, "subslide", "appendix")
    check.metadata.slideshow["title"] = "A check"
    made = slides(markdown("## One\n\nA.", "slide"), check, markdown("## Two\n\nB.", "slide"))
    assert [(slide.heading, slide.topic) for slide in made] == [("One", ""), ("Two", ""), ("One", "A check")]


def test_code_on_a_slide_has_no_line_that_is_too_long_and_does_the_same():
    first = 'value = "a"  # ' + 30 * "word "
    second = "total = " + " + ".join(f"number_{k}" for k in range(20))
    text = 'print(\n    f"{total} ' + 30 * "word " + '{value}"\n)'
    source = "\n".join([*(f"number_{k} = {k}" for k in range(20)), first, second, text])
    fitted = fit_code(source)
    assert max(map(len, fitted.splitlines()[20:])) <= COLUMNS + 60  # a comment may still be longer: it stands alone
    assert f"# {(30 * 'word ').strip()}" in fitted
    names, outputs = {}, []
    for version in (source, fitted):
        exec(version, {"print": outputs.append}, names)
    assert outputs[0] == outputs[1]
    assert "\n".join(in_pieces(fitted)).replace("\n", "") == fitted.replace("\n", "")


CODE = """
def helper(x):
    return x


class Net:
    def __init__(self):
        self.layers = [
            1,
            2,
        ]

    def forward(self, x):
        a = 1
        b = 2
        c = 3
        d = 4
        return a + b + c + d
"""


def test_long_code_is_cut_between_functions_and_never_within_a_statement():
    pieces = in_pieces(fit_code(CODE))
    assert [piece.split("(")[0].strip() for piece in pieces] == ["def helper", "def forward"]
    body = "\n".join(f"    line_{k} = (\n        {k}\n    )" for k in range(12))
    pieces = in_pieces(f"def long():\n{body}")
    assert all(piece.count("\n") < LINES and piece.count("(") == piece.count(")") for piece in pieces)
    assert len(pieces) == 4


def test_no_slide_of_a_deck_has_more_than_twelve_lines_of_code(talks):
    """Without the questions for the room, which have three short answers each."""
    slides = [slide for talk in talks.values() for slide in talk if slide.kind != "quiz"]
    lines = {
        slide.topic or slide.heading: [part.cell.source.count("\n") + 1 for part in slide.of("code")]
        for slide in slides
    }
    assert {heading: count for heading, count in lines.items() if sum(count) > 12} == {}
    assert sum(map(bool, lines.values())) > 40


def test_sentences_are_not_cut_in_a_formula_a_link_or_brackets():
    text = "See $a. B$ and [A. B](c. D). (One. Two.) **Three. Four.** Five."
    assert sentences(text) == ["See $a. B$ and [A. B](c. D). ", "(One. Two.) ", "**Three. Four.** ", "Five."]
    assert shorten(f"{8 * 'word '}end. More.", 9) == f"{8 * 'word '}end."
    assert blocks("A\nb\n\n- c\n- d\n\n$$\nx\n\ny\n$$\n\n```\ne\n\nf\n```") == [
        "A\nb", "- c", "- d", "$$\nx\n\ny\n$$", "```\ne\n\nf\n```",
    ]  # fmt: skip


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


def test_what_the_lecturer_says_belongs_to_a_block_or_a_part():
    text = markdown("First.\n\nSecond.", "slide")
    text.metadata.slideshow["say"] = {"Second": "To the second."}
    drawn = code("x = 1", printed("1"), "subslide")
    drawn.metadata.slideshow["say"] = ["To the code.", "To the print."]
    last = code("y = 2", printed("2"), "subslide", "hide-code")
    last.metadata.slideshow["say"] = "To what it prints."
    made = slides(markdown("# T", "slide"), text, drawn, last)
    says = [["To the second."], ["To the code.", "To the print."], ["To what it prints."]]
    assert [slide.say for slide in made[-3:]] == says


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


def test_a_table_has_true_minus_signs_words_on_the_left_and_no_empty_row():
    frame = pd.DataFrame({"what": ["a-b", "c"], "nats": [-1.5, 2.0]}, index=pd.Index([-1, 20], name="K"))
    table = tidy(frame.to_html())
    assert table.count("<tr") == 3
    assert "<th>K</th>" in table.split("</tr>")[0]
    assert "<th></th>" not in table
    assert "<td>−1.5</td>" in table
    assert "<th>−1</th>" in table
    assert '<td style="text-align: left">a-b</td>' in table
    assert tidy(frame.rename_axis(None).to_html()).count("<tr") == 3
    assert '<th style="text-align: left">row</th>' in tidy(pd.DataFrame({"a": [1]}, index=["row"]).to_html())


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_a_table_that_is_too_high_for_a_slide_goes_on_on_the_next(kind):
    frame = pd.DataFrame({"value": range(40)}, index=[f"row {k}" for k in range(40)])
    rows = "\n".join(f"| row {k} | {k} |" for k in range(40))
    table = frame.to_html() if kind == "html" else f"| | value |\n|---|---|\n{rows}"
    pieces = cut_table(table)
    assert len(pieces) > 2
    assert all(lines_of(piece) <= ALONE + 1 and piece.count("value") == 1 for piece in pieces)
    assert re.findall(r"row (\d+)", "".join(pieces)) == [f"{k}" for k in range(40)]
    assert cut_table(frame[:5].to_html()) == [frame[:5].to_html()]
    output = nbformat.v4.new_output("execute_result", {"text/html": table})
    cells = (
        [markdown("## Rows", "slide"), code("", output)]
        if kind == "html"
        else [markdown(f"## Rows\n\n{table}", "slide")]
    )
    made = slides(*cells, markdown("What to see: many."))
    assert [len(slide.of("table")) for slide in made] == [1] * len(pieces)
    assert not any(slide.of("text") for slide in made[:-1])
