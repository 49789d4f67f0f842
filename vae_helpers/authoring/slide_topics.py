"""What a slide that continues a section is about: a heading of its own, and what the speaker finds in the notes."""

from __future__ import annotations

import re

import nbformat

from .slide import Slide

LEAD_IN = r"\*\*([^*]{3,60}?)([.:?!])\*\*\s*"
LABELS = ("Step", "Check", "Question")  # which say nothing by themselves


def lead_in(text: str) -> str:
    """The words in bold letters that a paragraph begins with, as a heading, or ""."""
    found = re.match(LEAD_IN, text)
    if not found or found[1].startswith(LABELS):
        return ""
    return found[1] + (found[2] if found[2] in "?!" else "")


def give_topics(slides: list[Slide]) -> None:
    """Give slides, in place, their topics: from metadata, or words in bold letters, or else the topic before."""
    heading, topic = None, ""
    for slide in slides:
        continued = not slide.opens and (slide.heading == heading or _goes_on_later(slide))
        heading, topic = slide.heading, (_own(slide) or topic) if continued else ""
        slide.topic = topic
        if continued and slide.kind == "ask" and not any(part.title for part in slide.parts):
            about = topic or re.sub(r"^\d+ · ", "", heading)
            slide.topic = f"Your guess: {about}" if len(about) < 45 else "Your guess"


def _goes_on_later(slide):
    """Whether a slide in the appendix has a title of its own, since its section has been opened long before."""
    return slide.appendix and any(part.title for part in slide.parts)


def _own(slide):
    """The topic that a slide begins with; the words in bold letters that give it are taken out of the text."""
    if title := next((part.title for part in slide.parts if part.title), ""):
        return title
    first = slide.parts[0]
    if first.kind == "text" and (title := lead_in(first.cell.source)):
        text = re.sub(LEAD_IN, "", first.cell.source, count=1)
        slide.parts[:1] = [type(first)("text", nbformat.v4.new_markdown_cell(text), first.step)] if text else []
        return title
    return ""
