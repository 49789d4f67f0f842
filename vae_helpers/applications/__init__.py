"""What a VAE is used for: compression, anomalies, missing pixels, and the dimension of data.

Each use has a file of its own. Notebooks 07 and 08 compare each with a baseline.
"""

from .anomalies import anomaly_scores, ood_images
from .compression import compressed_bits, context_bits
from .dimension import levina_bickel, participation_ratio, two_nn
from .inpainting import inpaint_map, inpaint_pseudo_gibbs, plausible_completions

__all__ = [
    "anomaly_scores",
    "compressed_bits",
    "context_bits",
    "inpaint_map",
    "inpaint_pseudo_gibbs",
    "levina_bickel",
    "ood_images",
    "participation_ratio",
    "plausible_completions",
    "two_nn",
]
