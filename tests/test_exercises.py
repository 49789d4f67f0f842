"""The exercises: each is run unsolved, solved, and with each known mistake; and stays in its notebook as it is here."""

import ast
import builtins
import copy
import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers.authoring.answers import fill_exercises
from vae_helpers.authoring.notebooks import NOTEBOOKS
from vae_helpers.exercises import EXERCISES, Exercise, checker
from vae_helpers.exercises.checker import Check

ALL = [exercise for own in EXERCISES.values() for exercise in own]
each_exercise = pytest.mark.parametrize("exercise", ALL, ids=[exercise.name for exercise in ALL])
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(exercise, mistake) for exercise in ALL for mistake in exercise.mistakes],
    ids=[f"{exercise.name}-{mistake.__name__}" for exercise in ALL for mistake in exercise.mistakes],
)


def verdict(exercise, answer, capsys):
    """What the checker prints of an answer."""
    getattr(vh.check, exercise.name)(answer)
    return capsys.readouterr().out


def hint_of(mistake):
    """The docstring of a mistake, on one line."""
    return " ".join(mistake.__doc__.split())


# the exercises


@each_exercise
def test_a_stub_is_not_attempted_yet(exercise, capsys):
    for unsolved in (exercise.unsolved or (lambda *values: None), None, ...):
        assert verdict(exercise, unsolved, capsys) == f"○ {exercise.name}: not attempted yet\n"


@each_exercise
def test_a_solution_is_right_in_torch_numpy_and_any_precision(exercise, capsys):
    def as_numpy(*values):
        found = exercise.solve(*values)
        return found.double().numpy() if torch.is_tensor(found) and not found.requires_grad else found

    for answer in (exercise.solve, as_numpy):
        assert verdict(exercise, answer, capsys) == f"✓ {exercise.name}: right. {exercise.right}\n"


@each_mistake
def test_a_known_mistake_is_refused_with_its_own_hint(exercise, mistake, capsys):
    message = verdict(exercise, mistake, capsys)
    assert message.startswith(f"✗ {exercise.name}: ")
    assert message.endswith(f"Hint: {hint_of(mistake)}\n")


@each_exercise
def test_hints_are_sentences_and_differ(exercise):
    assert all(mistake.__doc__ for mistake in exercise.mistakes)
    hints = [hint_of(mistake) for mistake in exercise.mistakes]
    assert len(set(hints)) == len(hints) > 0
    assert all(hint[-1] in ".?" for hint in hints)


@each_exercise
@pytest.mark.parametrize("nonsense", [0.0, float("nan"), "words", [[1.0], [2.0, 3.0]]], ids=str)
def test_nonsense_gets_a_sentence(exercise, nonsense, capsys):
    message = verdict(exercise, lambda *values: nonsense, capsys)
    assert message.startswith(f"✗ {exercise.name}: ")
    assert "Traceback" not in message


@each_exercise
def test_an_answer_that_raises_gets_a_sentence(exercise, capsys):
    message = verdict(exercise, lambda *values: 1 / 0, capsys)
    assert "your answer raised ZeroDivisionError: division by zero" in message


@each_exercise
def test_an_exercise_says_what_it_asks_for(exercise):
    assert exercise.title
    assert exercise.title[-1] not in ".:?!"
    assert exercise.task
    assert exercise.right.endswith(".")
    assert len(exercise.cases()) >= 2


@each_exercise
def test_stub_and_solution_are_code_that_a_notebook_can_run(exercise):
    (stub,), (solution,) = ast.parse(exercise.stub).body, ast.parse(exercise.solution).body
    assert stub.name == solution.name == exercise.name
    arguments = [argument.arg for argument in solution.args.args]
    assert [argument.arg for argument in stub.args.args] == arguments
    assert all(list(case) == arguments for case in exercise.cases())
    assert "..." in exercise.stub
    assert "  # " in exercise.stub.splitlines()[0], "it should give the shapes"
    names = [node for node in ast.walk(solution) if isinstance(node, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}.union(arguments)
    assert {name.id for name in names} - own - set(dir(builtins)) <= {"torch", "np", "math"}


def test_names_are_used_once():
    names = [exercise.name for exercise in ALL]
    assert len(set(names)) == len(names)
    assert "progress" not in names


def test_no_exercise_is_forgotten():
    files = {path.stem for path in Path(checker.__file__).parent.glob("*/[!_]*.py")}
    assert files == {exercise.name for exercise in ALL}


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


def double(x):  # any shape => the same
    return 2 * x


DOUBLE = Exercise(
    double,
    title="Twice as much",
    task="Double it.",
    right="Good.",
    cases=lambda: [{"x": torch.randn(3)}, {"x": torch.randn(2, 2)}],
)


@DOUBLE.mistake
def square(x):
    """A square,
    and not the double.
    """
    return x**2


def again(x):  # any shape => the same
    return 2 * x


@pytest.fixture
def judged(capsys):
    """Checks an answer to DOUBLE and returns what is printed."""
    check = Check({"01": [DOUBLE]})

    def judged(answer):
        check.double(answer)
        return capsys.readouterr().out

    judged.check = check
    return judged


def test_the_texts_of_an_exercise_are_the_source_of_its_functions():
    assert DOUBLE.name == "double"
    assert DOUBLE.stub == "def double(x):  # any shape => the same\n    ...\n"
    assert DOUBLE.solution == "def double(x):\n    return 2 * x\n"
    with_more = dataclasses.replace(DOUBLE, unsolved=again)
    assert with_more.stub == "def double(x):  # any shape => the same\n    return 2 * x\n"


def test_any_right_answer_will_do(judged):
    for answer in (
        lambda x: x + x,
        lambda y: 2 * y,
        lambda x: 2 * x.double(),
        lambda x: 2 * x.numpy(),
        lambda x: (2 * x).tolist(),
        lambda x: x.mul_(2),  # the inputs are the answer's own
        lambda x: (2 * x).requires_grad_(),
    ):
        assert judged(answer) == "✓ double: right. Good.\n"


def test_a_wrong_answer_gets_the_input_what_it_gave_and_what_was_expected(judged):
    message = judged(lambda x: 3 * x)
    torch.manual_seed(0)
    x = torch.randn(3).numpy()
    for values in (x, 3 * x, 2 * x):
        assert np.array2string(values, precision=4, separator=", ") in message
    assert "Hint" not in message
    assert judged(lambda x: x * x).endswith("\n  Hint: A square, and not the double.\n")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda x: x.sum(), "your answer has shape (); expected (3,)."),
        (lambda x: x.numpy()[:2], "your answer has shape (2,); expected (3,)."),
        (lambda x: x / 0, "with NaN or infinity in it; expected ["),
        (lambda x: "2 x", "your answer returned a str; expected numbers, as a tensor or an array"),
        (lambda x: {"x": x}, "your answer returned a dict; expected numbers"),
        (lambda x: x.nothing, "raised AttributeError"),
        (lambda: 1, "raised TypeError"),
        (3, "expected a function, got an int: pass double and not double(…)"),
        (torch.ones(3), "expected a function, got a Tensor: pass double"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(judged, answer, expected):
    message = judged(answer)
    assert message.startswith("✗ double: ")
    assert expected in message


def test_an_answer_that_fails_on_a_later_input_is_refused_for_the_first_that_it_gets_wrong(judged):
    for later in (lambda: 1 / 0, lambda: None):
        message = judged(lambda x, later=later: 3 * x if x.ndim == 1 else later())
        assert "; expected [" in message
        assert "ZeroDivisionError" not in message


def test_an_answer_that_says_it_is_not_implemented_is_not_attempted(judged):
    def answer(x):
        raise NotImplementedError

    assert judged(answer) == "○ double: not attempted yet\n"


def test_an_answer_that_takes_too_long_is_stopped(judged, monkeypatch):
    monkeypatch.setattr(checker, "SECONDS", 0.2)

    def slow(x):
        while True:
            time.sleep(0.01)

    assert "your answer takes more than 0.2 seconds" in judged(slow)
    assert judged(lambda x: 2 * x).startswith("✓")


def test_the_stop_button_stops_the_checker(judged):
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(stopped)


def test_checking_leaves_the_random_numbers_alone(judged):
    state = torch.random.get_rng_state()
    judged(lambda x: 2 * x + 0 * torch.randn(x.shape))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_an_unknown_exercise_is_named(judged):
    with pytest.raises(AttributeError, match="no exercise is called 'triple'; there are double"):
        judged.check.triple(None)
    assert {name for name in dir(judged.check) if not name.startswith("_")} == {"double", "progress"}
    assert copy.copy(judged.check).double


def test_progress_lists_what_is_done_of_the_notebooks_that_were_worked_on(capsys):
    check = Check({"01": [DOUBLE], "02": [dataclasses.replace(DOUBLE, solve=again)]})
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
