"""A notebook without its exercises, for decks and pages, where nobody answers anything."""

from __future__ import annotations

import copy
import re

from nbformat import NotebookNode

from ..exercises import EXERCISES
from ..exercises.checker import STANDS_IN, USED

CALL = r"vh\.check\.(\w+)\.yours_or\(([^()]*)\)"
FOR_EXERCISES = "(for an exercise)"  # ends a line that the notebook itself has no need of


def without_exercises(notebook: NotebookNode) -> NotebookNode:
    """A copy in which `vh.check.NAME.yours_or(...)` is what it stands for, and no output speaks of it.

    That is the function in its brackets, or else the solution, which is then written out where it is first used. What
    the notebook calls `your_loss`, say, gets that function's name. (The parts of exercises are left out by tags.)
    """
    made = copy.deepcopy(notebook)
    names, written = {}, set()
    for cell in made.cells:
        if cell.cell_type == "code":
            new = {name for name, stand_in in re.findall(CALL, cell.source) if not stand_in} - written
            written |= new
            functions = [_solution(name) for name in sorted(new, key=cell.source.index)]
            cell.source = "\n\n".join(filter(None, [*functions, _named(cell.source, names)]))
            cell.outputs = [output for output in map(_output, cell.outputs) if output is not None]
    return made


def _named(source, names):
    """The code of a cell with the functions under their own names. Adds to `names` what else they were called."""
    lines = []
    for line in source.splitlines():
        plain = re.sub(CALL, lambda call: call[2] or call[1], line)
        assigned = re.fullmatch(r"([\w., ]+) = ([\w., ]+)", plain) if plain != line else None
        pairs = [*zip(*(side.split(", ") for side in assigned.groups()), strict=True)] if assigned else []
        names.update({called: function for called, function in pairs if called.startswith("your_")})
        kept = [f"{called} = {function}" for called, function in pairs if called not in {*names, function}]
        if not line.endswith(FOR_EXERCISES):
            lines += kept if assigned else [plain]
    return re.sub(r"\byour_\w+", lambda name: names.get(name[0], name[0]), "\n".join(lines).strip("\n"))


def _solution(name):
    return next(one.solution.strip() for own in EXERCISES.values() for one in own if one.name == name)


def _output(output):
    """An output without the lines that `yours_or` prints, or None if nothing is left of it."""
    if output.output_type == "stream":
        lines = output.text.splitlines(keepends=True)
        output.text = "".join(line for line in lines if not line.startswith((USED, STANDS_IN)))
    return None if output.get("text") == "" else output
