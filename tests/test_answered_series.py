"""A series in which a reader has answered: `make test` passes with it, and `make notebooks` keeps the answers."""

import inspect
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from series import copy_of_the_series

from vae_helpers.authoring.notebooks import code_cells, read
from vae_helpers.exercises import EXERCISES

pytestmark = pytest.mark.slow
STEM = "06_latent_space"


def cell_of(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


@pytest.fixture
def worked(tmp_path):
    """A copy of the series in which a reader has answered, right, wrong and not to the end, and runs none of it.

    Of notebook 06 only its exercises are kept, so that it runs in seconds.
    """
    series = copy_of_the_series(tmp_path)
    path = series / f"notebooks/{STEM}.ipynb"
    notebook = read(path)
    first = next(k for k, cell in enumerate(notebook.cells) if "import vae_helpers as vh" in cell.source)
    exercises = [cell for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    notebook.cells = [*notebook.cells[: first + 1], *exercises, new_code_cell("import math # mine"), notebook.cells[-1]]
    right, wrong, unfinished = EXERCISES["06"][:3]
    cell_of(notebook, right.name).source = f"{right.solution}\nvh.check.{right.name}({right.name})"
    cell_of(notebook, wrong.name).source = f"{source_of_a_mistake(wrong)}\nvh.check.{wrong.name}({wrong.name})"
    cell_of(notebook, unfinished.name).source = "def unfinished(:"
    notebook.metadata.language_info.version = "3.12.0"  # as JupyterLab saves it; the outputs are those from before
    nbformat.write(notebook, path)
    (series / "notebooks/Untitled.ipynb").write_text("{}")
    (series / "notebooks/try.py").write_text("import os,sys")
    shutil.copy(path, series / f"notebooks/{STEM}-Copy1.ipynb")
    return series, path


def source_of_a_mistake(exercise):
    """The code of a wrong answer, under the name of the right one."""
    mistake = exercise.mistakes[0]
    source = inspect.getsource(mistake)
    return source[source.index("def ") :].replace(mistake.__name__, exercise.name, 1)


def run(series, *command, **environment):
    """Run a command in a copy of the series, as a reader does; give its exit status and what it prints."""
    own = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    done = subprocess.run(command, cwd=series, env=own | environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_make_test_passes_with_answers_in_a_notebook_and_leaves_out_what_a_published_one_is_asked(worked):
    series, _ = worked
    chosen = ["-m", "not browser and not slow", "-k", f"{STEM} or Copy1 or Untitled"]
    status, said = run(series, sys.executable, "-m", "pytest", *chosen)
    assert status == 0, said
    assert f"{STEM} was saved or answered since `make notebooks`" in said
    assert int(re.search(r"(\d+) passed", said)[1]) >= len(code_cells(read(series / f"notebooks/{STEM}.ipynb")))
    for command in (["check"], ["format", "--check"]):
        status, said = run(series, sys.executable, "-m", "ruff", *command, "vae_helpers", "tests")
        assert status == 0, said


def test_in_ci_an_answer_in_a_notebook_is_an_error(worked):
    series, _ = worked
    status, said = run(
        series, sys.executable, "-m", "pytest", "-k", "06_latent_space", "tests/test_exercises.py", CI="1"
    )
    assert status == 1
    assert "this cell holds an answer" in said


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make on this machine")
def test_make_notebooks_keeps_the_answers_and_says_so(worked):
    series, path = worked
    before = sources(read(path))
    status, said = run(series, "make", "--old-file=.venv/ready", "notebooks", f"NOTEBOOKS={STEM}")
    assert status == 0, said
    names = [exercise.name for exercise in EXERCISES["06"][:3]]
    assert f"since they hold somebody's own text: {', '.join(names)}" in said
    after = read(path)
    assert [source for source in sources(after) if source in before] == before
    printed = [cell.outputs[0].get("text", "") for cell in after.cells if cell.id in names]
    assert [text[:1] for text in printed] == ["✓", "✗", ""]
    assert (series / "notebooks/Untitled.ipynb").read_text() == "{}"
