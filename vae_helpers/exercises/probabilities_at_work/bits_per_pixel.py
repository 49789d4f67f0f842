r"""Papers often give a code length in bits *per pixel* (or per dimension), so that images of different
sizes can be compared. Write it for bits-back: you get the two terms of the negative ELBO of each binarized image of
$28 \times 28$ pixels, in nats per image. Return one number, the average over the images."""

import math

import torch

from ..exercise import Exercise


def bits_per_pixel(reconstruction, kl):  # (N,), (N,) nats per image => one number
    nats = (reconstruction + kl).mean()  # per image
    return nats / math.log(2) / 784


def terms_of_the_elbo():
    """The two terms of some images, in nats, about as large as they are for binarized digits."""
    return [{"reconstruction": 40 + 60 * torch.rand(count), "kl": 15 + 20 * torch.rand(count)} for count in (1, 4, 100)]


exercise = Exercise(
    bits_per_pixel,
    title="Bits per pixel",
    hints=(
        "First nats per image, averaged. Then two changes of unit.",
        "A bit is log 2 nats; an image has 784 pixels.",
    ),
    idea="units of code length",
    minutes=3,
    difficulty=1,
    task=__doc__,
    right=(
        "The raw black-and-white image costs 1 bit per pixel, so you can read the rate of compression off at once. "
        "The cell below counts in bits per image."
    ),
    cases=terms_of_the_elbo,
)


@exercise.mistake
def times_log_two(reconstruction, kl):
    """Times log 2: a nat is more than a bit, so there must be more bits than nats."""
    return (reconstruction + kl).mean() * math.log(2) / 784


@exercise.mistake
def nats(reconstruction, kl):
    """Still in nats: a bit is the information in one choice between two."""
    return (reconstruction + kl).mean() / 784


@exercise.mistake
def decimal_digits(reconstruction, kl):
    """Decimal digits: that is what a logarithm to the base 10 counts."""
    return (reconstruction + kl).mean() / math.log(10) / 784


@exercise.mistake
def per_image(reconstruction, kl):
    """Per image, and not yet per pixel."""
    return 784 * bits_per_pixel(reconstruction, kl)


@exercise.mistake
def no_average(reconstruction, kl):
    """One number for each image; the task asks for their average."""
    return (reconstruction + kl) / math.log(2) / 784


@exercise.mistake
def kl_per_image(reconstruction, kl):
    """One term is counted per pixel and the other per image: both are spread over the same pixels."""
    return (reconstruction.mean() / 784 + kl.mean()) / math.log(2)


@exercise.mistake
def without_kl(reconstruction, kl):
    """The code z has to be sent as well: what does it cost?"""
    return bits_per_pixel(reconstruction, 0 * kl)


@exercise.mistake
def subtracted_kl(reconstruction, kl):
    """The KL is subtracted from the reconstruction: sending z is a cost, not a gain."""
    return bits_per_pixel(reconstruction, -kl)
