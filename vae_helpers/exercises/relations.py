"""What a wrong answer's numbers have to do with the right ones: a factor, an offset, a function, a term that is off."""

from __future__ import annotations

import itertools

import numpy as np

from .exercise import Exercise
from .trial import CLOSE, Trial, equal
from .values import number

POWERS = {1: "times", -1: "divided by", 2: "times the square of", -2: "divided by the square of"}


def ratio(trials: list[Trial]) -> str | None:
    """One factor between all numbers of a case."""
    factors = [_constant(trial.yours, trial.expected, np.divide) for trial in trials]
    if None in factors:
        return None
    trials = [trial for trial, factor in zip(trials, factors, strict=True) if not np.isnan(factor)]
    factors = [factor for factor in factors if not np.isnan(factor)]
    if all(abs(factor - 1) < CLOSE for factor in factors):
        return None
    if _agree(factors):
        (factor,) = {round(factors[0], 12)}
        if abs(factor + 1) < CLOSE:
            return "The sign is turned, and nothing else."
        if abs(factor) < CLOSE * CLOSE:
            return "Yours is 0 everywhere."
        sign = ", and the sign is turned" if factor < 0 else ""
        return f"Everywhere, yours is {_factor(abs(factor))} what is expected{sign}."
    known = [*_sizes(trials)]
    for name, sizes in known:
        for power, words in POWERS.items():
            if np.allclose(factors, sizes**power, rtol=CLOSE):
                return f"Yours is what is expected, {words} {name}."
    for (one, sizes), (other, more) in itertools.combinations(known, 2):
        for power in (1, -1):
            if len(factors) > 2 and np.allclose(factors, (sizes * more) ** power, rtol=CLOSE):
                return f"Yours is what is expected, {POWERS[power]} {one} and by {other}.".replace(
                    "times", "multiplied by"
                )
    return None


def offset(trials: list[Trial]) -> str | None:
    """One number too much in all numbers of a case."""
    gaps = [_constant(trial.yours, trial.expected, np.subtract) for trial in trials]
    if any(gap is None for gap in gaps) or sum(trial.expected.size for trial in trials) < 3:
        return None
    if _agree(gaps):
        return f"Everywhere, yours is {number(abs(gaps[0]))} too {'large' if gaps[0] > 0 else 'small'}."
    for name, sizes in _sizes(trials):
        for factor in (1, -1, 0.5, -0.5):
            if np.allclose(gaps, factor * sizes, rtol=CLOSE):
                much = "half of " if abs(factor) == 0.5 else ""
                return f"Yours is too {'large' if factor > 0 else 'small'} by {much}{name}."
    return None


def of_one_number(trials: list[Trial]) -> str | None:
    """A function of each number that is expected."""
    if all(equal(trial.yours, trial.expected) for trial in trials):  # so near that more than one of them fits
        return None
    functions = {
        "the square roots of": np.sqrt,
        "the squares of": np.square,
        "the absolute values of": np.abs,
        "the logarithms of": np.log,
        "the negative logarithms of": lambda a: -np.log(a),
        "the exponentials of": np.exp,
        "one over": lambda a: 1 / a,
        "minus one over": lambda a: -1 / a,
        "one minus": lambda a: 1 - a,
        "rounded from": np.round,
    }
    for name, function in functions.items():
        if all(equal(trial.yours, function(trial.expected)) for trial in trials):
            return f"Yours are {name} the numbers that are expected."
    if all(equal(trial.yours, trial.expected.clip(0)) for trial in trials):
        return "Right where a positive number is expected. Where a negative one is, yours is 0."
    if all(equal(trial.yours, np.maximum(trial.expected, 1 - trial.expected)) for trial in trials):
        return "Right where a number above one half is expected, and turned into it where not."
    return None


def terms(exercise: Exercise, trials: list[Trial]) -> str | None:
    """The exercise's terms, each with a factor, add up to the answer."""
    if not exercise.terms:
        return None
    names = list(exercise.terms)
    columns = [[function(*trial.case.values()) for function in exercise.terms.values()] for trial in trials]
    shapes = [trial.yours.shape for trial in trials]
    rows = [
        np.stack([np.broadcast_to(np.asarray(term, dtype=np.float64), shape).ravel() for term in row], 1)
        for row, shape in zip(columns, shapes, strict=True)
    ]
    matrix, yours = np.concatenate(rows), np.concatenate([trial.yours.ravel() for trial in trials])
    if len(yours) <= len(names):
        return None
    factors, *_ = np.linalg.lstsq(matrix, yours, rcond=None)
    off = np.abs(factors - 1) > 10 * CLOSE
    if off.all() or not off.any():
        return None
    rest = yours - matrix[:, ~off].sum(1)  # what stands where the terms that are off should stand
    factors, *_ = np.linalg.lstsq(matrix[:, off], rest, rcond=None)
    fit = matrix[:, off] @ factors
    if (np.abs(rest - fit) > CLOSE * np.abs(fit) + 1e-6 * np.abs(yours).max()).any():
        return None
    right = [name for name, wrong in zip(names, off, strict=True) if not wrong]
    wrong = [name for name in names if name not in right]
    told = ", ".join(f"{name} {_off(factor)}" for name, factor in zip(wrong, factors, strict=True))
    return f"{' and '.join(right)} {'are' if len(right) > 1 else 'is'} right; {told}."


def _constant(yours, expected, combine):
    """What `combine` gives for all pairs of numbers, if that is one number, else None.

    Of the ratio of zeros nothing is learned: it is NaN if there are no others.
    """
    keep = (yours != 0) | (expected != 0) if combine is np.divide else np.ones(yours.shape, bool)
    if combine is np.divide and (expected[keep] == 0).any():
        return None
    all_of_it = combine(yours[keep], expected[keep]).ravel()
    if not len(all_of_it):
        return np.nan if combine is np.divide else 0.0
    middle = float(np.median(all_of_it))
    scale = np.abs(yours).max() if combine is np.subtract else abs(middle)
    return middle if np.abs(all_of_it - middle).max() <= CLOSE * max(scale, 1e-12) else None


def _agree(numbers):
    return np.ptp(numbers) <= CLOSE * np.abs(numbers).max()


def _sizes(trials):
    """Numbers that differ from case to case: lengths of axes of the inputs, and inputs that are numbers."""
    for name, first in trials[0].case.items():
        values = [trial.case[name] for trial in trials]
        if isinstance(first, (int, float)) and not isinstance(first, bool):
            yield f"`{name}`", np.array(values, dtype=float)
        elif hasattr(first, "shape"):
            for axis in range(min(value.ndim for value in values)):
                which = f"the length of `{name}`'s axis {axis}" if first.ndim > 1 else f"the length of `{name}`"
                yield which, np.array([value.shape[axis] for value in values], dtype=float)


def _off(factor):
    """What is wrong with a term that has this factor and should have 1."""
    if abs(factor) < CLOSE:
        return "is missing"
    return "has the wrong sign" if abs(factor + 1) < CLOSE else f"is {_factor(factor)} what it should be"


def _factor(factor):
    known = {784: "784", np.log(2): "log 2", np.pi: "π", np.sqrt(2): "√2", np.log(10): "log 10", 2 * np.pi: "2π"}
    for value, name in known.items():
        if abs(factor / value - 1) < CLOSE:
            return f"{name} times"
        if abs(factor * value - 1) < CLOSE:
            return f"1/{name} times"
    return f"{number(round(factor, 4) if abs(factor) > 0.01 else factor)} times"
