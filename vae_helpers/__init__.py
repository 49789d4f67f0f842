"""Helpers of the course "Variational Autoencoders, hands on". Use it as `import vae_helpers as vh`."""

from ._threads import use_allowed_processors
from .data import binarize, load_mnist
from .latent import (
    active_units,
    emptiest_point,
    interpolate,
    kl_of_each_dimension,
    plane_grid,
    posterior_means,
    prior_quantiles,
)
from .models import VAE, Autoencoder, ConvVAE
from .objective import bernoulli_nll, elbo, gaussian_kl, gaussian_nll, importance_bound, squared_error
from .plots import decoded_plane, figure, image_grid, image_rows, latent_scatter, use_style
from .pretrained import load_pretrained, pretrained
from .training import evaluate, fit
from .widgets import DecoderPanel, InterpolationPanel, KLPanel

__all__ = [
    "VAE",
    "Autoencoder",
    "ConvVAE",
    "DecoderPanel",
    "InterpolationPanel",
    "KLPanel",
    "active_units",
    "bernoulli_nll",
    "binarize",
    "decoded_plane",
    "elbo",
    "emptiest_point",
    "evaluate",
    "figure",
    "fit",
    "gaussian_kl",
    "gaussian_nll",
    "image_grid",
    "image_rows",
    "importance_bound",
    "interpolate",
    "kl_of_each_dimension",
    "latent_scatter",
    "load_mnist",
    "load_pretrained",
    "plane_grid",
    "posterior_means",
    "pretrained",
    "prior_quantiles",
    "squared_error",
    "use_style",
]

use_allowed_processors()
