"""The models: an image goes in, a code comes out, and an image comes back.

Every model is a torch module with `encode`, `decode` and `forward`. Images are (N, 1, 28, 28) in [0, 1],
codes (N, latent_dim). Decoders end in logits; `decode` turns them into pixels in [0, 1].
"""

from itertools import pairwise

import torch
from torch import nn

from ._checks import check_latent, check_positive_int, check_shape

PIXELS = 28 * 28


def _hidden_layers(*sizes):
    """Linear layers from each size to the next, a ReLU after each."""
    return [layer for n_in, n_out in pairwise(sizes) for layer in (nn.Linear(n_in, n_out), nn.ReLU())]


def _decoder(latent_dim, hidden_dims):
    """From a code back to image logits, through the encoder's hidden widths in reverse."""
    widths = tuple(reversed(hidden_dims))
    return nn.Sequential(
        *_hidden_layers(latent_dim, *widths),  # latent_dim => ... => hidden_dims[0]
        nn.Linear(widths[-1], PIXELS),  # => 784
        nn.Unflatten(1, (1, 28, 28)),  # => 1x28x28
    )


class _Model(nn.Module):
    """What the autoencoder and the VAE share: the sizes, and a decoder from codes to pixels."""

    def __init__(self, latent_dim, hidden_dims):
        super().__init__()
        check_positive_int("latent_dim", latent_dim)
        if not isinstance(hidden_dims, (tuple, list)) or not hidden_dims:
            raise ValueError(f"hidden_dims must list the width of each hidden layer, as in (400,), got {hidden_dims!r}")
        for width in hidden_dims:
            check_positive_int("each of hidden_dims", width)
        self.latent_dim, self.hidden_dims = latent_dim, tuple(hidden_dims)

    @property
    def output_bias(self):
        """The bias of the decoder's last layer, one number a pixel: zero until `fit` sets it."""
        return self.decoder[-2].bias

    def decode_logits(self, z):
        """Codes (N, latent_dim) => logits (N, 1, 28, 28). Raises ValueError for another width."""
        check_latent(z, self.latent_dim)
        return self.decoder(z)

    def decode(self, z):
        """Codes (N, latent_dim) => pixels (N, 1, 28, 28) in [0, 1]. Raises ValueError for another width."""
        return torch.sigmoid(self.decode_logits(z))


class Autoencoder(_Model):
    """A plain autoencoder: 784 => hidden_dims => latent_dim => hidden_dims reversed => 784.

    `fit` trains it on the squared error, summed over pixels. It has no distribution over its codes and so
    neither a KL nor an ELBO.
    """

    def __init__(self, latent_dim=2, hidden_dims=(512,)):
        super().__init__(latent_dim, hidden_dims)
        self.encoder = nn.Sequential(
            nn.Flatten(),  # 1x28x28 => 784
            *_hidden_layers(PIXELS, *self.hidden_dims),  # => hidden_dims[-1]
            nn.Linear(self.hidden_dims[-1], latent_dim),  # => latent_dim
        )
        self.decoder = _decoder(latent_dim, self.hidden_dims)
        nn.init.zeros_(self.output_bias)

    def encode(self, x):
        """Images (N, 1, 28, 28) => codes (N, latent_dim). Raises ValueError for another shape."""
        check_shape(x)
        return self.encoder(x)

    def forward(self, x):
        """Images (N, 1, 28, 28) => logits of their reconstructions, of the same shape."""
        return self.decode_logits(self.encode(x))


class VAE(_Model):
    """A variational autoencoder with a diagonal Gaussian posterior and the prior N(0, I).

    Kingma and Welling, "Auto-Encoding Variational Bayes", 2013, arXiv:1312.6114.

    likelihood: what the decoder's output means. "bernoulli": each pixel's probability of being white.
        "gaussian": each pixel's mean, with variance 1/2, so that -log p(x|z) is the summed squared error
        plus a constant.

    Raises ValueError for a size below 1 or another likelihood.
    """

    def __init__(self, latent_dim=20, hidden_dims=(400,), likelihood="bernoulli"):
        super().__init__(latent_dim, hidden_dims)
        if likelihood not in ("bernoulli", "gaussian"):
            raise ValueError(f'likelihood must be "bernoulli" or "gaussian", got {likelihood!r}')
        self.likelihood = likelihood
        self.encoder = nn.Sequential(nn.Flatten(), *_hidden_layers(PIXELS, *self.hidden_dims))
        self.to_mu = nn.Linear(self.hidden_dims[-1], latent_dim)
        self.to_logvar = nn.Linear(self.hidden_dims[-1], latent_dim)
        self.decoder = _decoder(latent_dim, self.hidden_dims)
        nn.init.zeros_(self.output_bias)

    def encode(self, x):
        """Images (N, 1, 28, 28) => mu, logvar of q(z|x), each (N, latent_dim).

        Raises ValueError for another shape.
        """
        check_shape(x)
        features = self.encoder(x)
        return self.to_mu(features), self.to_logvar(features)

    def reparameterize(self, mu, logvar):
        """A sample of N(mu, exp(logvar)) that gradients flow through: mu + sigma * noise."""
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    def forward(self, x):
        """Images (N, 1, 28, 28) => logits of the same shape at one sample z; mu, logvar (N, latent_dim)."""
        mu, logvar = self.encode(x)
        return self.decode_logits(self.reparameterize(mu, logvar)), mu, logvar
