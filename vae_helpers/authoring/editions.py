"""Other editions of the series, in a folder of their own: one for students, without solutions, and one that is solved.

`make student OUT=folder` and `make solved OUT=folder`. The series that they are made of stays as it is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat

from ..exercises import EXERCISES, sealed
from . import notebooks
from .answers import part_of_exercise

LEFT_OUT = (".git", ".github", ".ci", ".venv", "data", "build", "tests", "__pycache__", ".ipynb_checkpoints")
ON_SOLUTIONS = ", and `vh.check.NAME.solution()` shows a solution, which is also folded below each exercise"
SEALED = '"""Exercises, sealed."""\n\nfrom ..sealed import unseal\n\nEXERCISES = unseal(__name__, {packed!r})\n'
ROOMS = Path("vae_helpers/exercises")
FOR_STUDENTS = ("help", "lab", "notebooks", "slides", "handout", "site", "present", "pretrained", "clean")  # targets
HOW = """## How to begin

```
make lab     # install into .venv, open JupyterLab on the first notebook
```
You need Python 3.11 to 3.14 (on Debian and Ubuntu, also the package `python3-venv`) and `make`, and after the first
install no network. Without a display, `make lab` prints the URL. `make` alone lists all targets. An install that was
interrupted is finished by the next call.

**What you write stays yours.** `make notebooks` reruns the notebooks and keeps your answers and cells. To start an
exercise over, empty its cell and run `make notebooks`. What you have solved is noted in
`notebooks/.vae_progress.json`, your own. If the folder is read-only, use *Save as*.

"""


def student(folder: Path) -> None:
    """Write the series without solutions into a new folder. Raises FileExistsError for one that is there."""
    _copy(folder, _without_solutions)
    for file, change in {"README.md": _readme, "Makefile": _makefile}.items():
        (folder / file).write_text(change((folder / file).read_text(encoding="utf-8")), encoding="utf-8")
    for room in sorted({Path(_file_of(exercise)).parent for own in EXERCISES.values() for exercise in own}):
        own = next(own for own in EXERCISES.values() if Path(_file_of(own[0])).parent == room)
        modules = {exercise.name: Path(_file_of(exercise)).read_text(encoding="utf-8") for exercise in own}
        shutil.rmtree(folder / ROOMS / room.name)
        (folder / ROOMS / room.name).mkdir()
        packed = sealed.seal(modules, {exercise.name: exercise.stub for exercise in own})
        (folder / ROOMS / room.name / "__init__.py").write_text(SEALED.format(packed=packed), encoding="utf-8")
    print(f"{folder} holds the series without solutions. `make lab` there opens it.")


def solved(folder: Path) -> None:
    """Write the series with all exercises solved into a new folder, and run it."""
    _copy(folder, with_answers)
    for path in sorted((folder / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        notebooks.execute(path)
    print(f"{folder} holds the series, solved and run.")


def _file_of(exercise) -> str:
    """The file in which an exercise is defined."""
    return exercise.solve.__code__.co_filename


def table() -> str:
    """The exercises of the series, as a table in Markdown: idea, kind, minutes, difficulty."""
    lines = ["| notebook | exercise | idea | kind | minutes | difficulty |", "|---|---|---|---|---|---|"]
    for number, own in EXERCISES.items():
        for exercise in own:
            difficulty = "●" * exercise.difficulty + "○" * (3 - exercise.difficulty)
            lines.append(
                f"| {number} | `{exercise.name}`: {exercise.title} | {exercise.idea} | {exercise.kind} "
                f"| {exercise.minutes} | {difficulty} |"
            )
    return "\n".join(lines)


def _readme(text):
    """The README without what is for those who teach, test and change the series."""
    sections = {section.partition("\n")[0]: section for section in re.split(r"^(?=## )", text, flags=re.MULTILINE)}
    first, licences = next(iter(sections.values())), text[text.index("[MIT License](LICENSE)") :]
    kept = [sections[f"## {name}"] for name in ("The notebooks", "On your system", "The data")]
    return "".join([first, HOW, *kept, "## Licences\n\n", licences])


def _makefile(text):
    """The Makefile with the targets of a reader alone."""
    parts = text.partition("\n")[2].split("\n\n")
    names = [part.partition(":")[0] for part in parts]  # of the targets, and beginnings of other parts
    kept = [
        part
        for name, part in zip(names, parts, strict=True)
        if (not name.isalpha() or name in FOR_STUDENTS) and "$(BIN)/python -m pytest" not in part
    ]
    text = "\n\n".join(["# `make lab` opens the notebooks.", *kept]).replace("notebooks.\n\n#", "notebooks.\n#")
    return re.sub(r"^\.PHONY: help.*", f".PHONY: {' '.join(FOR_STUDENTS)}", text, flags=re.MULTILINE)


def _copy(folder: Path, change: Callable) -> None:
    if not EXERCISES["01"][0].solution:
        raise OSError("this is the students' edition: other editions are made of the whole series")
    if folder.exists():
        raise FileExistsError(f"{folder} exists already: name a new folder")
    leave_out = shutil.ignore_patterns(*LEFT_OUT, "*.egg-info", ".vae_progress.json", ".*_cache")
    shutil.copytree(notebooks.ROOT, folder, ignore=leave_out)
    for path in notebooks.NOTEBOOKS:
        notebook = notebooks.read(path)
        change(notebook)
        nbformat.write(notebook, folder / "notebooks" / path.name)
    for path in (folder / "notebooks").glob("*.ipynb"):  # not what somebody keeps beside the series
        if path.name not in {own.name for own in notebooks.NOTEBOOKS}:
            path.unlink()


def _without_solutions(notebook):
    """Reset the exercises to their stubs, and take out solutions, copies and what gives one away, in place."""
    exercises = {exercise.name: exercise for own in EXERCISES.values() for exercise in own}
    notebook.cells = [
        cell
        for cell in notebook.cells
        if part_of_exercise(cell) in (None, "task") or (part_of_exercise(cell) == "exercise" and cell.id in exercises)
    ]
    for cell in notebook.cells:
        cell.source = cell.source.replace(ON_SOLUTIONS, "").replace(ON_SOLUTIONS.replace(" which", "\nwhich"), "")
        if cell.id in exercises:
            cell.source = f"{exercises[cell.id].stub.strip()}\n\n\nvh.check.{cell.id}({cell.id})"
            cell.outputs, cell.execution_count = [], None  # what an answer printed
        for_students(cell)


def for_students(cell: nbformat.NotebookNode) -> None:
    """Change a cell that would give an exercise away, in place, as its metadata say under "student": old to new texts.

    Raises OSError where an old text is not in the cell, once.
    """
    for old, new in cell.metadata.get("student", {}).items():
        if cell.source.count(old) != 1:
            raise OSError(f"cell {cell.id}: expected {old!r} in it once, for the students' edition: see its metadata")
        cell.source = cell.source.replace(old, new)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None  # a figure may have the answer in its legend
    cell.metadata.pop("student", None)


def with_answers(notebook):
    """Put the solutions into the cells of the exercises, in place."""
    exercises = {exercise.name: exercise for own in EXERCISES.values() for exercise in own}
    for cell in notebook.cells:
        if cell.id in exercises:
            own = exercises[cell.id]
            needed = [name for name in ("math", "np", "sympy") if f"{name}." in own.solution]
            imports = {"np": "import numpy as np", "math": "import math", "sympy": "import sympy"}
            head = "".join(f"{imports[name]}\n" for name in needed)
            cell.source = f"{head}{own.solution.strip()}\n\n\nvh.check.{own.name}({own.name})"
