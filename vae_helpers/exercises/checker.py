"""What an exercise is, and how an answer to it is checked."""

import ctypes
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

SECONDS = 10.0  # an answer may take


@dataclass(frozen=True)
class Exercise:
    """One exercise. Its name is also that of the function that stub, solution and mistakes define.

    title, task: what is asked, in Markdown. stub: the code that the reader completes, with `...` where it is missing.
    solution: the same code, complete. right: what a right answer means for what comes next. cases: makes a list of
    inputs, each a dict from the names of the function's arguments to values; as many and as different as it takes to
    tell every wrong answer from a right one. It runs after `torch.manual_seed`, so it may draw at random.

    mistakes: pairs of a hint and code. The code is a wrong answer that readers give; the hint names what is wrong and
    does not give the solution away. observe: makes numbers from an answer and the values of one case; by default they
    are what it returns. (Of an answer that draws at random, for instance: the mean and the spread of many draws.)
    tolerance: the difference that is forgiven, relative and absolute.
    """

    name: str
    title: str
    task: str
    stub: str
    solution: str
    right: str
    cases: Callable[[], list[dict]]
    mistakes: tuple[tuple[str, str], ...]
    observe: Callable = lambda answer, *values: answer(*values)
    tolerance: float = 1e-4


class NotAttempted(Exception):
    """The answer is still the stub."""


class Wrong(Exception):
    """The answer is wrong; the text says how."""


class TooSlow(BaseException):
    """The answer takes too long. No `Exception`, so that an answer does not catch it by chance."""


class Check:
    """`vh.check`: a checker for each exercise, by its name, and `progress`."""

    def __init__(self, exercises):
        self._notebooks = exercises  # {"01": [Exercise, ...], ...}
        self._exercises = {exercise.name: exercise for own in exercises.values() for exercise in own}
        self._done = {}  # whether the last answer to an exercise was right, for those that were checked

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._exercises:
            raise AttributeError(f"no exercise is called {name!r}; there are {', '.join(self._exercises)}")
        return lambda answer: self._check(self._exercises[name], answer)

    def __dir__(self):
        return [*self._exercises, "progress"]

    def _check(self, exercise, answer):
        """Print what is to be said of an answer: a tick, a hint, or that it was not attempted yet."""
        self._done[exercise.name] = False
        try:
            judge(exercise, answer)
        except NotAttempted:
            print(f"○ {exercise.name}: not attempted yet")
        except Wrong as wrong:
            print(f"✗ {exercise.name}: {wrong}")
        else:
            self._done[exercise.name] = True
            print(f"✓ {exercise.name}: right. {exercise.right}")

    def progress(self):
        """Print which exercises are done, of the notebooks with one that was checked since this kernel was started.

        Nothing is kept, and nothing is sent anywhere.
        """
        for notebook, exercises in self._notebooks.items():
            done = {exercise.name: self._done.get(exercise.name) for exercise in exercises}
            if set(done.values()) != {None}:
                marks = "  ".join(f"{'✓' if done[name] else '○'} {name}" for name in done)
                print(f"{notebook}: {sum(map(bool, done.values()))} of {len(done)} done   {marks}")
        if not self._done:
            print("no exercise has been checked yet")


def judge(exercise, answer):
    """Raise NotAttempted or Wrong unless `answer` does what the exercise's solution does, on every case."""
    if answer is None or answer is ...:
        raise NotAttempted
    if not callable(answer):
        name, kind = exercise.name, type(answer).__name__
        raise Wrong(f"a function is wanted, got something of type {kind}: pass {name} and not {name}(…)")
    solution = define(exercise, exercise.solution)
    for seed, case in enumerate(_cases(exercise)):
        expected = _observed(exercise, solution, case, seed)
        found = _observed(exercise, answer, case, seed)
        told = ", ".join(f"{name} = {_told(value)}" for name, value in case.items())
        if found.shape != expected.shape:
            difference = f"has shape {found.shape}, {expected.shape} is wanted"
        elif not np.isfinite(found).all():
            difference = f"is {_told(found)}, with NaN or infinity in it; {_told(expected)} is wanted"
        elif not np.allclose(found, expected, rtol=exercise.tolerance, atol=exercise.tolerance):
            difference = f"is {_told(found)}, {_told(expected)} is wanted"
        else:
            continue
        hint = known_mistake(exercise, answer)
        raise Wrong(f"for {told} the answer {difference}." + (f"\n  Hint: {hint}" if hint else ""))


def known_mistake(exercise, answer):
    """The hint of the known mistake that the answer behaves like on every case, or None."""
    try:
        found = [_observed(exercise, answer, case, seed) for seed, case in enumerate(_cases(exercise))]
    except Wrong:  # it fails on a later case, which no known mistake does
        return None
    for hint, code in exercise.mistakes:
        mistake = define(exercise, code)
        for seed, (case, own) in enumerate(zip(_cases(exercise), found, strict=True)):
            same = _observed(exercise, mistake, case, seed)
            close = {"rtol": exercise.tolerance, "atol": exercise.tolerance, "equal_nan": True}
            if own.shape != same.shape or not np.allclose(own, same, **close):
                break
        else:
            return hint
    return None


def define(exercise, code):
    """The function that a piece of code of an exercise defines."""
    names = {"torch": torch, "np": np, "math": math}
    exec(compile(code, f"<{exercise.name}>", "exec"), names)
    return names[exercise.name]


def _cases(exercise):
    """The cases of an exercise, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return exercise.cases()


def _observed(exercise, answer, case, seed):
    """What an answer makes of a case, as an array, with inputs of its own and a limit of time."""
    own = {name: value.clone() if torch.is_tensor(value) else value for name, value in case.items()}
    timer = threading.Timer(SECONDS, _raise_in, [threading.get_ident(), TooSlow])
    timer.daemon = True
    timer.start()
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            found = exercise.observe(answer, *own.values())
    except TooSlow:
        raise Wrong(f"the answer takes more than {SECONDS:g} seconds. Is there a loop that does not end?") from None
    except NotImplementedError:
        raise NotAttempted from None
    except Exception as error:
        told = ", ".join(f"{name} = {_told(value)}" for name, value in case.items())
        raise Wrong(f"for {told} the answer raised {type(error).__name__}: {error}") from None
    finally:
        timer.cancel()
    if found is None or found is ...:
        raise NotAttempted
    try:
        if torch.is_tensor(found):
            found = found.detach().cpu().numpy()
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong(
            f"the answer returned something of type {type(found).__name__}; numbers are wanted, as a tensor or an array"
        ) from None


def _raise_in(thread, exception):
    """Raise an exception in another thread, at its next step; unlike an interrupt it cannot be switched off."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(exception))


def _told(value):
    """A value, short enough for a sentence."""
    if torch.is_tensor(value) or isinstance(value, np.ndarray):
        value = value.detach().cpu().numpy() if torch.is_tensor(value) else value
        if value.size > 8:
            return f"an array of shape {value.shape}"
        return np.array2string(value, precision=4, separator=", ", suppress_small=True).replace("\n", "")
    return f"{value:.4g}" if isinstance(value, float) else str(value)
