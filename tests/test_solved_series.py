"""A series in which all exercises are solved: `make notebooks` and the tests of notebooks pass, and answers are used.

Each notebook is shortened to what a reader's answers touch: the exercises, the cells that use them, what those need,
and the checks that are about nothing else. The cells in between need no answer, and run where the notebooks are tested.
With `--whole`, as once a week, nothing is left out, the target is solved, too, which trains, and the tests of notebooks
then run over the outputs that were saved.
"""

import builtins
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from series import copy_of_the_series
from test_rerun import Cell

from vae_helpers.authoring import editions
from vae_helpers.authoring.notebooks import NOTEBOOKS, code_cells, read
from vae_helpers.exercises import EXERCISES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make on this machine"),
]
WITH_EXERCISES = [path.stem for path in NOTEBOOKS if path.stem[:2] in EXERCISES]
TARGETS = {exercise.name for own in EXERCISES.values() for exercise in own if exercise.target}
OF_A_PAGE = ("task", "solution", "exercises")  # parts of exercises that are text


@pytest.fixture(scope="module")
def whole(pytestconfig):
    """Whether the notebooks are solved and run whole."""
    return pytestconfig.getoption("whole")


def solved(notebook, whole):
    """A notebook with the solutions in the cells of the exercises, as in the students' edition; shortened or whole."""
    stubs = {cell.id: cell.source for cell in notebook.cells}
    for cell in notebook.cells:
        editions.for_students(cell)
    editions.with_answers(notebook)
    if not whole:
        for cell in notebook.cells:
            if cell.id in TARGETS:
                cell.source = stubs[cell.id]
        shorten(notebook)
    return notebook


def shorten(notebook):
    """Leave in a notebook, in place, what answers touch."""
    own = {exercise.name for exercises in EXERCISES.values() for exercise in exercises}
    cells, functions, kept, needed = [], {}, set(), set()
    for cell in code_cells(notebook):
        cells.append((cell, Cell(cell.source, functions)))
        functions = {**functions, **cells[-1][1].functions}
    for cell, code in reversed(cells):
        touched = cell.id in own or re.search(r"yours_or\(|\byour_\w+", cell.source)
        if touched or (code.bound | code.changed) & needed:
            kept.add(cell.id)
            needed = (needed - code.bound) | code.read | code.changed
    known = {name for cell, code in cells if cell.id in kept for name in code.bound} | {*dir(builtins)}
    kept |= {cell.id for cell, code in cells if "check" in cell.metadata.get("tags", []) and code.read <= known}
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.id in kept or {*cell.metadata.get("tags", [])} & {*OF_A_PAGE} or cell is notebook.cells[-1]
    ]


@pytest.fixture(scope="module")
def series(tmp_path_factory, whole):
    """A copy of the series with the sample of MNIST, solved, and run by `make notebooks`."""
    copied = copy_of_the_series(tmp_path_factory.mktemp("solved"))
    for stem in WITH_EXERCISES:
        path = copied / f"notebooks/{stem}.ipynb"
        nbformat.write(solved(read(path), whole), path)
    status, said = run(copied, "make", "--old-file=.venv/ready", "notebooks", f"NOTEBOOKS={' '.join(WITH_EXERCISES)}")
    assert status == 0, said
    return copied


def run(series, *command):
    """Run a command in a copy of the series, as a reader without MNIST; give its exit status and what it prints."""
    own = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    own |= {"VAE_HELPERS_DATA": str(series / "nothing"), "PYTHONPATH": str(series)}
    done = subprocess.run(command, cwd=series, env=own, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


@pytest.mark.parametrize("stem", WITH_EXERCISES)
def test_answers_survive_are_right_and_are_used(series, whole, stem):
    before = solved(read(next(path for path in NOTEBOOKS if path.stem == stem)), whole)
    cells = read(series / f"notebooks/{stem}.ipynb").cells
    assert [cell.source for cell in cells] == [cell.source for cell in before.cells]
    names = [exercise.name for exercise in EXERCISES[stem[:2]]]
    judged = [name for name in names if name not in TARGETS]
    said = {cell.id: printed(cell) for cell in cells if cell.cell_type == "code"}
    assert len(judged) >= 3
    assert all(said[name].startswith(f"✓ {name}: right.") for name in judged), {name: said[name] for name in judged}
    for name in TARGETS.intersection(names) if whole else ():  # but not how many seconds a busy machine took
        goal, nats = re.search(r"the target is (\S+) nats.*\n.*\n +1 +(\S+)", said[name]).groups()
        assert float(nats) <= float(goal)
    used = re.findall(r"vh\.check\.(\w+)\.yours_or\(", "\n".join(cell.source for cell in code_cells(before)))
    told = "".join(said.values())
    assert all(f"✓ this runs your {name}\n" in told for name in used)
    assert "stands in for it" not in told


def test_the_tests_of_notebooks_pass(series, whole):
    if not whole:  # of one notebook with answers, test_answered_series.py asks it each time
        pytest.skip("the tests of notebooks run over a solved series once a week, with --whole")
    for path in [series / f"notebooks/{stem}.ipynb" for stem in WITH_EXERCISES]:
        notebook = read(path)
        for cell in notebook.cells:
            if cell.id in TARGETS:  # its table of tries has seconds in it
                cell.metadata.tags.remove("nbval-check-output")
        nbformat.write(notebook, path)
    status, said = run(
        series, sys.executable, "-m", "pytest", "-q", *[f"notebooks/{stem}.ipynb" for stem in WITH_EXERCISES]
    )
    assert status == 0, said
    assert "passed" in said
