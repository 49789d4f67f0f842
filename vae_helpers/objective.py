"""What training minimises and what a score means: reconstruction, KL, ELBO, importance-weighted bound.

Everything here is per image and in nats: summed over pixels and over latent dimensions, shape (N,).
Averaging over images is left to the caller, who does it once. Pixels are taken as given: on grey pixels
the Bernoulli terms score a number between black and white as a probability, which is a loss and not a
code length, and is not comparable with values for binarized images.
"""

import math

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from ._checks import check_images, check_positive_int, check_vae


def squared_error(pixels, x):
    """Squared error of each image, summed over pixels: (N, ...), (N, ...) => (N,). Not in nats."""
    _check_same_shape(pixels, x)
    return (pixels - x).square().flatten(1).sum(1)


def bernoulli_nll(logits, x):
    """-log p(x|z) for independent Bernoulli pixels with these logits: (N, ...), (N, ...) => (N,) nats."""
    _check_same_shape(logits, x)
    return binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def gaussian_nll(pixels, x, variance=0.5):
    """-log p(x|z) for independent Gaussian pixels with these means: (N, ...), (N, ...) => (N,) nats.

    With variance 1/2 it is the summed squared error plus half log(pi) a pixel, 448.7 nats for 784 pixels.
    A density and no probability: it can be negative. The variance may be a tensor that learns.
    """
    constant = 0.5 * torch.log(2 * math.pi * torch.as_tensor(variance, dtype=x.dtype)) * x[0].numel()
    return squared_error(pixels, x) / (2 * variance) + constant


def pixel_entropy(images):
    """The entropy of the pixels themselves, each read as a probability of white: (N, ...) => (N,) nats.

    No Bernoulli decoder can score grey images better than this: it is `bernoulli_nll` at a perfect reconstruction.
    """
    return (torch.special.entr(images) + torch.special.entr(1 - images)).flatten(1).sum(1)


def reconstruction_nll(model, logits, x):
    """-log p(x|z) at the decoder's logits, under the model's likelihood: (N, ...), (N, ...) => (N,) nats.

    A Gaussian model that names no `variance` has 1/2.
    """
    if model.likelihood == "gaussian":
        return gaussian_nll(torch.sigmoid(logits), x, getattr(model, "variance", 0.5))
    return bernoulli_nll(logits, x)


def gaussian_kl(mu, logvar, prior_mu=0.0, prior_logvar=0.0):
    """KL(N(mu, exp(logvar)) || N(prior_mu, exp(prior_logvar))), diagonal: (N, D) each => (N,) nats.

    Against N(0, I) unless a prior is given; Kingma and Welling 2013, appendix B.

    Raises ValueError if mu and logvar differ in shape or are not (N, D).
    """
    return gaussian_kl_per_dimension(mu, logvar, prior_mu, prior_logvar).sum(1)


def gaussian_kl_per_dimension(mu, logvar, prior_mu=0.0, prior_logvar=0.0):
    """The same before it is summed: what each latent dimension costs, (N, D) each => (N, D) nats."""
    if mu.ndim != 2 or mu.shape != logvar.shape:
        raise ValueError(f"mu and logvar must both be (N, D), got {tuple(mu.shape)} and {tuple(logvar.shape)}")
    prior_logvar = torch.as_tensor(prior_logvar, dtype=mu.dtype, device=mu.device)
    ratio = torch.exp(logvar - prior_logvar)
    distance = (mu - prior_mu).square() / torch.exp(prior_logvar)
    return 0.5 * (ratio + distance - 1 - logvar + prior_logvar)


def elbo(model, images):
    """The evidence lower bound of each image, at one sample of z: (N, 1, 28, 28) => (N,) nats.

    E_q[log p(x|z)] - KL(q(z|x) || p(z)), the expectation estimated without bias by the sample, the KL
    exact. Draws from torch's global generator.

    Raises ValueError for images of another shape or outside [0, 1], and for a plain autoencoder.
    """
    check_vae(model)
    check_images(images)
    logits, mu, logvar = model(images)
    return -reconstruction_nll(model, logits, images) - gaussian_kl(mu, logvar)


@torch.no_grad()
def importance_bound(model, images, samples=500, seed=0):
    """The importance-weighted bound on log p(x) of each image: (N, 1, 28, 28) => (N,) nats.

    log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x), with K = `samples` draws from q(z|x). On average it lies
    between the ELBO (K = 1) and log p(x), and rises towards log p(x) with K. Burda, Grosse and
    Salakhutdinov, "Importance Weighted Autoencoders", 2015, arXiv:1509.00519.

    Raises ValueError for images of another shape or outside [0, 1], fewer than one sample, or a plain
    autoencoder.
    """
    check_vae(model)
    check_images(images)
    check_positive_int("samples", samples)
    images = images.to(next(model.parameters()))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        bounds = [_importance_bound(model, some, samples) for some in images.split(100)]
    return torch.cat(bounds)


def _importance_bound(model, images, samples):
    mu, logvar = model.encode(images)
    weights = []  # log p(x|z) p(z) / q(z|x), one tensor (N,) a sample
    for _ in range(samples):
        z = model.reparameterize(mu, logvar)
        log_likelihood = -reconstruction_nll(model, model.decode_logits(z), images)
        log_prior = -gaussian_nll(z, torch.zeros_like(z), variance=1)
        log_posterior = -0.5 * ((z - mu).square() / logvar.exp() + logvar + math.log(2 * math.pi)).sum(1)
        weights.append(log_likelihood + log_prior - log_posterior)
    return torch.stack(weights).logsumexp(0) - math.log(samples)


def _check_same_shape(output, x):
    if output.shape != x.shape:
        raise ValueError(
            f"the model's output and x must have one shape, got {tuple(output.shape)} and {tuple(x.shape)}"
        )
