"""What a reader writes into a notebook stays there, whatever is run over it."""

import copy
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from vae_helpers.authoring import answers, notebooks
from vae_helpers.authoring.answers import fill_exercises
from vae_helpers.authoring.notebooks import clean, execute, read
from vae_helpers.exercises import EXERCISES

KL = next(exercise for exercise in EXERCISES["02"] if exercise.name == "kl")
PARTS = ["kl-task", "kl", "kl-solution"]


@pytest.fixture
def filled():
    """A notebook with one exercise, as `make notebooks` leaves it."""
    cells = [new_markdown_cell("# One"), new_code_cell("vh.check.kl(kl)", metadata={"tags": ["exercise"]})]
    notebook = new_notebook(cells=cells)
    assert fill_exercises(notebook) == []
    return notebook


def cell_of(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


# filling


def test_an_exercise_becomes_its_task_its_stub_and_its_folded_solution(filled):
    assert [cell.id for cell in filled.cells][1:] == PARTS
    task, stub, solution = sources(filled)[1:]
    assert KL.task.strip() in task
    assert stub == f"{KL.stub.strip()}\n\n\nvh.check.kl(kl)"
    assert KL.solution.strip() in solution
    assert "<details>" in solution


def test_filling_again_changes_nothing(filled):
    again = copy.deepcopy(filled)
    assert fill_exercises(again) == []
    assert again == filled
    assert fill_exercises(clean(again)) == []


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(
    "written", ["mine", "vh.check.kl(kl)", "def kl(mu, logvar):\n    return 0.5\n\n\nvh.check.kl(kl)", "a\n\nb"]
)
def test_a_part_in_which_somebody_has_written_is_left_and_named(filled, name, written):
    cell_of(filled, name).source = written
    before = sources(filled)
    assert fill_exercises(filled) == [name]
    assert sources(filled) == before
    assert fill_exercises(clean(filled)) == [name]
    assert sources(filled) == before


def test_the_definition_of_an_exercise_goes_into_the_parts_that_nobody_has_changed(filled, monkeypatch):
    cell_of(filled, "kl").source = "my answer\n\nvh.check.kl(kl)"
    other = SimpleNamespace(
        name="kl", title=KL.title, task="Another task.", stub="another", solution=KL.solution, derivation=""
    )
    monkeypatch.setattr(answers, "EXERCISES", {"02": [other]})
    assert fill_exercises(filled) == ["kl"]
    assert "Another task." in cell_of(filled, "kl-task").source
    assert cell_of(filled, "kl").source == "my answer\n\nvh.check.kl(kl)"
    cell_of(filled, "kl").source = ""  # how an author, or a reader, asks for the stub
    assert fill_exercises(filled) == []
    assert cell_of(filled, "kl").source.startswith("another")


@pytest.mark.parametrize("tags", [None, "exercise", [], ["mine"], 3])
def test_an_answer_is_left_whatever_became_of_its_tags(filled, tags):
    answer = cell_of(filled, "kl")
    answer.source, answer.metadata = (
        "mine\n\nvh.check.kl(kl)",
        nbformat.from_dict({} if tags is None else {"tags": tags}),
    )
    before = sources(filled)
    assert fill_exercises(filled) == ["kl"]
    assert sources(filled) == before


def test_an_exercise_that_a_reader_split_is_left(filled):
    check = cell_of(filled, "kl")
    check.source = "vh.check.kl(kl)"  # JupyterLab leaves the id to the lower half, and the tags to both
    filled.cells.insert(2, new_code_cell("def kl(mu, logvar):\n    return 1", metadata=check.metadata))
    before = sources(filled)
    fill_exercises(filled)
    assert sorted(sources(filled)) == sorted(before)


def test_copies_and_halves_of_an_exercise_are_a_reader_s_own(filled):
    original, tags = cell_of(filled, "kl"), cell_of(filled, "kl").metadata
    copied = new_code_cell(original.source, metadata=tags)  # as copy and paste make it
    tried = new_code_cell("x = 1\nvh.check.kl(kl)", metadata=tags)
    half = new_code_cell("import torch", metadata=tags)  # as "split cell" makes it
    filled.cells[2:2] = [copied, tried]
    filled.cells.append(half)
    before = sources(filled)
    fill_exercises(filled)
    assert sorted(sources(filled)) == sorted(before)
    assert [cell.id for cell in filled.cells if cell.id in PARTS] == PARTS


def test_of_two_copies_without_an_original_the_first_is_the_exercise(filled):
    original = cell_of(filled, "kl")
    copies = [new_code_cell(original.source, metadata=original.metadata) for _ in range(2)]
    filled.cells = [filled.cells[0], *copies]
    assert fill_exercises(filled) == []
    assert [cell.id for cell in filled.cells[1:]] == [*PARTS, copies[1].id]
    nbformat.validate(filled)


def test_an_exercise_that_is_no_more_is_left(filled, monkeypatch):
    cell_of(filled, "kl").source = "my answer"
    monkeypatch.setattr(answers, "EXERCISES", {})
    assert fill_exercises(filled) == ["kl"]
    assert "my answer" in sources(filled)


# running


@pytest.fixture
def saved(filled, tmp_path):
    """A notebook of a reader's own answer and cells, as JupyterLab saves it, at its path."""
    cell_of(filled, "kl").source = "def kl(mu, logvar):\n    return mu +\n\n\nvh.check.kl(kl)"  # not finished
    filled.cells += [new_code_cell("6 * 7"), new_markdown_cell("My notes.")]
    filled.metadata.language_info = {"name": "python", "version": "3.12.0", "pygments_lexer": "ipython3"}
    path = tmp_path / "02_my.ipynb"
    nbformat.write(filled, path)
    return path


def test_a_run_keeps_what_a_reader_wrote_and_says_so(saved, capsys):
    before = sources(read(saved))
    execute(saved)
    after = read(saved)
    assert sources(after) == before
    assert cell_of(after, "kl").outputs[0].ename == "SyntaxError"  # an answer may raise, and the run goes on
    assert [cell.outputs[0].data["text/plain"] for cell in after.cells if cell.source == "6 * 7"] == ["42"]
    assert "kept as they are, since they hold somebody's own text: kl\n" in capsys.readouterr().out
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_cell_that_raises_leaves_the_file(saved):
    notebook = read(saved)
    notebook.cells.append(new_code_cell("1 / 0"))
    nbformat.write(notebook, saved)
    before = saved.read_bytes()
    with pytest.raises(Exception, match="ZeroDivisionError"):
        execute(saved)
    assert saved.read_bytes() == before


def test_a_notebook_that_is_saved_while_it_runs_is_left(saved):
    notebook = read(saved)
    notebook.cells.append(new_code_cell(f"open({str(saved)!r}, 'a').write(' ')"))
    nbformat.write(notebook, saved)
    before = saved.read_bytes()
    with pytest.raises(OSError, match="another program has saved it"):
        execute(saved)
    assert saved.read_bytes() == before + b" "


def test_an_interrupted_save_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def interrupted(notebook, path):
        path.write_text("{")
        raise KeyboardInterrupt

    monkeypatch.setattr(nbformat, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute(saved)
    assert saved.read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
def test_the_stop_key_during_a_run_leaves_the_notebook_and_says_so(tmp_path):
    path, began = tmp_path / "04_slow.ipynb", tmp_path / "began"
    source = f"import pathlib, time\n\npathlib.Path({str(began)!r}).touch()\ntime.sleep(600)"
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    before = path.read_bytes()
    program = (
        f"from vae_helpers.authoring import notebooks as n\nn.NOTEBOOKS = [n.Path({str(path)!r})]\nn.run(['04_slow'])"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    while not began.exists():
        assert run.poll() is None
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    assert run.communicate(timeout=60)[1].endswith(
        "Interrupted. A notebook that had not run to its end is as it was before.\n"
    )
    assert path.read_bytes() == before


def test_an_assertion_of_ours_is_not_taken_for_an_interrupt(saved, monkeypatch):
    def failing(client, **options):
        raise AssertionError("ours")

    monkeypatch.setattr("nbclient.NotebookClient.execute", failing)
    with pytest.raises(AssertionError, match="ours"):
        execute(saved)


def test_a_notebook_behind_a_link_is_run_where_it_lies(saved, tmp_path):
    link = tmp_path / "link" / saved.name
    link.parent.mkdir()
    link.symlink_to(saved)
    execute(link)
    assert link.is_symlink()
    assert cell_of(read(saved), "kl").outputs


@pytest.mark.parametrize(
    "content", [b"", b"<<<<<<< HEAD\n{}", b"\xff\xfe{}", b"[]", b'{"cells": 3, "nbformat": 4, "nbformat_minor": 5}']
)
def test_what_is_no_notebook_is_left_and_named(saved, content):
    saved.write_bytes(content)
    with pytest.raises(OSError, match=r"02_my\.ipynb cannot be read as a notebook"):
        execute(saved)
    assert saved.read_bytes() == content


def test_a_notebook_of_an_older_format_is_run_and_keeps_its_cells(saved):
    notebook = read(saved)
    before, notebook.nbformat_minor = sources(notebook), 4
    for cell in notebook.cells:
        del cell["id"]
    saved.write_text(nbformat.writes(notebook))
    execute(saved)
    assert sources(read(saved)) == before


def test_an_unknown_notebook_is_named_with_those_there_are():
    with pytest.raises(SystemExit, match="no notebook is called 09; there are 00_start_here, 01_"):
        notebooks.run(["09"])
