"""Two images, and between them the frame that a slider chooses."""

from __future__ import annotations

import anywidget
import ipywidgets
import torch
import traitlets
from torch import Tensor

from .frontend import image_sheet, load, load_esm


class Crossfade(anywidget.AnyWidget):
    """Two images, and between them the frame of a film at a slider's value. It follows the slider without a kernel.

    ends (2, 1, 28, 28): the two images. frames (N, 1, 28, 28): from the slider's 0 to its 1. All in [0, 1].
    For the page: `png`, the ends and then the frames, ten a row; `count`, the number of frames.
    """

    _esm = load_esm("crossfade.js")
    _css = load("crossfade.css")

    slider = anywidget.WidgetTrait().tag(sync=True)
    png = traitlets.Bytes().tag(sync=True)
    count = traitlets.Int().tag(sync=True)

    def __init__(self, ends: Tensor, frames: Tensor, slider: ipywidgets.FloatSlider):
        super().__init__(slider=slider, png=image_sheet(torch.cat([ends, frames]), columns=10), count=len(frames))
