"""What came after the plain VAE: the models of notebook 10, as they are written out there.

Each changes one part. `conditional` gives encoder and decoder a label; `vampprior` learns the prior together with the
model; `discrete` has codes from a codebook, and a prior that writes them one by one; `diffusion` makes a code out of
noise in many small steps. `reader` is no VAE: it says which digit it sees in what the others draw.
"""

from .conditional import ConditionalVAE
from .diffusion import Denoiser, diffuse, noise_level
from .discrete import CodePrior, VectorQuantizedVAE, revive_dead_codes
from .reader import Reader
from .vampprior import VampVAE

__all__ = [
    "CodePrior",
    "ConditionalVAE",
    "Denoiser",
    "Reader",
    "VampVAE",
    "VectorQuantizedVAE",
    "diffuse",
    "noise_level",
    "revive_dead_codes",
]
