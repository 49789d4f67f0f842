"""Widgets: the pictures of the notebooks that answer to a slider or a pointer.

One file a widget, its JavaScript beside it. All are drawn in the page and need no kernel: `PagePanel` is the base of
the panels, with `stage.js` (controls and pictures), `plot.js` (axes, and what is grabbed in them) and `network.js` (a
decoder) for the page. `LatentMap` and `Prediction`, a question before a result, stand on their own.
"""

from .beta import BetaPanel
from .codebook import CodebookPanel
from .components import ComponentPanel
from .decoder import DecoderPanel
from .denoising import DenoisingPanel
from .diagram import DiagramPanel
from .gap import GapPanel
from .interpolation import InterpolationPanel
from .kl import KLPanel
from .label import LabelPanel
from .latent_map import LatentMap
from .mask import MaskPanel
from .panel import slider
from .paths import PathPanel
from .posterior import PosteriorPanel
from .prediction import Prediction
from .reparameterization import ReparameterizationPanel
from .stage import PagePanel
from .threshold import ThresholdPanel
from .training_film import Snapshots, TrainingFilm
from .traversal import TraversalPanel

__all__ = [
    "BetaPanel",
    "CodebookPanel",
    "ComponentPanel",
    "DecoderPanel",
    "DenoisingPanel",
    "DiagramPanel",
    "GapPanel",
    "InterpolationPanel",
    "KLPanel",
    "LabelPanel",
    "LatentMap",
    "MaskPanel",
    "PagePanel",
    "PathPanel",
    "PosteriorPanel",
    "Prediction",
    "ReparameterizationPanel",
    "Snapshots",
    "ThresholdPanel",
    "TrainingFilm",
    "TraversalPanel",
    "slider",
]
