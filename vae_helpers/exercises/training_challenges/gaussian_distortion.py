r"""Write $D = -\log p(x \mid z)$ for independent Gaussian pixels with means `x_hat`, where each pixel has
a variance $\sigma_i^2$ of its own (at the border of MNIST it would be tiny). One number for each image, in nats, with
all its constants."""

import math

import torch

from ..checker import Exercise


def gaussian_distortion(x_hat, x, variance):  # (N, pixels), (N, pixels), (pixels,) => (N,)
    return 0.5 * ((x - x_hat) ** 2 / variance + torch.log(2 * math.pi * variance)).sum(1)


def grey_images():
    """Images, what was decoded, and a variance for each pixel."""
    return [
        {"x_hat": torch.rand(count, pixels), "x": torch.rand(count, pixels), "variance": 0.02 + torch.rand(pixels)}
        for count, pixels in [(1, 2), (3, 2), (10, 784)]
    ]


exercise = Exercise(
    gaussian_distortion,
    title="A variance for each pixel",
    task=__doc__,
    right=(
        "With all variances equal it is the formula above. With its constants it is a true −log density, and may "
        "stand beside other people's Gaussian scores."
    ),
    cases=grey_images,
)


@exercise.mistake
def without_two_pi(x_hat, x, variance):
    """Too small by ½ log 2π per pixel. It changes no gradient, but without it the number is not −log p, and over 784
    pixels that makes hundreds of nats.
    """
    return 0.5 * ((x - x_hat) ** 2 / variance + torch.log(variance)).sum(1)


@exercise.mistake
def squared_variance(x_hat, x, variance):
    """You squared the variance, or took it for σ: it is already σ²."""
    return gaussian_distortion(x_hat, x, variance**2)


@exercise.mistake
def mean_over_pixels(x_hat, x, variance):
    """Averaged over pixels: the logarithms of independent pixels add."""
    return gaussian_distortion(x_hat, x, variance) / x.shape[1]


@exercise.mistake
def squared_error_alone(x_hat, x, variance):
    """Only the squared error. Without the normaliser an infinite variance would be the best of all."""
    return 0.5 * ((x - x_hat) ** 2 / variance).sum(1)


@exercise.mistake
def normaliser_twice(x_hat, x, variance):
    """The normaliser is twice too large: a density is divided by σ√2π, not by 2πσ²."""
    return (0.5 * (x - x_hat) ** 2 / variance + torch.log(2 * math.pi * variance)).sum(1)


@exercise.mistake
def squared_error_twice(x_hat, x, variance):
    """The squared error is twice too large: look at the exponent of a Gaussian again."""
    return ((x - x_hat) ** 2 / variance + 0.5 * torch.log(2 * math.pi * variance)).sum(1)


@exercise.mistake
def flipped_sign(x_hat, x, variance):
    """The sign is flipped: this is log p, which should be large. A distortion should be small."""
    return -gaussian_distortion(x_hat, x, variance)
