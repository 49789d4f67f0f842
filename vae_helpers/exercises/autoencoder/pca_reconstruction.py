"""Squeeze images through PCA and back. `x` holds flattened images as they are, **not** centred; `mean`
is the mean image; the rows of `components` are orthonormal, most important first. Use the first `k` of them and return
images, not codes."""

import torch

from ..checker import Exercise


def pca_reconstruction(x, mean, components, k):  # (N, 784), (784,), (K, 784), k <= K => (N, 784)
    codes = (x - mean) @ components[:k].T  # (N, k): the encoder
    return mean + codes @ components[:k]  # (N, 784): the decoder


def principal_components():
    """Vectors that are not centred, their mean, and more orthonormal components than k."""
    cases = []
    for count, pixels, most, k in [(1, 3, 2, 1), (4, 6, 4, 2), (5, 20, 10, 3)]:
        components, _ = torch.linalg.qr(torch.randn(pixels, most))
        x = 1 + torch.randn(count, pixels)
        cases.append({"x": x, "mean": 1 + 0.3 * torch.randn(pixels), "components": components.T, "k": k})
    return cases


exercise = Exercise(
    pca_reconstruction,
    title="The best that a plane can do",
    task=__doc__,
    right="A linear encoder and a linear decoder, and no training. Now let us see what the curves are worth.",
    cases=principal_components,
)


@exercise.mistake
def not_centred(x, mean, components, k):
    """The images were not centred: components are directions from the mean image, not from the black one."""
    return x @ components[:k].T @ components[:k]


@exercise.mistake
def still_centred(x, mean, components, k):
    """What you return is still centred: something was subtracted before, and never added back."""
    return pca_reconstruction(x, mean, components, k) - mean


@exercise.mistake
def mean_only_added(x, mean, components, k):
    """The mean is added back, though it was never subtracted."""
    return mean + not_centred(x, mean, components, k)


@exercise.mistake
def all_components(x, mean, components, k):
    """All the components were used: what is k for?"""
    return pca_reconstruction(x, mean, components, len(components))


@exercise.mistake
def last_components(x, mean, components, k):
    """These are the last components, the least important ones."""
    return pca_reconstruction(x, mean, components[-k:], k)


@exercise.mistake
def codes(x, mean, components, k):
    """These are the codes, but the task asks for images: the way back is missing."""
    return (x - mean) @ components[:k].T
