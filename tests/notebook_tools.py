"""What `make notebooks` and the notebook tests share: reading, running and cleaning a notebook.

`python tests/notebook_tools.py 02_vae_and_kl` writes the exercises into that notebook, runs it in place, top to bottom,
and saves it without noise: what is the same on every run of the same code stays the same in the file. What a reader
wrote stays, too. Without a name it does so with all notebooks of the series.
"""

import ast
import contextlib
import copy
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError

from vae_helpers.exercises import EXERCISES

# The series, and not what readers keep beside it: Untitled.ipynb, 02_vae_and_kl-Copy1.ipynb.
FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(path for path in FOLDER.glob("*.ipynb") if re.fullmatch(r"\d\d_[a-z_]+", path.stem))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
KEPT = ("tags", "slideshow", "written")  # of a cell's metadata


def read(path):
    """The notebook at `path`, as nbformat 4, each cell with an id. Raises OSError for what is no notebook."""
    return parse(path, path.read_bytes())


def parse(path, content):
    """The notebook that the bytes `content` of the file at `path` hold."""
    try:
        notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    except (ValueError, AttributeError, TypeError, nbformat.ValidationError) as error:  # cut short, half merged, ...
        raise OSError(f"{path.name} cannot be read as a notebook: {' '.join(str(error).split())[:200]}") from error
    if any("id" not in cell for cell in notebook.cells):  # of an older format
        notebook = nbformat.v4.upgrade(notebook)
    return notebook


def code_cells(notebook):
    """The cells of code that have any."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def definitions(path):
    """The names that a notebook's imports, functions and classes define, run without its other code."""
    wanted = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    names = {}
    for cell in code_cells(read(path)):
        if _kind(cell) == "exercise":  # where a reader's answer may stand
            continue
        with contextlib.suppress(SyntaxError):  # a reader's own cell, with %timeit in it
            body = [statement for statement in ast.parse(cell.source).body if isinstance(statement, wanted)]
            exec(compile(ast.Module(body, type_ignores=[]), str(path), "exec"), names)
    return names


def fill_exercises(notebook):
    """Write each exercise into the notebook, in place, where a code cell with the tag `exercise` checks it.

    The task comes before that cell, the stub into it, and the solution, folded, after it. Each of them keeps a checksum
    of what was written here: one that holds anything else by now is a reader's, and is left as it is. Returns the ids
    of those. A copy of an exercise that a reader made is left, too. An empty one is filled again.
    """
    exercises = _exercises()
    left = [cell.id for cell in notebook.cells if _kind(cell) and not _is_as_written(cell)]
    cells = [cell for cell in notebook.cells if _kind(cell) in (None, "exercise") or cell.id in left]
    ids = {cell.id for cell in cells}
    notebook.cells = []
    for cell in cells:
        checked = re.findall(r"vh\.check\.(\w+)\(", cell.source) if _kind(cell) == "exercise" else []
        name = cell.id if cell.id in exercises else checked[0] if checked else None
        if name not in exercises or (name in ids and name != cell.id):
            notebook.cells.append(cell)
            continue
        ids.add(name)
        exercise = exercises[name]
        if cell.id not in left:
            cell.id, cell.source = name, f"{exercise.stub.strip()}\n\n\nvh.check.{name}({name})"
            # with the last tag, JupyterLab's "Run all" goes on after an answer that raises
            cell.metadata |= _written(cell.source, "exercise", "nbval-check-output", "raises-exception")
        task = f"**Your turn: {exercise.title}.** {exercise.task.strip()}"
        solution = f"```python\n{exercise.solution.strip()}\n```"
        folded = f"<details><summary>A solution</summary>\n\n{solution}\n\n</details>"
        before, after = _text(f"{name}-task", task, "task"), _text(f"{name}-solution", folded, "solution")
        notebook.cells += [part for part in (before, cell, after) if part is cell or part.id not in ids]
    return left


def _exercises():
    return {exercise.name: exercise for own in EXERCISES.values() for exercise in own}


def _kind(cell):
    """What part of an exercise a cell is, by its tags or else its id: "task", "exercise", "solution" or None."""
    tags = cell.metadata.get("tags")
    tagged = [tag for tag in tags if tag in ("task", "exercise", "solution")] if isinstance(tags, list) else []
    return tagged[0] if tagged else "exercise" if cell.id in _exercises() else None


def _is_as_written(cell):
    """Whether a part of an exercise holds what `fill_exercises` wrote, or nothing, or what an author puts there."""
    source, written = cell.source.strip(), cell.metadata.get("written")
    new = written is None and re.fullmatch(r"vh\.check\.(\w+)\(\1\)", source)
    return not source or bool(new) or written == _checksum(source)


def _checksum(source):
    return f"{zlib.crc32(source.strip().encode()):08x}"


def _written(source, *tags):
    """The metadata of a cell that holds what was written here."""
    return nbformat.from_dict({"tags": [*tags], "written": _checksum(source)})


def _text(name, source, tag):
    return nbformat.v4.new_markdown_cell(source, id=name, metadata=_written(source, tag))


@functools.cache
def worked_in(path):
    """Whether a notebook is not as `make notebooks` saved it: a reader or an author has saved it since, or answered.

    Then what is asked of a published notebook is not asked of this one; but in CI, where nobody works, it is.
    """
    notebook = read(path)
    return "CI" not in os.environ and (clean(copy.deepcopy(notebook)) != notebook or bool(fill_exercises(notebook)))


def clean(notebook):
    """Take out of a notebook, in place, all that changes from run to run or machine to machine; return it."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            **({"widgets": notebook.metadata.widgets} if "widgets" in notebook.metadata else {}),
        }
    )
    for cell in notebook.cells:
        kept = {name: value for name, value in cell.metadata.items() if name in KEPT and value}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_progress_bar(output)]
    keep_shown_widgets(notebook)
    return notebook


def _is_progress_bar(output):
    data = output.get("data", {})
    return VIEW in data and "step/s]" in data.get("text/plain", "")


def keep_shown_widgets(notebook):
    """Keep the state of the widgets that outputs show, in place, under ids that do not change from run to run.

    A view whose state was not saved shows nothing: it is taken out, so that the output's picture is shown. Returns how
    many those were.
    """
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs if VIEW in output.get("data", {})]
    lost = [output for output in outputs if not set(_with_parts([output.data[VIEW]["model_id"]], state)) <= set(state)]
    for output in lost:
        del output.data[VIEW]
    shown = _with_parts([output.data[VIEW]["model_id"] for output in outputs if VIEW in output.data], state)
    notebook.metadata.pop("widgets", None)
    if shown:
        kept = {"version_major": 2, "version_minor": 0, "state": {model: state[model] for model in shown}}
        notebook.metadata.widgets = {STATE: kept}
        ids = {model: f"{number:032x}" for number, model in enumerate(shown)}
        text = re.sub("|".join(ids), lambda model: ids[model[0]], json.dumps(notebook))
        notebook.update(nbformat.from_dict(json.loads(text)))
    return len(lost)


def _with_parts(models, state):
    """The ids of widgets, and of the widgets that stand in them."""
    found = list(models)
    for model in found:  # grows while it is walked
        parts = re.findall(r"IPY_MODEL_(\w+)", json.dumps(state.get(model)))
        found += [part for part in dict.fromkeys(parts) if part not in found]
    return found


def execute(path):
    """Run the notebook at `path` in place and print its seconds and its kernel's peak memory.

    A cell that raises ends it, with the file left as it was; but an answer to an exercise may raise. The file is also
    left if somebody else has saved it meanwhile.
    """
    import resource  # here, since Windows has none and the tests need the rest

    path = path.resolve()  # where a link leads
    path.open("r+b").close()  # fail now, and not after the run, if it cannot be written to
    before = path.read_bytes()
    notebook = parse(path, before)
    left = fill_exercises(notebook)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.perf_counter()
    client.execute()
    seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as beside:
        unfinished = Path(beside) / path.name
        nbformat.write(clean(notebook), unfinished)
        shutil.copymode(path, unfinished)
        if path.read_bytes() != before:
            raise OSError("another program has saved it while it ran")
        os.replace(unfinished, path)  # so that an interrupt leaves the old file or the new
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak /= 2**20 if sys.platform == "darwin" else 2**10  # bytes on macOS, kB on Linux; now MiB
    print(f"{path.stem}: {seconds:.1f} s, {peak:.0f} MiB at its peak, {path.stat().st_size / 1e6:.2f} MB saved")
    if left:
        print(f"  left as they are, since somebody has written there: {', '.join(left)}")


def main(names):
    """Run the notebooks called `names`, or all; each in a process of its own, so that its memory can be told."""
    series = {path.stem: path for path in NOTEBOOKS}
    unknown = [name for name in names if name not in series]
    if unknown:
        sys.exit(f"no notebook is called {', '.join(unknown)}; there are {', '.join(series)}")
    try:
        if len(names) != 1:
            for name in names or series:
                if code := subprocess.call([sys.executable, __file__, name]):
                    sys.exit(code)
            return
        (name,) = names
        execute(series[name])
    except PermissionError as error:
        sys.exit(f"{name} is left as it was: {error}. Copy the series to a folder where you may write.")
    except (CellExecutionError, DeadKernelError, OSError) as error:
        sys.exit(f"{name} is left as it was: {error}")
    except (KeyboardInterrupt, AssertionError):  # the second is what nbclient makes of an interrupt
        sys.exit("Interrupted. A notebook that was not yet run to its end is left as it was.")


if __name__ == "__main__":
    main(sys.argv[1:])
