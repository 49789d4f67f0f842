"""What each latent does: one latent of a code set to other values."""

from __future__ import annotations

import ipywidgets
import numpy as np
from torch import Tensor, nn

from .. import plots
from ..latent import decode, encode_mean, kl_per_dimension, traverse
from .network import PageDecoder
from .panel import slider, subplot_mosaic
from .stage import PagePanel

VALUES = np.linspace(-3, 3, 11)  # of the latent, along the film
IMAGES = ["image", "reconstruction", "with the latent at the mark"]


class TraversalPanel(PagePanel):
    """The code of an image, with one latent after another set to other values, and what it decodes to.

    model: a VAE. images (N, 1, 28, 28) in [0, 1]: the first is traversed; the cost of each latent is its average KL
    over all of them. latent: a choice of one, the costliest first. value: the slider, from -3 to 3 standard deviations
    of the prior; or drag the mark under the film.

    What it shows: `code`, the image's own, (latent_dim,); `image`, decoded at the slider, (28, 28); `film`, that of the
    latent, (11, 1, 28, 28).

    Raises ValueError for a plain autoencoder, and for images of another shape or outside [0, 1].
    """

    def __init__(self, model: nn.Module, images: Tensor):
        cost = kl_per_dimension(model, images)
        self.model, self.code, self.original = (
            model,
            encode_mean(model, images[:1])[0],
            images[0].detach().float().cpu(),
        )
        order = cost.argsort(descending=True).tolist()
        options = [(f"z{_subscript(k + 1)} ({cost[k]:.2f} nats)", k) for k in order]
        self.latent = ipywidgets.Dropdown(options=options, description="latent")
        self.latent.layout.width = "16em"
        self.value = slider("value", round(self.code[order[0]].item(), 1), -3.0, 3.0, step=0.1)
        data = {
            "code": self.code.tolist(),
            "order": order,
            "names": [f"z{_subscript(k + 1)}" for k in range(model.latent_dim)],
            "image": self.original.numpy().astype("<f4").tobytes(),
        }
        controls = {"latent": self.latent, "value": self.value}
        super().__init__(["traversal.js"], controls, data, PageDecoder.of(model))

    @property
    def image(self) -> np.ndarray:
        """The image decoded at the slider: (28, 28) in [0, 1]."""
        return decode(self.model, traverse(self.code, self.latent.value, [self.value.value]))[0, 0].numpy()

    @property
    def film(self) -> Tensor:
        """What the code decodes to with the chosen latent at -3, ..., 3: (11, 1, 28, 28)."""
        return decode(self.model, traverse(self.code, self.latent.value, VALUES))

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "Eleven images decoded as one latent goes from −3 to 3; below, an image, its reconstruction, and a third."
        figure, axes = subplot_mosaic(alt, [["film"] * 3, IMAGES], size=(10, 4.8), height_ratios=[1, 2.2])
        plots.show_image(axes["film"], plots.mosaic(self.film, len(VALUES)))
        middles = 28 * np.arange(len(VALUES)) + 13.5
        axes["film"].set_xticks(middles, [f"{value:.1f}".replace("-", "−") for value in VALUES])
        shown = [self.original, decode(self.model, self.code.unsqueeze(0))[0], self.image]
        for name, image in zip(IMAGES, shown, strict=True):
            plots.show_image(axes[name], image)
            axes[name].set_title(name)
        return figure


def _subscript(number):
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
