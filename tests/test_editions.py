"""The edition for students, without solutions, and the one that is solved."""

import contextlib
import io
import keyword
import os
import re
import shutil
import subprocess
import sys
import tokenize

import nbformat
import pytest

from vae_helpers.authoring import editions, pages
from vae_helpers.authoring.notebooks import NOTEBOOKS, read
from vae_helpers.authoring.talk_frame import whole_talk
from vae_helpers.authoring.without_exercises import without_exercises
from vae_helpers.exercises import EXERCISES

pytestmark = pytest.mark.slow
KL = next(exercise for exercise in EXERCISES["02"] if exercise.name == "kl")
ALL = [exercise for own in EXERCISES.values() for exercise in own]


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    """The edition for students, in a folder whose name has a space."""
    folder = tmp_path_factory.mktemp("edition") / "for students"
    editions.student(folder)
    return folder


def run_in(folder, code, **more):
    """Run code with the package of a folder; give what it prints."""
    environment = os.environ | {"PYTHONPATH": str(folder)} | more
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_no_solution_can_be_read_in_the_students_edition(students):
    texts = {path: path.read_text(encoding="utf-8") for path in (students / editions.ROOMS).rglob("*.py")}
    texts |= {path: path.read_text(encoding="utf-8") for path in (students / "notebooks").glob("*.ipynb")}
    for exercise in ALL:
        body = exercise.solution.partition("\n")[2].strip()
        assert not [path for path, text in texts.items() if body in text or repr(body)[1:-1] in text], exercise.name
        for path in students.rglob("*.ipynb"):
            assert f"{exercise.name}-solution" not in texts[path]
    assert not any("folded below each exercise" in text for path, text in texts.items() if path.suffix == ".ipynb")
    assert not (students / "tests").exists()


def grams(source):
    """Four tokens in a row, wherever there are: names of variables do not count, those of functions do."""
    tokens, kinds = [], (tokenize.NAME, tokenize.OP, tokenize.NUMBER)
    with contextlib.suppress(tokenize.TokenError, SyntaxError):  # a cell with `%timeit` in it
        found = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type in kinds]
        called = [after.string == "(" for after in found[1:]] + [False]
        tokens = [
            "name" if token.type == tokenize.NAME and not call and not keyword.iskeyword(token.string) else token.string
            for token, call in zip(found, called, strict=True)
        ]
    return {*zip(*(tokens[k:] for k in range(4)), strict=False)}


HARMLESS = {  # they share calls with a solution, and not its idea
    ("linear_rate", "linear-exact"),
    ("show_and_score", "bug-3-run"),
    ("log_evidence", "iwae-loss"),
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_gives_an_exercise_away_that_comes_before_it(students, path):
    cells = read(students / "notebooks" / path.name).cells
    for exercise in EXERCISES.get(path.stem[:2], []):
        place = [cell.id for cell in cells].index(exercise.name)
        solution = grams(exercise.solution.partition("\n")[2]) - grams(exercise.stub)
        for cell in cells[place + 1 :]:
            shared = len(solution & grams(cell.source)) / len(solution) if cell.cell_type == "code" else 0
            harmless = exercise.target or (exercise.name, cell.id) in HARMLESS
            assert shared <= 0.4 or harmless, f"{cell.id} gives {exercise.name} away: say what stands there instead"


def test_what_stands_in_the_place_of_an_answer_must_fit(students):
    changed = [cell for path in NOTEBOOKS for cell in read(path).cells if "student" in cell.metadata]
    assert len(changed) >= 8
    for cell in changed:
        editions.for_students(cell)
    left = [cell for path in NOTEBOOKS for cell in read(students / "notebooks" / path.name).cells]
    assert not [cell.id for cell in left if "student" in cell.metadata]
    cell = nbformat.v4.new_code_cell("a = 1", id="mine", metadata={"student": {"b = 1": "b = 2"}})
    with pytest.raises(OSError, match="cell mine: expected 'b = 1' in it once, for the students' edition"):
        editions.for_students(cell)


def test_its_checkers_work_all_the_same(students):
    said = run_in(
        students,
        "import vae_helpers as vh, inspect\n"
        "vh.check.kl(vh.gaussian_kl)\n"
        "vh.check.kl(lambda mu, logvar: 2 * vh.gaussian_kl(mu, logvar))\n"
        "vh.check.kl.hint()\n"
        "print(vh.check.kl.solution())\n"
        "print(vh.check.even_walk.yours_or().__name__)\n"
        "try: print(inspect.getsource(vh.check.kl._exercise.solve))\n"
        "except OSError: print('no source')\n",
    )
    for part in ("✓ kl: right.", "Hint: Twice as large", "Hint 1 of", "your teacher has the solutions", "no source"):
        assert part in said
    assert said.splitlines()[-2] == "even_walk"


def test_nothing_in_it_leads_to_what_is_not_there(students):
    texts = {path: path.read_text(encoding="utf-8") for path in [students / "README.md", students / "Makefile"]}
    for path in (students / "notebooks").glob("*.ipynb"):
        texts[path] = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    for path, text in texts.items():
        for link in re.findall(r"\]\((?!\w+:|#|attachment:)([^)\s]+)\)", text):
            assert (path.parent / link.partition("#")[0]).exists(), f"{path.name}: {link}"
        targets = ("make test", "make check", "make student", "make solved", "make bench")
        for gone in (*targets, "tests/", "CONTRIBUTING", "-m pytest"):
            assert gone not in text, f"{path.name}: {gone}"


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make on this machine")
def test_its_targets_are_those_of_a_reader(students):
    def make(*words):
        done = subprocess.run(["make", "--no-print-directory", *words], cwd=students, capture_output=True, text=True)
        return done.stdout + done.stderr

    listed = [line.split()[1] for line in make().splitlines()]
    assert {*listed} == {*editions.FOR_STUDENTS}
    assert "No rule to make target 'test'" in make("test")
    assert "jupyterlab" in make("--dry-run", "--old-file=.venv/ready", "lab")


def test_decks_can_be_made_of_it_and_other_editions_cannot(students, tmp_path):
    said = run_in(
        students,
        "from vae_helpers.authoring.notebooks import NOTEBOOKS, read\n"
        "from vae_helpers.authoring.talk_frame import whole_talk\n"
        "for path in NOTEBOOKS:\n"
        "    slides = whole_talk(read(path), path.stem, [own.stem for own in NOTEBOOKS])\n"
        "    assert len(slides) > 5 and not [slide for slide in slides if slide.kind in ('quiz', 'answers')]\n"
        "print('eleven decks' if len(NOTEBOOKS) == 11 else NOTEBOOKS)\n",
    )
    assert said.splitlines()[-1] == "eleven decks"
    command = [sys.executable, "-m", "vae_helpers.authoring", "student", str(tmp_path / "another")]
    environment = os.environ | {"PYTHONPATH": str(students)}
    done = subprocess.run(command, cwd=students, env=environment, capture_output=True, text=True)
    assert done.stderr.strip() == "this is the students' edition: other editions are made of the whole series"
    assert not (tmp_path / "another").exists()


def test_its_exercises_are_the_stubs(students):
    for path in NOTEBOOKS:
        cells = {cell.id: cell.source for cell in read(students / "notebooks" / path.name).cells}
        for exercise in EXERCISES.get(path.stem[:2], []):
            assert cells[exercise.name].startswith(exercise.stub.strip())


def test_nothing_of_a_teacher_s_own_answers_is_left():
    """Of a series in which a teacher has answered, and kept a copy of an exercise."""
    notebook = read(NOTEBOOKS[2])
    answered = next(cell for cell in notebook.cells if cell.id == "kl")
    answered.outputs = [nbformat.v4.new_output("stream", text="✓ kl: right. This is the rate.\n")]
    copied = nbformat.v4.new_code_cell("def kl(mu, logvar): ...", id="mine", metadata={"tags": ["exercise"]})
    notebook.cells.insert(notebook.cells.index(answered), copied)
    editions._without_solutions(notebook)
    assert "mine" not in [cell.id for cell in notebook.cells]
    assert not answered.outputs
    assert {"kl", "kl-task"} <= {cell.id for cell in notebook.cells}


def test_a_folder_that_is_there_is_left(students):
    with pytest.raises(FileExistsError, match="exists already: name a new folder"):
        editions.student(students)


def test_a_teacher_brings_cases_of_her_own(students, tmp_path):
    (tmp_path / "cases.py").write_text(
        "import torch\n\ndef kl():\n    return [{'mu': torch.full((1, 2), 30.0), 'logvar': torch.zeros(1, 2)}]\n"
    )
    code = "import vae_helpers as vh\nvh.check.kl(lambda mu, logvar: vh.gaussian_kl(mu, logvar).clamp(max=800))"
    assert "✓ kl" in run_in(students, code)
    assert "yours     [800]" in run_in(students, code, VAE_HELPERS_CASES=str(tmp_path / "cases.py"))


def test_the_table_has_every_exercise():
    table = editions.table()
    assert all(f"`{exercise.name}`: {exercise.title}" in table for exercise in ALL)
    assert len(table.splitlines()) == 2 + len(ALL)


def test_every_notebook_uses_what_a_reader_wrote():
    for path in NOTEBOOKS:
        own = [exercise.name for exercise in EXERCISES.get(path.stem[:2], [])]
        code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
        assert not own or any(f"vh.check.{name}.yours_or(" in code for name in own), path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", ["deck", "page"])
def test_nothing_of_an_exercise_is_left_on_pages(path, kind):
    notebook, names = read(path), [own.stem for own in NOTEBOOKS]
    if kind == "deck":
        html = pages.deck(notebook, whole_talk(notebook, path.stem, names), path.stem)
    else:
        html = pages.reading_page(notebook, path.stem, dict(zip(names, names, strict=True)))
    words = ("not attempted", "Your turn", "stands in for it", "this runs your", "A solution", "check.progress")
    words = (*words, "yours_or", "your_", ">check<", "(for an exercise)")
    assert not [left for left in words if left in html]


def test_a_page_has_what_stands_for_the_reader_s_function():
    sources = [
        "your_kl, sums = vh.check.kl.yours_or(), vh.check.error_per_image.yours_or(sum)\nnet.draw = "
        "vh.check.sample_posterior.yours_or(net.draw)\nimport sympy  # (for an exercise)\nprint(your_kl(1), your_x)",
        "vh.check.kl.yours_or()(2) + your_kl(3)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="○ your kl is not there yet: …\n")]
    first, second = without_exercises(notebook).cells
    assert first.source == f"{KL.solution.strip()}\n\nsums = sum\nprint(kl(1), your_x)"
    assert second.source == "kl(2) + kl(3)"
    assert first.outputs == []
    assert notebook.cells[0].source == sources[0]
