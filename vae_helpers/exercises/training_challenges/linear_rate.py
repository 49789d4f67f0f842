r"""What does the code of the best linear VAE cost? You get the eigenvalues $\lambda_j$ of the images'
covariance and the pixel variance $\sigma_x^2$. Return the rate: the KL, averaged over the images and summed over all
directions, in nats. Steps 2 and 3 say what the posterior is in each direction. Over the images, the square of its mean
averages to $1 - \sigma_x^2 / \lambda_j$."""

import torch

from ..exercise import Exercise


def linear_rate(eigenvalues, variance):  # (directions,), a number => one number
    kept = eigenvalues[eigenvalues > variance]
    return 0.5 * torch.log(kept / variance).sum()


def spectra():
    """Eigenvalues, some of them below the variance of the pixels, and that variance."""
    by_hand = {"eigenvalues": torch.tensor([4.0, 1.0, 0.25]), "variance": 0.5}
    falling = 5 / torch.arange(1.0, 785) ** 1.3
    return [by_hand] + [{"eigenvalues": falling, "variance": variance} for variance in (0.5, 0.1, 1.5)]


exercise = Exercise(
    linear_rate,
    title="The rate, from the eigenvalues alone",
    hints=(
        "A direction with λ ≤ σ² costs nothing.",
        "In the others the posterior has the variance s² = σ²/λ, and its mean squared averages to 1 − s². Put "
        "both into the KL of one latent.",
        "The squares cancel: −½ log s² is left.",
    ),
    idea="collapse as a theorem",
    minutes=8,
    difficulty=3,
    kind="derive",
    task=__doc__,
    right="No training, no images: the eigenvalues and the noise of the pixels decide what is worth saying.",
    cases=spectra,
    derivation=r"""A direction with $\lambda_j \le \sigma_x^2$ has the prior for its posterior, and costs nothing. In
one above it the posterior has the variance $s^2 = \sigma_x^2 / \lambda_j$, and the square of its mean averages to
$1 - s^2$. Put both into the KL of one latent: $\frac12\left(1 - s^2 + s^2 - 1 - \log s^2\right) = -\frac12\log s^2
= \frac12\log\frac{\lambda_j}{\sigma_x^2}$. The squares cancel, and the logarithm is left.""",
)


@exercise.mistake
def all_directions(eigenvalues, variance):
    """You sum over all directions. Those below σ² have no column in the decoder, so their logarithm, which would be
    negative, does not count. No KL is negative.
    """
    return 0.5 * torch.log(eigenvalues / variance).sum()


@exercise.mistake
def without_the_half(eigenvalues, variance):
    """Twice too large: is there a factor in front of the KL?"""
    return 2 * linear_rate(eigenvalues, variance)


@exercise.mistake
def in_bits(eigenvalues, variance):
    """Right in bits. It should be in nats: which logarithm?"""
    return 0.5 * torch.log2(eigenvalues[eigenvalues > variance] / variance).sum()


@exercise.mistake
def mean_forgotten(eigenvalues, variance):
    """This is the KL of a posterior whose mean is zero. The mean moves from image to image, and that costs, too."""
    shrunk = variance / eigenvalues[eigenvalues > variance]
    return 0.5 * (shrunk - 1 - torch.log(shrunk)).sum()


@exercise.mistake
def variance_of_the_signal(eigenvalues, variance):
    """You took the posterior's variance for λ − σ², which is the square of the decoder's column. Step 3 has it."""
    column = eigenvalues[eigenvalues > variance] - variance
    return -0.5 * torch.log(column).sum()


@exercise.mistake
def averaged_over_directions(eigenvalues, variance):
    """Averaged over the directions: their KLs add."""
    return linear_rate(eigenvalues, variance) / (eigenvalues > variance).sum()


@exercise.mistake
def without_the_noise(eigenvalues, variance):
    """Here σ² only chooses the directions. What is the posterior's variance in each of them?"""
    return 0.5 * torch.log(eigenvalues[eigenvalues > variance]).sum()


@exercise.mistake
def sigma_for_its_square(eigenvalues, variance):
    """You divided by σ; `variance` is σ² already."""
    return 0.5 * torch.log(eigenvalues[eigenvalues > variance] / variance**0.5).sum()


@exercise.mistake
def negative_counted_as_positive(eigenvalues, variance):
    """The directions below the line count as well here, with the sign turned: they cost nothing."""
    return 0.5 * torch.log(eigenvalues / variance).abs().sum()


@exercise.mistake
def how_many(eigenvalues, variance):
    """This counts the directions above the line. What does each of them cost?"""
    return (eigenvalues > variance).sum()


@exercise.mistake
def signal_to_noise(eigenvalues, variance):
    """½ log(1 + λ/σ²) would be right if the decoder's column had the length √λ. Step 2 says what it has."""
    return 0.5 * torch.log(1 + eigenvalues / variance).sum()
