"""Is a wrong answer a summary of an input, or another summary of single results than the right one?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np
import torch

from .exercise import Exercise
from .substitutes import solved_or_none
from .trial import CLOSE, Trial, equal
from .values import Numbers

OF_ALL = {
    "average": np.mean,
    "sum": np.sum,
    "largest": np.max,
    "smallest": np.min,
    "median": np.median,
    "standard deviation": np.std,
    "first": lambda array: array.flat[0],
    "last": lambda array: array.flat[-1],
    "product": np.prod,
}

MORE = {name: OF_ALL[name] for name in ("average", "sum", "largest", "smallest", "median", "product")} | {
    "sum of squares": lambda array, axis: (array**2).sum(axis),
    "root of the sum of squares": lambda array, axis: np.sqrt((array**2).sum(axis)),
    "first": lambda array, axis: array[0],
    "last": lambda array, axis: array[-1],
}


def of_an_input(trials: list[Trial]) -> str | None:
    """A summary of one of the inputs, or one of its rows."""
    for name in trials[0].case:
        values = [_array(trial.case[name]) for trial in trials]
        if any(value is None or not value.size for value in values):
            continue
        pairs = [(trial.yours, value) for trial, value in zip(trials, values, strict=True)]
        for words, summary in OF_ALL.items():
            if all(yours.size == 1 and _same(yours, summary(value)) for yours, value in pairs):
                return f"Yours is the {words} of `{name}`."
            for axis in range(min(value.ndim for value in values) if words not in ("first", "last") else 0):
                if all(value.ndim > 1 and _same(yours, summary(value, axis=axis)) for yours, value in pairs):
                    return f"Yours is the {words} of `{name}` along axis {axis}."
        if all(any(_same(yours, row) for row in value) for yours, value in pairs if yours.size > 1) and all(
            value.ndim > 1 and yours.size > 1 for yours, value in pairs
        ):
            return f"Yours is one of the rows of `{name}`, unchanged."
    return None


def of_single_results(exercise: Exercise, trials: list[Trial]) -> str | None:
    """Another summary of what single rows, or columns, give: their largest for their sum, their median for the mean."""
    for axis, noun in enumerate(("row", "column")):
        singles = [_singles(exercise, trial, axis) for trial in trials]
        if any(single is None for single in singles) or all(len(single) < 2 for single in singles):
            continue
        pairs = [*zip(trials, singles, strict=True)]
        fits = [
            [name for name, f in MORE.items() if all(_same(getattr(t, numbers), f(s, axis=0)) for t, s in pairs)]
            for numbers in ("expected", "yours")
        ]
        if all(fits):
            return f"Each {noun} gives a number; expected is their {fits[0][0]}, and yours is their {fits[1][0]}."
    return None


def _singles(exercise, trial, axis):
    """What the solution makes of each row, or column, alone; None where that has not the shape of the whole."""
    tensors = {name: value for name, value in trial.case.items() if torch.is_tensor(value) and value.ndim > axis}
    lengths = {value.shape[axis] for value in tensors.values()}
    if len(lengths) != 1 or not 0 < max(lengths) <= 200:
        return None
    found = []
    for place in range(max(lengths)):
        rows = {name: value.narrow(axis, place, 1) for name, value in tensors.items()}
        result = solved_or_none(exercise, trial.case | rows)
        if result is None or result.size != trial.expected.size:
            return None
        found.append(result.reshape(trial.expected.shape))
    return np.array(found)


def _same(one, other):
    other = np.asarray(other)
    return np.isfinite(other).all() and one.size == other.size and equal(one.reshape(other.shape), other)


def _array(value):
    """An input as an array of numbers, or None."""
    if torch.is_tensor(value):
        return value.detach().double().numpy()
    if isinstance(value, list) and value and all(isinstance(one, (int, float)) for one in value):
        return np.array(value, dtype=np.float64)
    return None


def lengths(trials: list[Trial]) -> str | None:
    """Of which input's axis the length of an axis is, where a shape is wrong."""
    if len({trial.yours.ndim for trial in trials}) > 1 or len({trial.expected.ndim for trial in trials}) > 1:
        return None
    for axis in range(min(trials[0].yours.ndim, trials[0].expected.ndim)):
        own, due = ([getattr(trial, name).shape[axis] for trial in trials] for name in ("yours", "expected"))
        if own == due:
            continue
        yours, expected = _whose(own, trials), _whose(due, trials)
        if expected and not yours and len({*own}) == 1 < len({*due}):
            return f"Axis {axis} of yours always has length {own[0]}; expected that of {expected}."
        if expected and yours:
            return f"Axis {axis} of yours has the length of {yours}; expected that of {expected}."
    return None


def _whose(sizes, trials):
    if len({*sizes}) < 2:
        return None
    for name, value in trials[0].case.items():
        if isinstance(value, int) and sizes == [trial.case[name] for trial in trials]:
            return f"`{name}`"
        for axis in range(getattr(value, "ndim", 0)):
            if sizes == [trial.case[name].shape[axis] for trial in trials]:
                return f"axis {axis} of `{name}`"
    return None


def labelled_parts(trials: list[Trial]) -> str | None:
    """Which of the labelled numbers are off, in what direction, where others are right in all cases."""
    if not _labelled(trials):
        return None
    groups, stems = {}, [label.rstrip("0123456789").strip() for label in trials[0].labels]
    for trial in trials:
        for label, off, gap in zip(trial.labels, trial.differ, trial.yours - trial.expected, strict=True):
            stem = label.rstrip("0123456789").strip()  # of z1, z2 and z3 one is said
            name = stem if stems.count(stem) > 1 else label
            groups.setdefault(name, []).append((bool(off), gap > 0))
    wrong = {name: {large for off, large in seen if off} for name, seen in groups.items()}
    wrong = {name: sides for name, sides in wrong.items() if sides}
    if not wrong or len(wrong) == len(groups):
        return None
    direction = {frozenset({True}): " (too large)", frozenset({False}): " (too small)"}
    direction = {} if np.ndim(trials[0].tolerance) == 0 and trials[0].tolerance == 0 else direction  # yes and no
    off = ", ".join(f"{name}{direction.get(frozenset(sides), '')}" for name, sides in wrong.items())
    return f"Off: {off}. All else that is measured is right."


def only_one(trials: list[Trial], looks: Iterable[Callable]) -> str | None:
    """What is to be said of the only one of several labelled numbers that is ever wrong."""
    if not _labelled(trials) or len({*map(len, (trial.labels for trial in trials))}) > 1:
        return None
    off = np.array([_apart(trial) for trial in trials]).any(0)
    if off.sum() != 1 or not 1 < len(off) < 4:
        return None
    (place,) = np.flatnonzero(off)
    alone = [
        dataclasses.replace(trial, expected=trial.expected[place], found=Numbers(trial.yours[place]), labels=())
        for trial in trials
    ]
    right = " and ".join(label for label, wrong in zip(trials[0].labels, off, strict=True) if not wrong)
    for look in looks:
        if sentence := look(alone):
            break
    return f"Right: {right}. Of {trials[0].labels[place]}: {sentence}" if sentence else None


def _apart(trial):
    """Which numbers differ, each by its own size."""
    with np.errstate(invalid="ignore"):
        return ~(np.abs(trial.yours - trial.expected) <= CLOSE * np.abs(trial.expected) + 1e-9)


def _labelled(trials):
    return all(trial.yours.shape == trial.expected.shape == (len(trial.labels),) for trial in trials)
