"""What training minimises and what a score means: reconstruction, KL, ELBO. (`importance.py` has the tighter bound.)

Every function here is per image and in nats: summed over pixels and over latent dimensions, shape (N,). The two losses,
NegativeELBO and SquaredError, average over the images of a batch, once. Pixels are taken as given: on grey pixels the
Bernoulli terms score a number between black and white as a probability, which is a loss and not a code length, and is
not comparable with values for binarized images.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ._validation import (
    as_numbers,
    check_at_least,
    check_dtype,
    check_images,
    check_model,
    check_shape,
    check_vae,
    shown,
    where,
)

Likelihood = Callable[[Tensor, Tensor], Tensor]  # (logits, x), both (N, ...) => -log p(x|z), (N,) nats


def squared_error(pixels: Tensor, x: Tensor) -> Tensor:
    """Squared error of each image, summed over pixels: (N, ...), (N, ...) => (N,). Not in nats.

    Raises ValueError for two different shapes.
    """
    _check_same_shape(pixels, x)
    return (pixels - x).square().flatten(1).sum(1)


def bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """-log p(x|z) for independent Bernoulli pixels with these logits: (N, ...), (N, ...) => (N,) nats.

    Raises ValueError for two different shapes.
    """
    _check_same_shape(logits, x)
    return binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def gaussian_nll(pixels: Tensor, x: Tensor, variance: float | Tensor = 0.5) -> Tensor:
    """-log p(x|z) for independent Gaussian pixels with these means: (N, ...), (N, ...) => (N,) nats.

    With variance 1/2 it is the summed squared error plus half log(pi) a pixel, 448.7 nats for 784 pixels. A density
    and no probability: it can be negative. The variance may be a tensor that learns; Rybkin, Daniilidis and Levine,
    "Simple and Effective VAE Training with Calibrated Decoders", 2021, arXiv:2006.13202.

    Raises ValueError for two different shapes, and a variance that is not above 0.
    """
    errors = squared_error(pixels, x)
    variance = as_numbers("variance", variance, errors)
    if not (variance > 0).all():
        raise ValueError(f"variance: expected numbers above 0, got {variance.tolist()}")
    return errors / (2 * variance) + 0.5 * torch.log(2 * math.pi * variance) * x[0].numel()


def pixel_entropy(images: Tensor) -> Tensor:
    """The entropy of the pixels themselves, each read as a probability of white: (N, ...) => (N,) nats.

    No Bernoulli decoder can score grey images better than this: it is `bernoulli_nll` at a perfect reconstruction.
    Raises ValueError for images of another shape or outside [0, 1].
    """
    check_images(images)
    return (torch.special.entr(images) + torch.special.entr(1 - images)).flatten(1).sum(1)


def gaussian_kl(
    mu: Tensor, logvar: Tensor, prior_mu: float | Tensor = 0.0, prior_logvar: float | Tensor = 0.0
) -> Tensor:
    """KL(N(mu, exp(logvar)) || N(prior_mu, exp(prior_logvar))), diagonal: (N, D) each => (N,) nats.

    Against N(0, I) unless a prior is given; Kingma and Welling 2013, appendix B.

    Raises ValueError if mu and logvar differ in shape or are not (N, D).
    """
    return gaussian_kl_per_dimension(mu, logvar, prior_mu, prior_logvar).sum(1)


def gaussian_kl_per_dimension(mu, logvar, prior_mu=0.0, prior_logvar=0.0) -> Tensor:
    """The same before it is summed: what each latent dimension costs, (N, D) each => (N, D) nats."""
    if _shape(mu) != _shape(logvar) or not torch.is_tensor(mu) or mu.ndim != 2:
        raise ValueError(f"mu, logvar: expected (N, D) for both, got {_shape(mu)} and {_shape(logvar)}")
    prior_mu, prior_logvar = as_numbers("prior_mu", prior_mu, mu), as_numbers("prior_logvar", prior_logvar, mu)
    ratio = torch.exp(logvar - prior_logvar)
    distance = (mu - prior_mu).square() / torch.exp(prior_logvar)
    return 0.5 * (ratio + distance - 1 - logvar + prior_logvar)


def reparameterize(mu: Tensor, logvar: Tensor) -> Tensor:
    """A sample of N(mu, exp(logvar)) that gradients flow through, mu + sigma * noise: (N, D) each => (N, D).

    Raises ValueError for two different shapes.
    """
    _check_same_shape(mu, logvar)
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


def elbo_terms(model: nn.Module, x: Tensor, likelihood: Likelihood = bernoulli_nll) -> tuple[Tensor, Tensor]:
    """The two halves of the negative ELBO at one sample of z: -log p(x|z), (N,), and the KL of each dimension, (N, D).

    For a VAE and images (N, 1, 28, 28); both in nats. Draws from torch's global generator. Raises ValueError for a
    model that is no VAE, and images of another shape.
    """
    check_vae(model)
    check_shape(x)
    check_dtype(x, model, "images")
    mu, logvar = model.encode(x)
    logits = model.decode_logits(reparameterize(mu, logvar))
    return nll_per_image(likelihood, logits, x), gaussian_kl_per_dimension(mu, logvar)


class NegativeELBO:
    """The loss of a VAE: reconstruction + beta * KL, in nats, averaged over the images of a batch.

    beta: weight of the KL; 1 makes the loss a negative ELBO. Higgins et al., "beta-VAE", ICLR 2017.
    free_bits: nats that each latent dimension carries free of charge: its KL, averaged over the batch, enters the loss
        as max(free_bits, KL). Kingma et al. 2016, arXiv:1606.04934.
    kl_warmup: share of training over which the weight of the KL rises from 0 to beta. Bowman et al. 2015,
        arXiv:1511.06349.
    likelihood: -log p(x|z), a function (logits, x) => (N,) nats. Pixels are Bernoulli unless another is given.

    Raises ValueError for beta < 0, free_bits < 0 or kl_warmup outside [0, 1]; when called, for a model that is no VAE.
    """

    def __init__(
        self,
        beta: float = 1.0,
        free_bits: float = 0.0,
        kl_warmup: float = 0.0,
        likelihood: Likelihood = bernoulli_nll,
    ):
        check_at_least("beta", beta, 0)
        check_at_least("free_bits", free_bits, 0)
        check_at_least("kl_warmup", kl_warmup, 0)
        if kl_warmup > 1:
            raise ValueError(f"kl_warmup: expected a share of training in [0, 1], got {kl_warmup}")
        check_likelihood(likelihood)
        self.beta, self.free_bits, self.kl_warmup, self.likelihood = beta, free_bits, kl_warmup, likelihood

    def __call__(self, model: nn.Module, x: Tensor, progress: float = 1.0) -> dict[str, Tensor]:
        """The loss of a batch (N, 1, 28, 28), and its parts; `progress` is the share of training that is done."""
        reconstruction, kl = elbo_terms(model, x, self.likelihood)
        reconstruction, kl = reconstruction.mean(), kl.mean(0)  # kl: one number a dimension
        weight = self.beta * (min(1.0, progress / self.kl_warmup) if self.kl_warmup else 1.0)
        loss = reconstruction + weight * kl.clamp(min=self.free_bits).sum()
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl.sum()}

    def __repr__(self):
        settings = [f"beta={self.beta:g}"]
        settings += [f"{name}={value:g}" for name in ("free_bits", "kl_warmup") if (value := getattr(self, name))]
        if self.likelihood is not bernoulli_nll:
            settings.append(f"likelihood={getattr(self.likelihood, '__name__', self.likelihood)}")
        return f"NegativeELBO({', '.join(settings)})"


class SquaredError:
    """The loss of a plain autoencoder: the squared error, summed over pixels, averaged over the images of a batch."""

    def __call__(self, model: nn.Module, x: Tensor) -> Tensor:
        """The loss of a batch (N, 1, 28, 28). Raises ValueError for a VAE."""
        if check_model(model):
            raise ValueError(f"model: expected a plain autoencoder, whose encode returns z; got {type(model).__name__}")
        check_shape(x)
        check_dtype(x, model, "images")
        return squared_error(model.decode(model.encode(x)), x).mean()

    def __repr__(self):
        return "SquaredError()"


def elbo(model: nn.Module, images: Tensor, likelihood: Likelihood = bernoulli_nll) -> Tensor:
    """The evidence lower bound of each image, at one sample of z: (N, 1, 28, 28) => (N,) nats.

    E_q[log p(x|z)] - KL(q(z|x) || p(z)), the expectation estimated without bias by the sample, the KL exact. Draws
    from torch's global generator.

    Raises ValueError for images of another shape or outside [0, 1], and for a model that is no VAE.
    """
    check_vae(model)
    check_images(images)
    reconstruction, kl = elbo_terms(model, images.to(where(model)), likelihood)
    return -reconstruction - kl.sum(1)


def nll_per_image(likelihood: Likelihood, logits: Tensor, x: Tensor) -> Tensor:
    """`likelihood(logits, x)`, once it is one number an image, (N,): an average would broadcast unseen.

    Raises ValueError for anything else.
    """
    check_likelihood(likelihood)
    nll = likelihood(logits, x)
    if _shape(nll) != (len(x),):
        raise ValueError(f"likelihood: expected one number an image, shape ({len(x)},), got {_shape(nll)}")
    return nll


def check_likelihood(likelihood: Likelihood) -> None:
    """Raise ValueError unless `likelihood` can be called."""
    if not callable(likelihood):
        raise ValueError(f"likelihood: expected a function (logits, x) => (N,) nats, got {shown(likelihood)}")


def _shape(value):
    return tuple(value.shape) if torch.is_tensor(value) else f"a {type(value).__name__}"


def _check_same_shape(output, x):
    if not torch.is_tensor(x) or _shape(output) != _shape(x):
        raise ValueError(f"expected two tensors of one shape, got {_shape(output)} and {_shape(x)}")
    if not output.is_floating_point() or not x.is_floating_point():
        raise ValueError(f"expected floats, got {output.dtype} and {x.dtype}: divide 8-bit pixels by 255")
