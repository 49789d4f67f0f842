r"""Find the image whose gap is largest, and say why it is. You get $\log p(x)$ of each image, its ELBO with the
encoder's $q$, and its ELBO with the best diagonal Gaussian. Return two numbers: the number of the image, and the share
of its gap that is the encoder's fault (amortization) and not that of the Gaussian's shape. 1 means that a Gaussian
would do, had the encoder put it elsewhere."""

import torch

from ..exercise import Exercise


def largest_gap(log_p, encoder, best):  # (N,) nats each => tensor of two numbers
    gap = log_p - encoder
    worst = gap.argmax()
    return torch.stack([worst, (best - encoder)[worst] / gap[worst]])


def scores():
    """log p(x) and the two ELBOs below it; the widest gap, the worst shape and the worst place are different images."""
    cases = []
    for count, of_shape, of_place in [(5, 8, 14), (20, 6, 15), (100, 9, 13)]:
        log_p = -100 + 40 * torch.randn(count)
        shape, place = 0.5 * torch.rand(count) ** 2, 3 * torch.rand(count) ** 4
        lowest, worst_shape, worst_place, worst = log_p.argsort()[:4]
        log_p[lowest] -= 60
        shape[worst_shape], shape[worst_place], shape[worst] = 10, 0, of_shape
        place[worst_place], place[worst] = 18, of_place
        cases.append({"log_p": log_p, "encoder": log_p - shape - place, "best": log_p - shape})
    return cases


exercise = Exercise(
    largest_gap,
    title="The largest gap, and whose fault it is",
    hints=(
        "The gap of an image is log p(x) minus the encoder's ELBO; `argmax` finds the largest.",
        "What the encoder could have saved is the best ELBO minus its own: divide that by the whole gap.",
    ),
    idea="amortization against shape, for one image",
    minutes=6,
    difficulty=2,
    task=__doc__,
    right=(
        "With the numbers of this notebook, `largest_gap(log_p[:100], elbos['encoder'], elbos['best diagonal'])`, the "
        "share is nearly 1: the Gaussian is all right, and lies where the image is not. Show the image, and its two "
        "codes, decoded: the encoder took it for something else."
    ),
    cases=scores,
    labels=("the number of the image", "the share"),
)


@exercise.mistake
def lowest_elbo(log_p, encoder, best):
    """That is the image with the lowest ELBO: it may be improbable, and its gap small."""
    worst = encoder.argmin()
    return torch.stack([worst, (best - encoder)[worst] / (log_p - encoder)[worst]])


@exercise.mistake
def shape_s_share(log_p, encoder, best):
    """The right image, and the other share: what is left of the gap with the best Gaussian is the shape's."""
    worst = (log_p - encoder).argmax()
    return torch.stack([worst, (log_p - best)[worst] / (log_p - encoder)[worst]])


@exercise.mistake
def share_of_all(log_p, encoder, best):
    """The right image, but the share is that of all images together: which part of *its* gap is it?"""
    return torch.stack([(log_p - encoder).argmax(), (best - encoder).sum() / (log_p - encoder).sum()])


@exercise.mistake
def nats(log_p, encoder, best):
    """The right image, and the nats that the encoder loses; divide by its gap to have the share."""
    worst = (log_p - encoder).argmax()
    return torch.stack([worst, (best - encoder)[worst]])


@exercise.mistake
def worst_place(log_p, encoder, best):
    """The image for which the encoder loses most against the best Gaussian: the largest gap may be another's, if its
    shape costs much, too.
    """
    worst = (best - encoder).argmax()
    return torch.stack([worst, (best - encoder)[worst] / (log_p - encoder)[worst]])


@exercise.mistake
def worst_shape(log_p, encoder, best):
    """The image for which the best Gaussian is the worst: the gap with the encoder's q is asked for."""
    worst = (log_p - best).argmax()
    return torch.stack([worst, (best - encoder)[worst] / (log_p - encoder)[worst]])


@exercise.mistake
def smallest_gap(log_p, encoder, best):
    """That is the image with the smallest gap."""
    image = (log_p - encoder).argmin()
    return torch.stack([image, (best - encoder)[image] / (log_p - encoder)[image]])
