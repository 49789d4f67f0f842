"""Tables on slides: how high they are, and in pieces if they are higher than a slide."""

from __future__ import annotations

import html
import math
import re

LETTERS = 105  # of 18 px, across a slide
ALONE, WITH_TEXT = 20, 13  # lines of a table that has a slide to itself, or shares it with a sentence or two


def lines_of(table: str) -> float:
    """How many lines a table in Markdown or HTML takes on a slide; long cells are broken."""
    return sum(_row_heights(_rows(table)))


def cut_table(table: str) -> list[str]:
    """The table in pieces that each fit on a slide, about equally high, each under the table's head."""
    rows, head = _rows(table), _head(table)
    heights = _row_heights(rows)
    count = math.ceil((sum(heights) - sum(heights[: len(head)])) / (ALONE - sum(heights[: len(head)])))
    if count < 2:
        return [table]
    body, size = rows[len(head) :], math.ceil((len(rows) - len(head)) / count)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    if "<tr" not in table:
        lines = table.strip().splitlines()
        return ["\n".join([*lines[:2], *piece]) for piece in pieces]
    before, after = table[: table.index(body[0])], table[table.rindex(body[-1]) + len(body[-1]) :]
    return [before + "\n".join(piece) + after for piece in pieces]


def tidy(table: str) -> str:
    """A table of pandas with true minus signs, words on the left, and the index's name in the empty corner."""
    table = re.sub(r"(<t[dh][^>]*>)-(?=[\d.])", "\\1\N{MINUS SIGN}", table)
    table = re.sub(r"<td>(?!\s*[\N{MINUS SIGN}+±]?[\d.]|\s*NaN|\s*<)", '<td style="text-align: left">', table)
    head, mark, body = table.partition("<tbody>")
    table = head + mark + re.sub(r"<th(?=[^>]*>\s*[^\s\N{MINUS SIGN}+\d.<])", '<th style="text-align: left"', body)
    corner, name, empty = r"(<thead>\s*<tr[^>]*>\s*)<th></th>", r"<tr>\s*(<th>[^<]+</th>)", r"(?:\s*<th></th>)*\s*</tr>"
    return re.sub(rf"{corner}((?:\s*<th>[^<]*</th>)*\s*</tr>)\s*{name}{empty}", r"\1\3\2", table)


def columns_of(table: str) -> list[str]:
    """The names of the columns."""
    names = [_cells(row) for row in _head(table)]
    return [name for name in (names[0] if names else []) if name]


def _rows(table):
    """The rows, as they are written; in Markdown without the line below the head."""
    if "<tr" in table:
        return re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    first, _, *others = table.strip().splitlines()
    return [first, *others]


def _head(table):
    """The rows of the head."""
    if "<tr" not in table:
        return _rows(table)[:1]
    return _rows(table[: table.find("</thead>")]) if "</thead>" in table else []


def _row_heights(rows):
    cells = [_cells(row) for row in rows]
    columns = max(map(len, cells), default=1)
    widths = [max((len(row[k]) for row in cells if k < len(row)), default=0) for k in range(columns)]
    total = max(1, sum(widths))
    room = [max(1, width * min(1, LETTERS / total)) for width in widths]
    return [0.5 + max(math.ceil(len(text) / room[k]) for k, text in enumerate(row)) for row in cells]


def _cells(row):
    if "<tr" in row:
        parts = re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)
    else:
        parts = row.strip().strip("|").split("|")
    return [html.unescape(re.sub(r"<[^>]+>|\]\([^)]*\)", "", part)).strip() for part in parts] or [""]
