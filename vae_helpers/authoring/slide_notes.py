"""The speaker's notes of a slide: what to say, to show and to ask."""

from __future__ import annotations

import re

from .slide import Slide
from .slide_tables import columns_of


def told(slide: Slide) -> list[str]:
    """The lines of the notes: what the notebook's author says, then what stands there to be shown and asked."""
    lines = [f"**Say.** {text}" for text in slide.say]
    lines += [f"**Show.** {shown}" for part in slide.parts if (shown := _shown(part))]
    for part in slide.of("question"):
        (output,) = part.cell.outputs
        lines.append(f"**Ask** for a show of hands, then go on. {output.data['text/plain']}")
    if slide.kind == "answers":
        lines.append("**Ask** one of those who chose each answer why they did, before you read out the reason.")
    formulas = sum("$$" in part.cell.source for part in slide.of("text"))
    if formulas > 1:
        lines.append("**Show.** One line on each click; before the next, ask what will change.")
    if not lines:
        asked = "what each term of the formula stands for" if formulas else "to put this into one sentence of their own"
        lines.append(f"**Ask** the room {asked}.")
    return lines


def _shown(part):
    """What a part of a slide shows, in words."""
    outputs = part.cell.get("outputs", [])
    if part.kind in ("picture", "panel"):
        if not outputs:
            return " ".join(re.match(r"!\[(.*?)\]", part.cell.source, re.DOTALL)[1].split())
        alt = outputs[0].get("metadata", {}).get("image/png", {}).get("alt") or outputs[0].data.get("text/plain", "")
        return "" if alt.startswith("<") else alt
    if part.kind == "table":
        columns = columns_of(outputs[0].data["text/html"] if outputs else part.cell.source)
        return f"The table, column by column: {', '.join(columns)}."
    if part.kind == "code" and (
        names := re.findall(r"^(?:def|class) (\w+)|^    def (\w+)", part.cell.source, re.MULTILINE)
    ):
        listed = ", ".join(f"`{name or method}`" for name, method in names)
        return f"{listed}: what goes in, and what comes out?"
    return ""
