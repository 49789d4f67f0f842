"""Slides of so many words: text alone goes on on the next slide, and what else is too much goes into the notes."""

from __future__ import annotations

from dataclasses import replace

import nbformat

from .slide import VISUAL
from .slide_pages import goes_on, paged, plain
from .slide_tables import WITH_TEXT, lines_of
from .slide_text import shorten, words

WORDS = 50  # beside something else; the last sentence may end a few words beyond it
ROOM = {"code": 40, "panel": 25, "ask": 40}


def within_words(slide):
    """Slides of at most so many words: text alone goes on on the next slide, all else goes into the notes."""
    if {part.kind for part in slide.parts} == {"text"}:
        return paged(slide)
    left, parts, full, title = ROOM.get(slide.kind, WORDS), [], [], ""
    tall = sum(map(height, slide.of("table"))) > WITH_TEXT
    for part in slide.parts:
        title = part.title or title  # of a text that goes into the notes
        if part.kind != "text":
            full += part.say
        if part.kind == "text" and tall:
            full += [part.cell.source, *part.say]  # the table needs the slide
            continue
        if part.kind == "text":
            if slide.of(*VISUAL) and part.cell.source.endswith(":") and words(part.cell.source) < 20:
                full += [part.cell.source, *part.say]  # it announces what one sees
                continue
            kept = shorten(plain(part.cell.source), left)
            if kept != plain(part.cell.source) and goes_on(kept):
                kept = ""  # a lead-in alone
            left -= words(kept)
            if kept != plain(part.cell.source) or slide.of("panel"):
                full.append(part.cell.source)
            full += part.say
            if not kept:
                continue
            part = replace(part, cell=nbformat.v4.new_markdown_cell(kept))
        parts.append(replace(part, title=title))
        title = ""
    return [replace(slide, parts=parts, say=full + slide.say, kind="")]


def height(part):
    """The lines of a table."""
    outputs = part.cell.get("outputs")
    return lines_of(outputs[0].data["text/html"] if outputs else part.cell.source)
