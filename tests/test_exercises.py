"""The exercises: each is run unsolved, solved, and with each known mistake; and stands in its notebook as it should."""

import copy
import dataclasses
import time

import numpy as np
import pytest
import torch
from notebook_tools import NOTEBOOKS, fill_exercises

import vae_helpers as vh
from vae_helpers.exercises import EXERCISES, Exercise, checker
from vae_helpers.exercises.checker import Check, define

ALL = [exercise for own in EXERCISES.values() for exercise in own]
each_exercise = pytest.mark.parametrize("exercise", ALL, ids=[exercise.name for exercise in ALL])
each_mistake = pytest.mark.parametrize(
    ("exercise", "hint", "code"),
    [(exercise, *mistake) for exercise in ALL for mistake in exercise.mistakes],
    ids=[f"{exercise.name}-{k}" for exercise in ALL for k in range(len(exercise.mistakes))],
)


def verdict(exercise, answer, capsys):
    """What the checker prints of an answer."""
    getattr(vh.check, exercise.name)(answer)
    return capsys.readouterr().out


# the exercises


@each_exercise
def test_a_stub_is_not_attempted_yet(exercise, capsys):
    for unsolved in (define(exercise, exercise.stub), None, ...):
        assert verdict(exercise, unsolved, capsys) == f"○ {exercise.name}: not attempted yet\n"


@each_exercise
def test_a_solution_is_right_in_torch_numpy_and_any_precision(exercise, capsys):
    solution = define(exercise, exercise.solution)

    def as_numpy(*values):
        found = solution(*values)
        return found.double().numpy() if torch.is_tensor(found) and not found.requires_grad else found

    for answer in (solution, as_numpy):
        assert verdict(exercise, answer, capsys) == f"✓ {exercise.name}: right. {exercise.right}\n"


@each_mistake
def test_a_known_mistake_is_refused_with_its_own_hint(exercise, hint, code, capsys):
    said = verdict(exercise, define(exercise, code), capsys)
    assert said.startswith(f"✗ {exercise.name}: ")
    assert said.endswith(f"Hint: {hint}\n")


@each_exercise
@pytest.mark.parametrize("nonsense", [0.0, float("nan"), "words", [[1.0], [2.0, 3.0]]], ids=str)
def test_nonsense_gets_a_sentence(exercise, nonsense, capsys):
    said = verdict(exercise, lambda *values: nonsense, capsys)
    assert said.startswith(f"✗ {exercise.name}: ")
    assert "Traceback" not in said


@each_exercise
def test_an_answer_that_raises_gets_a_sentence(exercise, capsys):
    said = verdict(exercise, lambda *values: 1 / 0, capsys)
    assert "the answer raised ZeroDivisionError: division by zero" in said


@each_exercise
def test_an_exercise_tells_what_it_wants(exercise):
    assert exercise.name.isidentifier()
    assert exercise.title
    assert exercise.title[-1] not in ".:?!"
    assert exercise.right.endswith(".")
    assert len(exercise.cases()) >= 2
    assert exercise.mistakes
    assert "..." in exercise.stub
    assert f"def {exercise.name}(" in exercise.stub


def test_names_are_used_once():
    names = [exercise.name for exercise in ALL]
    assert len(set(names)) == len(names)
    assert "progress" not in names


# the notebooks


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_its_exercises_as_they_are_defined(published, path):
    notebook = published(path)
    names = [cell.id for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    assert sorted(names) == sorted(exercise.name for exercise in EXERCISES.get(path.name[:2], []))
    filled = copy.deepcopy(notebook)
    assert fill_exercises(filled) == [], "this cell holds an answer"
    assert filled == notebook, "run `make notebooks`"
    if names:
        assert 3 <= len(names) <= 5
        assert notebook.cells[-1].source == "vh.check.progress()"


# the checker


DOUBLE = Exercise(
    name="double",
    title="Twice as much",
    task="Double it.",
    stub="def double(x):\n    ...\n",
    solution="def double(x):\n    return 2 * x\n",
    right="Good.",
    cases=lambda: [{"x": torch.randn(3)}, {"x": torch.randn(2, 2)}],
    mistakes=(("a square", "def double(x):\n    return x**2\n"),),
)


@pytest.fixture
def double(capsys):
    """Checks an answer to DOUBLE and returns what is printed."""
    check = Check({"01": [DOUBLE]})

    def judged(answer):
        check.double(answer)
        return capsys.readouterr().out

    judged.check = check
    return judged


def test_any_right_answer_will_do(double):
    for answer in (
        lambda x: x + x,
        lambda y: 2 * y,
        lambda x: 2 * x.double(),
        lambda x: 2 * x.numpy(),
        lambda x: (2 * x).tolist(),
        lambda x: x.mul_(2),  # the inputs are the answer's own
        lambda x: (2 * x).requires_grad_(),
    ):
        assert double(answer) == "✓ double: right. Good.\n"


def test_a_wrong_answer_is_told_the_input_what_it_gave_and_what_is_wanted(double):
    said = double(lambda x: 3 * x)
    torch.manual_seed(0)
    x = torch.randn(3).numpy()
    for values in (x, 3 * x, 2 * x):
        assert np.array2string(values, precision=4, separator=", ") in said
    assert "Hint" not in said
    assert "Hint: a square" in double(lambda x: x * x)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda x: x.sum(), "has shape (), (3,) is wanted"),
        (lambda x: x.numpy()[:2], "has shape (2,), (3,) is wanted"),
        (lambda x: x / 0, "with NaN or infinity in it"),
        (lambda x: "2 x", "returned something of type str; numbers are wanted"),
        (lambda x: {"x": x}, "returned something of type dict"),
        (lambda x: x.nothing, "raised AttributeError"),
        (lambda: 1, "raised TypeError"),
        (3, "a function is wanted, got something of type int"),
        (torch.ones(3), "a function is wanted, got something of type Tensor"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(double, answer, told):
    said = double(answer)
    assert said.startswith("✗ double: ")
    assert told in said


def test_an_answer_that_fails_on_a_later_input_is_told_the_first_that_it_gets_wrong(double):
    said = double(lambda x: 3 * x if x.ndim == 1 else 1 / 0)
    assert "is wanted" in said
    assert "ZeroDivisionError" not in said


def test_an_answer_that_says_it_is_not_implemented_is_not_attempted(double):
    def answer(x):
        raise NotImplementedError

    assert double(answer) == "○ double: not attempted yet\n"


def test_an_answer_that_takes_too_long_is_stopped(double, monkeypatch):
    monkeypatch.setattr(checker, "SECONDS", 0.2)

    def slow(x):
        while True:
            time.sleep(0.01)

    assert "takes more than 0.2 seconds" in double(slow)
    assert double(lambda x: 2 * x).startswith("✓")


def test_the_stop_button_stops_the_checker(double):
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        double(stopped)


def test_checking_leaves_the_random_numbers_alone(double):
    state = torch.random.get_rng_state()
    double(lambda x: 2 * x + 0 * torch.randn(x.shape))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_an_unknown_exercise_is_named(double):
    with pytest.raises(AttributeError, match="no exercise is called 'triple'; there are double"):
        double.check.triple(None)
    assert set(dir(double.check)) == {"double", "progress"}


def test_progress_tells_what_is_done_of_the_notebooks_that_were_worked_on(capsys):
    check = Check({"01": [DOUBLE], "02": [dataclasses.replace(DOUBLE, name="again")]})
    check.progress()
    assert capsys.readouterr().out == "no exercise has been checked yet\n"
    check.double(lambda x: 2 * x)
    capsys.readouterr()
    check.progress()
    assert capsys.readouterr().out == "01: 1 of 1 done   ✓ double\n"
    check.double(None)
    capsys.readouterr()
    check.progress()
    assert capsys.readouterr().out == "01: 0 of 1 done   ○ double\n"
