r"""Before you look at the repaired net: its head puts out `raw`, any real numbers, and we *read* them as
$\log\sigma^2$. Return $\sigma$, of the same shape."""

import torch

from ..checker import Exercise


def sigma_of(raw):  # (..., latent_dim), read as log σ² => σ, of the same shape
    return (0.5 * raw).exp()


def raw_outputs():
    """What a linear layer may put out: numbers of both signs."""
    outputs = [torch.tensor([-2.0, 0.0, 1.0]), torch.randn(2, 3), 3 * torch.randn(50, 8)]
    return [{"raw": raw} for raw in outputs]


exercise = Exercise(
    sigma_of,
    title="A σ that is always positive",
    task=__doc__,
    right="Whatever the layer puts out, σ is positive and log σ² needs no logarithm: it is the output itself.",
    cases=raw_outputs,
)


@exercise.mistake
def raw_as_sigma(raw):
    """This is the tutorial's bug: a raw output as σ, and some are negative."""
    return raw


@exercise.mistake
def absolute(raw):
    """An absolute value is positive, but it keeps the wall at zero, with a valley on either side."""
    return raw.abs()


@exercise.mistake
def clamped(raw):
    """Positive, but where it is clamped no gradient comes through: a σ that has fallen there stays there."""
    return raw.clamp(min=1e-6)


@exercise.mistake
def doubled(raw):
    """raw was doubled: of log σ and log σ², which is twice the other?"""
    return (2 * raw).exp()


@exercise.mistake
def variance(raw):
    """This is σ²: raw is the logarithm of the variance, not of σ."""
    return raw.exp()


@exercise.mistake
def softplus(raw):
    """Positive, but it is another reading: a softplus of raw is not what raw = log σ² says."""
    return torch.nn.functional.softplus(raw)


@exercise.mistake
def root(raw):
    """raw is not a variance, so its root will not do: raw is the logarithm of one."""
    return raw.sqrt()


@exercise.mistake
def halved_variance(raw):
    """You halved the variance and not its logarithm: where does the ½ belong?"""
    return 0.5 * raw.exp()
