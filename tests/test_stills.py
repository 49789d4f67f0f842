"""What stands beside a panel makes sense beside its still picture, too, which is all that GitHub shows: what can be
dragged is said by the panel itself, and only where it is alive.
"""

import re

import pytest

from vae_helpers.authoring.notebooks import NOTEBOOKS, read
from vae_helpers.widgets.panel import VIEW

ASKS = re.compile(  # verbs of the hand anywhere; those that mean other things, too, where a request begins
    r"\b(drag|grab|click|rub)\b"
    r"|(?:^|[.:;!?] |\n|- |\d\. |\*\*)(try it|move|press|choose|put|slide|pull|point at|draw)\b",
    re.IGNORECASE,
)


def is_panel(cell):
    return any(VIEW in output.get("data", {}) and "image/png" in output.data for output in cell.get("outputs", []))


def beside_panels(notebook):
    """The Markdown cells that stand before or after a panel."""
    cells = notebook.cells
    near = {k + step for k, cell in enumerate(cells) if is_panel(cell) for step in (-1, 1)}
    return [cells[k] for k in sorted(near) if 0 <= k < len(cells) and cells[k].cell_type == "markdown"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_sentence_beside_a_panel_asks_to_drag_what_may_be_a_picture(path, published):
    published(path)
    notebook = read(path)
    asks = {cell.id: [match[0] for match in ASKS.finditer(cell.source)] for cell in beside_panels(notebook)}
    assert {place: found for place, found in asks.items() if found} == {}


def test_the_panels_are_found():
    assert sum(is_panel(cell) for path in NOTEBOOKS for cell in read(path).cells) > 12


@pytest.mark.parametrize(
    "asks", ["Then drag the mark:", "**Press play,** or", "First look. Move the point", "1. Click a dot"]
)
def test_a_sentence_that_asks_is_seen(asks):
    assert ASKS.search(asks)


@pytest.mark.parametrize("asks", ["The rings 1 and 2 are two images.", "a walk that moves on", "MIT Press, 2023"])
def test_a_sentence_that_tells_is_left_alone(asks):
    assert not ASKS.search(asks)
