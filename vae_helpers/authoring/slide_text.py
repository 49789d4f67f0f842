"""Text on slides: its blocks, its words, and as many of its sentences as there is room for."""

from __future__ import annotations

import re

MOST = 60  # words on a slide
POINT = r"([-*]|\d+\.) "  # of a list


def blocks(text: str) -> list[str]:
    """The blocks of a piece of Markdown: paragraphs, formulas, tables, the points of lists, fenced code."""
    found, fence = [], ""
    for line in text.splitlines():
        mark = re.match(r"\s*(```|\$\$|<div|</div)", line)
        in_list = not found or not found[-1] or re.match(POINT, found[-1])  # else a line begins with a number
        point = re.match(POINT, line) and not fence and in_list
        if not fence and (not line.strip() or point):
            found.append("")
        if line.strip() or fence:
            found = found or [""]
            found[-1] += f"{line}\n"
        if mark and (line.count("$$") + line.count("```")) % 2:
            fence = "" if fence else mark[1]
        elif line.count("$$") % 2:
            fence = "" if fence else "$$"
    return [block.rstrip() for block in found if block.strip()]


def words(text: str) -> int:
    """How many words are read; a formula counts as one."""
    text = re.sub(r"\$\$.+?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]+\$", "x", text)
    text = re.sub(r"\]\([^)]*\)|<[^>]+>|!\[[^]]*", " ", text)
    return len(re.findall(r"[^\s*_`|–—-]\S*", text))


def shorten(text: str, limit: int) -> str:
    """The first sentences of a block that have at most so many words; the first one is kept if there is any room."""
    if words(text) <= limit:
        return text
    if limit < 8 or re.match(r"\||```|<|!\[", text):
        return "" if limit < 8 else text
    kept = ""
    for sentence in sentences(text):
        if kept and words(kept + sentence) > limit:
            break
        kept += sentence
    return kept.rstrip()


def sentences(text: str) -> list[str]:
    """The sentences of a block, with the space after each. A formula, a link or a pair of brackets is not cut."""
    found = [""]
    for piece in re.split(r"(?<=[.!?)*\"])(\s+)(?=[A-Z*\[$`\d(])", text):
        if re.search(r"[.!?][)*\"]*\s+$", found[-1]) and _is_whole(found[-1]):
            found.append("")
        found[-1] += piece
    return [sentence for sentence in found if sentence]


def _is_whole(text):
    """Whether all that was opened is closed."""
    pairs = text.count("(") == text.count(")") and text.count("[") == text.count("]")
    return pairs and not any(text.count(mark) % 2 for mark in ("$", "**", "`"))
