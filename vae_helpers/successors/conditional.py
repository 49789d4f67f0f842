"""A VAE that is told the label: it reaches the encoder, and the decoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from .._validation import check_digits, check_dtype, check_latent, check_shape
from ..losses import bernoulli_nll, gaussian_kl, reparameterize
from ..models import VAE

DIGITS = 10


class ConditionalVAE(VAE):
    """A VAE of one hidden layer, whose encoder and decoder have room for a label: ten numbers, of which one is 1.

    Labels are digits, (N,) whole numbers from 0 to 9. The prior of z is N(0, I), whatever the label. Sohn, Lee and Yan,
    "Learning Structured Output Representation using Deep Conditional Generative Models", NeurIPS 2015; as model M2 in
    Kingma et al., "Semi-Supervised Learning with Deep Generative Models", NIPS 2014.

    Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 8, hidden_dim: int = 400):
        super().__init__(latent_dim, (hidden_dim,))
        self.encoder[1] = nn.Linear(784 + DIGITS, hidden_dim)  # [0] flattens
        self.decoder[0] = nn.Linear(latent_dim + DIGITS, hidden_dim)

    def encode(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 1, 28, 28) and labels (N,) => mu, logvar of q(z|x, y), each (N, latent_dim).

        Raises ValueError for images of another shape, and labels of another length or no digits.
        """
        check_shape(x)
        check_dtype(x, self, "images")
        h = self.encoder(torch.cat([x.flatten(1), _one_hot(labels, x)], 1))
        return self.to_mu(h), self.to_logvar(h)

    def decode_logits(self, z: Tensor, labels: Tensor) -> Tensor:
        """Codes (N, latent_dim) and labels (N,) => logits (N, 1, 28, 28). Raises ValueError as `encode` does."""
        check_latent(z, self.latent_dim)
        check_dtype(z, self, "latent")
        return self.decoder(torch.cat([z, _one_hot(labels, z)], 1))

    def decode(self, z: Tensor, labels: Tensor) -> Tensor:
        """Codes (N, latent_dim) and labels (N,) => pixels (N, 1, 28, 28). Raises ValueError as `encode` does."""
        return torch.sigmoid(self.decode_logits(z, labels))

    def forward(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Images (N, 1, 28, 28) and labels (N,) => logits at one sample z; mu, logvar (N, latent_dim)."""
        mu, logvar = self.encode(x, labels)
        return self.decode_logits(reparameterize(mu, logvar), labels), mu, logvar


def _one_hot(labels, rows):
    """A label for each of `rows` as 10 numbers, all 0 but one: (N,) => (N, 10)."""
    check_digits(labels, len(rows))
    return one_hot(torch.as_tensor(labels, device=rows.device).long(), DIGITS)


def conditional_elbo(model: ConditionalVAE, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The loss: the negative ELBO of log p(x|y), in nats, averaged over the batch, and its two parts."""
    logits, mu, logvar = model(x, labels)
    reconstruction, kl = bernoulli_nll(logits, x).mean(), gaussian_kl(mu, logvar).mean()
    return {"loss": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}
