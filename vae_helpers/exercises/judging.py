"""Is an answer right? And if not, what can be said about it?"""

from __future__ import annotations

import dataclasses
import itertools
import time
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import running
from .exercise import Exercise, Unfit
from .facts import telling_fact
from .trial import Trial
from .values import (
    NoNumbers,
    Numbers,
    as_numbers,
    differences,
    given,
    in_words,
    labelled,
    pair_in_words,
    stacked,
    with_article,
)


class NotAttempted(Exception):
    """The answer is still the stub."""


class Wrong(Exception):
    """The answer is wrong; the text says how."""


class _Failed(Exception):
    """An answer gave nothing to compare; the text says what it did."""


def judge(exercise: Exercise, answer: Any, cases: list[dict[str, Any]] = ()) -> None:
    """Raise NotAttempted or Wrong unless `answer` does what the exercise's solution does, on every case.

    cases: more of them, beside the exercise's own.
    """
    if answer is ... or is_the_stub(exercise, answer):
        raise NotAttempted
    if not callable(answer):
        name = exercise.name
        raise Wrong(f"expected a function, got {with_article(answer)}: pass {name} and not {name}(…)")
    answer = running.by_position(answer, exercise.arguments)
    trials, deadline = [], time.monotonic() + running.SECONDS
    for seed, case in enumerate([*all_cases(exercise), *cases]):
        trials.append(_try(exercise, answer, case, seed))
        if not trials[-1].right:
            raise Wrong(_report(exercise, answer, trials, cases, deadline))
    if exercise.known is None:
        again = _try(exercise, answer, trials[0].case, seed=-1)
        if not again.right:
            raise Wrong(
                "two calls with the same input gave two results\n"
                f"  given     {given(again.case)}\n"
                f"  first     {in_words(trials[0].found.values)}\n"
                f"  then      {again.failure or in_words(again.found.values)}"
            )
    if exercise.trains and (missing := _gradients_that_differ(exercise, answer, trials)):
        raise Wrong(f"the numbers are right, but {missing}")


def all_cases(exercise: Exercise) -> list[dict[str, Any]]:
    """The cases of an exercise, the same each time."""
    with running.seeded(0):
        return exercise.cases()


def observed(exercise: Exercise, function: Callable, case: dict[str, Any], seed: int) -> Numbers:
    """What a function of our own (the solution, a mistake) makes of a case."""
    with running.seeded(seed + 1):
        return as_numbers(exercise.observe(function, *running.own_copies([*case.values()])))


def is_the_stub(exercise: Exercise, answer: Any) -> bool:
    """Whether a function is what the reader was given, and nothing was done to it."""
    code = getattr(answer, "__code__", None)
    if code is None:
        return False
    names = {"torch": torch, "np": np}
    exec(compile(exercise.stub, "stub", "exec"), names)
    return _does_the_same(code, names[exercise.name].__code__)


def _does_the_same(code, stub):
    """Whether two pieces of code are one, and those inside them too, wherever they stand."""
    if not isinstance(code, types.CodeType) or not isinstance(stub, types.CodeType):
        return type(code) is type(stub) and code == stub
    same = (code.co_code, code.co_names, len(code.co_consts)) == (stub.co_code, stub.co_names, len(stub.co_consts))
    return same and all(map(_does_the_same, code.co_consts, stub.co_consts))


def _try(exercise, answer, case, seed):
    """What an answer makes of a case, beside what is expected."""
    if exercise.known is None:
        expected = observed(exercise, exercise.solve, case, seed).values
        trial = Trial(case, expected, exercise.tolerance, exercise.labels)
    else:
        labels, expected, allowed = zip(*exercise.known(*case.values()), strict=True)
        trial = Trial(case, np.array(expected), np.array(allowed), labels)
    try:
        found = _observed_of_reader(exercise, answer, case, seed)
    except _Failed as failed:
        return dataclasses.replace(trial, failure=str(failed))
    if trial.expected.shape == () and found.values.shape == (1,):  # one number, in an array
        found = Numbers(found.values.reshape(()), found.precision)
    return dataclasses.replace(trial, found=found)


def _observed_of_reader(exercise, answer, case, seed):
    """What an answer makes of a case, with inputs of its own and a limit of time. Raises _Failed."""
    values = running.own_copies([*case.values()])
    weights = [running.weights(value) for value in values]
    limit = running.SECONDS * (3 if exercise.kind == "derive" else 1)  # SymPy's integrals take their time

    def called(*inputs):
        found = answer(*inputs)
        if found is None:
            raise _Failed("None: did you forget `return`?")
        if found is ...:
            raise _Failed("`...`: put what you return in its place")
        return found

    try:
        with running.seeded(seed + 1):
            found = as_numbers(running.within_limit(lambda: exercise.observe(called, *values), limit))
    except _Failed:
        raise
    except Unfit as unfit:
        raise _Failed(str(unfit)) from None
    except running.TooSlow:
        raise _Failed(f"took more than {limit:g} seconds. Is there a loop that does not end?") from None
    except NoNumbers as nothing:
        raise _Failed(f"{nothing}; expected numbers, as a tensor or an array") from None
    except SystemExit:
        raise _Failed("would end Python: leave out the exit()") from None
    except (Exception, GeneratorExit) as error:
        raise _Failed(running.raised_in_words(answer, error)) from None
    for name, value, before, old in zip(case, values, case.values(), weights, strict=True):
        new = running.weights(value)
        if not running.unchanged(value, before) or not all(map(torch.equal, new, old)):
            raise _Failed(f"changed `{name}` itself, which whoever calls it may still need. Work on a copy")
    return found


def _report(exercise, answer, trials, cases, deadline):
    """Three short lines, given, yours and expected, and the most telling sentence that we know.

    An answer that took long is not tried any further.
    """
    trial = trials[-1]
    if trial.failure:
        yours, expected = trial.failure, "draws" if exercise.known else labelled(trial.expected, trial.labels)
    elif trial.found.values.shape != trial.expected.shape:
        yours, expected = (f"shape {array.shape}" for array in (trial.found.values, trial.expected))
        if trial.found.values.size <= 8:
            yours += f": {in_words(trial.found.values)}"
    elif exercise.kind == "write a test":
        yours, expected = (str(bool(passed)) for passed in (trial.found.values, trial.expected))
    else:
        yours, expected = pair_in_words(trial.found.values, trial.expected, trial.differ, trial.labels)
    lines = ["not right yet", f"  given     {given(trial.case)}", f"  yours     {yours}", f"  expected  {expected}"]
    if sentence := running.in_another_order(answer, exercise.arguments):
        lines.append(f"  {sentence}")
    elif not trial.failure:
        for seed, case in enumerate([*all_cases(exercise), *cases]):
            if seed >= len(trials) and time.monotonic() < deadline:
                trials.append(_try(exercise, answer, case, seed))
        in_time = time.monotonic() < deadline
        if in_time and (
            sentence := _known_mistake(exercise, trials) or telling_fact(exercise, answer, trials, deadline)
        ):
            lines.append(f"  {sentence}")
    return "\n".join(lines)


def _known_mistake(exercise, trials):
    """The hint of the known mistake that the answer behaves like, or None.

    On every case; or else on all but special ones, of which the answer may make something else than we did.
    """
    if any(trial.failure for trial in trials):
        return None
    special = [bool(getattr(trial.case, "about", "")) for trial in trials]
    order = sorted(range(len(trials)), key=special.__getitem__)
    ordinary = len(trials) - sum(special)
    telling = sum(not trial.right for trial, about in zip(trials, special, strict=True) if not about) > 1
    nearly = None
    for mistake in exercise.mistakes:
        alike = itertools.takewhile(lambda k, m=mistake: _behaves_like(exercise, m, trials[k], k), order)
        count = len([*alike])
        if count == len(trials):
            nearly = mistake
            break
        if count >= ordinary and telling:
            nearly = nearly or mistake
    return f"Hint: {' '.join(nearly.__doc__.split())}" if nearly else None


def _behaves_like(exercise, mistake, trial, seed):
    try:
        same = observed(exercise, mistake, trial.case, seed).values
    except Exception:  # a mistake need not cope with a teacher's own case
        return False
    return _alike(trial.found, same, trial.tolerance)


def _alike(found, same, tolerance):
    if found.values.shape == () and same.shape == (1,):
        same = same.reshape(())
    nan = np.isnan(found.values)
    if found.values.shape != same.shape or (nan != np.isnan(same)).any():
        return False
    left = Numbers(np.nan_to_num(found.values), found.precision)
    return not differences(left, np.nan_to_num(same), tolerance).any()


def _gradients_that_differ(exercise, answer, trials):
    """A sentence on the gradients of an answer that is to be trained with, or None if they are the solution's."""
    for seed, trial in enumerate(trials):
        ours, _ = _gradients(exercise, exercise.solve, trial.case, seed)
        try:
            own, precision = running.within_limit(lambda c=trial.case, s=seed: _gradients(exercise, answer, c, s))
        except (Exception, SystemExit) as error:
            own, precision = dict.fromkeys(exercise.trains), 0.0
            if "requires grad" not in str(error):
                return f"it {running.raised_in_words(answer, error)} when gradients are asked for"
        for name in exercise.trains:
            due = torch.zeros_like(trial.case[name]) if ours[name] is None else ours[name]
            if own[name] is None and not due.any():  # where nothing should flow, nothing need
                continue
            if own[name] is None:
                return f"no gradient reaches `{name}`. Keep it in torch: no item(), detach(), no_grad() or NumPy"
            allowed = max(1e-3, exercise.tolerance, 4 * precision)
            difference = differences(as_numbers(own[name]), due.double().numpy(), allowed)
            if difference.any():
                yours, expected = pair_in_words(own[name].double().numpy(), due.double().numpy(), difference, ())
                return (
                    f"their gradient by `{name}` is not\n  given     {given(trial.case)}\n"
                    f"  yours     {yours}\n  expected  {expected}"
                )
    return None


def _gradients(exercise, function, case, seed):
    """The gradients of what a function returns, in a direction drawn at random, by the arguments that train.

    And the precision of what it returns, since a gradient that comes through rounded numbers is rounded, too.
    """
    leaves = {name: case[name].clone().requires_grad_() for name in exercise.trains}
    with running.seeded(seed + 1):
        found = stacked(function(*({**case, **{name: leaf.clone() for name, leaf in leaves.items()}}).values()))
        if not torch.is_tensor(found) or not found.requires_grad:
            return dict.fromkeys(leaves), 0.0
        direction = torch.rand(found.shape, generator=torch.Generator().manual_seed(0)).to(found.dtype)
        gradients = torch.autograd.grad((found * direction).sum(), [*leaves.values()], allow_unused=True)
    return dict(zip(leaves, gradients, strict=True)), torch.finfo(found.dtype).eps
