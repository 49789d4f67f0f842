"""The encoder is not perfect: suppose that it gives several images the **same** code. Then the decoder has one answer
to all of them. The `images` (K, 1, 28, 28) share a code, and image $k$ occurs `counts[k]` times among the training
images. Return the one image, (1, 28, 28), that makes the summed squared error over all these occurrences as small as
possible."""

import torch

from ..exercise import Exercise


def best_answer(images, counts):  # (K, 1, 28, 28), (K,) => (1, 28, 28)
    share = counts / counts.sum()
    return (share.reshape(-1, 1, 1, 1) * images).sum(0)


def images_of_one_code():
    """A few images with grey pixels, and how often each occurs."""
    return [
        {"images": torch.rand(len(counts), 1, 28, 28), "counts": torch.tensor(counts)}
        for counts in ([3, 1], [2, 2, 5], [1, 4, 1, 3, 2])
    ]


exercise = Exercise(
    best_answer,
    title="One answer for several images",
    hints=(
        "Pixels do not interact. What does one pixel of the answer cost, as a function of its grey a?",
        "With counts c and pixels x it costs Σ c (a − x)². Where is the derivative by a zero?",
    ),
    idea="a smear is the best answer under squared error",
    minutes=6,
    difficulty=2,
    kind="derive",
    task=__doc__,
    right="So a smear is not a failure to learn. It is the best single answer to images that share a code.",
    cases=images_of_one_code,
    derivation=r"""Pixels do not interact, so look at one of them: with the counts $c_k$, the answer $a$ costs
$\sum_k c_k (a - x_k)^2$. The derivative $2\sum_k c_k (a - x_k)$ is zero for
$a = \sum_k c_k x_k \big/ \sum_k c_k$: the **mean** of all the occurrences. With only one code for all images, that is
the mean image.""",
)


@exercise.mistake
def commonest(images, counts):
    """This is the image that occurs most often: perfect for it, and paid for by all the others. What would a
    compromise cost?
    """
    return images[counts.argmax()]


@exercise.mistake
def each_once(images, counts):
    """Each image counts once here, however often it occurs."""
    return images.mean(0)


@exercise.mistake
def not_divided(images, counts):
    """These are sums over the occurrences, far brighter than white."""
    return (counts.reshape(-1, 1, 1, 1) * images).sum(0)


@exercise.mistake
def divided_by_images(images, counts):
    """You divided by the number of different images, and not by the number of occurrences."""
    return (counts.reshape(-1, 1, 1, 1) * images).mean(0)


@exercise.mistake
def median(images, counts):
    """This is the median of each pixel, the best answer to the absolute error. Here the error is squared."""
    return images.repeat_interleave(counts, 0).quantile(0.5, dim=0)


@exercise.mistake
def black_and_white(images, counts):
    """Rounded to black and white, it looks crisp, and costs more: which grey has the smallest squared error?"""
    return best_answer(images, counts).round()
