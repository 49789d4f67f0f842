"""One code, and the ten digits that a conditional VAE makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_digits, check_images, shown
from ..losses import gaussian_kl_per_dimension
from .network import PageDecoder, dense_layers
from .panel import slider, subplot_mosaic
from .stage import PagePanel

DIGITS = 10
MOST = 12  # images whose hand can be chosen


class LabelPanel(PagePanel):
    """The code of an image, the label that the decoder gets, and what comes of both.

    model: a conditional VAE, as `vh.successors.ConditionalVAE` is. images (N, 1, 28, 28) in [0, 1], labels (N,): the
    code of one of the first 12 is decoded with each of the ten labels; the average KL over all of them says which two
    latents the map moves. hand: which image. label: 0 to 9. z1, z2: the two latents. All are sliders that the panel
    does not show: it has buttons for hand and label, and a point to drag on the map.

    What it shows: `code`, (latent_dim,); `image`, decoded with the label, (28, 28); `row`, with each label,
    (10, 1, 28, 28).

    Raises ValueError for images of another shape or outside [0, 1], for labels of another length or no digits, and for
    a model whose decoder is no stack of dense layers.
    """

    sliders_on_page = False

    def __init__(self, model: nn.Module, images: Tensor, labels: Tensor | Sequence[int]):
        check_images(images)
        check_digits(labels, len(images))
        labels = torch.as_tensor(labels)
        with torch.no_grad():
            mu, logvar = _encoded(model, images, labels)
        self.model, self.codes, self.originals = model, mu[:MOST], images[:MOST].cpu()
        first, second = gaussian_kl_per_dimension(mu, logvar).mean(0).argsort(descending=True)[:2].tolist()
        self.moved = (first, second)
        self.hand = ipywidgets.IntSlider(0, 0, len(self.codes) - 1, description="hand")
        self.label = ipywidgets.IntSlider(labels[0].item(), 0, DIGITS - 1, description="label")
        self.z1, self.z2 = (slider(f"z{j + 1}", self.codes[0, j].item(), -3.0, 3.0) for j in self.moved)
        data = {
            "codes": self.codes.tolist(),
            "moved": list(self.moved),
            "labels": labels[:MOST].tolist(),
            "images": self.originals.numpy().astype("<f4").tobytes(),
        }
        controls = {"hand": self.hand, "label": self.label, "z1": self.z1, "z2": self.z2}
        super().__init__(["label.js"], controls, data, decoder_with_label(model), boxes=[])

    @property
    def code(self) -> Tensor:
        """The code of the chosen image, with two latents set by the point on the map: (latent_dim,)."""
        code = self.codes[self.hand.value].clone()
        code[list(self.moved)] = torch.tensor([self.z1.value, self.z2.value])
        return code

    @property
    def row(self) -> Tensor:
        """What the code decodes to with each label, 0 to 9: (10, 1, 28, 28) in [0, 1]."""
        with torch.no_grad():
            return self.model.decode(self.code.expand(DIGITS, -1), torch.arange(DIGITS)).cpu()

    @property
    def image(self) -> np.ndarray:
        """What the code decodes to with the label: (28, 28) in [0, 1]."""
        return self.row[self.label.value, 0].numpy()

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "A handwritten digit, a map with a point, the image decoded there with one label, and a row with all ten."
        mosaic = [["image", "map", "decoded"], ["row"] * 3]
        figure, axes = subplot_mosaic(alt, mosaic, size=(10, 4.8), height_ratios=[2.6, 1])
        plots.show_image(axes["image"], self.originals[self.hand.value, 0])
        axes["image"].set_title("this hand")
        angles = np.linspace(0, 2 * np.pi, 100)
        for radius in (1, 2):
            axes["map"].plot(radius * np.cos(angles), radius * np.sin(angles), ":", color=plots.ORANGE)
        axes["map"].plot(self.z1.value, self.z2.value, "o", ms=12, color=plots.BLUE)
        names = [f"latent z{j + 1}" for j in self.moved]
        axes["map"].set(xlim=(-3, 3), ylim=(-3, 3), xlabel=names[0], ylabel=names[1], aspect="equal")
        plots.show_image(axes["decoded"], self.image)
        axes["decoded"].set_title(f"decoded, label {self.label.value}")
        plots.show_image(axes["row"], plots.mosaic(self.row, DIGITS))
        return figure


def _encoded(model, images, labels):
    try:
        return model.encode(images, labels)
    except (AttributeError, TypeError):  # a plain VAE, or no model
        raise ValueError(
            f"model: expected a conditional VAE, with encode(images, labels), got {shown(model)}"
        ) from None


def decoder_with_label(model: nn.Module) -> PageDecoder:
    """The decoder of a conditional VAE for the page: a code and, behind it, a one-hot label => pixels.

    Raises ValueError for one that is no stack of dense layers.
    """
    width = model.latent_dim
    labels = torch.arange(4)
    codes = torch.randn(4, width, generator=torch.Generator().manual_seed(0))
    example = torch.cat([codes, nn.functional.one_hot(labels, DIGITS)], 1)
    layers = dense_layers(model, lambda given: model.decode(given[:, :width], given[:, width:].argmax(1)), example)
    if not layers:
        raise ValueError("model: expected a decoder of dense layers that takes a code and a one-hot label behind it")
    return PageDecoder.of_layers(layers)
