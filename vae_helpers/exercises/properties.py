"""What all expected numbers have in common and a wrong answer's lack: a sign, a range, a sum, a length."""

from __future__ import annotations

import itertools

import numpy as np

from .trial import CLOSE, Trial
from .values import number

Arrays = list[np.ndarray]


def properties(trials: list[Trial]) -> str | None:
    """The first property that the expected numbers have and the answer's have not, or the other way round."""
    expected, yours = ([getattr(trial, name) for trial in trials] for name in ("expected", "yours"))
    if not sum(array.size for array in yours) or not all(np.isfinite(array).all() for array in [*expected, *yours]):
        return None
    if sum(array.size for array in expected) < 3 or len({*np.concatenate([array.ravel() for array in expected])}) < 2:
        return None
    for look in (signs, range_of, whole, all_alike, sums_of_rows, lengths_of_rows, ends):
        if sentence := look(expected, yours):
            return sentence
    return None


def signs(expected: Arrays, yours: Arrays) -> str | None:
    """Negative where nothing is to be negative, or never."""
    floor = -CLOSE * max(np.abs(array).max(initial=0) for array in expected)
    lowest, own = (min(array.min(initial=np.inf) for array in arrays) for arrays in (expected, yours))
    highest, top = (max(array.max(initial=-np.inf) for array in arrays) for arrays in (expected, yours))
    if lowest >= 0 > floor > own:
        return f"Nowhere is a negative number expected; yours goes down to {number(own)}."
    if highest <= 0 < -floor < top:
        return f"Nowhere is a positive number expected; yours goes up to {number(top)}."
    if lowest < floor < 0 <= own:
        return "Somewhere a negative number is expected; yours is never negative."
    return None


def range_of(expected: Arrays, yours: Arrays) -> str | None:
    """Above 1 where nothing is to be above 1."""
    if any((array < 0).any() or (array > 1).any() for array in expected):
        return None
    top = max(array.max(initial=0) for array in yours)
    return f"Nowhere is more than 1 expected; yours goes up to {number(top)}." if top > 1 + CLOSE else None


def whole(expected: Arrays, yours: Arrays) -> str | None:
    """Whole numbers, or not."""
    is_whole = [all((array == np.round(array)).all() for array in arrays) for arrays in (expected, yours)]
    if is_whole == [True, False]:
        return "Whole numbers are expected, and yours are none: should something be rounded, or divided with //?"
    if is_whole == [False, True] and any(array.any() for array in yours):
        return "Yours are whole numbers, and those that are expected are not."
    return None


def all_alike(expected: Arrays, yours: Arrays) -> str | None:
    """All numbers of a case the same."""
    several = [array for array in expected if array.size > 1]
    alike = [np.ptp(array) <= CLOSE * np.abs(array).max(initial=0) for array in yours if array.size > 1]
    if len(several) == len(alike) > 0 and all(alike) and all(np.ptp(array) > 0 for array in several):
        return "In each case all of your numbers are the same; those that are expected are not."
    return None


def sums_of_rows(expected: Arrays, yours: Arrays) -> str | None:
    """Rows that add up to 1."""
    if any(array.ndim != 2 or not array.size for array in [*expected, *yours]):
        return None
    if not all(np.allclose(array.sum(1), 1, atol=CLOSE) for array in expected):
        return None
    if all(np.allclose(array.sum(1), 1, atol=CLOSE) for array in yours):
        return None
    off = next(array for array in yours if not np.allclose(array.sum(1), 1, atol=CLOSE)).sum(1)
    total = off[np.abs(off - 1).argmax()]
    return f"Each row should sum to 1; a row of yours sums to {number(total)}."


def lengths_of_rows(expected: Arrays, yours: Arrays) -> str | None:
    """Rows of length 1, at right angles to one another."""
    if any(array.ndim != 2 or not array.size for array in [*expected, *yours]):
        return None
    if not all(np.allclose(array @ array.T, np.eye(len(array)), atol=CLOSE) for array in expected):
        return None
    for array in yours:
        products = array @ array.T
        if not np.allclose(products.diagonal(), 1, atol=CLOSE):
            off = np.sqrt(products.diagonal())
            return f"Each row should have the length 1; one of yours has {number(off[np.abs(off - 1).argmax()])}."
        if not np.allclose(products, np.eye(len(array)), atol=CLOSE):
            return "The rows should be at right angles to one another, and yours are not."
    return None


def ends(expected: Arrays, yours: Arrays) -> str | None:
    """Numbers that reach less far than expected, or farther, in every case."""
    pairs = [(a, b) for a, b in zip(expected, yours, strict=True) if a.size > 3 and b.size > 3]
    if len(pairs) < len(expected) or len(pairs) < 2:
        return None
    words = {"less far": lambda a, b: a[0] < b[0] and b[1] < a[1], "farther": lambda a, b: b[0] < a[0] and a[1] < b[1]}
    reached = [[(array.min(), array.max()) for array in pair] for pair in pairs]
    for name, holds in words.items():
        if all(holds(*pair) for pair in reached):
            (low, high), (own_low, own_high) = reached[0]
            return (
                f"In every case yours reach {name} than expected: here from {number(own_low)} to {number(own_high)}, "
                f"expected from {number(low)} to {number(high)}."
            )
    return None


def where(trials: list[Trial]) -> str | None:
    """What the inputs have in common for which an answer is right, and those for which it is wrong have not."""
    right = [trial.right for trial in trials]
    if not any(right) or sum(not one for one in right) < 2:
        return None
    for words, holds in _conditions(trials):
        if holds == right and (sum(right) > 1 or "` and `" in words or len(trials[0].case) == 1):
            return f"Of all inputs that were tried, yours is right for those with {words}, and for no others."
    for words, holds in _conditions(trials):
        if [not one for one in holds] == right:
            return f"Of all inputs that were tried, yours is wrong for those with {words}, and for no others."
    return None


def _conditions(trials):
    """Sentences on inputs, and for which of the trials they hold."""
    cases = [trial.case for trial in trials]
    plain = [name for name, value in cases[0].items() if isinstance(value, (bool, int, float))]
    flags = [name for name in plain if isinstance(cases[0][name], bool)]
    for name in plain:
        for value in dict.fromkeys(case[name] for case in cases):
            holds = [case[name] == value for case in cases]
            if name in flags or value in (0, 1) or sum(holds) > 1:  # else it is the name of one case
                yield f"`{name}` = {value if name in flags else number(value)}", holds
    for one, other in itertools.combinations(flags, 2):
        for a, b in itertools.product((True, False), repeat=2):
            yield f"`{one}` = {a} and `{other}` = {b}", [case[one] == a and case[other] == b for case in cases]
        yield f"`{one}` and `{other}` alike", [case[one] == case[other] for case in cases]
    for one, other in itertools.combinations([name for name in plain if name not in flags], 2):
        yield f"`{one}` = `{other}`", [case[one] == case[other] for case in cases]
    for name, value in cases[0].items():
        if isinstance(value, list):
            yield f"one entry in `{name}`", [len(case[name]) == 1 for case in cases]
            yield f"nothing but ones in `{name}`", [{*case[name]} == {1} for case in cases]
