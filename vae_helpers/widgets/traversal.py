"""What each latent does: one latent of a code set to other values."""

from __future__ import annotations

import ipywidgets
import numpy as np
from torch import Tensor, nn

from .. import plots
from ..latent import decode, encode_mean, kl_per_dimension, traverse
from .film import FRAMES, Film, middles
from .panel import Panel, blank, slider, subplot_mosaic

VALUES = np.linspace(-3, 3, FRAMES)  # of the latent, along the film
IMAGES = {"image": "image", "reconstruction": "reconstruction", "now": "with the latent at the slider"}  # axes: title


class TraversalPanel(Panel):
    """The code of an image, with one latent after another set to other values, and what it decodes to.

    model: a VAE. images (N, 1, 28, 28) in [0, 1]: the first is traversed; the cost of each latent is its average KL
    over all of them. latent: a choice of one, the costliest first. value: the slider, from -3 to 3 standard deviations
    of the prior.

    What it shows: `code`, the image's own, (latent_dim,); `image`, decoded at the slider, (28, 28). Axes: "film",
    "image", "reconstruction", "now".

    Raises ValueError for a plain autoencoder, and for images of another shape or outside [0, 1].
    """

    def __init__(self, model: nn.Module, images: Tensor):
        cost = kl_per_dimension(model, images)
        self.model, self.code = model, encode_mean(model, images[:1])[0]
        order = cost.argsort(descending=True).tolist()
        options = [(f"z{_subscript(k + 1)} ({cost[k]:.2f} nats)", k) for k in order]
        self.latent = ipywidgets.Dropdown(options=options, description="latent")
        self.latent.layout.width = "16em"
        self.value = slider("value", round(self.code[order[0]].item(), 1), -3.0, 3.0, step=0.1)
        alt = "Eleven images decoded as one latent goes from -3 to 3, and the image at the slider's value."
        figure, axes = subplot_mosaic(alt, [["film"] * 3, list(IMAGES)], size=(10, 4.8), height_ratios=[1, 2.2])
        self._film = Film(axes["film"], plots.ORANGE, height=-2)
        axes["film"].set_xticks(middles(), [f"{value:.1f}".replace("-", "−") for value in VALUES])
        for name, title in IMAGES.items():
            axes[name].set_title(title)
        plots.show_image(axes["image"], images[0])
        plots.show_image(axes["reconstruction"], decode(model, self.code.unsqueeze(0))[0])
        self._image = blank(axes["now"])
        self._current_latent = None
        super().__init__(figure, [self._film.mark, self._image], [self.latent, self.value], slow=[self._film.strip])

    @property
    def image(self) -> np.ndarray:
        """The image decoded at the slider: (28, 28) in [0, 1]."""
        return np.asarray(self._image.get_array())

    def update(self) -> str:
        """Decode the code with the chosen latent at the slider's value; another film for another latent."""
        k, value = self.latent.value, self.value.value
        if k != self._current_latent:
            self._film.show(decode(self.model, traverse(self.code, k, VALUES)))
            self.redraw_background()
            self._current_latent = k
        self._film.point_at((value + 3) / 6)
        self._image.set_data(decode(self.model, traverse(self.code, k, [value]))[0, 0].numpy())
        text = f"z{_subscript(k + 1)} = <b>{value:.1f}</b>; the encoder gives this image {self.code[k]:.1f}"
        return text.replace("-", "−")


def _subscript(number):
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
