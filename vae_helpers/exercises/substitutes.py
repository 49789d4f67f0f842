"""Is a wrong answer the right one to another question? Facts that come of calling the solution with other inputs."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from . import running
from .values import Numbers, as_numbers, differences

if TYPE_CHECKING:
    from .exercise import Exercise
    from .trial import Trial

CHANGES = {  # of one input
    "1 − `{}` stood": lambda value: 1 - value,
    "twice `{}` stood": lambda value: 2 * value,
    "half of `{}` stood": lambda value: value / 2,
    "−`{}` stood": lambda value: -value,
    "`{}`² stood": lambda value: value**2,
    "√`{}` stood": lambda value: value**0.5,
    "exp(`{}`) stood": lambda value: np.exp(value) if isinstance(value, float) else value.exp(),
    "log `{}` stood": lambda value: np.log(value) if isinstance(value, float) else value.log(),
    "1/`{}` stood": lambda value: 1 / value,
    "sigmoid(`{}`) stood": torch.sigmoid,
    "zeros stood": lambda value: 0 * value,
    "ones stood": lambda value: 0 * value + 1,
    "`{}` + 1 stood": lambda value: value + 1,
    "`{}` − 1 stood": lambda value: value - 1,
    "`{}` in reverse order stood": lambda value: value.flip(0),
    "`{}` without its last entry stood": lambda value: value[:-1],
    "`{}` without its first entry stood": lambda value: value[1:],
    "`{}`'s average over axis 0 stood": lambda value: value.mean(0, keepdim=True).expand_as(value),
    "the absolute value of `{}` stood": lambda value: abs(value),
    "`{}`, without what is negative, stood": lambda value: value.clamp(min=0),
    "`{}`, shifted by one place, stood": lambda value: value.roll(1, 0),
    "the first entry of `{}` stood everywhere": lambda value: value[:1].expand_as(value),
    "`{}`'s average over all stood everywhere": lambda value: value.mean().expand_as(value),
    "`{}`, rounded, stood": lambda value: value.round(),
    "the opposite of `{}` stood": lambda value: ~value if torch.is_tensor(value) else not value,
}
ARITHMETIC = ("twice", "half", "√", "exp", "log", "1/", "sigmoid")  # beginnings that make no sense of zeros and ones


def as_if(exercise: Exercise, trials: list[Trial]) -> str | None:
    """The answer to a question in which one input is another: twice as large, swapped with its neighbour, ..."""
    names = exercise.arguments
    for one, other in itertools.combinations(names, 2):
        if _answers(exercise, trials, lambda case, a=one, b=other: case | {a: case[b], b: case[a]}):
            return f"That would be right with `{one}` and `{other}` swapped."
    for one, other in itertools.permutations(names, 2):
        if _answers(exercise, trials, lambda case, a=one, b=other: case | {a: case[b]}):
            return f"That would be right if `{other}` stood in the place of `{one}`."
    for name in names:
        for words, change in CHANGES.items():
            if words.startswith(ARITHMETIC) and all(_binary(trial.case[name]) for trial in trials):
                continue
            if _answers(exercise, trials, lambda case, n=name, c=change: case | {n: c(case[n])}):
                stood = words.format(name)
                where = "there" if f"`{name}`" in stood else f"in the place of `{name}`"
                return f"That would be right if {stood} {where}."
    return None


def ignored(exercise: Exercise, answer: Callable, trials: list[Trial], deadline: float) -> str | None:
    """An input that makes a difference to the solution and, whatever is done to it, none to the answer.

    The answer is not called after `deadline`, a time of `time.monotonic()`.
    """
    if exercise.known or len(exercise.arguments) < 2:
        return None
    for name in exercise.arguments:
        matters = False
        for trial, value in [(one, value) for one in trials for value in _others(name, one, trials)]:
            if time.monotonic() > deadline:
                return None
            same, moved = _changed(exercise, answer, trial, trial.case | {name: value})
            if not same:
                break
            matters = matters or moved
        else:
            if matters:
                return f"Your answer does not depend on `{name}`."
    return None


def fickle(exercise: Exercise, answer: Callable, trial: Trial) -> str | None:
    """Another result each time."""
    results = []
    for seed in (1, 2):
        try:
            results.append(_found(exercise, answer, trial.case, seed))
        except (Exception, SystemExit):
            return None
    if np.array_equal(*results, equal_nan=True):
        return None
    return "Your answer differs from call to call, though its inputs are the same."


def _others(name, trial, trials):
    """What else an input could be: larger, in another order, the opposite, or that of another case."""
    value = trial.case[name]
    if torch.is_tensor(value):
        mixed = value.flatten()[torch.randperm(value.numel(), generator=torch.Generator().manual_seed(0))]
        yield from (mixed.view_as(value), ~value if value.dtype == torch.bool else 2 * value + 1)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield 2 * value + 1
    for other in trials:
        if other is not trial and getattr(other.case[name], "shape", None) == getattr(value, "shape", None):
            yield other.case[name]


def _answers(exercise, trials, change):
    """Whether the solution, with changed inputs, gives what the answer gave."""
    differ = []
    for trial in trials:
        found = solved_or_none(exercise, change(dict(trial.case))) if _fits(change, trial.case) else None
        if found is None or found.shape != trial.yours.shape or not np.isfinite(found).all():
            return False
        if differences(trial.found, found, max(trial.tolerance, 1e-4)).any():
            return False
        differ.append(int((found != trial.expected).sum()))
    return sum(differ) > 2 or sum(map(bool, differ)) > 1  # else it may be chance


def _fits(change, case):
    try:
        change(dict(case))
    except Exception:  # twice a network, the logarithm of a list
        return False
    return True


def solved_or_none(exercise: Exercise, case: dict[str, Any]) -> np.ndarray | None:
    """What the solution makes of a case, or None if it is not made for such inputs."""
    try:
        with running.seeded(1):
            return as_numbers(exercise.observe(exercise.solve, *running.own_copies([*case.values()]))).values
    except Exception:
        return None


def found_or_none(exercise: Exercise, answer: Callable, case: dict[str, Any]) -> np.ndarray | None:
    """What an answer makes of a case, or None if it raises."""
    try:
        return _found(exercise, answer, case, seed=1)
    except (Exception, SystemExit):
        return None


def _found(exercise, answer, case, seed):
    """What the answer gives, for whatever inputs."""
    with running.seeded(seed):
        copies = running.own_copies([*case.values()])
        return as_numbers(running.within_limit(lambda: exercise.observe(answer, *copies))).values


def _changed(exercise, answer, trial, case):
    """For another case: does the answer stay the same, and does the solution change? Of what is no case, neither."""
    try:
        found = _found(exercise, answer, case, seed=1)
    except (Exception, SystemExit):
        return True, False
    solved = solved_or_none(exercise, case)
    if solved is None:
        return True, False
    moved = solved.shape != trial.expected.shape or differences(Numbers(solved), trial.expected, trial.tolerance).any()
    return np.array_equal(found, trial.yours, equal_nan=True), moved


def _binary(value):
    """Whether an input has no numbers but 0 and 1."""
    return isinstance(value, bool) or (torch.is_tensor(value) and bool(((value == 0) | (value == 1)).all()))
