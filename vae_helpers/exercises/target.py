"""An exercise with a target to reach: the reader trains a model, and every try is kept in a table."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable
from typing import Any

from .checker import Checker
from .judging import is_the_stub
from .record import RIGHT, TRIED
from .running import TooSlow, raised_in_words, within_limit

SECONDS = 300.0  # that a try may take, with its score


class TargetChecker(Checker):
    """Trains with the reader's function and scores what comes back, on test images."""

    def __init__(self, *arguments: Any):
        super().__init__(*arguments)
        self._tries: list[tuple[float, float, bool]] = []  # nats, seconds, and whether the target was reached

    def __call__(self, train: Callable) -> None:
        name, goal = self._exercise.name, self._exercise.target
        self._answer = None
        if train is ... or is_the_stub(self._exercise, train):
            print(f"○ {name}: not attempted yet")
            return
        try:
            nats, seconds, enough = within_limit(lambda: goal(train), SECONDS)
        except (Exception, SystemExit) as error:
            self._record.note(name, TRIED)
            late = f"took more than {SECONDS:g} seconds" if isinstance(error, TooSlow) else None
            print(f"✗ {name}: {late or raised_in_words(train, error)}")
            return
        reached = nats <= enough[0] and seconds <= enough[1]
        self._tries.append((nats, seconds, reached))
        self._record.note(name, RIGHT if reached else TRIED)
        self._answer = train if reached else None
        print(f"{'✓' if reached else '✗'} {name}: the target is {enough[0]:g} nats in {enough[1]:g} seconds")
        print("  try   negative ELBO   seconds")
        for number, (nats, seconds, reached) in enumerate(self._tries, 1):
            print(f"  {number:3}   {nats:13.2f}   {seconds:7.1f} {'✓' * reached}")
        if self._answer:
            print(f"  {self._exercise.right}")


def trained_on_mnist(train: Callable) -> tuple[float, float, tuple[float, float]]:
    """The negative ELBO of train(images) on test images, the seconds it took, and what is enough of both."""
    from ..data import load_mnist
    from ..training import evaluate

    with contextlib.redirect_stdout(io.StringIO()):  # it says which images these are
        mnist = load_mnist()
    start = time.perf_counter()
    model = train(mnist.train.images)
    seconds = time.perf_counter() - start
    if model is None:
        raise ValueError("your function returned None: did you forget `return`?")
    enough = (100.0 if mnist.source == "full" else 110.0), 60.0
    return evaluate(model, mnist.test.images).negative_elbo, seconds, enough
