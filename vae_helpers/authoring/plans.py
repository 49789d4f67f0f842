"""Plans for lectures, and the index of the decks: how long each deck is, and which slides make a lecture."""

from __future__ import annotations

import html
from dataclasses import dataclass

from .slide import Slide
from .talk_frame import spoken

ALL = ()
PLANS = {  # lectures of so many minutes: decks by their number, and the beginnings of the sections' names
    "One lecture of 45 minutes": (
        45,
        [{"00": ("The first", "Draw"), "01": ("The map of", "What lives"), "03": ("1 ·", "4 ·", "Summary")}],
    ),
    "Three lectures of 90 minutes": (
        90,
        [
            {"00": ("The first", "Draw", "What is a"), "01": ALL},
            {"02": ("1 ·", "2 ·", "4 ·", "Summary"), "03": ("1 ·", "2 ·", "3 ·", "4 ·", "6 ·", "Summary")},
            {"04": ("1 ·", "3 ·", "Summary"), "06": ("3 ·", "5 ·", "Summary"), "07": ("3 ·", "Summary")},
        ],
    ),
    "Six lectures of 90 minutes": (
        90,
        [
            {"00": ALL, "01": ALL},
            {"02": ALL},
            {"03": ALL},
            {"04": ALL},
            {"05": ("1 ·", "4 ·", "5 ·", "Summary"), "06": ALL},
            {"07": ALL, "08": ("1 ·", "3 ·", "Summary")},
        ],
    ),
    "Two more lectures of 90 minutes, optional": (
        90,
        [
            {"09": ALL},
            {"10": ("1 ·", "3 ·", "4 ·", "5 ·", "Summary")},
        ],  # three priors: fitted, of symbols, out of noise
    ),
}


@dataclass
class Section:
    """A part of a deck: its heading, its first slide, how many there are, and its minutes."""

    heading: str
    first: int
    slides: int = 0
    minutes: float = 0


def sections(slides: list[Slide]) -> list[Section]:
    """The sections of a deck, without the appendix."""
    found = []
    for number, slide in enumerate(slides, 1):
        if slide.appendix:
            break
        if slide.opens or not found:
            found.append(Section(slide.heading, number))
        found[-1].slides += 1
        found[-1].minutes += slide.minutes
    return found


def picked(plan: dict[str, tuple], talks: dict[str, list[Slide]]) -> tuple[list[tuple[str, int, Section]], list[str]]:
    """The sections of a lecture as (deck, place of the section, section), and what of the plan is not there."""
    chosen, missing = [], []
    for number, names in plan.items():
        deck = next((name for name in talks if name.startswith(number)), None)
        own = list(enumerate(sections(talks[deck]))) if deck else []
        missing += [f"{number} {name}" for name in names if not any(part.heading.startswith(name) for _, part in own)]
        missing += [] if deck else [number]
        chosen += [(deck, k, section) for k, section in own if not names or section.heading.startswith(tuple(names))]
    return chosen, missing


def plans_page(talks: dict[str, list[Slide]]) -> str:
    """The plans, as HTML: for each lecture its decks, sections and slides, with links and minutes."""
    parts, gone = [], []
    for title, (minutes, lectures) in PLANS.items():
        parts.append(f"<h2>{title}</h2>")
        for number, plan in enumerate(lectures, 1):
            chosen, missing = picked(plan, talks)
            gone += missing
            total = sum(section.minutes for _, _, section in chosen)
            parts.append(f"<h3>Lecture {number}: {total:.0f} of {minutes} minutes</h3>\n<table>{_rows(chosen)}</table>")
            parts.append(_quizzes(dict.fromkeys(deck for deck, _, _ in chosen), talks))
    if gone:
        print(f"The plans in authoring/plans.py name decks or sections that are not there: {', '.join(gone)}")
    return "\n".join(parts)


def _rows(chosen):
    rows = ["<tr><th>deck</th><th>section</th><th>slides</th><th>minutes</th></tr>"]
    for deck, place, section in chosen:
        slides = f"{section.first}" + (f" to {section.first + section.slides - 1}" if section.slides > 1 else "")
        link = f'<a href="{deck}.html#/{place}">{html.escape(section.heading.replace("$", ""))}</a>'
        rows.append(f"<tr><td>{spoken(deck)}</td><td>{link}</td><td>{slides}</td><td>{section.minutes:g}</td></tr>")
    return "".join(rows)


def _quizzes(decks, talks):
    """A quiz of each deck, if it has one: think, pair, share."""
    links = []
    for deck in decks:
        opened = -1
        for slide in talks[deck]:
            opened += slide.opens
            if slide.kind == "quiz":
                name = slide.heading.removeprefix("Which is right? ")
                links.append(f'<a href="{deck}.html#/{opened}">{html.escape(name)}</a> ({spoken(deck)})')
                break
    return f"<p>To think, pair and share: {'; '.join(links)}.</p>" if links else ""


def deck_row(slides: list[Slide]) -> tuple[int, int]:
    """How many slides a deck has without its appendix, and its minutes."""
    main = [slide for slide in slides if not slide.appendix]
    return len(main), round(sum(slide.minutes for slide in main))
