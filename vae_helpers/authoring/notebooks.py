"""Read, run and clean notebooks: what `make notebooks` does.

A run fills in the exercises, runs a notebook in place, top to bottom, and saves it without noise: what is the same on
every run of the same code stays the same in the file. What a reader wrote stays, too.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .answers import fill_exercises

ROOT = Path(__file__).resolve().parents[2]  # of a checkout
FOLDER = ROOT / "notebooks"
# The series, and not what readers keep beside it: Untitled.ipynb, 03_vae-Copy1.ipynb.
NOTEBOOKS = sorted(path for path in FOLDER.glob("*.ipynb") if re.fullmatch(r"\d\d_[a-z_]+", path.stem))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
KEPT = ("tags", "slideshow", "written", "student")  # of a cell's metadata


def require_checkout() -> None:
    """End the program with one sentence unless the notebooks of the course lie beside the package."""
    if not NOTEBOOKS:
        sys.exit(f"expected the notebooks of the course in {FOLDER}, found none: run this in a checkout of the course")


def read(path: Path) -> NotebookNode:
    """The notebook at `path`, as nbformat 4, each cell with an id. Raises OSError for a file that is no notebook."""
    return parse(path, path.read_bytes())


def parse(path: Path, content: bytes) -> NotebookNode:
    """The notebook in `content`, the bytes of the file at `path`. Raises OSError if they are no notebook."""
    try:
        notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    except (ValueError, AttributeError, TypeError, nbformat.ValidationError) as error:  # cut short, half merged, ...
        raise OSError(f"{path.name} cannot be read as a notebook: {' '.join(str(error).split())[:200]}") from error
    if any("id" not in cell for cell in notebook.cells):  # of an older format
        notebook = nbformat.v4.upgrade(notebook)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells that are not empty."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def clean(notebook: NotebookNode) -> NotebookNode:
    """Remove from a notebook, in place, what changes from run to run or from machine to machine; return it.

    It also gets a checksum of its code and outputs.
    """
    widgets = {"widgets": notebook.metadata.widgets} if "widgets" in notebook.metadata else {}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}, **widgets})
    for cell in notebook.cells:
        kept = {name: value for name, value in cell.metadata.items() if name in KEPT and value}
        cell.metadata = nbformat.from_dict(kept)
        fold(cell)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_progress_bar(output)]
    drop_dead_views(notebook)
    notebook.metadata["checksum"] = _checksum(notebook)
    return notebook


def _checksum(notebook):
    """Of the code and of what it put out, so that a cell or an output that was edited since is found."""
    parts = [[cell.source, cell.outputs, cell.execution_count] for cell in code_cells(notebook)]
    return f"{zlib.crc32(json.dumps([parts, notebook.metadata.get('widgets')], sort_keys=True).encode()):08x}"


def fold(cell: NotebookNode) -> None:
    """Set what JupyterLab shows of a code cell, in place, by its tags.

    `question`, `plumbing` and `check` fold the code. `answer`, for what comes after a question, folds the cell's
    output; JupyterLab unfolds it when the cell is run.
    """
    tags = cell.metadata.get("tags", [])
    folded = {"source_hidden": {"question", "plumbing", "check"}, "outputs_hidden": {"answer"}}
    hidden = {name: True for name, by in folded.items() if cell.cell_type == "code" and by.intersection(tags)}
    if hidden:
        cell.metadata.jupyter = nbformat.from_dict(hidden)


def _is_progress_bar(output):
    data = output.get("data", {})
    return VIEW in data and "step/s]" in data.get("text/plain", "")


def drop_dead_views(notebook: NotebookNode) -> int:
    """Drop the live view of each panel that needs a kernel or its state, in place, so that its picture is shown.

    Returns how many could be alive if their state had been saved.
    """
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.get("metadata", {}).get(VIEW, {}).get("needs_kernel"):
                output.data.pop(VIEW, None)
    return keep_shown_widgets(notebook)


def keep_shown_widgets(notebook: NotebookNode) -> int:
    """Keep the state of only those widgets that outputs show, in place, under ids that are the same on every run.

    A view whose state was not saved would show nothing: it is removed, so that the output's picture is shown instead.
    Returns how many views were removed.
    """
    state = notebook.metadata.pop("widgets", {}).get(STATE, {}).get("state", {})
    views = [output.data for cell in code_cells(notebook) for output in cell.outputs if VIEW in output.get("data", {})]
    lost = [data for data in views if not state.keys() >= set(_with_parts([data[VIEW]["model_id"]], state))]
    for data in lost:
        del data[VIEW]
    shown = [data[VIEW] for data in views if VIEW in data]
    models = _with_parts([view["model_id"] for view in shown], state)
    ids = {model: f"{number:032x}" for number, model in enumerate(models)}
    for view in shown:
        view["model_id"] = ids[view["model_id"]]
    if shown:
        kept = json.dumps({model: _without_defaults(state[model]) for model in models})
        kept = re.sub("|".join(ids), lambda model: ids[model[0]], kept)  # widgets name each other in their values
        kept = {"version_major": 2, "version_minor": 0, "state": json.loads(kept)}
        notebook.metadata.widgets = nbformat.from_dict({STATE: kept})
    return len(lost)


def _without_defaults(widget):
    """The state of a widget; of a layout only what was set, since the forty lines of null say nothing."""
    if widget.get("model_name") != "LayoutModel":
        return widget
    return {**widget, "state": {name: value for name, value in widget["state"].items() if value is not None}}


def _with_parts(models, state):
    """The ids of widgets, followed by those of the widgets in them, outer before inner."""
    found = level = list(dict.fromkeys(models))
    while level:
        text = json.dumps([state.get(outer) for outer in level], sort_keys=True)  # as it is written
        inner = re.findall(r"(?:IPY_MODEL_|anywidget:)(\w+)", text)
        level = [part for part in dict.fromkeys(inner) if part not in found]
        found = found + level
    return found


def execute(path: Path) -> None:
    """Run the notebook at `path` in place and print its seconds and its kernel's peak memory.

    A cell that raises ends the run and leaves the file as it was; but an answer to an exercise may raise. The file is
    also left if another program has saved it meanwhile. Raises OSError, or nbclient's CellExecutionError.
    """
    path = path.resolve()  # where a link leads
    path.open("r+b").close()  # fail now rather than after the run if it cannot be written
    before = path.read_bytes()
    notebook = parse(path, before)
    left = fill_exercises(notebook)
    seconds = _run_cells(notebook, path.parent)
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as beside:
        unfinished = Path(beside) / path.name
        nbformat.write(clean(notebook), unfinished)
        shutil.copymode(path, unfinished)
        if path.read_bytes() != before:
            raise OSError("another program has saved it while it ran")
        os.replace(unfinished, path)  # so that an interrupt leaves the old file or the new one
    print(f"{path.stem}: {seconds:.1f} s, {_peak()}, {path.stat().st_size / 1e6:.2f} MB saved")
    if left:
        print(f"  kept as they are, since they hold somebody's own text: {', '.join(left)}")


def _run_cells(notebook, folder):
    """Run all cells, in place; return the seconds it took."""
    from nbclient import NotebookClient

    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    start = time.perf_counter()
    try:
        client.execute(env=os.environ | {"VAE_HELPERS_PROGRESS": os.devnull})  # no output depends on who runs it
    except AssertionError as error:  # an interrupt ends nbclient's kernel, and then it asserts that it has one
        if traceback.extract_tb(error.__traceback__)[-1].filename == inspect.getfile(NotebookClient):
            raise KeyboardInterrupt from None
        raise
    return time.perf_counter() - start


def _peak():
    """The most memory that a process started from here has used, as text."""
    try:
        import resource
    except ImportError:  # Windows
        return "peak memory unknown"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return f"{peak / (2**20 if sys.platform == 'darwin' else 2**10):.0f} MiB at its peak"  # macOS counts bytes, not kB


def require_names(names: Sequence[str]) -> None:
    """End the program with one sentence if no notebook is called so."""
    series = [path.stem for path in NOTEBOOKS]
    if unknown := [name for name in names if name not in series]:
        sys.exit(f"no notebook is called {', '.join(unknown)}; there are {', '.join(series)}")


def run(names: Sequence[str] = ()) -> None:
    """Run the notebooks called `names`, or all, each in a process of its own, so that its peak memory is known.

    Ends the program with one sentence where a notebook cannot be run.
    """
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    require_names(names)
    series = {path.stem: path for path in NOTEBOOKS}
    try:
        if len(names) != 1:
            for name in names or series:
                if code := subprocess.call([sys.executable, "-m", "vae_helpers.authoring", "notebooks", name]):
                    sys.exit(code)
            return
        (name,) = names
        execute(series[name])
    except PermissionError as error:
        sys.exit(f"{name} is as it was before: {error}. Copy the series to a folder where you may write.")
    except (CellExecutionError, DeadKernelError, OSError) as error:
        sys.exit(f"{name} is as it was before: {error}")
    except KeyboardInterrupt:
        sys.exit("Interrupted. A notebook that had not run to its end is as it was before.")
