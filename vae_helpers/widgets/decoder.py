"""A point of a latent plane, and the image that the decoder makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_codes, check_digits, check_model
from ..latent import decode
from .panel import Panel, blank, slider, subplot_mosaic


class DecoderPanel(Panel):
    """A point of a two-dimensional latent plane, among the codes of known images, and what it decodes to.

    model: any with latent_dim 2. codes (N, 2), labels (N,): the dots on the map. z1, z2: the sliders.

    What it shows: `point`, the ring's place, (2,); `image`, decoded there, (28, 28). Axes: "map", "decoded".

    Raises ValueError for another latent_dim, codes of another width, or labels of another length.
    """

    def __init__(self, model: nn.Module, codes: Tensor, labels: Tensor | Sequence[int]):
        check_model(model)
        if model.latent_dim != 2:
            raise ValueError(f"model: expected latent_dim 2, got {model.latent_dim}")
        check_codes(codes, 2)
        check_digits(labels, len(codes))
        self.model = model
        low, high = codes.quantile(0.01, dim=0), codes.quantile(0.99, dim=0)
        start = codes[0].clamp(low, high)
        self.z1, self.z2 = (
            slider(name, *(bound[i].item() for bound in (start, low, high)), step=(high - low)[i].item() / 200)
            for i, name in enumerate(["z₁", "z₂"])
        )
        alt = "A map of codes, each drawn as its digit, with a ring at one place, and the image decoded there."
        figure, axes = subplot_mosaic(alt, [["map", "decoded"]], size=(10, 5.4), width_ratios=[1.25, 1])
        plots.latent_scatter(codes, labels, axes["map"], most=1500)
        edges = torch.stack([low - 0.05 * (high - low), high + 0.05 * (high - low)]).T.tolist()
        axes["map"].set(xlim=edges[0], ylim=edges[1])
        axes["decoded"].set_title("decoded")
        self._halo, self._ring = (
            axes["map"].plot([], [], "o", ms=19, mfc="none", mec=colour, mew=width)[0]
            for colour, width in [("white", 6), ("black", 2.5)]
        )
        self._image = blank(axes["decoded"])
        super().__init__(figure, [self._halo, self._ring, self._image], [self.z1, self.z2])

    @property
    def point(self) -> np.ndarray:
        """The ring's place on the map: (2,)."""
        return self._ring.get_xydata()[0]

    @property
    def image(self) -> np.ndarray:
        """The decoded image: (28, 28) in [0, 1]."""
        return np.asarray(self._image.get_array())

    def update(self) -> str:
        """Decode the code that the sliders set."""
        z1, z2 = self.z1.value, self.z2.value
        for ring in (self._halo, self._ring):
            ring.set_data([z1], [z2])
        self._image.set_data(decode(self.model, torch.tensor([[z1, z2]]))[0, 0].numpy())
        return f"The decoder at z = ({z1:.2f}, {z2:.2f})"
