"""What an exercise is, and how an answer to it is checked."""

from __future__ import annotations

import ctypes
import inspect
import threading
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch

SECONDS = 10.0  # that an answer may take


def _returned(answer: Callable, *values) -> Any:
    return answer(*values)


@dataclass(frozen=True)
class Exercise:
    """One exercise: a function that the reader writes.

    solve: the right answer, a function that needs no other names than `torch`, `np` and `math`; its source is shown to
    the reader, and a comment behind its `def` gives the shapes. title, task: what is asked, in Markdown. right: what a
    right answer means for what comes next. cases: makes a list of inputs, each a dict from the names of the function's
    arguments to values; as many and as different as it takes to tell every wrong answer from a right one. It runs
    after `torch.manual_seed`, so it may draw at random.

    observe: makes numbers from an answer and the values of one case; by default they are what it returns. (Of an answer
    that draws at random, for instance: the mean and the spread of many draws.) numbers: what these numbers are, for the
    message, where they are not what the answer returns. tolerance: the difference that is
    forgiven, relative and absolute. unsolved: a function with `...` where the reader has to write, for an exercise that
    gives more than the `def` line. derivation: how one gets to the solution, in Markdown, where that is the work.
    """

    solve: Callable
    _: KW_ONLY
    title: str
    task: str
    right: str
    cases: Callable[[], list[dict[str, Any]]]
    observe: Callable = _returned
    numbers: str = ""
    tolerance: float = 1e-4
    unsolved: Callable | None = None
    derivation: str = ""
    mistakes: list[Callable] = field(default_factory=list, init=False)

    def mistake(self, answer: Callable) -> Callable:
        """Decorate a wrong answer that readers give. Its docstring says what is wrong, without the solution."""
        self.mistakes.append(answer)
        return answer

    @property
    def name(self) -> str:
        return self.solve.__name__

    @property
    def stub(self) -> str:
        """The code that the reader completes."""
        if self.unsolved is None:
            return f"{inspect.getsource(self.solve).splitlines()[0]}\n    ...\n"
        return inspect.getsource(self.unsolved).replace(self.unsolved.__name__, self.name, 1)

    @property
    def solution(self) -> str:
        """The code of the right answer. It leaves the shapes to the stub."""
        head, _, body = inspect.getsource(self.solve).partition("\n")
        return f"{head.partition('  #')[0]}\n{body}"


class NotAttempted(Exception):
    """The answer is still the stub."""


class Wrong(Exception):
    """The answer is wrong; the text says how."""


class TooSlow(BaseException):
    """The answer takes too long. No `Exception`, so that an answer does not catch it by chance."""


class Check:
    """`vh.check`: a checker for each exercise, by its name, and `progress`."""

    def __init__(self, exercises: dict[str, list[Exercise]]):
        self._notebooks = exercises
        self._right: dict[str, bool] = {}  # the last answer to each exercise that was checked
        for notebook in exercises.values():
            for exercise in notebook:
                setattr(self, exercise.name, partial(self._check, exercise))

    def __getattr__(self, name: str):  # called for unknown names alone
        names = ", ".join(known for known in vars(self) if not known.startswith("_"))
        raise AttributeError(f"no exercise is called {name!r}; there are {names}")

    def _check(self, exercise: Exercise, answer: Callable) -> None:
        """Print a tick, a hint, or that the exercise was not attempted yet."""
        self._right[exercise.name] = False
        try:
            judge(exercise, answer)
        except NotAttempted:
            print(f"○ {exercise.name}: not attempted yet")
        except Wrong as wrong:
            print(f"✗ {exercise.name}: {wrong}")
        else:
            self._right[exercise.name] = True
            print(f"✓ {exercise.name}: right. {exercise.right}")

    def progress(self) -> None:
        """Print which exercises are done, of the notebooks with one that was checked since this kernel was started.

        Nothing is kept, and nothing is sent anywhere.
        """
        for notebook, exercises in self._notebooks.items():
            names = [exercise.name for exercise in exercises]
            if any(name in self._right for name in names):
                done = [self._right.get(name, False) for name in names]
                marks = "  ".join(f"{'✓' if right else '○'} {name}" for name, right in zip(names, done, strict=True))
                print(f"{notebook}: {sum(done)} of {len(done)} done   {marks}")
        if not self._right:
            print("no exercise has been checked yet")


def judge(exercise: Exercise, answer: Callable) -> None:
    """Raise NotAttempted or Wrong unless `answer` does what the exercise's solution does, on every case."""
    if answer is None or answer is ...:
        raise NotAttempted
    if not callable(answer):
        name = exercise.name
        raise Wrong(f"expected a function, got {_with_article(answer)}: pass {name} and not {name}(…)")
    for seed, case in enumerate(_cases(exercise)):
        expected = _observed(exercise, exercise.solve, case, seed)
        found = _observed(exercise, answer, case, seed)
        if found.shape != expected.shape:
            difference = f"has shape {found.shape}; expected {expected.shape}"
        elif not np.isfinite(found).all():
            difference = f"is {_summary(found)}, with NaN or infinity in it; expected {_summary(expected)}"
        elif not np.allclose(found, expected, rtol=exercise.tolerance, atol=exercise.tolerance):
            difference = f"is {_summary(found)}; expected {_summary(expected)}"
        else:
            continue
        if exercise.numbers:
            difference += f" ({exercise.numbers})"
        hint = known_mistake(exercise, answer)
        raise Wrong(f"for {_inputs(case)} your answer {difference}." + (f"\n  Hint: {hint}" if hint else ""))


def known_mistake(exercise: Exercise, answer: Callable) -> str | None:
    """The hint of the known mistake that the answer behaves like on every case, or None."""
    cases = _cases(exercise)
    try:
        found = [_observed(exercise, answer, case, seed) for seed, case in enumerate(cases)]
    except (NotAttempted, Wrong):  # it fails on a later case, which no known mistake does
        return None
    close = {"rtol": exercise.tolerance, "atol": exercise.tolerance, "equal_nan": True}
    for mistake in exercise.mistakes:
        for seed, (case, own) in enumerate(zip(cases, found, strict=True)):
            same = _observed(exercise, mistake, case, seed)
            if own.shape != same.shape or not np.allclose(own, same, **close):
                break
        else:
            return " ".join(mistake.__doc__.split())
    return None


def _cases(exercise: Exercise) -> list[dict[str, Any]]:
    """The cases of an exercise, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return exercise.cases()


def _observed(exercise: Exercise, answer: Callable, case: dict[str, Any], seed: int) -> np.ndarray:
    """What an answer makes of a case, with inputs of its own and a limit of time."""
    values = [value.clone() if torch.is_tensor(value) else value for value in case.values()]
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            found = _within_limit(lambda: exercise.observe(answer, *values))
    except TooSlow:
        raise Wrong(f"your answer takes more than {SECONDS:g} seconds. Is there a loop that does not end?") from None
    except NotImplementedError:
        raise NotAttempted from None
    except Exception as error:
        raise Wrong(f"for {_inputs(case)} your answer raised {type(error).__name__}: {error}") from None
    if found is None or found is ...:
        raise NotAttempted
    try:
        if torch.is_tensor(found):
            found = found.detach().cpu().numpy()
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        message = f"your answer returned {_with_article(found)}; expected numbers, as a tensor or an array"
        raise Wrong(message) from None


def _within_limit(call: Callable[[], Any]) -> Any:
    """What `call()` returns. Raises TooSlow after SECONDS.

    Python has no public way to stop a function in its own thread that works here: a signal's alarm does not exist on
    Windows, and another process does not know what was defined in a notebook. So a timer raises the exception in this
    thread, at its next step of Python; a single long call of C, like time.sleep, ends first.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc
    timer = threading.Timer(SECONDS, interrupt, [thread, ctypes.py_object(TooSlow)])
    timer.daemon = True
    timer.start()
    try:
        return call()
    finally:
        timer.cancel()
        timer.join()  # a timer that is just going off raises here, and not somewhere later


def _inputs(case: dict[str, Any]) -> str:
    """The inputs of a case, for a sentence."""
    return ", ".join(f"{name} = {_summary(value)}" for name, value in case.items())


def _summary(value: Any) -> str:
    """A value, short enough for a sentence."""
    if torch.is_tensor(value):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        if value.size > 8:
            return f"an array of shape {value.shape}"
        return np.array2string(value, precision=4, separator=", ", suppress_small=True).replace("\n", "")
    if inspect.isroutine(value):
        return value.__name__
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _with_article(value: Any) -> str:
    """The kind of a value: "an int", "a Tensor"."""
    kind = type(value).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
