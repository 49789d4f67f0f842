"""The most telling fact about a wrong answer that nobody has foreseen.

Each look below compares what the answer and the solution made of all cases, and gives a sentence that is true of all of
them, or None. So nothing is guessed: "the sign is turned" is said where it is the sign and nothing else.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from . import running
from .exercise import Exercise
from .probes import probes
from .properties import properties, where
from .relations import of_one_number, offset, ratio, terms
from .substitutes import as_if, fickle, ignored
from .summaries import labelled_parts, lengths, of_an_input, of_single_results, only_one
from .trial import Trial, equal
from .values import number


def telling_fact(exercise: Exercise, answer: Callable, trials: list[Trial], deadline: float) -> str | None:
    """The first of the sentences below that holds, or None. The answer is not called after `deadline`."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a solution that is called with odd inputs
        if exercise.kind == "derive":  # an expression's factor or sign says more
            return _first(exercise, answer, trials, deadline)
        return _noticed(exercise, answer) or _first(exercise, answer, trials, deadline)


def _noticed(exercise, answer):
    if exercise.notice is None:
        return None
    try:
        with running.seeded(0):
            return running.within_limit(lambda: exercise.notice(answer))
    except (Exception, SystemExit):
        return None


def _first(exercise, answer, trials, deadline):
    trials = [trial for trial in trials if not trial.failure]
    if exercise.kind == "write a test":
        return tested(trials)
    alike = all(trial.yours.shape == trial.expected.shape for trial in trials)
    for look in _looks(exercise, alike):
        if sentence := look(trials):
            return sentence
    if exercise.kind == "derive" and (sentence := _noticed(exercise, answer)):
        return sentence
    if exercise.known:
        return right_elsewhere(trials) or labelled_parts(trials)
    if time.monotonic() < deadline and (sentence := fickle(exercise, answer, trials[0])):
        return sentence
    return (
        ignored(exercise, answer, trials, deadline)
        or ((as_if(exercise, trials) or of_single_results(exercise, trials)) if alike else None)
        or (terms(exercise, trials, all_off=True) if alike else None)
        or labelled_parts(trials)
        or places(trials)
        or where(trials)
        or probes(exercise, answer, trials, deadline)
        or (properties(trials) if alike else None)
        or direction(trials)
    )


def _looks(exercise, alike):
    """The looks at numbers alone."""
    if not alike:
        return [an_input, shapes]
    if exercise.known:
        return [an_input, not_finite]
    numbers = [ratio, always, offset, of_one_number]
    return [
        *[
            an_input,
            not_finite,
            ratio,
            lambda trials: terms(exercise, trials),
            lambda trials: only_one(trials, numbers),
        ],
        *[offset, of_one_number, order, of_an_input],
    ]


def tested(trials: list[Trial]) -> str | None:
    """What a reader's test lets through, and what it rejects that is sound."""
    named = [
        (f"`{next(iter(trial.case.values())).__name__}`", bool(trial.yours), bool(trial.expected)) for trial in trials
    ]
    through = ", ".join(name for name, passed, sound in named if passed and not sound)
    rejected = ", ".join(name for name, passed, sound in named if sound and not passed)
    said = [f"lets {through} through"] * bool(through) + [f"rejects what is sound, {rejected}"] * bool(rejected)
    return f"Your test {', and '.join(said)}." if said else None


def an_input(trials: list[Trial]) -> str | None:
    """One of the inputs, returned as it is."""
    for name in trials[0].case if trials else ():
        inputs = [trial.case[name] for trial in trials]
        if all(isinstance(value, (int, float, torch.Tensor)) for value in inputs) and all(
            np.array_equal(trial.yours, np.asarray(value, dtype=np.float64), equal_nan=True)
            for trial, value in zip(trials, inputs, strict=True)
        ):
            return f"Yours is `{name}`, unchanged."
    return None


def shapes(trials: list[Trial]) -> str | None:
    """Other shapes than expected."""
    off = [trial for trial in trials if trial.yours.shape != trial.expected.shape]

    def always(change):
        return all(equal(change(trial.yours), trial.expected) for trial in off)

    if all(trial.yours.size == trial.expected.size for trial in off):
        if all(equal(trial.yours.squeeze(), trial.expected.squeeze()) for trial in off):
            return "The numbers are right, with an axis of length 1 too many or too few."
        if always(np.transpose):
            return "The right numbers, transposed: rows and columns are swapped."
        if all(equal(trial.yours.ravel(), trial.expected.ravel()) for trial in off):
            return "The right numbers, in the right order, in another shape."
    several = [trial for trial in off if trial.expected.size > 1]
    if several and all(trial.yours.size == 1 for trial in off):
        for place, label in enumerate(trials[0].labels):
            if all(equal(trial.yours.ravel()[0], trial.expected[place]) for trial in off):
                return f"Yours is {label} alone."
        for name, summary in {"average": np.mean, "sum": np.sum, "largest": np.max, "first": np.ravel}.items():
            if all(equal(trial.yours.ravel()[0], np.ravel(summary(trial.expected))[0]) for trial in off):
                return f"Yours is the {name} of the numbers that are expected: keep them apart."
        return "Yours is one number, where several are expected."
    for axis in (None, 0, 1, -1):
        for name, summary in [("added up", np.sum), ("averaged", np.mean)]:
            if all(equal(_along(summary, trial.yours, axis), trial.expected) for trial in off):
                where = "all" if axis is None else f"along axis {axis}"
                return f"If yours were {name} {where}, it would be right."
    if all(trial.expected.size == 1 < trial.yours.size for trial in off):
        return f"One number is expected, and yours are {off[0].yours.size}."
    if sentence := _more_or_fewer(off) or lengths(off):
        return sentence
    if all(sorted(trial.yours.shape) == sorted(trial.expected.shape) for trial in off):
        return "The axes are in another order than expected."
    return None


def _more_or_fewer(trials):
    """So many rows too many, or too few, always the same number."""
    if any(t.yours.ndim == 0 or t.yours.shape[1:] != t.expected.shape[1:] or not t.expected.ndim for t in trials):
        return None
    extra = {len(trial.yours) - len(trial.expected) for trial in trials}
    if len(extra) > 1:
        return None
    (rows,) = extra
    noun = "number" if trials[0].yours.ndim == 1 else "row"
    count = f"one {noun}" if abs(rows) == 1 else f"{abs(rows)} {noun}s"
    return f"Yours has {count} too {'many' if rows > 0 else 'few'}."


def always(trials: list[Trial]) -> str | None:
    """One number in all cases, where several are expected."""
    if any(trial.yours.size != 1 for trial in trials):
        return None
    own, due = ({getattr(trial, numbers).item() for trial in trials} for numbers in ("yours", "expected"))
    if len(own) > 1 or len(due) < 3:
        return None
    return f"Yours is {number(own.pop())} in all cases."


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


def order(trials: list[Trial]) -> str | None:
    """The right numbers in other places."""
    if not any(trial.expected.size > 1 for trial in trials) or all(equal(t.yours, t.expected) for t in trials):
        return None
    moves = {
        "in reverse order": lambda a: a[::-1] if a.ndim else a,
        "transposed": lambda a: a.T if a.ndim < 3 else a.swapaxes(0, 1),
        "with the last axis reversed": lambda a: a[..., ::-1] if a.ndim else a,
        "one place further": lambda a: np.roll(a, 1, 0) if a.ndim else a,
        "one place too early": lambda a: np.roll(a, -1, 0) if a.ndim else a,
    }
    for name, move in moves.items():
        if all(equal(move(trial.yours), trial.expected) for trial in trials):
            return f"The right numbers, {name}."
    if all(equal(np.sort(trial.yours, None), np.sort(trial.expected, None)) for trial in trials):
        return "The right numbers, in another order."
    return None


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
        if all(not row[0] and row[1:].all() for row in rows):
            labels = trials[0].labels
            return (
                f"Right {labels[0]}, and wrong elsewhere."
                if labels
                else "The first place is right; the others are not."
            )
    return right_elsewhere(trials)


def right_elsewhere(trials: list[Trial]) -> str | None:
    """Right in some cases; which are the others?"""

    about = {True: {}, False: {}}
    for trial in trials:
        about[trial.right][getattr(trial.case, "about", "")] = None
    right, wrong = about[True], about[False]
    if right and all(right) and (len(right) < len(wrong) or not all(wrong)):
        return f"Right only for {' and '.join(right)}."
    if right and all(wrong):
        return f"Right for all inputs but {' and '.join(wrong)}."
    return None


def direction(trials: list[Trial]) -> str | None:
    """Too large, or too small, wherever it is wrong."""
    if any(trial.yours.shape != trial.expected.shape for trial in trials):
        return None
    gaps = np.concatenate([(trial.yours - trial.expected)[trial.differ].ravel() for trial in trials])
    if len(gaps) < 3 or not ((gaps > 0).all() or (gaps < 0).all()):
        return None
    return f"Wherever yours differs, it is too {'large' if gaps[0] > 0 else 'small'}."


def _along(summary, array, axis):
    if axis is not None and not -array.ndim <= axis < array.ndim:
        return np.array(np.nan)
    return summary(array, axis=axis)
