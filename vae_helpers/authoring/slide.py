"""A slide of a talk, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode

MINUTES = {"title": 1, "agenda": 0.5, "last": 0.5, "panel": 3, "ask": 1, "text": 1}  # of a slide; of all others, 1.5
VISUAL = ("picture", "panel", "table")


@dataclass
class Part:
    """What stands on a slide: a cell, and what it is: text, code, print, picture, panel, table or question."""

    kind: str
    cell: NotebookNode
    step: bool = False  # appears on the next click
    title: str = ""  # what a slide that begins with it is about
    titles: dict[str, str] = field(default_factory=dict)  # if with a sentence of it, by its first words
    say: list[str] = field(default_factory=list)  # what the speaker says to it


@dataclass
class Slide:
    """A slide: its section's heading in Markdown, what stands below it, and what the speaker says, shows and asks."""

    heading: str
    parts: list[Part] = field(default_factory=list)
    say: list[str] = field(default_factory=list)
    opens: bool = False  # a section
    appendix: bool = False
    kind: str = ""
    topic: str = ""  # the heading of a slide that continues a section

    def __post_init__(self):
        kinds = {part.kind for part in self.parts}
        order = ("panel", "picture", "table", "question", "code", "print")
        self.kind = self.kind or {"question": "ask", "print": "code"}.get(
            found := next((kind for kind in order if kind in kinds), "text"), found
        )

    @property
    def minutes(self) -> float:
        return MINUTES.get(self.kind, 1.5)

    def of(self, *kinds: str) -> list[Part]:
        return [part for part in self.parts if part.kind in kinds]
