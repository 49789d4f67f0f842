r"""Write the test that would have caught it. You get a function `kl(mu, logvar)`, which takes two
tensors (N, L) and should return the KL of $\mathcal N(\mu, \operatorname{diag}\,\sigma^2)$ from $\mathcal N(0, I)$, one
number per image. Return `True` if it does and `False` if it doesn't. The checker hands you right functions and
impostors; some of those are right at the prior, or wrong by little. What can you compute the KL with that is not the
boxed formula?"""

import torch

from ..exercise import Exercise, passes


def is_the_kl(kl):  # a function (N, L), (N, L) => (N,); returns True or False
    mu, logvar = torch.randn(1000, 3), torch.randn(1000, 3)
    q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    p = torch.distributions.Normal(0.0, 1.0)
    expected = torch.distributions.kl_divergence(q, p).sum(1)
    return torch.allclose(kl(mu, logvar), expected, atol=1e-3)


def right(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)


def rearranged(mu, logvar):
    return -0.5 * (1 + logvar - mu.square() - torch.exp(logvar)).sum(1)


def as_published(mu, logvar):
    return (mu**2 + logvar.exp() - 0.5 * logvar - 0.5).sum(1)


def shifted_to_zero_at_the_prior(mu, logvar):
    return (mu**2 + logvar.exp() - 0.5 * logvar - 1).sum(1)


def twice_as_large(mu, logvar):
    return 2 * right(mu, logvar)


def logvar_taken_for_log_sigma(mu, logvar):
    return right(mu, 2 * logvar)


def one_latent_forgotten(mu, logvar):
    return right(mu[:, 1:], logvar[:, 1:])


def the_other_direction(mu, logvar):
    return 0.5 * ((1 + mu**2) / logvar.exp() - 1 + logvar).sum(1)


def averaged_over_latents(mu, logvar):
    return right(mu, logvar) / mu.shape[1]


def mu_not_squared(mu, logvar):
    return 0.5 * (mu + logvar.exp() - 1 - logvar).sum(1)


def by_torch(mu, logvar):
    q, p = torch.distributions.Normal(mu, logvar.div(2).exp()), torch.distributions.Normal(0.0, 1.0)
    return torch.distributions.kl_divergence(q, p).sum(1)


IMPOSTORS = [
    as_published,
    twice_as_large,
    the_other_direction,
    shifted_to_zero_at_the_prior,
    logvar_taken_for_log_sigma,
    one_latent_forgotten,
    averaged_over_latents,
    mu_not_squared,
]

exercise = Exercise(
    is_the_kl,
    title="The test that would have caught it",
    hints=(
        "Zero at the prior is one test. Which wrong formulas pass it?",
        "You need a second way to the same number, at many random μ and logvar. "
        "`torch.distributions.kl_divergence` is one.",
        "`torch.allclose(..., atol=1e-3)` allows for rounding.",
    ),
    idea="the test that catches a wrong loss",
    minutes=10,
    difficulty=2,
    kind="write a test",
    tolerance=0,
    task=__doc__,
    right="A loss raises no error when it is wrong. A test of one line does.",
    cases=lambda: [{"kl": function} for function in [right, *IMPOSTORS, rearranged, by_torch]],
    observe=passes,
    derivation="""The test needs a second way to the same number, one that does not share the first one's mistakes:
PyTorch's `kl_divergence`, quadrature, or Monte Carlo. Zero at the prior is a good first question, but twice the KL is
zero there, too; and one point is not enough, since two wrong halves may cancel.""",
)


def _at_the_prior(kl):
    return kl(torch.zeros(1, 3), torch.zeros(1, 3)).abs().max() < 1e-4


@exercise.mistake
def zero_at_the_prior(kl):
    """You test where q is the prior, and there all is well: twice the KL is zero there, too. Try other places."""
    return _at_the_prior(kl)


@exercise.mistake
def zero_and_never_negative(kl):
    """Zero at the prior and nowhere negative: so is twice the KL, and the KL in the other direction."""
    return _at_the_prior(kl) and kl(torch.randn(1000, 3), torch.randn(1000, 3)).min() > -1e-4


@exercise.mistake
def with_mu_alone(kl):
    """You vary μ and leave σ at 1, where a wrong logarithm does not show."""
    mu = torch.randn(1000, 3)
    return torch.allclose(kl(mu, torch.zeros(1000, 3)), 0.5 * mu.square().sum(1), atol=1e-4)


@exercise.mistake
def everything_passes(kl):
    """Your test passes them all."""
    return True


@exercise.mistake
def nothing_passes(kl):
    """Your test fails the right one, too. Rounding makes two right answers differ by a little: allow for it."""
    return False
