"""Write the second score: the reconstruction term (the Bernoulli negative log-likelihood, summed over
pixels) minus the entropy of the image's own pixels, each taken as a Bernoulli probability. In nats, one number for
each image. You get images with pixels in $[0, 1]$, **some of them exactly 0 or 1**, and the decoder's `logits`; the
probability of white is `torch.sigmoid(logits)`. The decoder may be sure and wrong, so work with the logits: a sigmoid
rounds to 0 or 1 there."""

import torch

from ..exercise import Case, Exercise


def anomaly_score(x, logits):  # (N, 1, 28, 28) each => (N,)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)  # xlogy knows that 0 log 0 is 0
    return (loss - entropy).flatten(1).sum(1)


def grey_images():
    """Images with black, white and grey pixels, as MNIST has them, and logits of the same shape."""
    cases = []
    for count in (1, 2, 5):
        x = (3 * torch.rand(count, 1, 28, 28) - 1).clamp(0, 1)
        cases.append({"x": x, "logits": 4 * x - 2 + torch.randn(x.shape)})
    sure = Case("a decoder that is sure and wrong", x=cases[1]["x"], logits=20 - 40 * cases[1]["x"])
    return [*cases, sure]


def _nll(x, logits):
    """The reconstruction term of each image, (N,) nats."""
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def _entropy(p):
    """The entropy of Bernoulli pixels, summed over each image, (N,) nats."""
    return -(torch.xlogy(p, p) + torch.xlogy(1 - p, 1 - p)).flatten(1).sum(1)


exercise = Exercise(
    anomaly_score,
    title="A score that forgives grey pixels",
    hints=(
        '`binary_cross_entropy_with_logits(..., reduction="none")` gives the first part for each pixel.',
        "The entropy of a pixel x is −x log x − (1 − x) log(1 − x). What does a computer make of it at x = 0?",
        "`torch.xlogy(x, x)` knows that 0 log 0 is 0.",
    ),
    idea="a score that forgives what no decoder can know",
    minutes=8,
    difficulty=2,
    terms={"the reconstruction": lambda x, logits: _nll(x, logits), "the entropy": lambda x, logits: -_entropy(x)},
    task=__doc__,
    right=(
        "It is a KL, from the pixels to the decoder's answer: never negative, and 0 only where the decoder is "
        "right in every pixel, sharp or blurred."
    ),
    cases=grey_images,
    derivation=r"""A pixel costs $-x\log\pi - (1-x)\log(1-\pi)$, which is least at $\pi = x$; there it is the entropy
$-x\log x - (1-x)\log(1-x)$. The difference is the KL of two coins, and never negative. At $x = 0$ and $x = 1$ take
$0 \log 0 = 0$.""",
)


@exercise.mistake
def mean_over_pixels(x, logits):
    """An average over the pixels: log-likelihoods of pixels add up to that of the image."""
    return anomaly_score(x, logits) / 784


@exercise.mistake
def sum_of_batch(x, logits):
    """One number for the whole batch: each image should have its own score."""
    return anomaly_score(x, logits).sum()


@exercise.mistake
def flipped_sign(x, logits):
    """The sign is flipped: an anomaly should have the higher score."""
    return -anomaly_score(x, logits)


@exercise.mistake
def reconstruction_alone(x, logits):
    """The reconstruction term alone: a blurred image pays for its grey pixels, whatever the decoder says."""
    return _nll(x, logits)


@exercise.mistake
def added_entropy(x, logits):
    """The entropy is added, so that grey pixels count twice: watch its minus."""
    return _nll(x, logits) + _entropy(x)


@exercise.mistake
def entropy_of_decoder(x, logits):
    """This is the entropy of the decoder's probabilities; the floor is that of the image's own pixels."""
    return _nll(x, logits) - _entropy(torch.sigmoid(logits))


@exercise.mistake
def half_the_entropy(x, logits):
    """Half of the entropy: a black pixel is an outcome as well, with the probability 1 − x."""
    return _nll(x, logits) + torch.xlogy(x, x).flatten(1).sum(1)


@exercise.mistake
def log_of_zero(x, logits):
    """0 · log 0 is 0 · (−∞) for a computer: what is the entropy of a pixel that is surely black?"""
    return _nll(x, logits) + (x * x.log() + (1 - x) * (1 - x).log()).flatten(1).sum(1)
