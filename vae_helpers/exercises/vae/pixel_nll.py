r"""Write this formula: $-\log p(x \mid z)$ in nats, one number for each image, when each pixel is
Gaussian with the decoder's `mean` and one `variance` $= \sigma_x^2$ for all. All of it, the constant too: it should be
a density. In torch."""

import math

import torch

from ..exercise import Exercise


def pixel_nll(x, mean, variance):  # (N, 1, 28, 28), (N, 1, 28, 28), a number => (N,)
    return ((x - mean) ** 2 / (2 * variance) + 0.5 * math.log(2 * math.pi * variance)).flatten(1).sum(1)


def gaussian_pixels():
    """Images, the means that a decoder gives them, and a variance."""
    shapes_and_variances = [((1, 1, 28, 28), 0.5), ((3, 1, 28, 28), 0.1), ((2, 1, 28, 28), 2.0)]
    return [
        {"x": torch.rand(shape), "mean": torch.rand(shape), "variance": variance}
        for shape, variance in shapes_and_variances
    ]


exercise = Exercise(
    pixel_nll,
    title="The whole Gaussian",
    hints=(
        "One pixel first: −log of a Gaussian density has a fraction and a constant.",
        "Both belong to each pixel, and `variance` is σ² already: ½ log(2π variance).",
    ),
    idea="a likelihood with its constant",
    minutes=4,
    difficulty=1,
    trains=("mean",),
    terms={
        "the fraction": lambda x, mean, variance: ((x - mean) ** 2).flatten(1).sum(1) / (2 * variance),
        "½ log 2π": lambda x, mean, variance: torch.full((len(x),), 392 * math.log(2 * math.pi)),
        "½ log σ²": lambda x, mean, variance: torch.full((len(x),), 392 * math.log(variance)),
    },
    task=__doc__,
    right="With its constant it can be compared across variances, and a variance can be learned (notebook 04).",
    cases=gaussian_pixels,
)


@exercise.mistake
def without_log_two_pi(x, mean, variance):
    """½ log 2π is missing, for each pixel. Training wouldn't notice a constant; whoever compares nats will."""
    return ((x - mean) ** 2 / (2 * variance) + 0.5 * math.log(variance)).flatten(1).sum(1)


@exercise.mistake
def fraction_alone(x, mean, variance):
    """This is only the fraction. The rest depends on the variance, and keeps it from growing without bound if it is
    learned.
    """
    return ((x - mean) ** 2 / (2 * variance)).flatten(1).sum(1)


@exercise.mistake
def squared_error(x, mean, variance):
    """This is the squared error; where does the variance come in?"""
    return ((x - mean) ** 2).flatten(1).sum(1)


@exercise.mistake
def twice(x, mean, variance):
    """Twice as large as it should be: there is a ½ in front of both terms."""
    return 2 * pixel_nll(x, mean, variance)


@exercise.mistake
def constant_once(x, mean, variance):
    """The constant appears once per image, but it belongs to each pixel."""
    return fraction_alone(x, mean, variance) + 0.5 * math.log(2 * math.pi * variance)


@exercise.mistake
def squared_variance(x, mean, variance):
    """The variance was squared once more, as if it were a standard deviation."""
    return pixel_nll(x, mean, variance**2)


@exercise.mistake
def mean_over_pixels(x, mean, variance):
    """An average over the pixels; the logarithm of a product is a sum."""
    return pixel_nll(x, mean, variance) / x[0].numel()


@exercise.mistake
def flipped_sign(x, mean, variance):
    """The sign is flipped: this is log p, and the task asks for its negative."""
    return -pixel_nll(x, mean, variance)
