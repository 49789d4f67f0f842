r"""Write the KL divergence of $q = \mathcal N(\mu, \operatorname{diag}\,\sigma^2)$ from $\mathcal N(0,
I)$, in nats, one number for each image. You get `mu` and `logvar` $= \log\sigma^2$. Write it in torch: it goes into a
loss."""

import torch

from ..exercise import Case, Exercise


def kl(mu, logvar):  # (N, latent_dim), (N, latent_dim) => (N,)
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)


def posteriors():
    """Means and log-variances of several shapes, some of them extreme; the last ones are the prior's."""
    drawn = [{"mu": 2 * torch.randn(shape), "logvar": torch.randn(shape)} for shape in [(1, 1), (3, 2), (5, 20)]]
    wide = Case("wide and narrow posteriors", mu=torch.randn(4, 3), logvar=torch.linspace(-8, 4, 12).view(4, 3))
    return [*drawn, wide, Case("the prior itself", mu=torch.zeros(2, 3), logvar=torch.zeros(2, 3))]


exercise = Exercise(
    kl,
    title="The KL of one image",
    hints=(
        "One latent first: ½ (μ² + σ² − 1 − log σ²). Which of these is `logvar`?",
        "σ² is `logvar.exp()`. The KLs of independent latents add: `.sum(1)`.",
    ),
    idea="the KL of a Gaussian from the prior",
    minutes=3,
    difficulty=1,
    trains=("mu", "logvar"),
    terms={
        "μ²": lambda mu, logvar: 0.5 * (mu**2).sum(1),
        "σ²": lambda mu, logvar: 0.5 * logvar.exp().sum(1),
        "the −1": lambda mu, logvar: 0 * mu.sum(1) - 0.5 * mu.shape[1],
        "log σ²": lambda mu, logvar: -0.5 * logvar.sum(1),
    },
    task=__doc__,
    right="This is the rate: what the code costs, in nats per image.",
    cases=posteriors,
)


@exercise.mistake
def twice(mu, logvar):
    """Twice as large as it should be: is there a factor in front?"""
    return 2 * kl(mu, logvar)


@exercise.mistake
def logvar_as_log_sigma(mu, logvar):
    """logvar is log σ² and not log σ. What is σ² then, and what is log σ²?"""
    return kl(mu, 2 * logvar)


@exercise.mistake
def half_the_logarithm(mu, logvar):
    """Only half of the logarithm's term: the formula has log σ², not log σ."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - 0.5 * logvar).sum(1)


@exercise.mistake
def lost_halves(mu, logvar):
    """The halves are missing in front of the squares, but not in front of the logarithm. Is this zero where q is the
    prior?
    """
    return (mu**2 + logvar.exp() - 0.5 - 0.5 * logvar).sum(1)


@exercise.mistake
def flipped_sign(mu, logvar):
    """The sign is flipped: a KL is never negative."""
    return -kl(mu, logvar)


@exercise.mistake
def mean_over_dimensions(mu, logvar):
    """An average over the dimensions, but the KLs of independent dimensions add."""
    return kl(mu, logvar) / mu.shape[1]


@exercise.mistake
def sum_of_everything(mu, logvar):
    """One number, summed over the images too, as much published code has it: return one number for each image."""
    return kl(mu, logvar).sum()


@exercise.mistake
def mean_of_everything(mu, logvar):
    """One average over images and dimensions together: the KLs of the dimensions add, and each image keeps its own."""
    return kl(mu, logvar).mean() / mu.shape[1]


@exercise.mistake
def each_dimension(mu, logvar):
    """One number for each dimension: the KL of an image is their sum."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


@exercise.mistake
def sigma_not_squared(mu, logvar):
    """You have σ where the formula has σ²: exp(½ logvar) is σ."""
    return 0.5 * (mu**2 + (0.5 * logvar).exp() - 1 - logvar).sum(1)


@exercise.mistake
def logarithm_squared(mu, logvar):
    """The logarithm is squared: it is the logarithm of σ², not the square of log σ."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar**2).sum(1)


@exercise.mistake
def mu_not_squared(mu, logvar):
    """μ is not squared: two means with opposite signs should cost the same."""
    return 0.5 * (mu + logvar.exp() - 1 - logvar).sum(1)


@exercise.mistake
def plus_logarithm(mu, logvar):
    """The logarithm is added: with it a cloud would cost less the narrower it is, and without end."""
    return 0.5 * (mu**2 + logvar.exp() - 1 + logvar).sum(1)


@exercise.mistake
def mean_over_images(mu, logvar):
    """The dimensions are right, but you averaged over the images as well: return one number for each."""
    return kl(mu, logvar).mean()


@exercise.mistake
def without_minus_one(mu, logvar):
    """The −1 is missing: at the prior this is not zero."""
    return kl(mu, logvar) + 0.5 * mu.shape[1]


@exercise.mistake
def logvar_as_variance(mu, logvar):
    """logvar is log σ² already; you take its logarithm once more, which fails where it is negative."""
    return 0.5 * (mu**2 + logvar - 1 - logvar.log()).sum(1)
