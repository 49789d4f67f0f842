"""Widgets: the pictures of the notebooks that answer to a slider or a pointer.

One file a widget, its JavaScript and its style beside it. `Panel` is the base of those that Python draws: sliders over
a figure. `LatentMap` and `InterpolationPanel` are drawn in the page and need no kernel; so is `Prediction`, a question
before a result. `shared.js` and `frontend.py` hold what the parts in the page have in common.
"""

from .beta import BetaPanel
from .components import ComponentPanel
from .decoder import DecoderPanel
from .interpolation import InterpolationPanel
from .kl import KLPanel
from .latent_map import LatentMap
from .mask import MaskPanel
from .panel import Panel, slider
from .paths import PathPanel
from .prediction import Prediction
from .threshold import ThresholdPanel
from .traversal import TraversalPanel

__all__ = [
    "BetaPanel",
    "ComponentPanel",
    "DecoderPanel",
    "InterpolationPanel",
    "KLPanel",
    "LatentMap",
    "MaskPanel",
    "Panel",
    "PathPanel",
    "Prediction",
    "ThresholdPanel",
    "TraversalPanel",
    "slider",
]
