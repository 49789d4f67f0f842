"""A notebook as a talk: a title, an agenda, slides that each say one thing under a heading, and the way on.

The notebook stays the only source. Its slide types say where slides begin; what is generated here is what a notebook
does not have: headings on continued slides, the order of question and answer, room for pictures, and the words that
are too many for a slide, which become the speaker's notes.
"""

from __future__ import annotations

import re
from dataclasses import replace

import nbformat
from nbformat import NotebookNode

from .answers import LEFT_OUT
from .notebooks import VIEW
from .slide import VISUAL, Part, Slide
from .slide_code import LINES, fit_code, in_pieces
from .slide_pages import take_along
from .slide_room import height, within_words
from .slide_tables import WITH_TEXT, cut_table
from .slide_text import blocks
from .slide_topics import give_topics
from .without_exercises import without_exercises

HIDDEN = {"hide-code", "plumbing", "question"}  # tags of cells whose code is not shown
SHOWN_CODE = 5  # lines of code that may stand above a picture


def slides_of(notebook: NotebookNode) -> list[Slide]:
    """The slides of a notebook, without what is for readers only: exercises, checks and skipped cells."""
    cut = take_along(_joined(_cut(without_exercises(notebook))))
    slides = [piece for slide in cut for piece in _arranged(slide)]
    slides.sort(key=lambda slide: slide.appendix)
    give_topics(slides)
    return slides


def _cut(notebook):
    """Cut a notebook where its slide types say so; a slide without a heading of its own has that of its section."""
    slides = []
    for cell, continued in _split_at_headings(notebook.cells):
        kind = "subslide" if continued else cell.metadata.get("slideshow", {}).get("slide_type", "-")
        tags = set(cell.metadata.get("tags", []))
        if cell.metadata.get("slideshow", {}).get("slide_type") == "skip" or tags & {*LEFT_OUT, "check"}:
            continue
        if kind == "notes":
            (slides[-1].parts[-1] if slides[-1].parts else slides[-1]).say.append(cell.source)
            continue
        heading, body = _heading(cell)
        if kind in ("slide", "subslide") or heading or not slides:
            again = slides[-1] if slides else Slide("")
            new = heading.startswith("# ") or heading.startswith("## ")
            opens = new or (kind == "slide" and bool(heading))
            slides.append(Slide(heading.lstrip("# ") or again.heading, opens=opens, appendix="appendix" in tags))
        slides[-1].parts += _parts(cell, body, tags)
    return [replace(slide, kind="") for slide in slides if slide.parts or slide.opens]


def _split_at_headings(cells):
    """The cells, those with several headings in pieces; and whether each is the rest of the one before."""
    for cell in cells:
        texts = re.split(r"\n\n(?=#{2,4} )", cell.source) if cell.cell_type == "markdown" else [cell.source]
        for number, text in enumerate(texts):
            yield (nbformat.from_dict({**cell, "source": text}) if len(texts) > 1 else cell), number > 0


def _heading(cell):
    """The heading that a cell begins with, or "", and the rest of it."""
    if cell.cell_type == "markdown" and (found := re.match(r"(#{1,4} .+)\n*", cell.source)):
        return found[1].strip(), cell.source[found.end() :]
    return "", cell.source


def _parts(cell, body, tags):
    """What a cell puts on a slide."""
    if cell.cell_type == "markdown":
        kinds = {"!": "picture", "|": "table"}
        found = [(kinds.get(block[0], "text"), block) for block in blocks(body)]
        pieces = [(kind, cut_table(block) if kind == "table" else [block]) for kind, block in found]
        return _told(
            cell, [Part(kind, nbformat.v4.new_markdown_cell(piece)) for kind, some in pieces for piece in some]
        )
    parts = []
    if not tags & HIDDEN and cell.source.strip():
        parts += [Part("code", _code(text)) for text in in_pieces(fit_code(cell.source))]
    for output in cell.outputs:
        if (kind := _kind(output)) and (output := _for_slides(output)):
            pieces = _pieces(output) if kind == "table" else [output]
            parts += [Part(kind, _code("", [piece], cell.metadata)) for piece in pieces]
    return _told(cell, parts)


def _told(cell, parts):
    """The parts, with the titles and the words for the speaker that a cell's metadata give them.

    A title is for the first part, words are for the last one of a code cell and the first of a text. For several parts
    they are {the first words of a block: text, ...}, or [text, ...] for the parts of a code cell or of a table. A title
    may also be that of a sentence in a block, for the slide that begins with it.
    """
    for key in ("title", "say"):
        given = cell.metadata.get("slideshow", {}).get(key, {})
        if isinstance(given, str):
            last = key == "say" and cell.cell_type == "code"
            given = {} if not parts else dict.fromkeys([len(parts) - 1 if last else 0], given)
        elif isinstance(given, list):
            given = dict(zip(range(len(parts)), given, strict=False))  # hidden code is no part
        else:
            for part in parts if key == "title" else ():
                part.titles = given
            given = {k: text for k, part in enumerate(parts) for words, text in given.items() if _begins(part, words)}
        for k, text in given.items():
            if key == "title":
                parts[k].title = text
            elif text:
                parts[k].say.append(text)
    return parts


def _begins(part, words):
    return part.cell.source.startswith(words)


def _pieces(output):
    """A table that is too high for one slide, in pieces."""
    tables = cut_table(output.data["text/html"])
    return [nbformat.from_dict({**output, "data": {**output.data, "text/html": table}}) for table in tables]


def _kind(output):
    """What an output is, or None if it has no place on a slide."""
    data = output.get("data", {})
    if VIEW in data:
        return "question" if "text/markdown" in data else "panel"
    if "image/png" in data:
        return "picture"
    if "text/html" in data:
        return "table"
    if "text/markdown" in data:
        return "question"
    return "print" if output.output_type != "error" and output.get("name") != "stderr" else None


def _for_slides(output):
    """An output without the lines that are for readers who check: where the data came from, and what is True."""
    if "text" not in output:
        return output
    lines = output.text.rstrip().splitlines()
    kept = [line for line in lines if not re.search(r"^MNIST: |^Fashion-MNIST was|: (True|False)$", line)]
    return nbformat.from_dict({**output, "text": "\n".join(kept)}) if any(kept) else None


def _code(source, outputs=(), metadata=()):
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    cell.metadata = nbformat.from_dict({"tags": [] if source else ["hide-code"]})
    return cell


def _joined(slides):
    """Give a picture that stands alone the sentence of the next slide that says what to see in it."""
    joined = []
    for slide in slides:
        before = joined[-1] if joined else None
        bare = before and before.of(*VISUAL) and not before.of("text", "code", "question")
        if bare and not slide.opens and not slide.of(*VISUAL, "code", "question") and slide.heading == before.heading:
            joined[-1] = replace(before, parts=before.parts + slide.parts, say=before.say + slide.say, kind="")
        else:
            joined.append(slide)
    return joined


def _arranged(slide):
    """Make slides that each have room for what stands on them."""
    pieces = [slide.parts]
    for k, part in enumerate(slide.parts[:-1]):
        start = sum(len(piece) for piece in pieces[:-1])
        here, rest = slide.parts[start : k + 1], slide.parts[k + 1 :]
        if part.kind == "question" or _is_too_much(here, rest):
            pieces[-1:] = [here, rest]
    made = []
    for number, parts in enumerate(pieces):
        first = number == 0
        piece = replace(slide, parts=parts, say=slide.say if first else [], opens=slide.opens and first, kind="")
        made += within_words(piece)
    return made


def _is_too_much(here, rest):
    """Whether code ends here that leaves no room for what comes next."""
    lines = sum(part.cell.source.count("\n") + 1 for part in here if part.kind == "code")
    if here[-1].kind == "table" and rest[0].kind == "table":
        return sum(map(height, (here[-1], rest[0]))) > WITH_TEXT
    if rest[0].kind == "code":
        return lines + rest[0].cell.source.count("\n") + 1 > LINES
    both = {here[-1].kind, rest[0].kind}
    if both & {*VISUAL} and "print" in both:
        prints = [part.cell.outputs[0] for part in here + rest if part.kind == "print"]
        return sum(output.get("text", "").count("\n") + 1 for output in prints) > 2
    return rest[0].kind in (*VISUAL, "question") and lines > SHOWN_CODE
