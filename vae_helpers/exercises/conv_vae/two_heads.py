r"""Repair it. From the same features, `to_mu` computes the mean and `to_logvar` computes $\log\sigma^2$
(both are linear layers). `noise` is a draw from $\mathcal N(0, I)$. Return the code $z$, a draw from
$\mathcal N(\mu, \operatorname{diag}\,\sigma^2)$."""

import torch

from ..checker import Exercise


def two_heads(features, to_mu, to_logvar, noise):  # (N, width), two layers, (N, latent_dim) => (N, latent_dim)
    sigma = (0.5 * to_logvar(features)).exp()
    return to_mu(features) + sigma * noise


def two_layers():
    """Features, two linear layers for the heads, and noise."""
    cases = []
    for count, width, latent_dim in [(1, 3, 2), (4, 8, 2), (20, 16, 8)]:
        heads = [torch.nn.Linear(width, latent_dim).requires_grad_(False) for _ in range(2)]
        features, noise = torch.randn(count, width), torch.randn(count, latent_dim)
        cases.append({"features": features, "to_mu": heads[0], "to_logvar": heads[1], "noise": noise})
    return cases


exercise = Exercise(
    two_heads,
    title="Two heads",
    task=__doc__,
    right="Where a code lies and how precise it is are now two questions, and the net may answer them apart.",
    cases=two_layers,
)


@exercise.mistake
def mu_twice(features, to_mu, to_logvar, noise):
    """μ as log-variance: you asked one head twice. Then σ depends on where the code lies."""
    return two_heads(features, to_mu, to_mu, noise)


@exercise.mistake
def logvar_twice(features, to_mu, to_logvar, noise):
    """The log-variance's head serves as mean, too: one head again, only the other one."""
    return two_heads(features, to_logvar, to_logvar, noise)


@exercise.mistake
def swapped(features, to_mu, to_logvar, noise):
    """The heads are swapped."""
    return two_heads(features, to_logvar, to_mu, noise)


@exercise.mistake
def raw_as_sigma(features, to_mu, to_logvar, noise):
    """The second head's output is used as σ directly, but it is log σ²."""
    return to_mu(features) + to_logvar(features) * noise


@exercise.mistake
def noise_times_variance(features, to_mu, to_logvar, noise):
    """The noise is multiplied by σ² here, and should be by σ."""
    return to_mu(features) + to_logvar(features).exp() * noise


@exercise.mistake
def noise_of_its_own(features, to_mu, to_logvar, noise):
    """You drew noise of your own. Use the noise that is given: that is what makes a draw repeatable."""
    return two_heads(features, to_mu, to_logvar, torch.randn_like(noise))


@exercise.mistake
def mean_alone(features, to_mu, to_logvar, noise):
    """This is the mean: a draw has noise in it."""
    return to_mu(features)
