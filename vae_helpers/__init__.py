"""Helpers of the course "Variational Autoencoders, hands on". Use it as `import vae_helpers as vh`."""

from .data import load_mnist
from .latent import emptiest_point, interpolate, plane_grid, posterior_means, prior_quantiles
from .models import VAE, Autoencoder
from .objective import bernoulli_nll, elbo, gaussian_kl, gaussian_nll, importance_bound, squared_error
from .plots import decoded_plane, figure, image_grid, image_rows, latent_scatter, use_style
from .training import evaluate, fit
from .widgets import DecoderPanel, InterpolationPanel, KLPanel

__all__ = [
    "VAE",
    "Autoencoder",
    "DecoderPanel",
    "InterpolationPanel",
    "KLPanel",
    "bernoulli_nll",
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
    "latent_scatter",
    "load_mnist",
    "plane_grid",
    "posterior_means",
    "prior_quantiles",
    "squared_error",
    "use_style",
]
