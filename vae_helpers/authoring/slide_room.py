"""Slides of so many words: text alone goes on on the next slide, and what else is too much goes into the notes."""

from __future__ import annotations

import re
from dataclasses import replace

import nbformat

from .slide import VISUAL, Part
from .slide_tables import WITH_TEXT, lines_of
from .slide_text import shorten, words

WORDS = 55  # on a slide; the tests allow 70, as the last sentence or point may end beyond it
ROOM = {"code": 40, "panel": 25, "ask": 40}  # words beside something else
POINT = r"([-*]|\d+\.) "  # of a list


def within_words(slide):
    """Slides of at most so many words: text alone goes on on the next slide, all else goes into the notes."""
    if {part.kind for part in slide.parts} == {"text"}:
        return _paged(slide)
    left, parts, full = ROOM.get(slide.kind, WORDS), [], []
    tall = sum(map(height, slide.of("table"))) > WITH_TEXT
    for part in slide.parts:
        if part.kind == "text" and tall:
            full.append(part.cell.source)  # the table needs the slide
            continue
        if part.kind == "text":
            if slide.of(*VISUAL) and part.cell.source.endswith(":") and words(part.cell.source) < 20:
                full.append(part.cell.source)  # it announces what one sees
                continue
            kept = shorten(_plain(part.cell.source), left)
            left -= words(kept)
            if kept != _plain(part.cell.source) or slide.of("panel"):
                full.append(part.cell.source)
            if not kept:
                continue
            part = replace(part, cell=nbformat.v4.new_markdown_cell(kept))
        parts.append(part)
    return [replace(slide, parts=parts, say=full + slide.say, kind="")]


def height(part):
    """The lines of a table."""
    outputs = part.cell.get("outputs")
    return lines_of(outputs[0].data["text/html"] if outputs else part.cell.source)


def _plain(text):
    """A sentence after a figure without the words that announce it."""
    return re.sub(r"^What to see: (\w)", lambda found: found[1].upper(), text)


def _paged(slide):
    """Text over as many slides as it needs, about the same on each; a derivation goes on line by line."""
    whole = [(part.cell.source, shorten(part.cell.source, WORDS + 10)) for part in slide.parts]
    total = sum(_weight(text) for _, text in whole)
    target = total / max(1, round(total / WORDS + 0.3))
    pages, filled = [[]], 0
    for source, text in whole:
        if pages[-1] and (filled + _weight(text) > WORDS + 10 or filled >= target):
            pages.append([])
            filled = 0
        pages[-1].append((source, text))
        filled += _weight(text)
    return [
        replace(
            slide,
            parts=[
                Part("text", nbformat.v4.new_markdown_cell(_plain(text)), _is_step(page, k))
                for k, (_, text) in enumerate(_lists(page))
            ],
            say=[source for source, text in page if source != text] + (slide.say if number == 0 else []),
            opens=slide.opens and number == 0,
        )
        for number, page in enumerate(pages)
    ]


def _weight(text):
    return words(text) + 12 * text.count("$$") // 2


def _lists(page):
    """The blocks of a page, the points of one list together again."""
    found = []
    for source, text in page:
        if found and all(re.match(POINT, block) for block in (text, found[-1][1])):
            found[-1] = (source, f"{found[-1][1]}\n{text}")
            continue
        found.append((source, text))
    return found


def _is_step(page, k):
    """Whether a block of text comes on a click: the lines of a derivation do."""
    formulas = [text for _, text in page if "$$" in text or text.startswith("**Step")]
    return k > 0 and len(formulas) > 1
