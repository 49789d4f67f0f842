"""What `make notebooks` and the notebook tests share: reading, running and cleaning a notebook.

`python tests/notebook_tools.py NOTEBOOK` writes the exercises into NOTEBOOK, runs it in place, top to bottom, and saves
it without noise: what is the same on every run of the same code stays the same in the file.
"""

import ast
import json
import re
import sys
import time
from pathlib import Path

import nbclient
import nbformat

from vae_helpers.exercises import EXERCISES

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def read(path):
    """The notebook at `path`, as nbformat 4."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """The cells of code that have any."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def definitions(path):
    """The names that a notebook's imports, functions and classes define, run without its other code."""
    wanted = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    names = {}
    for cell in code_cells(read(path)):
        body = [statement for statement in ast.parse(cell.source).body if isinstance(statement, wanted)]
        exec(compile(ast.Module(body, type_ignores=[]), str(path), "exec"), names)
    return names


def fill_exercises(notebook):
    """Write each exercise into the notebook, in place, where a code cell with the tag `exercise` checks it; return it.

    The task comes before that cell, the stub into it, and the solution, folded, after it.
    """
    exercises = {exercise.name: exercise for own in EXERCISES.values() for exercise in own}
    cells = [cell for cell in notebook.cells if not {"task", "solution"} & set(cell.metadata.get("tags", []))]
    notebook.cells = []
    for cell in cells:
        if "exercise" not in cell.metadata.get("tags", []):
            notebook.cells.append(cell)
            continue
        (name,) = re.findall(r"vh\.check\.(\w+)\(", cell.source)
        exercise = exercises[name]
        cell.id, cell.source = name, f"{exercise.stub.strip()}\n\n\nvh.check.{name}({name})"
        cell.metadata.tags = ["exercise", "nbval-check-output"]
        task = f"**Your turn: {exercise.title}.** {exercise.task.strip()}"
        solution = f"```python\n{exercise.solution.strip()}\n```"
        folded = f"<details><summary>A solution</summary>\n\n{solution}\n\n</details>"
        notebook.cells += [_text(f"{name}-task", task, "task"), cell, _text(f"{name}-solution", folded, "solution")]
    return notebook


def _text(name, source, tag):
    return nbformat.v4.new_markdown_cell(source, id=name, metadata={"tags": [tag]})


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
        kept = {name: value for name, value in cell.metadata.items() if name in ("tags", "slideshow") and value}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_progress_bar(output)]
    keep_shown_widgets(notebook)
    return notebook


def _is_progress_bar(output):
    data = output.get("data", {})
    return VIEW in data and "step/s]" in data.get("text/plain", "")


def keep_shown_widgets(notebook):
    """Keep the state of the widgets that outputs show, under ids that do not change from run to run."""
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    shown = [
        output.data[VIEW]["model_id"]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if VIEW in output.get("data", {})
    ]
    for model in shown:  # grows while it is walked: a shown widget's parts are shown too
        parts = json.dumps(state[model]).split("IPY_MODEL_")[1:]
        shown += [part.split('"')[0] for part in parts if part.split('"')[0] not in shown]
    notebook.metadata.pop("widgets", None)
    if not shown:
        return
    kept = {"version_major": 2, "version_minor": 0, "state": {model: state[model] for model in shown}}
    notebook.metadata.widgets = {STATE: kept}
    text = json.dumps(notebook)
    for number, model in enumerate(shown):
        text = text.replace(model, f"{number:032x}")
    notebook.update(nbformat.from_dict(json.loads(text)))


def execute(path):
    """Run the notebook at `path` in place and print its seconds and its kernel's peak memory.

    A cell that raises ends it, with the file left as it was.
    """
    import resource  # here, since Windows has none and the tests need the rest

    notebook = fill_exercises(read(path))
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
    nbformat.write(clean(notebook), path)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak /= 2**20 if sys.platform == "darwin" else 2**10  # bytes on macOS, kB on Linux; now MiB
    print(f"{path.stem}: {seconds:.1f} s, {peak:.0f} MiB at its peak, {path.stat().st_size / 1e6:.2f} MB saved")


if __name__ == "__main__":
    execute(Path(sys.argv[1]).resolve())
