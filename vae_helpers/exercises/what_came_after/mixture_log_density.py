r"""A mixture prior is an average of $M$ Gaussians, $p(z) = \frac1M \sum_m \mathcal N(z; \mu_m, \operatorname{diag}
\sigma_m^2)$, and the rate needs $\log p(z)$. Write it in nats, one number for each code. You get the means and
log-variances of the $M$ Gaussians. Densities in many dimensions are too small for a computer to add up as they are;
`torch.logsumexp` adds numbers whose logarithms you have."""

import math

import torch

from ..exercise import Exercise


def mixture_log_density(z, mu, logvar):  # codes (N, L), the Gaussians' (M, L) twice => (N,)
    squares = (z[:, None] - mu) ** 2 / logvar.exp()  # N x M x L
    each = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(2)
    return torch.logsumexp(each, 1) - math.log(len(mu))


def mixtures():
    """Codes and mixtures of several sizes; in the last, densities that are 0 as numbers."""
    cases = []
    for count, parts, latents, far in [(1, 1, 1, 1.0), (3, 2, 2, 1.0), (5, 4, 20, 1.0), (4, 3, 20, 30.0)]:
        mu, logvar = torch.randn(parts, latents), torch.randn(parts, latents)
        cases.append({"z": far * torch.randn(count, latents), "mu": mu, "logvar": logvar})
    return cases


exercise = Exercise(
    mixture_log_density,
    title="The log density of a mixture",
    hints=(
        "Write the log density of each code under each Gaussian first: (N, M), with the 2π.",
        "The logarithm of an average of M densities is `torch.logsumexp(each, 1) − math.log(M)`.",
    ),
    idea="the log density of a mixture, in many dimensions",
    minutes=8,
    difficulty=2,
    task=__doc__,
    right="With it every learned prior below gets an ELBO: only the second half of the KL changes.",
    cases=mixtures,
)


@exercise.mistake
def mean_of_logarithms(z, mu, logvar):
    """The average of the logarithms is not the logarithm of the average: it would pull each code to all Gaussians."""
    return torch.stack([mixture_log_density(z, m[None], v[None]) for m, v in zip(mu, logvar, strict=True)]).mean(0)


@exercise.mistake
def not_divided(z, mu, logvar):
    """A sum, not an average: the weights of the Gaussians must add up to 1."""
    return mixture_log_density(z, mu, logvar) + math.log(len(mu))


@exercise.mistake
def no_constant(z, mu, logvar):
    """Is each Gaussian a density? The constant with 2π is missing."""
    return mixture_log_density(z, mu, logvar) + 0.5 * z.shape[1] * math.log(2 * math.pi)


@exercise.mistake
def no_logvar(z, mu, logvar):
    """A wide Gaussian is lower everywhere than a narrow one of the same shape: there is a log σ² missing."""
    squares = (z[:, None] - mu) ** 2 / logvar.exp()
    each = -0.5 * (squares + math.log(2 * math.pi)).sum(2)
    return torch.logsumexp(each, 1) - math.log(len(mu))


@exercise.mistake
def densities_added(z, mu, logvar):
    """Correct on paper, but far from all Gaussians the densities are 0 as numbers, and log 0 is −∞."""
    squares = (z[:, None] - mu) ** 2 / logvar.exp()
    each = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(2)
    return each.exp().mean(1).log()


@exercise.mistake
def over_codes(z, mu, logvar):
    """One number for each Gaussian; expected one for each code: which dimension is summed over?"""
    squares = (z[:, None] - mu) ** 2 / logvar.exp()
    each = -0.5 * (squares + logvar + math.log(2 * math.pi)).sum(2)
    return torch.logsumexp(each, 0) - math.log(len(mu))


@exercise.mistake
def no_half(z, mu, logvar):
    """There is no ½ here: both the exponent of a Gaussian and the logarithm of its width have one."""
    squares = (z[:, None] - mu) ** 2 / logvar.exp()
    return torch.logsumexp(-(squares + logvar + math.log(2 * math.pi)).sum(2), 1) - math.log(len(mu))


@exercise.mistake
def no_half_in_the_exponent(z, mu, logvar):
    """The exponent of a Gaussian has a ½, and yours has none."""
    squares = 2 * (z[:, None] - mu) ** 2 / logvar.exp()
    return torch.logsumexp(-0.5 * (squares + logvar + math.log(2 * math.pi)).sum(2), 1) - math.log(len(mu))


@exercise.mistake
def logvar_as_sigma(z, mu, logvar):
    """exp(logvar) is the variance already; here it is squared once more."""
    return mixture_log_density(z, mu, 2 * logvar)


@exercise.mistake
def a_mixture_in_each_dimension(z, mu, logvar):
    """Each dimension chooses its Gaussian for itself here. One Gaussian makes the whole code: sum over its dimensions
    first.
    """
    each = -0.5 * ((z[:, None] - mu) ** 2 / logvar.exp() + logvar + math.log(2 * math.pi))
    return torch.logsumexp(each, 1).sum(1) - math.log(len(mu))


@exercise.mistake
def nearest_gaussian_alone(z, mu, logvar):
    """Only the Gaussian that makes the code most probable counts here; a mixture adds them all up."""
    each = -0.5 * ((z[:, None] - mu) ** 2 / logvar.exp() + logvar + math.log(2 * math.pi)).sum(2)
    return each.max(1).values - math.log(len(mu))
