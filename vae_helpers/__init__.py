"""Helpers of the course "Variational Autoencoders, hands on". Use it as `import vae_helpers as vh`."""

from ._threads import use_allowed_processors
from .application_panels import MaskPanel, ThresholdPanel
from .applications import (
    aggregate_posterior,
    anomaly_scores,
    compressed_bits,
    impute_map,
    impute_pseudo_gibbs,
    levina_bickel,
    other_sources,
    participation_ratio,
    plausible_completions,
    precision_recall,
    two_nn,
)
from .data import binarize, load_mnist
from .exercises import check
from .latent import (
    Atlas,
    LatentPCA,
    active_units,
    count_near,
    emptiest_point,
    interpolate,
    kl_of_each_dimension,
    plane_grid,
    posterior_means,
    prior_quantiles,
    step_sizes,
    traverse,
)
from .latent_map import LatentMap, export_html
from .latent_panels import ComponentPanel, PathPanel, TraversalPanel
from .models import VAE, Autoencoder, ConvVAE
from .objective import bernoulli_nll, elbo, gaussian_kl, gaussian_nll, importance_bound, pixel_entropy, squared_error
from .plots import decoded_plane, figure, image_grid, image_rows, latent_scatter, rate_distortion, use_style
from .pretrained import comparison, load_pretrained, pretrained
from .training import evaluate, fit
from .widgets import BetaPanel, DecoderPanel, InterpolationPanel, KLPanel

__all__ = [
    "Atlas",
    "Autoencoder",
    "BetaPanel",
    "ComponentPanel",
    "ConvVAE",
    "DecoderPanel",
    "InterpolationPanel",
    "KLPanel",
    "LatentMap",
    "LatentPCA",
    "MaskPanel",
    "PathPanel",
    "ThresholdPanel",
    "TraversalPanel",
    "VAE",
    "active_units",
    "aggregate_posterior",
    "anomaly_scores",
    "bernoulli_nll",
    "binarize",
    "check",
    "comparison",
    "compressed_bits",
    "count_near",
    "decoded_plane",
    "elbo",
    "emptiest_point",
    "evaluate",
    "export_html",
    "figure",
    "fit",
    "gaussian_kl",
    "gaussian_nll",
    "image_grid",
    "image_rows",
    "importance_bound",
    "impute_map",
    "impute_pseudo_gibbs",
    "interpolate",
    "kl_of_each_dimension",
    "latent_scatter",
    "levina_bickel",
    "load_mnist",
    "load_pretrained",
    "other_sources",
    "participation_ratio",
    "pixel_entropy",
    "plane_grid",
    "plausible_completions",
    "posterior_means",
    "precision_recall",
    "pretrained",
    "prior_quantiles",
    "rate_distortion",
    "squared_error",
    "step_sizes",
    "traverse",
    "two_nn",
    "use_style",
]

use_allowed_processors()
