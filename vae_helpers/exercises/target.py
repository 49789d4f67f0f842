"""An exercise with a target to reach: the reader trains a model, and every try is kept in a table."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch

from .checker import Checker
from .exercise import Unfit
from .judging import is_the_stub
from .record import RIGHT, TRIED
from .running import TooSlow, raised_in_words, weights, within_limit

SECONDS = 300.0  # that a try may take, with its score
OTHER_WAYS = random.Random()  # not the reader's generator


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
            unfit = str(error) if isinstance(error, Unfit) else None
            print(f"✗ {name}: {late or unfit or raised_in_words(train, error)}")
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
    """The negative ELBO of train(images) on test images, the seconds it took, and what is enough of both.

    All images are turned or mirrored, differently in each try: to a network that is trained on them it is the same, and
    one that was trained before has never seen such digits. Raises Unfit for a model that is no honest try.
    """
    from ..data import load_mnist

    with contextlib.redirect_stdout(io.StringIO()):  # it says which images these are
        mnist = load_mnist()
    turns, mirrored = OTHER_WAYS.choice([(1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1)])

    def turned(images):
        images = images.flip(3) if mirrored else images
        return images.rot90(turns, (2, 3)).contiguous()

    start = perf_counter()
    model = train(turned(mnist.train.images))
    seconds = perf_counter() - start
    if model is None:
        raise Unfit("your function returned None: did you forget `return`?")
    enough = (100.0 if mnist.source == "full" else 110.0), 60.0
    return _scored(model, mnist.test.images, turned), seconds, enough


def _scored(model, images, turned):
    """The negative ELBO on turned images, of a model that is a VAE, and was trained on such images and is no more."""
    from ..training import evaluate

    before = weights(model)
    nats = evaluate(model, turned(images)).negative_elbo
    if nats is None:
        raise Unfit("your function returned an autoencoder: expected a VAE, whose `encode` gives mu and logvar")
    after = weights(model)
    if len(before) != len(after) or not all(map(torch.equal, before, after)):
        raise Unfit("the model's weights changed while it was scored. Train it before you return it")
    with torch.no_grad():
        z = torch.zeros(1, model.latent_dim)
        first = model.decode_logits(z)
        model.encode(turned(images[:1]))
        if not torch.equal(first, model.decode_logits(z)):
            raise Unfit("the decoder gives something else after the encoder has seen an image: it may know only z")
    few = images[:1000]
    if evaluate(model, few).negative_elbo < evaluate(model, turned(few)).negative_elbo - 5:
        raise Unfit(
            f"{nats:.1f} nats on images that are turned as yours were, and far fewer on others: it was trained on "
            "others, or before the clock ran. Train a new model on the `images` that your function gets"
        )
    return nats
