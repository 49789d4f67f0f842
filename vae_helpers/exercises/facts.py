"""The most telling fact about a wrong answer that nobody has foreseen.

Each look below compares what the answer and the solution made of all cases, and gives a sentence that is true of all of
them, or None. So nothing is guessed: "the sign is turned" is said where it is the sign and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .exercise import Exercise
from .substitutes import as_if, ignored
from .values import Numbers, differences, number

CLOSE = 1e-3  # relative; a fact may be seen less sharply than a difference
POWERS = {1: "times", -1: "divided by", 2: "times the square of", -2: "divided by the square of"}


@dataclass(frozen=True)
class Trial:
    """A case, what was expected of it, and what an answer made of it: numbers, or a sentence on how it failed."""

    case: dict[str, Any]
    expected: np.ndarray
    tolerance: float | np.ndarray
    labels: tuple[str, ...] = ()
    found: Numbers | None = None
    failure: str = ""

    @property
    def yours(self) -> np.ndarray:
        return self.found.values

    @property
    def differ(self) -> np.ndarray:
        return differences(self.found, self.expected, self.tolerance)

    @property
    def right(self) -> bool:
        return not self.failure and self.yours.shape == self.expected.shape and not self.differ.any()


def telling_fact(exercise: Exercise, answer: Callable, trials: list[Trial]) -> str | None:
    """The first of the sentences below that holds, or None."""
    with np.errstate(all="ignore"):
        return _first(exercise, answer, trials)


def _first(exercise, answer, trials):
    if exercise.notice and (sentence := exercise.notice(answer)):
        return sentence
    trials = [trial for trial in trials if not trial.failure]
    same = [trial for trial in trials if trial.yours.shape == trial.expected.shape]
    looks = [not_finite] if len(same) == len(trials) else [shapes]
    if len(same) == len(trials) and exercise.known is None:
        looks += [ratio, offset, of_one_number, order]
    for look in looks:
        if sentence := look(trials):
            return sentence
    if exercise.known:
        return right_elsewhere(trials)
    if len(same) == len(trials) and (sentence := terms(exercise, trials) or as_if(exercise, trials)):
        return sentence
    return ignored(exercise, answer, trials) or places(trials) or direction(trials)


def shapes(trials: list[Trial]) -> str | None:
    """Other shapes than expected."""
    off = [trial for trial in trials if trial.yours.shape != trial.expected.shape]

    def always(change):
        return all(_equal(change(trial.yours), trial.expected) for trial in off)

    if all(trial.yours.size == trial.expected.size for trial in off):
        if all(_equal(trial.yours.squeeze(), trial.expected.squeeze()) for trial in off):
            return "The numbers are right, with an axis of length 1 too many or too few."
        if always(np.transpose):
            return "The right numbers, transposed: rows and columns are swapped."
        if all(_equal(trial.yours.ravel(), trial.expected.ravel()) for trial in off):
            return "The right numbers, in the right order, in another shape."
    if all(trial.yours.size == 1 < trial.expected.size for trial in off):
        for name, summary in {"average": np.mean, "sum": np.sum, "largest": np.max, "first": np.ravel}.items():
            if all(_equal(trial.yours.ravel()[0], np.ravel(summary(trial.expected))[0]) for trial in off):
                return f"Yours is the {name} of the numbers that are expected: keep them apart."
        return "Yours is one number, where several are expected."
    for axis in (None, 0, 1, -1):
        for name, summary in [("added up", np.sum), ("averaged", np.mean)]:
            if all(_equal(_along(summary, trial.yours, axis), trial.expected) for trial in off):
                where = "all" if axis is None else f"along axis {axis}"
                return f"If yours were {name} {where}, it would be right."
    if all(trial.expected.size == 1 < trial.yours.size for trial in off):
        return f"One number is expected, and yours are {off[0].yours.size}."
    if all(sorted(trial.yours.shape) == sorted(trial.expected.shape) for trial in off):
        return "The axes are in another order than expected."
    return None


def not_finite(trials: list[Trial]) -> str | None:
    """NaN or infinity where a number is expected."""
    bad = np.concatenate([~np.isfinite(trial.yours[np.isfinite(trial.expected)]).ravel() for trial in trials])
    if not bad.any():
        return None
    share = "All of your numbers are" if bad.all() else f"{bad.sum()} of your {bad.size} numbers are"
    return (
        f"{share} NaN or infinite. That comes of a division by 0, a logarithm of 0 or of a negative number, a root of "
        "one, or an exp of something large."
    )


def ratio(trials: list[Trial]) -> str | None:
    """One factor between all numbers of a case."""
    factors = [_constant(trial.yours, trial.expected, np.divide) for trial in trials]
    factors = [factor for factor in factors if factor is not None]
    if len(factors) < len(trials) or all(abs(factor - 1) < CLOSE for factor in factors):
        return None
    if _agree(factors):
        (factor,) = {round(factors[0], 12)}
        if abs(factor + 1) < CLOSE:
            return "The sign is turned, and nothing else."
        if abs(factor) < CLOSE * CLOSE:
            return "Yours is 0 everywhere."
        sign = ", and the sign is turned" if factor < 0 else ""
        return f"Everywhere, yours is {_factor(abs(factor))} what is expected{sign}."
    for name, sizes in _sizes(trials):
        for power, words in POWERS.items():
            if np.allclose(factors, sizes**power, rtol=CLOSE):
                return f"Yours is what is expected, {words} {name}."
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
        if all(_equal(trial.yours, function(trial.expected)) for trial in trials):
            return f"Yours are {name} the numbers that are expected."
    if all(_equal(trial.yours, trial.expected.clip(0)) for trial in trials):
        return "Right where a positive number is expected. Where a negative one is, yours is 0."
    if all(_equal(trial.yours, np.maximum(trial.expected, 1 - trial.expected)) for trial in trials):
        return "Right where a number above one half is expected, and turned into it where not."
    return None


def order(trials: list[Trial]) -> str | None:
    """The right numbers in other places."""
    if not any(trial.expected.size > 1 for trial in trials):
        return None
    moves = {
        "in reverse order": lambda a: a[::-1] if a.ndim else a,
        "transposed": lambda a: a.T if a.ndim < 3 else a.swapaxes(0, 1),
        "with the last axis reversed": lambda a: a[..., ::-1] if a.ndim else a,
        "one place further": lambda a: np.roll(a, 1, 0) if a.ndim else a,
        "one place too early": lambda a: np.roll(a, -1, 0) if a.ndim else a,
    }
    for name, move in moves.items():
        if all(_equal(move(trial.yours), trial.expected) for trial in trials):
            return f"The right numbers, {name}."
    if all(_equal(np.sort(trial.yours, None), np.sort(trial.expected, None)) for trial in trials):
        return "The right numbers, in another order."
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
    off = [(name, factor) for name, factor in zip(names, factors, strict=True) if abs(factor - 1) > 10 * CLOSE]
    if not off or len(off) == len(names) or not _equal(matrix @ factors, yours):
        return None
    right = [name for name in names if name not in dict(off)]
    told = ", ".join(f"{name} {_off(factor)}" for name, factor in off)
    return f"{' and '.join(right)} {'are' if len(right) > 1 else 'is'} right; {told}."


def places(trials: list[Trial]) -> str | None:
    """Only some places of the arrays are wrong."""
    same = [trial for trial in trials if trial.yours.shape == trial.expected.shape]
    wrong = [trial.differ for trial in same]
    arrays = [mask for mask in wrong if mask.ndim and len(mask) > 2]
    if arrays and len(same) == len(trials) and all(mask.any() for mask in arrays):
        rows = [mask.reshape(len(mask), -1).any(1) for mask in arrays]
        for name, where in [("last", -1), ("first", 0)]:
            if all(row[where] and row.sum() == 1 for row in rows):
                return f"All is right but the {name} place."
        if all(not row[0] and not row[-1] for row in rows):
            return "The first and the last place are right; what lies between them is not."
        if all(not row[0] for row in rows):
            return "The first place is right; the others are not."
    return right_elsewhere(trials)


def right_elsewhere(trials: list[Trial]) -> str | None:
    """Right in some cases; which are the others?"""

    about = {True: [], False: []}
    for trial in trials:
        about[trial.right].append(getattr(trial.case, "about", ""))
    if about[True] and all(about[False]):
        return f"Right for all inputs but {' and '.join(dict.fromkeys(about[False]))}."
    if about[True] and all(about[True]):
        return f"Right only for {' and '.join(dict.fromkeys(about[True]))}."
    return None


def direction(trials: list[Trial]) -> str | None:
    """Too large, or too small, wherever it is wrong."""
    if any(trial.yours.shape != trial.expected.shape for trial in trials):
        return None
    gaps = np.concatenate([(trial.yours - trial.expected)[trial.differ].ravel() for trial in trials])
    if len(gaps) < 3 or not ((gaps > 0).all() or (gaps < 0).all()):
        return None
    return f"Wherever yours differs, it is too {'large' if gaps[0] > 0 else 'small'}."


def _constant(yours, expected, combine):
    """What `combine` gives for all pairs of numbers, if that is one number; of pairs of zeros, nothing is learned."""
    keep = (yours != 0) | (expected != 0) if combine is np.divide else np.ones(yours.shape, bool)
    if combine is np.divide and (expected[keep] == 0).any():
        return None
    all_of_it = combine(yours[keep], expected[keep]).ravel()
    if not len(all_of_it):
        return 1.0 if combine is np.divide else 0.0
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


def _along(summary, array, axis):
    if axis is not None and not -array.ndim <= axis < array.ndim:
        return np.array(np.nan)
    return summary(array, axis=axis)


def _equal(left, right):
    left, right = np.asarray(left), np.asarray(right)
    scale = np.abs(right).max(initial=0)
    return left.shape == right.shape and np.allclose(left, right, rtol=CLOSE, atol=CLOSE * scale + 1e-12)
