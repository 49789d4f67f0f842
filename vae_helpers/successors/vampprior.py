"""A VAE whose prior is learned with it: a mixture of the posteriors of images that do not exist."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .._validation import check_dtype, check_images, check_latent, check_positive_int
from ..losses import bernoulli_nll, reparameterize
from ..models import VAE


class VampVAE(VAE):
    """A VAE with the prior p(z) = the average of q(z|u) over pseudo-inputs u, images that are learned as weights.

    components: how many pseudo-inputs. Tomczak and Welling, "VAE with a VampPrior", 2018, arXiv:1705.07120.

    Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 20, hidden_dims: Sequence[int] = (400,), components: int = 100):
        super().__init__(latent_dim, hidden_dims)
        check_positive_int("components", components)
        self.pseudo_logits = nn.Parameter(torch.zeros(components, 1, 28, 28))

    @torch.no_grad()
    def start_at(self, images: Tensor) -> None:
        """Begin with images (N, 1, 28, 28) drawn at random as pseudo-inputs. Raises ValueError for other images."""
        check_images(images)
        chosen = torch.randint(len(images), (len(self.pseudo_logits),))
        self.pseudo_logits.copy_(images[chosen].logit(eps=0.02))

    def log_prior(self, z: Tensor) -> Tensor:
        """log p(z) of codes (N, latent_dim): (N,) nats. Raises ValueError for another width."""
        check_latent(z, self.latent_dim)
        check_dtype(z, self, "latent")
        mu, logvar = self.encode(torch.sigmoid(self.pseudo_logits))
        return log_mixture(z, mu, logvar)

    def sample_prior(self, count: int) -> Tensor:
        """Codes of the prior, (count, latent_dim), from torch's global generator. Raises ValueError for count < 1."""
        check_positive_int("count", count)
        mu, logvar = self.encode(torch.sigmoid(self.pseudo_logits))
        chosen = torch.randint(len(mu), (count,))
        return reparameterize(mu[chosen], logvar[chosen])


def log_normal(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """The log density of a diagonal Gaussian, summed over the last dimension: (..., latent_dim) => (...) nats."""
    return -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar + math.log(2 * math.pi)).sum(-1)


def log_mixture(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """The log density of an even mixture: codes (N, latent_dim), parts (components, latent_dim) => (N,) nats."""
    return log_normal(z[:, None], mu, logvar).logsumexp(1) - math.log(len(mu))


def vamp_elbo(model: VampVAE, x: Tensor) -> dict[str, Tensor]:
    """The loss: a negative ELBO in nats, averaged over the batch, its rate estimated at the sample of z."""
    mu, logvar = model.encode(x)
    z = reparameterize(mu, logvar)
    reconstruction = bernoulli_nll(model.decode_logits(z), x).mean()
    rate = (log_normal(z, mu, logvar) - model.log_prior(z)).mean()
    return {"loss": reconstruction + rate, "reconstruction": reconstruction, "rate": rate}
