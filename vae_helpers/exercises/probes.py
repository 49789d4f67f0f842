"""What happens to an answer when its inputs are changed, and what should: facts that come of calling both again.

"Twice `x` should make the result 4 times as large; yours becomes twice as large" is seen without a look at the code.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from .exercise import Exercise
from .substitutes import found_or_none, solved_or_none
from .trial import CLOSE, Trial, equal
from .values import Numbers, differences, number

MOST = 4  # trials that are looked at


def _is_real(value):
    if torch.is_tensor(value):
        return value.is_floating_point()
    return isinstance(value, (int, float)) and not isinstance(value, bool)


ONE = {  # changes of one input, and what is said of them
    "twice `{}`": lambda value: 2 * value,
    "`{}` + 1": lambda value: value + 1,
    "−`{}`": lambda value: -value,
}
IN_ITS_PLACE = {"0": lambda value: 0 * value, "1": lambda value: 0 * value + 1}
ROWS = {  # changes of all inputs that have one row for each image
    "the rows of {} in reverse order": lambda value: value[::-1] if isinstance(value, list) else value.flip(0),
    "the rows of {} given twice": lambda value: value + value if isinstance(value, list) else torch.cat([value, value]),
    "the first row of {} alone": lambda value: value[:1],
}


def probes(exercise: Exercise, answer: Callable, trials: list[Trial], deadline: float) -> str | None:
    """The first change of the inputs that an answer takes otherwise than the solution does."""
    trials = trials[:MOST]
    if len(trials) < 2:
        return None
    weaker = None
    for words, change in _changes(trials):
        if time.monotonic() > deadline:
            break
        should = _relation(exercise, exercise.solve, trials, change, "expected")
        if should is None:
            continue
        does = _relation(exercise, answer, trials, change, "yours")
        if does == should:
            continue
        if does is not None:
            return f"With {words}, the result should {should[1]}; yours would {does[1]}."
        if should[0] == "same" or weaker is None:
            weaker = f"With {words}, the result should {should[1]}; yours does not."
    return weaker or _right_without(exercise, answer, trials, deadline)


def _right_without(exercise, answer, trials, deadline):
    """An input that makes an answer right once it is 0, or 1, or has one entry: then it goes in wrongly."""
    for axes in _axes_of_one_length(trials):
        changed = [
            trial.case | {name: trial.case[name].narrow(axis, 0, 1) for name, axis in axes.items()} for trial in trials
        ]
        if _right_for(exercise, answer, trials, changed, deadline):
            alike = [[name for name, own in axes.items() if own == axis] for axis in dict.fromkeys(axes.values())]
            where = _listed(f"axis {axes[names[0]]} of {_listed(f'`{name}`' for name in names)}" for names in alike)
            return f"With only one entry along {where}, yours is right; with several it is not."
    real = [name for name in trials[0].case if all(_is_real(trial.case[name]) for trial in trials)]
    for name, (word, change) in itertools.product(real, IN_ITS_PLACE.items()):
        changed = [trial.case | {name: change(trial.case[name])} for trial in trials]
        if _right_for(exercise, answer, trials, changed, deadline):
            return (
                f"With {word} everywhere in the place of `{name}`, yours is right: look at what you do with `{name}`."
            )
    return None


def _right_for(exercise, answer, trials, cases, deadline):
    """Whether an answer is right for changed cases, and that says something: not all that is expected is one number."""
    varied = False
    for trial, case in zip(trials, cases, strict=True):
        found, due = found_or_none(exercise, answer, case), solved_or_none(exercise, case)
        if time.monotonic() > deadline or found is None or due is None or not np.isfinite(due).all() or not due.any():
            return False
        if found.shape != due.shape or differences(Numbers(found), due, trial.tolerance).any():
            return False
        varied = varied or due.size == 1 or bool(np.ptp(due))
    return varied


def _axes_of_one_length(trials):
    """Axes of the inputs in groups that have one length, in each case."""
    groups = {}
    for name, value in trials[0].case.items():
        for axis in range(value.ndim if torch.is_tensor(value) else 0):
            sizes = tuple(trial.case[name].shape[axis] for trial in trials)
            if name not in groups.setdefault(sizes, {}):
                groups[sizes][name] = axis
    return [group for sizes, group in groups.items() if max(sizes) > 1]


def _changes(trials: list[Trial]) -> Iterator[tuple[str, Callable]]:
    """Changes of a case: words, and a function. Rows that change together have one number in every case."""
    real = [name for name, value in trials[0].case.items() if _is_real(value)]
    for name, (words, change) in itertools.product(real, ONE.items()):
        yield words.format(name), lambda given, n=name, c=change: given | {n: c(given[n])}
    if len(real) > 1:
        yield "all inputs doubled", lambda given: given | {name: 2 * given[name] for name in real}
    groups = {}
    for name, value in trials[0].case.items():
        if isinstance(value, list) or getattr(value, "ndim", 0):
            groups.setdefault(tuple(len(trial.case[name]) for trial in trials), []).append(name)
    for words, change in ROWS.items():
        for names in groups.values():
            named = _listed(f"`{name}`" for name in names)
            yield words.format(named), lambda given, n=names, c=change: given | {name: c(given[name]) for name in n}


def _relation(exercise, function, trials, change, before):
    """What becomes of all results if the inputs are changed: a key, and words for it. None if it is no one thing."""
    kinds, ours = [], function is exercise.solve
    for trial in trials:
        try:
            case = change(trial.case)
        except Exception:  # an input that is not made for this change
            return None
        after = solved_or_none(exercise, case) if ours else found_or_none(exercise, function, case)
        if after is None or not np.isfinite(after).all() or (ours and not after.any()):
            return None
        kinds.append(dict(_became(getattr(trial, before), after)))
    common = [key for key in kinds[0] if all(key in kind for kind in kinds)]
    return (common[0], kinds[0][common[0]]) if common else None


def _became(before, after):
    """All that can be said of what became of some numbers: keys, and words."""
    if before.shape == after.shape:
        if equal(after, before):
            yield "same", "stay the same"
            return
        if before.ndim and len(before) > 1 and equal(after, before[::-1]):
            yield "reversed", "be in reverse order, too"
        gap = _one(after - before)
        if gap is not None:
            yield f"plus {gap:.3g}", f"be {number(round(abs(gap), 4))} {'larger' if gap > 0 else 'smaller'}"
        with np.errstate(all="ignore"):
            factor = _one(after[before != 0] / before[before != 0]) if before.any() else None
        if factor is not None and abs(factor - 1) > 0.1 and equal(after, factor * before):
            words = "change its sign" if abs(factor + 1) < CLOSE else f"be multiplied by {number(round(factor, 3))}"
            yield f"times {factor:.3g}", words
    elif before.ndim and before.ndim == after.ndim and before.shape[1:] == after.shape[1:]:
        if len(after) == 1 and equal(after, before[:1]):
            yield "first", "be its own first row, as before"
        if len(after) == 2 * len(before) and equal(after, np.concatenate([before, before])):
            yield "twice", "have each row twice"


def _listed(words):
    """a, b and c"""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _one(values):
    """The one number that all of them are, nearly, or None."""
    if not values.size:
        return None
    middle = float(np.median(values))
    return middle if np.abs(values - middle).max() <= CLOSE * max(abs(middle), 1e-9) else None
