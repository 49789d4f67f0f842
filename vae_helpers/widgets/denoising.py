"""The film of a diffusion: from noise to codes, decoded on the way."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_codes, check_model, shown
from ..latent import decode
from .frontend import image_sheet
from .panel import subplot_mosaic
from .stage import PagePanel

COLUMNS, FRAMES = 8, 11


class DenoisingPanel(PagePanel):
    """Codes on their way from noise, decoded at each moment.

    model: what decodes them. path: tensors (N, latent_dim), from noise to codes, as `vh.successors.diffuse` returns
    them; at most 24 of the N are shown, and 21 moments, evenly spread. moment: the slider, or drag the mark under the
    film, which shows the first of them.

    What it shows: `images`, those at the moment, (N, 1, 28, 28); `film`, of the first, (11, 1, 28, 28).

    Raises ValueError for fewer than two moments, or codes of another width.
    """

    moments = 21

    def __init__(self, model: nn.Module, path: Sequence[Tensor]):
        check_model(model)
        if not isinstance(path, Sequence) or len(path) < 2:
            raise ValueError(f"path: expected a list of two or more moments, got {shown(path)}")
        chosen = torch.linspace(0, len(path) - 1, self.moments).round().long().tolist()
        for codes in path:
            check_codes(codes, model.latent_dim)
        self.frames = torch.stack([decode(model, path[k][: 3 * COLUMNS]) for k in chosen])
        self.moment = ipywidgets.IntSlider(0, 0, self.moments - 1, description="moment")
        self.moment.layout.width = "28em"
        count = self.frames.shape[1]
        data = {"sheet": image_sheet(self.frames.flatten(0, 1), columns=count, greys=16), "count": count}
        data |= {"moments": self.moments, "columns": COLUMNS}
        super().__init__(["denoising.js"], {"moment": self.moment}, data)

    @property
    def images(self) -> Tensor:
        """What the codes decode to at the moment of the slider: (N, 1, 28, 28) in [0, 1]."""
        return self.frames[self.moment.value]

    @property
    def film(self) -> Tensor:
        """The first of them, from noise to code: (11, 1, 28, 28) in [0, 1]."""
        return self.frames[torch.linspace(0, self.moments - 1, FRAMES).long(), 0]

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "A strip of eleven images of one code on its way from noise, and a sheet of images at one moment."
        figure, axes = subplot_mosaic(alt, [["film"], ["sheet"]], size=(10, 4.8), height_ratios=[1, 3])
        plots.show_image(axes["film"], plots.mosaic(self.film, FRAMES))
        plots.show_image(axes["sheet"], plots.mosaic(self.images, COLUMNS))
        axes["sheet"].set_title(f"moment {self.moment.value} of {self.moments - 1}")
        return figure
