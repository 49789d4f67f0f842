"""The importance-weighted bound on log p(x): as a score, and as a loss.

Draw K codes z_k from q(z|x) and weigh each with w_k = p(x|z_k) p(z_k) / q(z_k|x). On average a weight is p(x), so the
log of the mean of K weights is, on average, a lower bound on log p(x): for K = 1 the ELBO, and tighter for each
further sample. Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders", 2015, arXiv:1509.00519.

All is in nats and per image. `prior` is log p(z), a function (M, latent_dim) => (M,); N(0, I) unless another is given,
such as `model.log_prior` of a model that has learned its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ._seeds import seeded
from ._validation import as_numbers, check_dtype, check_images, check_positive_int, check_shape, check_vae, shown, where
from .losses import Likelihood, bernoulli_nll, check_likelihood, nll_per_image, reparameterize

Prior = Callable[[Tensor], Tensor]  # codes (M, latent_dim) => log p(z), (M,) nats
AT_ONCE = 4000  # codes that are decoded together when nothing is trained


def log_normal(z: Tensor, mu: float | Tensor = 0.0, logvar: float | Tensor = 0.0) -> Tensor:
    """log N(z; mu, diag exp(logvar)) of each code: (N, latent_dim) => (N,). The standard normal unless given others.

    Raises ValueError for codes that are not (N, latent_dim), and a mu or logvar that does not fit them.
    """
    if not torch.is_tensor(z) or z.ndim != 2:
        shape = tuple(z.shape) if torch.is_tensor(z) else f"a {type(z).__name__}"
        raise ValueError(f"z: expected codes (N, latent_dim), got {shape}")
    mu, logvar = as_numbers("mu", mu, z), as_numbers("logvar", logvar, z)
    return -0.5 * ((z - mu).square() / logvar.exp() + logvar + math.log(2 * math.pi)).sum(1)


def log_weights(
    model: nn.Module, x: Tensor, samples: int, likelihood: Likelihood = bernoulli_nll, prior: Prior = log_normal
) -> Tensor:
    """log p(x|z) p(z) / q(z|x) for codes drawn from q(z|x): images (N, 1, 28, 28) => (N, samples) nats.

    With gradients. Draws from torch's global generator. Raises ValueError for a `likelihood` or a `prior` that does
    not return one number for each code, and for fewer than one sample.
    """
    check_positive_int("samples", samples)
    check_vae(model)
    check_shape(x)
    check_dtype(x, model, "images")
    _check_prior(prior)
    mu, logvar = (part.repeat_interleave(samples, 0) for part in model.encode(x))
    z = reparameterize(mu, logvar)
    log_prior = prior(z)
    if not torch.is_tensor(log_prior) or log_prior.shape != (len(z),):
        shape = tuple(log_prior.shape) if torch.is_tensor(log_prior) else f"a {type(log_prior).__name__}"
        raise ValueError(f"prior: expected one number for each code, shape ({len(z)},), got {shape}")
    nll = nll_per_image(likelihood, model.decode_logits(z), x.repeat_interleave(samples, 0))
    return (log_prior - nll - log_normal(z, mu, logvar)).view(-1, samples)


class ImportanceWeighted:
    """The importance-weighted bound as a loss, negative, in nats, averaged over the images of a batch.

    samples: codes drawn for each image; 1 gives a noisy negative ELBO, and training takes about `samples` times as
    long. likelihood: -log p(x|z), a function (logits, x) => (N,) nats. prior: log p(z), a function (M, latent_dim) =>
    (M,). Burda, Grosse and Salakhutdinov 2015, arXiv:1509.00519.

    Raises ValueError for fewer than one sample; when called, for a model that is no VAE.
    """

    def __init__(self, samples: int = 16, likelihood: Likelihood = bernoulli_nll, prior: Prior = log_normal):
        check_positive_int("samples", samples)
        check_likelihood(likelihood)
        _check_prior(prior)
        self.samples, self.likelihood, self.prior = samples, likelihood, prior

    def __call__(self, model: nn.Module, x: Tensor) -> Tensor:
        """The loss of a batch (N, 1, 28, 28): one number."""
        weights = log_weights(model, x, self.samples, self.likelihood, self.prior)
        return math.log(self.samples) - weights.logsumexp(1).mean()

    def __repr__(self):
        return f"ImportanceWeighted(samples={self.samples})"


@torch.no_grad()
def iwae_bound(
    model: nn.Module,
    images: Tensor,
    samples: int = 500,
    seed: int = 0,
    likelihood: Likelihood = bernoulli_nll,
    prior: Prior = log_normal,
) -> Tensor:
    """The importance-weighted bound on log p(x) of each image: (N, 1, 28, 28) => (N,) nats.

    log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x), with K = `samples` draws from q(z|x). On average it lies between the ELBO
    (K = 1) and log p(x), and rises towards log p(x) with K. It is not tight where q misses the true posterior: for an
    image whose encoder points to a wrong place it can be nats short with 5,000 samples.

    Raises ValueError for images of another shape or outside [0, 1], fewer than one sample, or a model that is no VAE.
    """
    check_vae(model)
    check_images(images)
    check_positive_int("samples", samples)
    with seeded(seed):
        bounds = [_bound(model, part, samples, likelihood, prior) for part in images.to(where(model)).split(100)]
    return torch.cat(bounds)


def _bound(model, images, samples, likelihood, prior):
    """The bound of a few images, for so many codes at once as fit into the processor's cache."""
    at_once = max(1, AT_ONCE // len(images))
    parts = [min(at_once, samples - done) for done in range(0, samples, at_once)]
    sums = [log_weights(model, images, part, likelihood, prior).logsumexp(1) for part in parts]
    return torch.stack(sums).logsumexp(0) - math.log(samples)


def _check_prior(prior):
    if not callable(prior):
        raise ValueError(f"prior: expected a function of codes (M, latent_dim) => (M,) nats, got {shown(prior)}")
