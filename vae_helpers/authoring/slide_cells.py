"""Slides as the cells of a notebook, from which nbconvert makes a deck: layouts, steps, and the speaker's notes."""

from __future__ import annotations

import copy

import nbformat
from nbformat import NotebookNode

from .slide import VISUAL, Slide
from .slide_notes import told


def talk_cells(slides: list[Slide]) -> list[NotebookNode]:
    """The cells of a deck, with the slide types, and the HTML around them that slides.html.j2 writes."""
    cells, said, total = [], 0.0, sum(slide.minutes for slide in slides if not slide.appendix)
    section = ""
    for slide in slides:
        said += slide.minutes
        section = slide.heading if slide.opens else section
        level = "#" if slide.kind == "title" else "##"
        heading = nbformat.v4.new_markdown_cell(f"{level} {_within(slide, section)}{slide.topic or slide.heading}")
        heading.metadata.slideshow = {
            "slide_type": "slide" if slide.opens or not cells else "subslide",
            "data": {"kind": slide.kind},
        }
        cells += [heading, *_body(slide), _notes(slide, said, total)]
    for number, cell in enumerate(cells):
        cell.id = f"deck-{number}"  # the same on every build
    return cells


def _within(slide, section):
    """What a slide is a part of, in small letters before its heading."""
    above = "Appendix" if slide.appendix else slide.heading if slide.topic else section
    return f"<small>{above}</small> " if above != slide.heading or slide.topic else ""


def _body(slide):
    """The parts of a slide, pictures in a column of their own."""
    for part in slide.parts:
        if part.step:
            part.cell.metadata.update(opens='<div class="fragment">', closes="</div>")
    visuals, texts = slide.of(*VISUAL), slide.of("text", "question")
    above = slide.of("code") if visuals else []
    groups = [above, visuals + slide.of("print"), texts] if visuals else [[], slide.parts, []]
    names = ["above", "main", "side"]
    for name, group in zip(names, groups, strict=True):
        _wrap(group, f'<div class="{name}">', "</div>")
    both = groups[1] + groups[2]
    _wrap(both, '<div class="columns">' if visuals and texts else '<div class="flow">', "</div>")
    return [part.cell for group in groups for part in group]


def _wrap(parts, opening, closing):
    if parts:
        first, last = parts[0].cell.metadata, parts[-1].cell.metadata
        first.opens = opening + first.get("opens", "")
        last.closes = last.get("closes", "") + closing


def _notes(slide, said, total):
    """What the speaker sees: the minutes, and what to say, show and ask."""
    minutes = f"{slide.minutes:g} minute{'s' * (slide.minutes != 1)}"
    clock = "appendix" if slide.appendix else f"{said:.0f} of {total:.0f} by the end of it"
    cell = nbformat.v4.new_markdown_cell("\n\n".join([f"*{minutes}; {clock}*", *told(slide)]))
    cell.metadata.slideshow = {"slide_type": "notes"}
    return cell


def talk(notebook: NotebookNode, slides: list[Slide]) -> NotebookNode:
    """A notebook of these slides, with the widgets of the notebook that they are from."""
    made = copy.copy(notebook)
    made.cells = talk_cells(slides)
    return made
