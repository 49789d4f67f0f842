"""What frames a talk: its title slide, its agenda, the way on, and questions for the room."""

from __future__ import annotations

import ast
import copy
import html
import inspect
import re
import textwrap
import zlib

import nbformat
from nbformat import NotebookNode

from ..exercises import EXERCISES
from .notebooks import ROOT
from .slide import Part, Slide
from .slide_code import fit_code
from .slide_text import sentences, words
from .talks import slides_of

THINK = "Think: a minute alone. Pair: two with a neighbour. Share: hands up for each answer, then one reason each."
ABLE = r"\*\*After this notebook you will be able to\*\*(.+?)\n\n"
TYPED = 'contenteditable="true" spellcheck="false" role="textbox" aria-label="lecturer and date"'


def whole_talk(notebook: NotebookNode, name: str, names: list[str], by: str = "") -> list[Slide]:
    """All slides of the deck of the notebook called `name`, one of `names`; `by`: the lecturer, the place, the date."""
    slides = slides_of(notebook)
    first = next(
        (cell.source for cell in notebook.cells if cell.cell_type == "markdown" and re.match("# ", cell.source)), ""
    )
    title = re.match(r"# (.+)", first)
    if not title:  # somebody's own notebook
        return slides
    body = [slide for slide in slides if slide.heading != title[1].strip()]
    body[0].opens = True
    sections = [slide.heading for slide in body if slide.opens and not slide.appendix]
    after = next(iter(names[names.index(name) + 1 :]), None)
    frame = [_title(title[1], first, _picture(body), by), _agenda(sections)]
    room = questions_for_the_room(name[:2])
    main, appendix = [slide for slide in body if not slide.appendix], [slide for slide in body if slide.appendix]
    return [*frame, *main, _last(name, after, bool(appendix or room)), *appendix, *room]


def _markdown(source):
    return Part("text", nbformat.v4.new_markdown_cell(source))


def _title(title, first, picture, by):
    """The title: what it is about, what one will be able to do, a picture, and a place for a name and a date."""
    text = re.split(r"\n\*\*After this", first.partition("\n")[2])[0].strip()
    lead = next(sentence.strip() for sentence in sentences(text) if words(sentence) > 3)
    lead = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", lead)
    able = re.search(ABLE, f"{first}\n\n", re.DOTALL)
    goals = " ".join(able[1].split()).strip(" .").split(";") if able else []
    while sum(map(words, goals)) > 50:
        goals.pop()
    points = "\n".join("- " + goal.strip().removeprefix("and ") for goal in goals)
    name = f'<p class="by" {TYPED}>{html.escape(by or "Name · place · date")}</p>'
    parts = [
        *([_markdown(lead)] if words(lead) + words(points) < 54 else []),
        _markdown(f"You will be able to\n\n{points}"),
        _markdown(name),
    ]
    return Slide(title, [*picture, *parts], [f"Begin with the question: {lead}"], opens=True, kind="title")


def _picture(slides):
    """The picture for the title: the first one of the notebook, or else what a panel looks like."""
    for kind in ("picture", "panel"):
        for slide in slides:
            for part in slide.of(kind):
                cell = copy.deepcopy(part.cell)
                if cell.cell_type == "markdown":
                    return [Part("picture", cell)]
                (output,) = cell.outputs
                if "image/png" in output.data:
                    data = {
                        key: value for key, value in output.data.items() if key.startswith("image") or kind != "panel"
                    }
                    cell.outputs = [nbformat.from_dict({**output, "data": data})]
                    return [Part("picture", cell)]
    return []


def _agenda(sections):
    points = "\n".join(f"- [{section}](#/{2 + number})" for number, section in enumerate(sections))
    say = ["Say where the questions will be, and that everybody votes: a wrong guess teaches more than none."]
    return Slide("What is to come", [_markdown(points)], say, opens=True, kind="agenda")


def _last(name, after, room):
    """The way on: the notebook, its exercises, the next deck."""
    exercises = [exercise.title for exercise in EXERCISES.get(name[:2], [])]
    rows = [f"**The notebook.** `make lab`, then `notebooks/{name}.ipynb`"]
    if exercises:
        rows.append(f"**Its exercises.** {' · '.join(exercises)}")
    if after:
        rows.append(f"**Next.** [{spoken(after)}]({after}.html)")
    rows.append("**All decks.** [Index and plans](index.html)")
    if room:
        rows.append("*Press on for the appendix: questions for the room.*")
    minutes = sum(exercise.minutes for exercise in EXERCISES.get(name[:2], []))
    say = f"The exercises take about {minutes} minutes in all; " if minutes else ""
    say += "name the one that you would like to see next time." if minutes else "Open the notebook, and draw a digit."
    return Slide("The way on", [_markdown(row) for row in rows], [say], opens=True, kind="last")


def spoken(name: str) -> str:
    """The name of a notebook as the README says it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| \[([^]]+)\]\(notebooks/{name}\.ipynb\)", text, re.MULTILINE)
    return found[1] if found else f"{name[:2]} {name[3:].replace('_', ' ')}"


def questions_for_the_room(number: str) -> list[Slide]:
    """Think, pair, share: for each short exercise a slide that asks which answer is right, and one that says why."""
    slides = []
    for exercise in EXERCISES.get(number, []):
        if not exercise.solution:  # in the students' edition
            continue
        wrong = sorted(filter(_stands_alone, exercise.mistakes), key=lambda answer: len(_body(answer)))[:2]
        if len(wrong) < 2 or _body(exercise.solve).count("\n") > 3:
            continue
        answers = sorted([exercise.solve, *wrong], key=lambda answer: zlib.crc32(answer.__name__.encode()))
        task = next(text for text in sentences(exercise.task.strip()) if "this page" not in text)
        task = re.sub(r"\s+", " ", task)
        options = [f"**{'ABC'[k]}**\n```python\n{fit_code(_body(answer))}\n```" for k, answer in enumerate(answers)]
        reasons = [
            f"**{'ABC'[k]}** " + ("is right." if answer is exercise.solve else " ".join(answer.__doc__.split()))
            for k, answer in enumerate(answers)
        ]
        asked = Slide(
            f"Which is right? {exercise.title}",
            [_markdown(task), *map(_markdown, options)],
            [THINK],
            opens=not slides,
            appendix=True,
            kind="quiz",
        )
        answers = Slide(asked.heading, [*map(_markdown, reasons)], appendix=True, kind="answers")
        answers.topic = f"The answers: {exercise.title}"
        slides += [asked, answers]
    return slides


def _stands_alone(answer):
    """Whether an answer uses no function but its own, torch, np and math, so that it can be read on a slide."""
    own = {name for name, value in answer.__globals__.items() if callable(value) and not isinstance(value, type)}
    return bool(answer.__doc__) and not own & {*answer.__code__.co_names} and _body(answer).count("\n") < 4


def _body(answer):
    """The code of an answer without its head and its docstring."""
    definition = ast.parse(inspect.getsource(answer).strip()).body[0]
    lines = inspect.getsource(answer).strip().splitlines()
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    return textwrap.dedent("\n".join(lines[body[0].lineno - 1 :])).strip()
