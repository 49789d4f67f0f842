r"""The larger one of this notebook: an importance-weighted bound, checked where the truth is known. In the
linear-Gaussian model $z \sim \mathcal N(0, I)$, $x \mid z \sim \mathcal N(V z, \sigma_x^2 I)$, everything has a
closed form. You get images `x` (N, P), the matrix `V` (P, L), the number `variance` $= \sigma_x^2$, and for each
image a diagonal $q$ with `mu` and `sigma`, (N, L) each. Use the given `noise` (K, N, L) for your $K$ codes. Return
the bound of each image, in nats.

Test it before you hand it in: $x$ has mean 0 and covariance $V V^\top + \sigma_x^2 I$, which gives you $\log p(x)$
(`torch.distributions.MultivariateNormal`); and if $V$ has orthogonal columns, the true posterior is diagonal, with
precision $1 + \lVert v_j \rVert^2 / \sigma_x^2$ and mean $v_j^\top x / \sigma_x^2$ divided by it. With that $q$ your
bound must be $\log p(x)$ for *any* noise and any $K$."""

import math

import torch

from ..exercise import Exercise


def linear_gaussian_bound(x, V, variance, mu, sigma, noise):  # => (N,) nats
    z = mu + sigma * noise  # K x N x L
    log_prior = -0.5 * (z**2 + math.log(2 * math.pi)).sum(2)
    log_likelihood = -0.5 * ((x - z @ V.T) ** 2 / variance + math.log(2 * math.pi * variance)).sum(2)
    log_q = -0.5 * (noise**2 + 2 * sigma.log() + math.log(2 * math.pi)).sum(2)
    return (log_prior + log_likelihood - log_q).logsumexp(0) - math.log(len(noise))


def models():
    """Three models; in the first, q is the true posterior, and the bound is log p(x)."""
    cases = []
    for pixels, latents, samples, off in [(6, 2, 3, 0.0), (10, 3, 50, 0.5), (40, 2, 100, 1.0)]:
        V = torch.linalg.qr(torch.randn(pixels, latents)).Q * torch.tensor([1.5, 0.8, 0.4])[:latents]
        x, variance = torch.randn(4, latents) @ V.T + 0.5 * torch.randn(4, pixels), 0.25
        precision = 1 + (V**2).sum(0) / variance
        mu, sigma = x @ V / variance / precision, precision.rsqrt().expand(4, latents)
        noise = torch.randn(samples, 4, latents)
        cases.append(
            {"x": x, "V": V, "variance": variance, "mu": mu + off * sigma, "sigma": sigma * (1 + off), "noise": noise}
        )
    return cases


exercise = Exercise(
    linear_gaussian_bound,
    title="Your own bound",
    hints=(
        "Write the three log densities first, each summed over its own axis: (K, N) each.",
        "log w = log p(z) + log p(x|z) − log q(z). Average the weights, not their logarithms: `logsumexp(0) − log K`.",
    ),
    idea="the importance-weighted bound where the truth is known",
    minutes=15,
    difficulty=3,
    task=__doc__,
    right=(
        "Where q is the posterior, every weight is p(x), so there is nothing to average: the best possible test of "
        "such code, as any slip in any of the three densities shows. Now compare a q that is half as wide as "
        "the posterior with one that is twice as wide: only one of them gets there with a few hundred samples."
    ),
    cases=models,
    tolerance=1e-3,
)


@exercise.mistake
def average_of_logs(x, V, variance, mu, sigma, noise):
    """An average of the logarithms of the weights: for any K that is an ELBO. The logarithm comes after the average."""
    return _log_weights(x, V, variance, mu, sigma, noise).mean(0)


@exercise.mistake
def sum_of_weights(x, V, variance, mu, sigma, noise):
    """The sum of the weights, and not their average: it grows with K without end."""
    return _log_weights(x, V, variance, mu, sigma, noise).logsumexp(0)


@exercise.mistake
def no_prior(x, V, variance, mu, sigma, noise):
    """The prior is missing from the weights."""
    z = mu + sigma * noise
    log_prior = -0.5 * (z**2 + math.log(2 * math.pi)).sum(2)
    return _bound(_log_weights(x, V, variance, mu, sigma, noise) - log_prior)


@exercise.mistake
def no_q(x, V, variance, mu, sigma, noise):
    """The weights are not divided by q: codes that q draws often would count too often."""
    log_q = -0.5 * (noise**2 + 2 * sigma.log() + math.log(2 * math.pi)).sum(2)
    return _bound(_log_weights(x, V, variance, mu, sigma, noise) + log_q)


@exercise.mistake
def q_without_sigma(x, V, variance, mu, sigma, noise):
    """In log q, the log σ is missing: the density of a narrow Gaussian is high."""
    return _bound(_log_weights(x, V, variance, mu, sigma, noise) - sigma.log().sum(1))


@exercise.mistake
def variance_as_deviation(x, V, variance, mu, sigma, noise):
    """σ² is a variance: it stands in the exponent as it is, and not squared."""
    return linear_gaussian_bound(x, V, variance**2, mu, sigma, noise)


@exercise.mistake
def no_constants(x, V, variance, mu, sigma, noise):
    """Without the 2π s² of the pixels: a constant, and a part of log p(x) all the same."""
    return linear_gaussian_bound(x, V, variance, mu, sigma, noise) + 0.5 * x.shape[1] * math.log(2 * math.pi * variance)


@exercise.mistake
def best_weight(x, V, variance, mu, sigma, noise):
    """The largest weight alone: that is no average, and lies above log p(x) as often as not."""
    return _log_weights(x, V, variance, mu, sigma, noise).max(0).values


def _log_weights(x, V, variance, mu, sigma, noise):
    """The logarithm of each weight: (K, N)."""
    rows = [linear_gaussian_bound(x, V, variance, mu, sigma, one[None]) for one in noise]
    return torch.stack(rows)


def _bound(log_weights):
    return log_weights.logsumexp(0) - math.log(len(log_weights))
