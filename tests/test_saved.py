"""What is saved in a notebook: outputs of the code that stands there, and panels with the JavaScript of today."""

import base64
import copy
import io

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from vae_helpers import widgets
from vae_helpers.authoring.notebooks import NOTEBOOKS, STATE, clean, execute, read
from vae_helpers.widgets import frontend, network, stage


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "one.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1"), new_code_cell("print('two')")]), path)
    execute(path)
    return read(path)


def changed_code(cells):
    cells[0].source = "1 + 2"


def changed_output(cells):
    cells[1].outputs[0].text = "three\n"


def exchanged_outputs(cells):
    cells[0].outputs, cells[1].outputs = cells[1].outputs, cells[0].outputs


@pytest.mark.parametrize("change", [changed_code, changed_output, exchanged_outputs])
def test_code_or_an_output_that_was_edited_since_the_run_is_found(saved, change):
    assert clean(copy.deepcopy(saved)) == saved
    edited = copy.deepcopy(saved)
    change(edited.cells)
    assert clean(copy.deepcopy(edited)) != edited


STYLES = {widgets.LatentMap._css, widgets.Prediction._css, stage.Stage._css}


def parts_of(esm):
    """The files of JavaScript that a widget's module is made of; None unless it is made of nothing else."""
    texts = {path.name: frontend.slim(path.read_text(encoding="utf-8")) for path in frontend.HERE.glob("*.js")}
    found = []
    while esm:
        name = next((name for name, text in texts.items() if esm.startswith(text)), None)
        if name is None:
            return None
        found.append(name)
        esm = esm[len(texts[name]) :].removeprefix("\n")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_saved_panels_have_the_javascript_and_the_style_of_today(published, path):
    state = published(path).metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    own = [widget["state"] for widget in state.values() if "_esm" in widget["state"]]
    assert own
    for widget in own:
        if widget["_esm"] != network.PageNetwork._esm:
            assert parts_of(widget["_esm"]), f"{widget.get('_anywidget_id')}: run `make notebooks`"
            assert not widget["_css"] or widget["_css"] in STYLES, "run `make notebooks`"


def test_every_script_and_style_is_loaded_by_a_widget():
    text = "\n".join(path.read_text(encoding="utf-8") for path in frontend.HERE.glob("*.py"))
    assert all(f'"{path.name}"' in text for kind in ("js", "css") for path in frontend.HERE.glob(f"*.{kind}"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_no_saved_picture_is_cut_off(published, path):
    pictures = [
        (cell.id, png)
        for cell in published(path).cells
        for output in cell.get("outputs", [])
        if (png := output.get("data", {}).get("image/png"))
    ]
    assert pictures
    cut = []
    for name, png in pictures:
        grey = np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("L"))
        edges = {"top": grey[0], "bottom": grey[-1], "left": grey[:, 0], "right": grey[:, -1]}
        cut += [f"{name}: ink at the {side}" for side, edge in edges.items() if edge.min() < 200]
    assert cut == []
