"""One training loop and one evaluation for every model: yours or the package's, with your loss or the package's."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ._loss_call import bind, try_once
from ._precision import bfloat16_layers, has_fast_bfloat16
from ._seeds import seeded
from ._validation import check_at_least, check_images, check_labels, check_model, check_positive_int, where
from .losses import Likelihood, NegativeELBO, bernoulli_nll, elbo_terms, squared_error

Loss = Callable[..., Tensor | dict[str, Tensor]]
Transform = Callable[[Tensor], Tensor]


@dataclass
class History:
    """Averages over the images of each epoch, one number an epoch, taken while the weights were still changing.

    loss: what was minimised. parts: what else the loss reported, by name; NegativeELBO reports "reconstruction" and
    "kl", unweighted, in nats per image. interrupted: whether the stop button ended the run.
    """

    loss: list[float] = field(default_factory=list)
    parts: dict[str, list[float]] = field(default_factory=dict)
    interrupted: bool = False


class Scores(NamedTuple):
    """Averages over images. For a VAE in nats per image, negative_elbo = reconstruction + kl.

    A plain autoencoder has a squared error per image as its reconstruction, and None for the others.
    """

    negative_elbo: float | None
    reconstruction: float
    kl: float | None


def fit(
    model: nn.Module,
    images: Tensor,
    *,
    epochs: int,
    loss: Loss | None = None,
    labels: Tensor | Sequence[int] | None = None,
    lr: float = 2e-3,
    batch_size: int = 128,
    seed: int = 0,
    transform: Transform | None = None,
    progress: bool = True,
) -> History:
    """Train `model` on `images` (N, 1, 28, 28) in [0, 1] with Adam; return its History.

    The model trains where its parameters are (CPU or GPU) and is left in eval mode. The stop button leaves it usable
    and returns the history so far.

    epochs: passes over the images.
    loss: a function loss(model, x) of a batch x (N, 1, 28, 28): one number, or a dict of numbers, of which "loss" is
        minimised and all are recorded. If it names an argument `labels`, it gets those of the batch; if `progress`, the
        share of training that is done, from 0 to 1. By default NegativeELBO().
    labels: one for each image, for a loss that takes them.
    lr: highest learning rate; it rises over the first tenth of the steps and falls to 0 along a half cosine.
    seed: of the shuffling and the noise; torch's global generator is left as it was.
    transform: makes of each batch the images to train on, afresh each time, as in `transform=torch.bernoulli`, which
        draws black-and-white pixels (dynamic binarization).
    progress: print the settings, show a bar, and print a line an epoch.

    Before the first step the loss is tried on one batch. Raises ValueError for a model or a loss that does not fit, for
    images of another shape or outside [0, 1], before or after `transform`, for labels of another length, for epochs,
    batch_size or lr that are not positive, and for a seed that is no whole number; FloatingPointError when the loss is
    not finite, with the weights of the last whole epoch.
    """
    _check_settings(model, images, labels, epochs, batch_size, lr)
    batch_size = int(batch_size)  # torch takes no integer of NumPy's
    images = images.to(where(model))
    compute = bind(NegativeELBO() if loss is None else loss, model, images, labels, transform)
    try_once(compute, model, torch.arange(min(batch_size, len(images))), seed)
    if progress:
        print(_settings(model, NegativeELBO() if loss is None else loss, images, epochs, lr, batch_size, transform))

    run = _Run(model, compute, lr, epochs, math.ceil(len(images) / batch_size))
    with seeded(seed), _bar(run.total, progress) as bar, bfloat16_layers(model):
        try:
            for epoch in range(epochs):
                averages = run.epoch(torch.randperm(len(images)).split(batch_size), epoch, bar)
                if progress:
                    print(f"epoch {epoch + 1}/{epochs}: " + ", ".join(f"{k} {v:.2f}" for k, v in averages.items()))
        except KeyboardInterrupt:
            run.interrupt()
        finally:
            model.eval()
    return run.history


class _Run:
    """One call of `fit`: the optimizer, the schedule, the last good weights and the history."""

    def __init__(self, model, compute, lr, epochs, steps):
        self.model, self.compute, self.lr = model, compute, lr
        self.steps, self.total = steps, epochs * steps
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
        self.history = History()
        self._last_good, self._parts = copy.deepcopy(model.state_dict()), []

    def epoch(self, batches, epoch, bar):
        """Train on each batch of row numbers; record and return the averages over images of all parts of the loss."""
        self._last_good, self._parts = copy.deepcopy(self.model.state_dict()), []
        self.model.train()
        for step, rows in enumerate(batches):
            progress = (epoch * self.steps + step) / self.total
            for group in self.optimizer.param_groups:
                group["lr"] = self.lr * lr_schedule(progress)
            parts = self.compute(rows, progress)
            self.optimizer.zero_grad()
            parts["loss"].backward()
            self.optimizer.step()
            self._parts.append(torch.stack([part.detach().float() for part in parts.values()]))
            bar.update()
        self._stop_if_not_finite(epoch)
        share = torch.tensor([len(rows) for rows in batches]) / sum(len(rows) for rows in batches)
        averages = dict(zip(parts, (share @ torch.stack(self._parts).cpu()).tolist(), strict=True))
        self.history.loss.append(averages["loss"])
        for name, average in averages.items():
            if name != "loss":
                self.history.parts.setdefault(name, []).append(average)
        return averages

    def interrupt(self):
        """Keep what was learned, unless it is no longer finite, and say so."""
        self.history.interrupted = True
        if self._parts and not torch.stack(self._parts).isfinite().all():
            self.model.load_state_dict(self._last_good)
        print(f"Interrupted after {len(self.history.loss)} whole epochs: the model keeps what it has learned.")

    def _stop_if_not_finite(self, epoch):
        losses = torch.stack(self._parts)[:, 0]
        bad = (~losses.isfinite()).nonzero()
        if len(bad):
            step = bad[0].item()
            self.model.load_state_dict(self._last_good)
            raise FloatingPointError(
                f"the loss became {losses[step].item()} at step {step + 1} of epoch {epoch + 1}. The model has the "
                f"weights it had after {epoch} whole epochs. A smaller lr usually helps."
            )


def lr_schedule(progress: float) -> float:
    """Learning rate relative to its highest: linear over the first tenth of training, then a half cosine down to 0.

    progress: the share of training that is done. Raises ValueError for anything but a number, 0 or more.
    """
    check_at_least("progress", progress, 0)
    if progress < 0.1:
        return (progress + 0.01) / 0.11  # from just above 0, so that no step is lost
    return 0.5 * (1 + math.cos(math.pi * (progress - 0.1) / 0.9))


@torch.no_grad()
def start_at_mean(bias: nn.Parameter, images: Tensor) -> None:
    """Set the bias of a decoder's last layer to the logit of the mean image: training starts from that prediction.

    bias: one number a pixel, as `model.output_bias` is. images: (N, 1, 28, 28) in [0, 1]. A fresh model then spends no
    step on learning which pixels are dark in every image.

    Raises ValueError for a bias of another size, and for images of another shape or outside [0, 1].
    """
    check_images(images)
    found = bias.numel() if torch.is_tensor(bias) else f"a {type(bias).__name__}"
    if found != images[0].numel():
        raise ValueError(f"bias: expected a parameter, one number for each of {images[0].numel()} pixels, got {found}")
    bias.copy_(images.mean(0).logit(eps=1e-3).view_as(bias))


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, likelihood: Likelihood = bernoulli_nll, seed: int = 0) -> Scores:
    """Average scores over `images` (N, 1, 28, 28) in [0, 1], as Scores; one sample of z per image.

    The sample keeps the negative ELBO unbiased: scoring at z = mu instead would flatter it. The noise comes from
    `seed`; torch's global generator is left as it was. likelihood: -log p(x|z) of a VAE's pixels, a function
    (logits, x) => (N,) nats.

    Raises ValueError for images of another shape or outside [0, 1], and a model without the interface of `models.py`.
    """
    variational = check_model(model)
    check_images(images)
    was_training = model.training
    model.eval()
    try:
        with seeded(seed):
            batches = images.to(where(model)).split(1000)
            if not variational:
                errors = torch.cat([squared_error(model.decode(model.encode(x)), x) for x in batches])
                return Scores(None, errors.double().mean().item(), None)
            terms = [elbo_terms(model, x, likelihood) for x in batches]
    finally:
        model.train(was_training)
    reconstruction, kl = (torch.cat(term).double() for term in zip(*terms, strict=True))
    reconstruction, kl = reconstruction.mean().item(), kl.sum(1).mean().item()
    return Scores(reconstruction + kl, reconstruction, kl)


def _check_settings(model, images, labels, epochs, batch_size, lr):
    if not isinstance(model, nn.Module):
        raise ValueError(f"model: expected a torch module, got a {type(model).__name__}")
    check_images(images)
    if labels is not None:
        check_labels(labels, len(images))
    check_positive_int("epochs", epochs)
    check_positive_int("batch_size", batch_size)
    check_at_least("lr", lr, 0)
    if lr == 0:
        raise ValueError("lr: expected a number above 0, got 0")


def _settings(model, loss, images, epochs, lr, batch_size, transform):
    """All that the result depends on, in one line, short enough for a notebook beside the list of files."""
    name = getattr(loss, "__name__", None) or repr(loss)
    pixels = "" if transform is None else f", transform {getattr(transform, '__name__', repr(transform))}"
    kind = "bf16" if has_fast_bfloat16(images.device) else str(images.dtype).removeprefix("torch.")
    threads = torch.get_num_threads()
    device = f"{threads} thread{'s' * (threads > 1)}" if images.device.type == "cpu" else str(images.device)
    schedule = f"lr {lr:g} (10 % warm-up, cosine to 0), {epochs} × {len(images):,} images, batch {batch_size}"
    return f"Adam, {schedule}, {name}{pixels}, {kind}, {device}"


def _bar(total, progress):
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="step", leave=False, disable=not progress)
