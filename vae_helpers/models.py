"""The models: an image goes in, a code comes out, and an image comes back.

Every tool of this package takes any torch module, yours or one of these, with

    latent_dim         how many numbers a code has
    encode(x)          images (N, 1, 28, 28) in [0, 1] => mu, logvar of q(z|x), each (N, latent_dim);
                       a plain autoencoder: z alone
    decode_logits(z)   codes (N, latent_dim) => logits (N, 1, 28, 28)
    decode(z)          the same as pixels in [0, 1]: sigmoid(decode_logits(z))

`forward(x)`, the way through once, is there for your own loss; the package never calls it. A model that lacks a part is
refused by a sentence that names the part, before anything is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from ._validation import check_codes, check_dtype, check_latent, check_positive_int, check_shape, shown
from .importance import log_normal
from .losses import reparameterize

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
    """What all models share: a decoder from codes to pixels."""

    def __init__(self, latent_dim):
        super().__init__()
        check_positive_int("latent_dim", latent_dim)
        self.latent_dim = int(latent_dim)  # of an integer of NumPy's, too

    @property
    def output_bias(self) -> nn.Parameter:
        """The bias of the decoder's last layer, one number a pixel: what `start_at_mean` takes."""
        return self.decoder[-2].bias

    def decode_logits(self, z: Tensor) -> Tensor:
        """Codes (N, latent_dim) => logits (N, 1, 28, 28). Raises ValueError for another width."""
        check_latent(z, self.latent_dim)
        check_dtype(z, self, "latent")
        return self.decoder(z)

    def decode(self, z: Tensor) -> Tensor:
        """Codes (N, latent_dim) => pixels (N, 1, 28, 28) in [0, 1]. Raises ValueError for another width."""
        return torch.sigmoid(self.decode_logits(z))


class Autoencoder(_Model):
    """A plain autoencoder: 784 => hidden_dims => latent_dim => hidden_dims reversed => 784.

    Trained with `fit(..., loss=SquaredError())`. It has no distribution over its codes and so neither a KL nor an ELBO.

    Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 2, hidden_dims: Sequence[int] = (512,)):
        super().__init__(latent_dim)
        self.hidden_dims = _checked_widths(hidden_dims)
        self.encoder = nn.Sequential(
            nn.Flatten(),  # 1x28x28 => 784
            *_hidden_layers(PIXELS, *self.hidden_dims),  # => hidden_dims[-1]
            nn.Linear(self.hidden_dims[-1], latent_dim),  # => latent_dim
        )
        self.decoder = _decoder(latent_dim, self.hidden_dims)

    def encode(self, x: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) => codes (N, latent_dim). Raises ValueError for another shape."""
        check_shape(x)
        check_dtype(x, self, "images")
        return self.encoder(x)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) => their reconstructions, pixels of the same shape."""
        return self.decode(self.encode(x))


class _VariationalModel(_Model):
    """What the VAEs share, whatever their layers: the posterior, a sample of it, and the way through.

    A subclass sets `encoder`, images to features; `to_mu` and `to_logvar`, features to the posterior; `decoder`.
    """

    reparameterize = staticmethod(reparameterize)
    log_prior = staticmethod(log_normal)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 1, 28, 28) => mu, logvar of q(z|x), each (N, latent_dim).

        Raises ValueError for another shape.
        """
        check_shape(x)
        check_dtype(x, self, "images")
        features = self.encoder(x)
        return self.to_mu(features), self.to_logvar(features)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Images (N, 1, 28, 28) => logits of the same shape at one sample z; mu, logvar (N, latent_dim)."""
        mu, logvar = self.encode(x)
        return self.decode_logits(reparameterize(mu, logvar)), mu, logvar


class VAE(_VariationalModel):
    """A variational autoencoder with a diagonal Gaussian posterior and the prior N(0, I).

    Kingma and Welling, "Auto-Encoding Variational Bayes", 2013, arXiv:1312.6114.

    Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 20, hidden_dims: Sequence[int] = (400,)):
        super().__init__(latent_dim)
        self.hidden_dims = _checked_widths(hidden_dims)
        self.encoder = nn.Sequential(nn.Flatten(), *_hidden_layers(PIXELS, *self.hidden_dims))
        self.to_mu = nn.Linear(self.hidden_dims[-1], latent_dim)
        self.to_logvar = nn.Linear(self.hidden_dims[-1], latent_dim)
        self.decoder = _decoder(latent_dim, self.hidden_dims)


class MixtureVAE(VAE):
    """A VAE whose prior is a mixture of Gaussians with full covariances, which is learned.

    Its KL has no closed form, so it has no NegativeELBO: fit the prior to codes, `model.fit_prior(codes)`, then train
    all of it with `ImportanceWeighted(samples, prior=model.log_prior)`. Tomczak and Welling, "VAE with a VampPrior",
    2018, arXiv:1705.07120, learn a mixture, too, of posteriors.

    components: the number of Gaussians. Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 20, hidden_dims: Sequence[int] = (400,), components: int = 50):
        super().__init__(latent_dim, hidden_dims)
        check_positive_int("components", components)
        self.components = components
        self.prior_logits = nn.Parameter(torch.zeros(components))  # of the weights
        self.prior_mean = nn.Parameter(torch.randn(components, latent_dim))
        self.prior_factor = nn.Parameter(torch.zeros(components, latent_dim, latent_dim))  # as in `_precision_factor`

    def _precision_factor(self):
        """Upper triangular, its diagonal positive; times its transpose it is a precision matrix: (components, D, D)."""
        diagonal = self.prior_factor.diagonal(dim1=1, dim2=2)
        return self.prior_factor.triu(1) + torch.diag_embed(diagonal.exp())

    def log_prior(self, z: Tensor) -> Tensor:
        """log p(z): codes (N, latent_dim) => (N,) nats. Raises ValueError for another width."""
        check_latent(z, self.latent_dim)
        check_dtype(z, self, "latent")
        factor = self._precision_factor()
        centre = (self.prior_mean.unsqueeze(1) @ factor).flatten()
        white = z @ factor.transpose(0, 1).flatten(1) - centre  # (N, components * D)
        log_density = log_normal(white.view(-1, self.latent_dim)).view(len(z), self.components)
        log_volume = self.prior_factor.diagonal(dim1=1, dim2=2).sum(1)
        return (self.prior_logits.log_softmax(0) + log_volume + log_density).logsumexp(1)

    @torch.no_grad()
    def fit_prior(self, codes: Tensor) -> None:
        """Set the prior to the mixture that expectation-maximization finds for codes (N, latent_dim).

        Raises ValueError for codes of another width or not all finite, or fewer than components.
        """
        check_codes(codes, self.latent_dim)
        from sklearn.mixture import GaussianMixture  # here, since it takes a second

        mixture = GaussianMixture(self.components, reg_covar=1e-3, random_state=0).fit(codes.cpu().numpy())
        factor = torch.as_tensor(mixture.precisions_cholesky_).to(self.prior_factor)
        diagonal = factor.diagonal(dim1=1, dim2=2)
        self.prior_logits.copy_(torch.as_tensor(mixture.weights_).log())
        self.prior_mean.copy_(torch.as_tensor(mixture.means_))
        self.prior_factor.copy_(factor.triu(1) + torch.diag_embed(diagonal.log()))


class ConvVAE(_VariationalModel):
    """A convolutional VAE: one long stride down to 7x7 features, 3x3 convolutions there, and their mirror image.

    The prior and the posterior are the VAE's. Every layer but the first and the last works on 7x7 features, where a
    convolution is cheap. channels: the number of features. layers: the number of 3x3 convolutions on either side.

    Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 20, channels: int = 32, layers: int = 1):
        super().__init__(latent_dim)
        check_positive_int("channels", channels)
        check_positive_int("layers", layers)
        self.channels, self.layers = channels, layers = int(channels), int(layers)
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, kernel_size=8, stride=4, padding=2),  # 1x28x28 => channels x 7x7
            nn.SiLU(),
            *_3x3_layers(nn.Conv2d, channels, layers),  # => channels x 7x7
            nn.Flatten(),  # => 49 channels
        )
        self.to_mu = nn.Linear(49 * channels, latent_dim)
        self.to_logvar = nn.Linear(49 * channels, latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 49 * channels),
            nn.Unflatten(1, (channels, 7, 7)),  # latent_dim => channels x 7x7
            nn.SiLU(),
            *_3x3_layers(nn.ConvTranspose2d, channels, layers),  # => channels x 7x7
            nn.ConvTranspose2d(channels, 1, kernel_size=8, stride=4, padding=2, bias=False),  # => 1x28x28
            PixelBias(),
        )

    @property
    def output_bias(self) -> nn.Parameter:
        """The decoder's last layer, one number a pixel: what `start_at_mean` takes."""
        return self.decoder[-1].bias


class PixelBias(nn.Module):
    """Adds a number of its own to each pixel, which a convolution, alike everywhere, cannot."""

    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, 28, 28))

    def forward(self, logits: Tensor) -> Tensor:
        """Logits (N, 1, 28, 28) => the same plus the bias."""
        return logits + self.bias


def _3x3_layers(convolution, channels, count):
    """3x3 convolutions that keep the size and the number of features, a SiLU after each."""
    return [layer for _ in range(count) for layer in (convolution(channels, channels, 3, padding=1), nn.SiLU())]


def _checked_widths(hidden_dims):
    if not isinstance(hidden_dims, (tuple, list)) or not hidden_dims:
        raise ValueError(
            f"hidden_dims: expected the width of each hidden layer, as in (400,), got {shown(hidden_dims)}"
        )
    for width in hidden_dims:
        check_positive_int("each of hidden_dims", width)
    return tuple(map(int, hidden_dims))
