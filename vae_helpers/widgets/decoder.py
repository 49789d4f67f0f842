"""A point of a latent plane, and the image that the decoder makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_codes, check_digits, check_model
from ..latent import decode
from .network import PageDecoder
from .panel import slider
from .stage import PagePanel

MOST = 1500  # codes drawn


class DecoderPanel(PagePanel):
    """A point of a two-dimensional latent plane, among the codes of known images, and what it decodes to.

    model: any with latent_dim 2. codes (N, 2), labels (N,): the dots on the map, at most 1,500 of them drawn. z1, z2:
    the sliders; or drag the ring. The panel shows the model as it was when the panel was made.

    What it shows: `point`, the ring's place, (2,); `image`, decoded there, (28, 28).

    Raises ValueError for another latent_dim, codes of another width, or labels of another length.
    """

    def __init__(self, model: nn.Module, codes: Tensor, labels: Tensor | Sequence[int]):
        check_model(model)
        if model.latent_dim != 2:
            raise ValueError(f"model: expected latent_dim 2, got {model.latent_dim}")
        check_codes(codes, 2)
        check_digits(labels, len(codes))
        codes = codes.float()  # a model may have bfloat16 weights
        self.model, self.codes, self.labels = model, codes[:MOST], torch.as_tensor(labels)[:MOST]
        low, high = codes.quantile(0.01, dim=0), codes.quantile(0.99, dim=0)
        start = codes[0].clamp(low, high)
        self.z1, self.z2 = (
            slider(name, *(bound[i].item() for bound in (start, low, high)), step=(high - low)[i].item() / 200)
            for i, name in enumerate(["z₁", "z₂"])
        )
        edges = torch.stack([low - 0.05 * (high - low), high + 0.05 * (high - low)]).T.tolist()
        data = {"x": edges[0], "y": edges[1], "names": ["latent z₁", "latent z₂"], **dots(self.codes, self.labels)}
        self._edges = edges
        super().__init__(["decoder.js"], {"z1": self.z1, "z2": self.z2}, data, PageDecoder.of(model))

    @property
    def point(self) -> Tensor:
        """The ring's place on the map: (2,)."""
        return torch.tensor([self.z1.value, self.z2.value])

    @property
    def image(self) -> np.ndarray:
        """The image decoded at the ring: (28, 28) in [0, 1]."""
        return decode(self.model, self.point.unsqueeze(0))[0, 0].numpy()

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "A map of codes, each drawn as its digit, with a ring at one place, and the image decoded there."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 5.4), width_ratios=[1.25, 1])
        plots.latent_scatter(self.codes, self.labels, left)
        left.set(xlim=self._edges[0], ylim=self._edges[1])
        for colour, width in [("white", 6), ("black", 2.5)]:
            left.plot(*self.point, "o", ms=19, mfc="none", mec=colour, mew=width)
        plots.show_image(right, self.image)
        right.set_title("decoded")
        return figure


def dots(points: Tensor, labels: Tensor) -> dict:
    """Points (N, 2) and their digits (N,), as the page draws them."""
    return {
        "points": points.cpu().numpy().astype("<f4").tobytes(),
        "digits": labels.cpu().numpy().astype("u1").tobytes(),
    }
