"""Notebooks as talks: what becomes a slide, what its heading, and what a note."""

from talk_tools import PICTURE, SENTENCE, asked, code, markdown, printed, shown, slides, text_of

from vae_helpers.authoring.slide_cells import talk_cells
from vae_helpers.authoring.slide_text import words


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
