r"""You get what an encoder returns for many images. Count the active units: the dimensions $j$ with
$\mathrm{Var}_x(\mu_j(x)) > 0.01$. (No case comes close to the threshold: divide by $N$ or $N - 1$, as you like.)"""

import torch

from ..checker import Exercise


def count_active(mu, logvar):  # (N, latent_dim), (N, latent_dim) => one number
    return (mu.var(0) > 0.01).sum()


def encoded_sets():
    """Posteriors with dimensions of several kinds, whose means vary clearly more or clearly less than the threshold."""
    # for each kind: where the means lie, how far they spread, the log-variance
    kinds = [[0, 1, -2], [0, 0.5, -1], [0, 0.0001, 0], [0.5, 0.0001, -3], [0, 0.05, 0], [0, 0.0001, -3]]
    sets = [{"mu": torch.tensor([[1, 0.5], [-1, 0.5], [0.5, 0.5], [-0.5, 0.5]]), "logvar": torch.full((4, 2), -1.0)}]
    for count, picked in [(50, [0, 1, 1, 2]), (200, [0, 2, 2, 2, 3, 4, 5]), (500, [2, 2, 5, 4, 4])]:
        centre, spread, logvar = torch.tensor([kinds[k] for k in picked]).T
        pattern = torch.stack([torch.linspace(-1.7, 1.7, count)[torch.randperm(count)] for _ in picked], 1)
        sets.append({"mu": centre + spread * pattern, "logvar": logvar + 0.1 * torch.randn(count, len(picked))})
    return sets


exercise = Exercise(
    count_active,
    title="Active units",
    task=__doc__,
    right="You did not need logvar: what makes a unit active is that its mean tells images apart.",
    cases=encoded_sets,
)


@exercise.mistake
def standard_deviation(mu, logvar):
    """You count too many: is it the variance that you compare with 0.01, or its root?"""
    return (mu.std(0) > 0.01).sum()


@exercise.mistake
def variance_within_image(mu, logvar):
    """This is the variance among the dimensions of one image. It should be that of one dimension, among images."""
    return (mu.var(1) > 0.01).sum()


@exercise.mistake
def not_centred(mu, logvar):
    """A mean that is far from zero, but the same for every image, says nothing about the image: did you subtract the
    average?
    """
    return ((mu**2).mean(0) > 0.01).sum()


@exercise.mistake
def posterior_variance(mu, logvar):
    """This is σ², how unsure the encoder is about one image; at the prior it is 1. Look at what varies from image to
    image.
    """
    return (logvar.exp().mean(0) > 0.01).sum()


@exercise.mistake
def costly(mu, logvar):
    """This counts the dimensions that cost something, by their KL or by a σ that is not 1. One with the same posterior
    for all images costs nats and says nothing.
    """
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(0) > 0.01).sum()
