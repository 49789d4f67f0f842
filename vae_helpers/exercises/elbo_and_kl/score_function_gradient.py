r"""Estimate $\nabla_\mu \mathbb E_q[\varphi(z)]$ for $q = \mathcal N(\mu, \sigma^2)$ from $K$ samples without a
derivative of $\varphi$: you get the samples `z`, the values `phi` of $\varphi$ at them, and $\mu$ and $\sigma$. As the
baseline of each sample take the mean of $\varphi$ over the **other** samples. Return one number, the average over the
samples."""

import torch

from ..exercise import Exercise


def score_function_gradient(z, phi, mu, sigma):  # (K,), (K,), a number, a number => one number
    baseline = (phi.sum() - phi) / (len(phi) - 1)  # (K,): each without itself
    return ((phi - baseline) * (z - mu) / sigma**2).mean()


def samples():
    """Samples of several Gaussians, and what is averaged, at each."""
    cases = []
    for count, mu, sigma in [(2, 0.0, 1.0), (4, 1.0, 0.5), (50, -2.0, 3.0)]:
        z = mu + sigma * torch.randn(count)
        cases.append({"z": z, "phi": -((z - 3) ** 2), "mu": mu, "sigma": sigma})
    return cases


exercise = Exercise(
    score_function_gradient,
    title="A gradient without a slope",
    hints=(
        "Without a baseline it is the average of φ(z) (z − μ)/σ².",
        "The sum of φ over the others is `phi.sum() - phi`. How many others are there?",
    ),
    idea="gradients without a slope; a baseline from the other samples",
    minutes=8,
    difficulty=2,
    task=__doc__,
    right="This needs nothing of φ but its values: it would work for a decoder that cannot be differentiated.",
    cases=samples,
    derivation=r"""The estimator is $(\varphi(z_k) - b_k)\,(z_k - \mu)/\sigma^2$, averaged over $k$. A baseline may be
anything that does not depend on $z_k$, since then
$\mathbb E[b_k\,\nabla_\mu\log q(z_k)] = \mathbb E[b_k]\cdot 0 = 0$. The mean of the others,
$\frac1{K-1}\sum_{l \ne k}\varphi(z_l)$, does not. The mean of *all* does, a little: it contains $\varphi(z_k)/K$, and
the estimate becomes too small by the factor $1 - \frac1K$.""",
)


def _of(weights, z, mu, sigma):
    return (weights * (z - mu) / sigma**2).mean()


@exercise.mistake
def without_a_baseline(z, phi, mu, sigma):
    """The baseline is missing. On average this is right, too, but it scatters far more."""
    return _of(phi, z, mu, sigma)


@exercise.mistake
def baseline_with_itself(z, phi, mu, sigma):
    """Your baseline contains the sample's own value, so it depends on z, and the estimate is too small on average."""
    return _of(phi - phi.mean(), z, mu, sigma)


@exercise.mistake
def sigma_not_squared(z, phi, mu, sigma):
    """Differentiate log q by μ once more: by which power of σ is z − μ divided?"""
    return _of(phi - (phi.sum() - phi) / (len(phi) - 1), z, mu, sigma) * sigma


@exercise.mistake
def without_sigma(z, phi, mu, sigma):
    """Differentiate log q by μ once more: where did σ go?"""
    return _of(phi - (phi.sum() - phi) / (len(phi) - 1), z, mu, sigma) * sigma**2


@exercise.mistake
def summed(z, phi, mu, sigma):
    """You added up the samples' estimates: return their average."""
    return len(z) * score_function_gradient(z, phi, mu, sigma)


@exercise.mistake
def downhill(z, phi, mu, sigma):
    """The sign is turned: this points away from the samples for which φ is large."""
    return -score_function_gradient(z, phi, mu, sigma)
