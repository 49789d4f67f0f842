"""The exercises: each is run unsolved, solved, and with each known mistake; and stays in its notebook as it is here."""

import ast
import builtins
import copy
import math
import pydoc
from pathlib import Path

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers import exercises
from vae_helpers.authoring.answers import fill_exercises
from vae_helpers.authoring.notebooks import NOTEBOOKS
from vae_helpers.exercises import EXERCISES
from vae_helpers.exercises.all_checks import Check
from vae_helpers.exercises.exercise import KINDS

ALL = [exercise for own in EXERCISES.values() for exercise in own]
JUDGED = [exercise for exercise in ALL if not exercise.target]  # against the solution
each_judged = pytest.mark.parametrize("exercise", JUDGED, ids=[exercise.name for exercise in JUDGED])
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
    names = {"torch": torch, "np": np, "math": math}
    exec(exercise.stub, names)
    for stub in (names[exercise.name], ...):
        assert verdict(exercise, stub, capsys) == f"○ {exercise.name}: not attempted yet\n"


@each_judged
def test_nothing_else_is_taken_for_the_stub(exercise, capsys):
    def not_implemented(*values):
        raise NotImplementedError

    assert "did you forget `return`?" in verdict(exercise, lambda *values: None, capsys)
    assert "raised NotImplementedError" in verdict(exercise, not_implemented, capsys)
    assert "expected a function, got a NoneType" in verdict(exercise, None, capsys)


@each_judged
def test_a_solution_is_right_in_torch_numpy_and_any_precision(exercise, capsys):
    def in_double(*values):
        found = exercise.solve(*values)
        return found.double() if torch.is_tensor(found) else found

    def rounded(*values):
        found = exercise.solve(*values)
        return found.bfloat16() if torch.is_tensor(found) else found

    def as_numpy(*values):
        found = exercise.solve(*values)
        return found.numpy() if torch.is_tensor(found) else found

    answers = [exercise.solve, in_double, rounded]
    for answer in answers if exercise.trains or exercise.known else [*answers, as_numpy]:
        assert verdict(exercise, answer, capsys) == f"✓ {exercise.name}: right. {exercise.right}\n"


@each_mistake
def test_a_known_mistake_is_refused_with_its_own_hint(exercise, mistake, capsys):
    message = verdict(exercise, mistake, capsys)
    assert message.startswith(f"✗ {exercise.name}: ")
    assert message.endswith(f"Hint: {hint_of(mistake)}\n")


@each_judged
def test_mistakes_are_described_in_sentences_that_differ(exercise):
    assert all(mistake.__doc__ for mistake in exercise.mistakes)
    hints = [hint_of(mistake) for mistake in exercise.mistakes]
    assert len(set(hints)) == len(hints) > 0
    assert all(hint[-1] in ".?" for hint in hints)


@each_exercise
def test_hints_come_in_steps_and_then_the_solution(exercise, capsys):
    checker = getattr(Check({"01": [exercise]}), exercise.name)
    assert len(exercise.hints) >= 2
    for number, hint in enumerate(exercise.hints, 1):
        checker.hint()
        assert capsys.readouterr().out == f"Hint {number} of {len(exercise.hints)}: {hint}\n"
    checker.hint()
    assert f"vh.check.{exercise.name}.solution()" in capsys.readouterr().out
    shown = checker.solution()
    assert exercise.solution.strip() in shown
    assert exercise.derivation.strip() in shown
    assert shown._repr_markdown_() == repr(shown) == shown


@each_exercise
def test_help_gives_the_task_and_what_can_be_called(exercise):
    checker = getattr(vh.check, exercise.name)
    said = pydoc.render_doc(checker, renderer=pydoc.plaintext)
    assert " ".join(exercise.task.split())[:40] in " ".join(said.split())
    assert f"vh.check.{exercise.name}.hint()" in said
    assert repr(checker) == f"vh.check.{exercise.name}: {exercise.title}"


@each_judged
@pytest.mark.parametrize(
    "nonsense", [0.0, float("nan"), "0.5", [[1.0], [2.0, 3.0]], 1j, {"a": 1}, torch.ones(2, 2, 2) + 1j], ids=str
)
def test_nonsense_gets_a_sentence(exercise, nonsense, capsys):
    message = verdict(exercise, lambda *values: nonsense, capsys)
    assert message.startswith(f"✗ {exercise.name}: ")
    assert "Traceback" not in message


@each_judged
def test_an_answer_that_raises_gets_a_sentence_with_its_line(exercise, capsys):
    message = verdict(exercise, lambda *values: 1 / 0, capsys)
    assert "raised ZeroDivisionError: division by zero, in the line `" in message


@each_exercise
def test_an_exercise_says_what_it_asks_for(exercise):
    assert exercise.title
    assert exercise.title[-1] not in ".:?!"
    assert exercise.task
    assert exercise.right.endswith(".")
    assert exercise.idea
    assert exercise.kind in KINDS
    assert exercise.minutes > 0
    assert exercise.difficulty in (1, 2, 3)
    assert len(exercise.cases()) >= 2


@each_exercise
def test_stub_and_solution_are_code_that_a_notebook_can_run(exercise):
    stubs, (solution,) = ast.parse(exercise.stub).body, ast.parse(exercise.solution).body
    assert stubs[0].name == solution.name == exercise.name
    arguments = [argument.arg for argument in solution.args.args]
    assert [argument.arg for argument in stubs[0].args.args] == arguments
    assert all(list(case) == arguments for case in exercise.cases())
    assert "..." in exercise.stub or exercise.kind == "mend"
    assert "  # " in exercise.stub.splitlines()[0], "it should give the shapes"
    names = [node for node in ast.walk(solution) if isinstance(node, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}.union(arguments)
    own |= {node.arg for node in ast.walk(solution) if isinstance(node, ast.arg)}
    own |= {node.name for node in ast.walk(solution) if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    assert {name.id for name in names} - own - set(dir(builtins)) <= {"torch", "np", "math", "sympy", "vh"}


def test_names_are_used_once():
    names = [exercise.name for exercise in ALL]
    assert len(set(names)) == len(names)
    assert "progress" not in names


def test_no_exercise_is_forgotten():
    files = {path.stem for path in Path(exercises.__file__).parent.glob("*/[!_]*.py")}
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
