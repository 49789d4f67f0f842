"""Exercises in a notebook: write them in, and leave what a reader has written.

Each part that is written here keeps a checksum of its text in its cell's metadata. A part that holds anything else by
now is a reader's, and stays.
"""

from __future__ import annotations

import re
import zlib

import nbformat
from nbformat import NotebookNode

from ..exercises import EXERCISES

PARTS = ("task", "exercise", "solution")  # tags of cells
LEFT_OUT = (*PARTS, "exercises")  # of decks, pages and the live page: also what speaks of exercises


def fill_exercises(notebook: NotebookNode) -> list[str]:
    """Write each exercise into the notebook, in place, where a code cell with the tag `exercise` checks it.

    The task goes before that cell, the stub into it, and the solution, folded, after it. A part in which a reader has
    written is left as it is, and so is a copy that a reader made of an exercise. An emptied part is filled again.
    Returns the ids of the parts that were left.
    """
    exercises = _exercises()
    left = [cell.id for cell in notebook.cells if part_of_exercise(cell) and not _is_as_written(cell)]
    # tasks and solutions that nobody changed are removed here and written again below
    cells = [cell for cell in notebook.cells if part_of_exercise(cell) in (None, "exercise") or cell.id in left]
    ids = {cell.id for cell in cells}
    notebook.cells = []
    for cell in cells:
        name = _exercise_name(cell)
        if name not in exercises or (name in ids and name != cell.id):
            notebook.cells.append(cell)
            continue
        ids.add(name)
        exercise = exercises[name]
        if cell.id not in left:
            cell.id, cell.source = name, f"{exercise.stub.strip()}\n\n\nvh.check.{name}({name})"
            # with the last tag, JupyterLab's "Run all" continues after an answer that raises
            cell.metadata |= _written(cell.source, "exercise", "nbval-check-output", "raises-exception")
        parts = [_task(exercise), cell] + [_solution(exercise)] * bool(exercise.solution)
        notebook.cells += [part for part in parts if part is cell or part.id not in ids]
    return left


def part_of_exercise(cell: NotebookNode) -> str | None:
    """Which part of an exercise a cell is, by its tags or else its id: "task", "exercise", "solution" or None."""
    tags = cell.metadata.get("tags")
    tagged = [tag for tag in tags if tag in PARTS] if isinstance(tags, list) else []
    return tagged[0] if tagged else "exercise" if cell.id in _exercises() else None


def _exercises():
    return {exercise.name: exercise for own in EXERCISES.values() for exercise in own}


def _exercise_name(cell):
    """The exercise that a cell answers, by its id or else by what it checks; None for other cells."""
    if cell.id in _exercises():
        return cell.id
    checked = re.search(r"vh\.check\.(\w+)\(", cell.source) if part_of_exercise(cell) == "exercise" else None
    return checked[1] if checked else None


def _is_as_written(cell):
    """Whether a part holds what `fill_exercises` wrote, nothing, or what an author puts where an exercise belongs."""
    source, written = cell.source.strip(), cell.metadata.get("written")
    new = written is None and re.fullmatch(r"vh\.check\.(\w+)\(\1\)", source)
    return not source or bool(new) or written == _checksum(source)


def _checksum(source):
    return f"{zlib.crc32(source.strip().encode()):08x}"


def _written(source, *tags):
    """The metadata of a cell that holds what was written here."""
    return nbformat.from_dict({"tags": [*tags], "written": _checksum(source)})


def _task(exercise):
    """The task in a box: a title that one can find, and what is asked."""
    text = f"**Your turn: {exercise.title}.** {exercise.task.strip()}"
    return _text(f"{exercise.name}-task", f'<div class="alert alert-info">\n\n{text}\n\n</div>', "task")


def _solution(exercise):
    parts = [exercise.derivation.strip(), f"```python\n{exercise.solution.strip()}\n```"]
    text = "\n\n".join(filter(None, parts))
    folded = f"<details><summary>A solution</summary>\n\n{text}\n\n</details>"
    return _text(f"{exercise.name}-solution", folded, "solution")


def _text(name, source, tag):
    return nbformat.v4.new_markdown_cell(source, id=name, metadata=_written(source, tag))
