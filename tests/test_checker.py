"""The checker itself, on an exercise of one line: what it says of any kind of answer, and what it keeps."""

import copy
import dataclasses
import json
import os
import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_helpers.exercises import running
from vae_helpers.exercises.all_checks import Check
from vae_helpers.exercises.checker import cases_of_a_teacher
from vae_helpers.exercises.exercise import Case, Exercise
from vae_helpers.exercises.record import Record


def double(x):  # any shape => the same
    return 2 * x


def again(x):  # any shape => the same
    return 2 * x


DOUBLE = Exercise(
    double,
    title="Twice as much",
    task="Double it.",
    right="Good.",
    cases=lambda: [{"x": torch.randn(3)}, {"x": torch.randn(2, 2)}, Case("many", x=torch.randn(4, 5))],
    hints=("Once more.", "And again."),
    idea="doubling",
    minutes=1,
    difficulty=1,
)


@DOUBLE.mistake
def square(x):
    """A square,
    and not the double.
    """
    return x**2


@pytest.fixture
def judged(capsys, tmp_path):
    """Checks an answer to DOUBLE, or another exercise, and returns what is printed."""

    def judged(answer, exercise=DOUBLE):
        judged.check = Check({"01": [exercise]}, Record(tmp_path / "progress"))
        getattr(judged.check, exercise.name)(answer)
        return capsys.readouterr().out

    return judged


def lines(message):
    """The words behind given, yours and expected, and the sentence after them."""
    rows = [line.split(maxsplit=1) for line in message.splitlines()[1:4]]
    assert [row[0] for row in rows] == ["given", "yours", "expected"]
    return [row[1] for row in rows], " ".join(message.splitlines()[4:]).strip()


def test_the_texts_of_an_exercise_are_the_source_of_its_functions():
    assert DOUBLE.name == "double"
    assert DOUBLE.stub == "def double(x):  # any shape => the same\n    return ...\n"
    assert DOUBLE.solution == "def double(x):\n    return 2 * x\n"
    with_more = dataclasses.replace(DOUBLE, unsolved=again)
    assert with_more.stub == "def double(x):  # any shape => the same\n    return 2 * x\n"


class Twice:
    def __call__(self, x):
        return self.of(x)

    @staticmethod
    def of(x):
        return x * 2


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: x + x,
        lambda y: 2 * y,
        lambda *, x: 2 * x,
        lambda **named: 2 * named["x"],
        lambda *values: 2 * values[0],
        lambda x, factor=2: factor * x,
        lambda x: 2 * x.double(),
        lambda x: 2 * x.bfloat16(),
        lambda x: 2 * x.half(),
        lambda x: 2 * x.numpy(),
        lambda x: (2 * x).tolist(),
        lambda x: list(2 * x),
        lambda x: np.array([[float(v)] for v in (2 * x).flatten()], dtype=object).reshape(x.shape),
        lambda x: (2 * x).requires_grad_(),
        lambda x: x.clone().mul_(2),
        lambda x: (print("on the way"), 2 * x)[1],
        Twice(),
        Twice().of,
        Twice.of,
    ],
)
def test_any_right_answer_will_do(judged, answer):
    assert judged(answer).endswith("✓ double: right. Good.\n")


def test_a_wrong_answer_gets_three_short_lines_and_a_hint_if_it_is_known(judged):
    (given, yours, expected), sentence = lines(judged(lambda x: x * x))
    assert given.startswith("x = [")
    assert all(len(values.strip("[]").split(", ")) == 3 for values in (yours, expected))
    assert sentence == "Hint: A square, and not the double."


def test_of_a_large_array_the_first_place_that_differs_is_named(judged):
    large = dataclasses.replace(DOUBLE, cases=lambda: [{"x": torch.ones(5, 7)}] * 2)

    def two_places(x):
        y = 2 * x
        y[2, 3], y[4, 0] = 9.0, 9.0
        return y

    (given, yours, expected), _ = lines(judged(two_places, large))
    assert given == "x = an array of shape (5, 7)"
    assert yours == "at [2, 3] 9"
    assert expected == "at [2, 3] 2 (the first of 2 of 35 numbers differ)"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: 3 * x, "Everywhere, yours is 1.5 times what is expected."),
        (lambda x: 2 * x * 784, "Everywhere, yours is 784 times what is expected."),
        (lambda x: -2 * x, "The sign is turned, and nothing else."),
        (lambda x: 2 * x + 1, "Everywhere, yours is 1 too large."),
        (lambda x: 4 * x**2, "Yours are the squares of the numbers that are expected."),
        (
            lambda x: (2 * x).clamp(min=0),
            "Right where a positive number is expected. Where a negative one is, yours is 0.",
        ),
        (lambda x: 2 * x.flip(-1), "The right numbers, with the last axis reversed."),
        (lambda x: 2 * x[..., None], "The numbers are right, with an axis of length 1 too many or too few."),
        (lambda x: (2 * x).mean(), "Yours is the average of the numbers that are expected: keep them apart."),
        (lambda x: torch.stack([x, x]), "If yours were added up along axis 0, it would be right."),
        (lambda x: (-x).log(), None),
        (lambda x: 2 * x.exp(), "That would be right if exp(`x`) stood there."),
        (lambda x: 2 * x if len(x) < 4 else x, "Right for all inputs but many."),
    ],
)
def test_a_wrong_answer_that_nobody_foresaw_gets_a_fact(judged, answer, sentence):
    _, said = lines(judged(answer))
    assert said == sentence or (sentence is None and "NaN or infinite" in said)


def test_what_depends_on_a_size_is_named(judged):
    sized = dataclasses.replace(DOUBLE, cases=lambda: [{"x": torch.randn(n, 2)} for n in (3, 4, 7)])
    assert lines(judged(lambda x: 2 * x / len(x), sized))[1] == (
        "Yours is what is expected, divided by the length of `x`'s axis 0."
    )


def add(a, b):
    return a + 2 * b


ADD = dataclasses.replace(
    DOUBLE,
    solve=add,
    cases=lambda: [{"a": torch.randn(n), "b": torch.randn(n)} for n in (3, 4)],
    terms={"the a": lambda a, b: a, "the b": lambda a, b: 2 * b},
)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda a, b: a + b, "the a is right; the b is 0.5 times what it should be."),
        (lambda a, b: a - 2 * b, "the a is right; the b has the wrong sign."),
        (lambda a, b: 2 * b, "the b is right; the a is missing."),
        (lambda a, b: a, "Yours is `a`, unchanged."),
        (lambda a, b: b + 2 * a, "That would be right with `a` and `b` swapped."),
        (lambda a, b: a**3 + a, "Your answer does not depend on `b`."),
    ],
)
def test_the_term_that_is_off_is_named(judged, answer, sentence):
    assert lines(judged(answer, ADD))[1] == sentence


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda x: x.sum(), "yours     shape (): "),
        (lambda x: x.numpy()[:2], "expected  shape (3,)"),
        (lambda x: "2 x", "yours     a str, '2 x'; expected numbers"),
        (lambda x: ["2", "3", "4"], "a str, '2'; expected numbers"),
        (lambda x: 2 * x + 0j, "yours     complex numbers; expected numbers"),
        (lambda x: (2 * x).numpy() + 0j, "yours     complex numbers; expected numbers"),
        (lambda x: {"x": x}, "yours     a dict; expected numbers"),
        (lambda x: (2 * v for v in x), "yours     a generator; expected numbers"),
        (lambda x: x.nothing, "yours     raised AttributeError"),
        (lambda: 1, "yours     raised TypeError"),
        (lambda x: print(x), "yours     None: did you forget `return`?"),
        (lambda x: (x, ...)[1], "yours     `...`: put what you return in its place"),
        (
            lambda x: np.testing.assert_allclose(x, 2 * x),
            "raised AssertionError: Not equal to tolerance rtol=1e-07, atol=0,",
        ),
        (
            lambda x: x.nothing_of_this_name_is_here_however_long_one_looks_for_it_in_the_list_of_names_that_torch_has,
            "…, in",
        ),
        (lambda x: sys.exit(), "yours     would end Python: leave out the exit()"),
        (lambda x: x.mul_(2), "yours     changed `x` itself"),
        (3, "expected a function, got an int: pass double and not double(…)"),
        (torch.ones(3), "expected a function, got a Tensor: pass double"),
        (None, "expected a function, got a NoneType: pass double"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(judged, answer, expected):
    message = judged(answer)
    assert "✗ double: " in message
    assert expected in message


def test_a_gap_that_is_left_is_pointed_out(judged):
    def half_done(x):
        y = 2 * x
        return torch.nn.functional.relu(...) + y

    assert "(is there still a `...` in it?), in the line `return torch" in judged(half_done)


def test_a_stub_to_which_something_was_done_is_no_stub(judged):
    def double(x):
        """With a docstring."""
        return ...

    def started(x):
        y = 2 * x  # noqa: F841
        return ...

    for answer in (double, started):
        assert judged(answer).startswith("✗ double: not right yet")


def test_the_line_that_raised_is_shown(judged):
    def answer(x):
        y = 2 * x
        return y / nothing  # noqa: F821

    assert "in the line `return y / nothing" in judged(answer)


def test_an_answer_that_fails_on_a_later_input_is_refused_for_the_first_that_it_gets_wrong(judged):
    for later in (lambda: 1 / 0, lambda: None):
        message = judged(lambda x, later=later: 3 * x if x.ndim == 1 else later())
        assert "expected  [" in message
        assert "ZeroDivisionError" not in message


def test_one_number_may_come_in_an_array(judged):
    total = dataclasses.replace(DOUBLE, solve=lambda x: x.sum())
    for answer in (lambda x: x.sum().reshape(1), lambda x: [float(x.sum())]):
        assert "right. Good." in judged(answer, dataclasses.replace(total, solve=total_of))


def total_of(x):
    return x.sum()


def test_whole_numbers_are_exact(judged):
    exact = dataclasses.replace(DOUBLE, cases=lambda: [{"x": 100_000}, {"x": 3}], tolerance=0)
    assert judged(lambda x: float(2 * x), exact).startswith("✓")
    assert lines(judged(lambda x: 2 * x + 5, exact))[0] == ["x = 100000", "200005", "200000"]
    assert judged(lambda x: 2 * x + 1e-6, exact).startswith("✗")


def test_an_answer_that_trains_has_the_solutions_gradients(judged):
    trained = dataclasses.replace(DOUBLE, trains=("x",))
    assert judged(lambda x: x + x, trained).startswith("✓")
    for answer in (
        lambda x: 2 * x.detach(),
        lambda x: torch.tensor((2 * x).tolist()),
        lambda x: 2 * x.numpy(),
        torch.no_grad()(lambda x: 2 * x),
    ):
        message = judged(answer, trained)
        assert "the numbers are right, but no gradient reaches `x`" in message, message
    assert "their gradient by `x` is not" in judged(lambda x: x + x.detach(), trained)


def test_two_calls_with_the_same_input_give_the_same(judged):
    calls = []

    def forgetful(x):
        calls.append(x)
        return 2 * x + (len(calls) > 3)

    assert "two calls with the same input gave two results" in judged(forgetful)


# a teacher's own cases


def test_a_teacher_s_cases_may_name_the_arguments_in_any_order(capsys):
    check = Check({"01": [ADD]}, Record(Path(os.devnull)), lambda name: [{"b": torch.ones(2), "a": torch.zeros(2)}])
    check.add(lambda a, b: a + 2 * b)
    assert capsys.readouterr().out.startswith("✓")
    check.add(lambda a, b: a + 2 * b if a.any() else 2 * a + b)
    assert lines(capsys.readouterr().out)[0] == ["a = [0, 0], b = [1, 1]", "[1, 1]", "[2, 2]"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "FileNotFoundError"),
        ("def add():\n    return 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("def add():\n    return [{'a': 1}]\n", "A case of the teacher's file has a; expected a, b"),
        ("def add():\n    return [5]\n", "expected a dict of a, b, got 5"),
        ("def add():\n    return 5\n", "TypeError: 'int' object is not iterable"),
        ("def add():\n    return [{'a': 'one', 'b': 2}]\n", "does not fit, since the solution raises TypeError"),
        ("raise SystemExit(3)\n", "SystemExit: 3"),
        ("<html>\n", "SyntaxError"),
    ],
)
def test_cases_that_cannot_be_used_get_one_sentence(file, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VAE_HELPERS_CASES", str(tmp_path / "cases.py"))
    if file:
        (tmp_path / "cases.py").write_text(file)
    Check({"01": [ADD]}, Record(tmp_path / "progress"), cases_of_a_teacher).add(add)
    said = capsys.readouterr().out
    assert said.startswith("✗ add: not checked. ")
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "progress").exists()


# answers that do not end


def sleeps(x):
    while True:
        time.sleep(0.01)


def catches_everything(x):
    while True:
        try:  # noqa: SIM105
            time.sleep(0.001)
        except:  # noqa: E722
            pass


def catches_it_twice(x):
    while True:
        try:
            try:
                while True:
                    x = x + 1
            except:  # noqa: E722
                x = x + 2
        except BaseException:
            x = x + 3
        finally:
            x = x + 4


def gives_up(x):
    try:
        while True:
            x = x + 1
    except:  # noqa: E722
        return 2 * x


@pytest.mark.parametrize("answer", [sleeps, catches_everything, catches_it_twice, gives_up])
def test_an_answer_that_does_not_end_is_stopped(judged, answer, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    assert "took more than 0.2 seconds. Is there a loop that does not end?" in judged(answer)
    assert judged(lambda x: 2 * x).startswith("✓")


def test_the_stop_button_stops_the_checker(judged):
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(stopped)


def test_checking_leaves_the_random_numbers_alone(judged):
    state, numpy_state = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    judged(lambda x: 2 * x + 0 * torch.randn(x.shape) + 0 * np.random.rand())  # noqa: NPY002
    assert torch.equal(torch.random.get_rng_state(), state)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002


def test_a_slow_answer_is_not_tried_again_and_again(judged, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.5)
    calls = []

    def slow(x):
        time.sleep(0.3)
        calls.append(x)
        return 3 * x

    lines(judged(slow, dataclasses.replace(DOUBLE, cases=lambda: [{"x": torch.randn(3)}] * 9)))
    assert 2 <= len(calls) <= 3


def test_an_answer_that_ends_python_while_it_is_looked_at_is_survived(judged):
    for ends in (sys.exit, lambda: 1 / 0):
        noticing = dataclasses.replace(DOUBLE, notice=lambda answer, ends=ends: ends())
        assert lines(judged(lambda x: 3 * x, noticing))[1] == "Everywhere, yours is 1.5 times what is expected."


# what is kept


def test_an_unknown_exercise_is_named(judged):
    judged(double)
    with pytest.raises(AttributeError, match="no exercise is called 'triple'; there are double"):
        judged.check.triple(None)
    assert {name for name in dir(judged.check) if not name.startswith("_")} == {"double", "progress"}
    assert copy.deepcopy(judged.check).double


@pytest.fixture
def series(tmp_path):
    """Makes a checker of two notebooks, as a new kernel does, whose record is kept in one file."""
    exercises = {"01": [DOUBLE], "02": [dataclasses.replace(DOUBLE, solve=again), ADD]}

    def series(path=tmp_path / "progress"):
        return Check(exercises, Record(path))

    return series


def progress(check, capsys):
    capsys.readouterr()
    check.progress()
    return capsys.readouterr().out.splitlines()


def test_progress_is_kept_and_tells_right_tried_and_untouched_apart(series, capsys):
    assert progress(series(), capsys) == ["01: 0 of 1   ○ double", "02: 0 of 2   ○ again  ○ add"]
    first = series()
    first.double(double)
    first.again(lambda x: x)
    assert progress(series(), capsys) == ["01: 1 of 1   ✓ double", "02: 0 of 2   ✗ again  ○ add"]
    series().double(lambda x: x)  # it was right once
    assert progress(series(), capsys)[0] == "01: 1 of 1   ✓ double"


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00", '{"double": 7}'])
def test_a_damaged_record_is_no_reason_to_stop(series, tmp_path, capsys, content):
    (tmp_path / "progress").write_text(content)
    check = series()
    check.double(double)
    assert progress(check, capsys)[0] == "01: 1 of 1   ✓ double"
    assert json.loads((tmp_path / "progress").read_text())["double"] == "right"


def test_where_nothing_can_be_written_progress_is_kept_until_the_end(series, tmp_path, capsys):
    for path in (tmp_path / "no folder" / "progress", tmp_path):
        check = series(path)
        check.double(double)
        assert progress(check, capsys)[0] == "01: 1 of 1   ✓ double"
    assert progress(series(tmp_path), capsys)[0] == "01: 0 of 1   ○ double"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read_is_no_reason_to_stop(series, tmp_path, capsys):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    check = series()
    check.double(double)
    tmp_path.chmod(stat.S_IRWXU)
    assert progress(check, capsys)[0] == "01: 1 of 1   ✓ double"


def test_a_right_answer_is_used_and_ours_stands_in_for_any_other(series, capsys):
    def mine(x):
        return x + x

    check = series()
    assert check.double.yours_or(torch.add) is torch.add
    assert capsys.readouterr().out == "○ your double is not there yet: `add` stands in for it\n"
    assert check.double.yours_or() is double
    assert capsys.readouterr().out == "○ your double is not there yet: ours stands in for it\n"
    check.double(mine)
    capsys.readouterr()
    assert check.double.yours_or(torch.add).__wrapped__ is mine
    assert capsys.readouterr().out == "✓ this runs your double\n"
    for other in (lambda x: x, ..., None):  # what was right is not what stands there now
        check.double(mine)
        check.double(other)
        assert check.double.yours_or(torch.add) is torch.add
