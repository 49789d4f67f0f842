"""Text over as many slides as it needs, cut where a thought ends: never after a comma or a colon."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import nbformat

from .slide import Part
from .slide_text import MOST, POINT, sentences, shorten, words
from .slide_topics import lead_in

FULL = 45  # words of a slide that has enough


@dataclass
class Piece:
    """A sentence of a block of text, or a formula or a point of a list whole."""

    text: str
    block: int
    title: str = ""
    weight: int = 0

    def __post_init__(self):
        self.weight = words(self.text) + 12 * self.text.count("$$") // 2


def paged(slide):
    """The slides of a slide that is text alone; a derivation goes on line by line."""
    whole = [(part.cell.source, shorten(part.cell.source, MOST)) for part in slide.parts]
    pieces = [piece for k, part in enumerate(slide.parts) for piece in _pieces(part, k, whole[k][1])]
    pages = _pages(pieces)
    made = []
    for number, (start, end) in enumerate(pages):
        texts = _texts(pieces, start, end)
        said = []
        for k in dict.fromkeys(piece.block for piece in pieces[start:end]):
            if start == 0 or pieces[start - 1].block != k:  # it begins here
                said += [whole[k][0]] * (whole[k][0] != whole[k][1]) + slide.parts[k].say
        parts = [
            Part("text", nbformat.v4.new_markdown_cell(text), step=_is_step(texts, k)) for k, text in enumerate(texts)
        ]
        parts[0].title = "" if lead_in(parts[0].cell.source) == pieces[start].title else pieces[start].title
        made.append(
            replace(
                slide,
                parts=parts,
                say=said + (slide.say if number == 0 else []),
                opens=slide.opens and number == 0,
                kind="",
            )
        )
    return made


def take_along(slides):
    """The slides, each of which takes along the sentence that announces it at the end of the one before."""
    made = []
    for slide in slides:
        before = made[-1] if made else None
        last = before.parts[-1] if before and before.parts else None
        if last and last.kind == "text" and goes_on(last.cell.source) and slide.heading == before.heading:
            *kept, announced = sentences(last.cell.source)
            before.parts[-1:] = (
                [replace(last, cell=nbformat.v4.new_markdown_cell("".join(kept).rstrip()))] if kept else []
            )
            moved = replace(last, cell=nbformat.v4.new_markdown_cell(announced))
            moved = replace(moved, title="", say=[]) if kept else moved
            slide = replace(slide, parts=[moved, *slide.parts])
            if not before.parts:
                made.pop()
                slide = replace(slide, opens=before.opens, say=before.say + slide.say)
        made.append(slide)
    return made


def _pieces(part, block, text):
    found = [text] if "$$" in text or re.match(rf"{POINT}|```|<|\|", text) else sentences(text)
    pieces = [Piece(sentence, block, _title(part, sentence)) for sentence in found]
    pieces[0].title = part.title or lead_in(text) or pieces[0].title
    return pieces


def _title(part, sentence):
    """The title of a slide that begins with a sentence, or ""."""
    read = " ".join(sentence.split())
    return next((title for words, title in part.titles.items() if read.startswith(words)), "")


def _pages(pieces):
    """Where the pages begin and end, at the least cost."""
    best = [(0.0, [])]
    for end in range(1, len(pieces) + 1):
        options = [(best[start][0] + _cost(pieces, start, end), start) for start in range(end)]
        cost, start = min(options)
        best.append((cost, [*best[start][1], (start, end)]))
    return best[-1][1]


def _cost(pieces, start, end):
    """What is wrong with a page: too many words or few, a new topic in its midst, an end in the midst of a thought."""
    page, lead = pieces[start:end], _lead(pieces, start)
    weight = sum(piece.weight for piece in page) + words(lead)
    cost = 10 * max(0, weight - MOST) + max(0, FULL - weight) / FULL + 0.1
    cost += 2 * sum(bool(piece.title) for piece in page[1:])
    if end == len(pieces):
        return cost
    last, following = page[-1], pieces[end]
    if goes_on(last.text) or following.text[:1].islower():
        return cost + 200
    return cost + (last.block == following.block)


def goes_on(text: str) -> bool:
    """Whether a text ends in the midst of a thought: in a comma or a colon, or as a heading in bold letters."""
    return text.rstrip("$*_\\} \n").endswith((",", ":")) or bool(re.fullmatch(r"\*\*[^*]+\*\*\s*", text))


def _lead(pieces, start):
    """The sentence that leads to the list in whose midst a page begins, or ""."""
    if not start or not all(re.match(POINT, piece.text) for piece in pieces[start - 1 : start + 1]):
        return ""
    while start and re.match(POINT, pieces[start].text):
        start -= 1
    lead = pieces[start].text.strip()
    return lead if goes_on(lead) and "$$" not in lead and words(lead) < 25 else ""


def _texts(pieces, start, end):
    """The texts of a page: the sentences of a block in one, and the points of a list."""
    texts, before = [], None
    if lead := _lead(pieces, start):
        texts.append(lead)
    for piece in pieces[start:end]:
        if before and piece.block == before.block:
            texts[-1] += piece.text
        elif before and all(re.match(POINT, each.text) for each in (before, piece)):
            texts[-1] += f"\n{piece.text}"
        else:
            texts.append(piece.text)
        before = piece
    return [plain(text.rstrip()) for text in texts]


def _is_step(texts, k):
    """Whether a block of text comes on a click: the lines of a derivation do."""
    formulas = [text for text in texts if "$$" in text or text.startswith("**Step")]
    return k > 0 and len(formulas) > 1


def plain(text: str) -> str:
    """A sentence after a figure without the words that announce it."""
    return re.sub(r"^What to see: (\w)", lambda found: found[1].upper(), text)
