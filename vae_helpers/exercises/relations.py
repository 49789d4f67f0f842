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
            for sign, turned in {1: "", -1: " and the sign turned"}.items():
                if np.allclose(factors, sign * sizes**power, rtol=CLOSE):
                    return f"Yours is what is expected, {words} {name}{turned}."
    for name, sizes in known:
        for words, factor in {"n / (n − 1)": sizes / (sizes - 1), "(n − 1) / n": 1 - 1 / sizes}.items():
            if np.allclose(factors, factor, rtol=CLOSE) and len(factors) > 1:
                return f"Yours is what is expected, times {words}, where n is {name}."
        for words, scaled in {"times": factors / sizes, "divided by": factors * sizes}.items():
            if (
                len({*sizes}) > 2
                and np.isfinite(scaled).all()
                and scaled.all()
                and np.ptp(scaled) <= CLOSE * np.abs(scaled).max()
            ):
                return f"Yours is {number(scaled[0])} times what is expected, {words} {name}."
    for (one, sizes), (other, more) in itertools.combinations(known, 2):
        for power in (1, -1):
            if len(factors) > 2 and np.allclose(factors, (sizes * more) ** power, rtol=CLOSE):
                return f"Yours is what is expected, {POWERS[power]} {one} and by {other}.".replace(
                    "times", "multiplied by"
                )
    return None


def offset(trials: list[Trial]) -> str | None:
    """One number too much in all numbers of a case."""
    gaps = np.array([_constant(trial.yours, trial.expected, np.subtract) for trial in trials], dtype=float)
    if np.isnan(gaps).any() or sum(trial.expected.size for trial in trials) < 3:
        return None
    if _agree(gaps):
        gap = round(gaps[0]) if abs(gaps[0] - round(gaps[0])) < CLOSE * abs(gaps[0]) else gaps[0]
        return f"Everywhere, yours is {number(abs(gap))} too {'large' if gap > 0 else 'small'}."
    for name, sizes in _sizes(trials):
        for words, values in {name: sizes, f"log {name}": np.log(sizes)}.items():
            for factor, much in {1: "", 0.5: "half of ", 2: "twice "}.items():
                for sign, side in {1: "large", -1: "small"}.items():
                    if values.any() and np.allclose(gaps, sign * factor * values, rtol=CLOSE):
                        return f"Yours is too {side} by {much}{words}."
    return _with_a_constant(trials, gaps)


def _with_a_constant(trials, gaps):
    """An offset that is a multiple of a number of the case or its logarithm, or such a number and a constant."""
    for name, sizes in _sizes(trials):
        for words, values in {name: sizes, f"log {name}": np.log(sizes)}.items():
            if len({*values}) < 3 or not np.isfinite(values).all():
                continue
            factor = _constant(gaps, values, np.divide)
            if factor is not None:
                return f"Yours is too {'large' if factor > 0 else 'small'} by {number(abs(factor))} · {words}."
            for factor in (1, -1, 0.5, -0.5, 2, -2):
                rest = gaps - factor * values
                if np.ptp(rest) <= CLOSE * np.abs(gaps).max():
                    much = {1: "", 0.5: "half of ", 2: "twice "}[abs(factor)]
                    sign = "+" if rest[0] > 0 else "−"
                    side = "" if factor > 0 else "minus "
                    return f"Yours minus what is expected is {side}{much}{words} {sign} {number(abs(rest.mean()))}."
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
        "rounded down from": np.floor,
        "rounded up from": np.ceil,
        "rounded to one digit behind the point, from": lambda a: np.round(a, 1),
        "the logarithms to base 2 of": np.log2,
        "2 to the power of": np.exp2,
        "the cubes of": lambda a: a**3,
        "one plus": lambda a: 1 + a,
        "the sigmoids of": lambda a: 1 / (1 + np.exp(-a)),
    }
    for name, function in functions.items():
        if all(equal(trial.yours, function(trial.expected)) for trial in trials):
            if name.startswith("rounded") and not all(
                _exactly(trial.yours, function(trial.expected)) for trial in trials
            ):
                continue
            return f"Yours are {name} the numbers that are expected."
    if sentence := _clipped(trials):
        return sentence
    if all(equal(trial.yours, trial.expected.clip(0)) for trial in trials):
        return "Right where a positive number is expected. Where a negative one is, yours is 0."
    if all(equal(trial.yours, np.maximum(trial.expected, 1 - trial.expected)) for trial in trials):
        return "Right where a number above one half is expected, and turned into it where not."
    return None


def _exactly(yours, rounded):
    return np.allclose(yours, rounded, rtol=1e-7, atol=0)


def _clipped(trials):
    """Right as far as one number, which is never passed."""
    yours, expected = (np.concatenate([getattr(t, name).ravel() for t in trials]) for name in ("yours", "expected"))
    for limit, cut, side in [(yours.max(), np.minimum, "above"), (yours.min(), np.maximum, "below")]:
        beyond = np.abs(yours - expected) > CLOSE * np.abs(expected).max()
        cut_off = beyond.sum() > 1 and (yours[beyond] == limit).all()
        if limit and cut_off and beyond.sum() < len(yours) - 2 and equal(yours, cut(expected, limit)):
            return f"Right, but yours never goes {side} {number(limit)}, and what is expected does."
    return None


def terms(exercise: Exercise, trials: list[Trial], all_off: bool = False) -> str | None:
    """The exercise's terms add up to the answer, but some of them, or all, have another factor, or are missing."""
    if not exercise.terms:
        return None
    names, yours = list(exercise.terms), np.concatenate([trial.yours.ravel() for trial in trials])
    columns = np.stack([_column(function, trials) for function in exercise.terms.values()], 1)
    smallest = np.abs(columns).max(0).min()  # each of the terms has to be seen
    allowed = (CLOSE * smallest if exercise.tolerance else 0), 2e-6 * np.abs(yours).max()
    factors = {"": np.ones(len(yours))} | {
        f"{words} {name}": np.concatenate(
            [np.full(trial.yours.size, size) for trial, size in zip(trials, sized, strict=True)]
        )
        for name, sizes in _sizes(trials)
        for words, sized in {"times": sizes, "divided by": 1 / sizes}.items()
        if len({*sizes}) > 1
    }
    for count in [len(names)] if all_off else range(1, len(names)):
        for off in itertools.combinations(range(len(names)), count):
            kept = [place for place in range(len(names)) if place not in off]
            rest = yours - columns[:, kept].sum(1)
            for words, values in factors.items():
                if (told := _told(columns[:, off] * values[:, None], rest, allowed)) is not None:
                    wrong = ", ".join(f"{names[k]} {_off(t, words)}" for k, t in zip(off, told, strict=True))
                    right = " and ".join(names[k] for k in kept)
                    return f"{right} {'are' if len(kept) > 1 else 'is'} right; {wrong}." if kept else f"Here {wrong}."
    return None


def _column(function, trials):
    """A term's values in all cases, one after the other."""
    values = [np.asarray(function(*trial.case.values()), dtype=np.float64) for trial in trials]
    return np.concatenate([np.broadcast_to(v, t.yours.shape).ravel() for v, t in zip(values, trials, strict=True)])


def _told(columns, rest, allowed):
    """The factors with which the columns add up to what is left, or None if they do not."""
    if len(rest) <= columns.shape[1] + 1 or not np.isfinite(columns).all():
        return None
    factors, *_ = np.linalg.lstsq(columns, rest, rcond=None)
    if (np.abs(factors - 1) < 10 * CLOSE).any():
        return None
    fit = columns @ factors
    seen = [size for size in np.abs(columns * factors).max(0) if size > allowed[1]]
    near = np.abs(rest - fit) <= min([allowed[0], *(CLOSE * size for size in seen)]) + allowed[1]
    return factors if near.all() else None


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


def _off(factor, words):
    """What is wrong with a term that has this factor, and should have 1."""
    if abs(factor) < CLOSE:
        return "is missing"
    if words:
        much = "" if abs(factor - 1) < CLOSE else f"{_factor(factor)} what it should be, "
        return f"is {much}{words}" if much else f"is what it should be, {words}"
    return "has the wrong sign" if abs(factor + 1) < CLOSE else f"is {_factor(factor)} what it should be"


def _factor(factor):
    known = {784: "784", np.log(2): "log 2", np.pi: "π", np.sqrt(2): "√2", np.log(10): "log 10", 2 * np.pi: "2π"}
    for value, name in known.items():
        if abs(factor / value - 1) < CLOSE:
            return f"{name} times"
        if abs(factor * value - 1) < CLOSE:
            return f"1/{name} times"
    return f"{number(round(factor, 4) if abs(factor) > 0.01 else factor)} times"
