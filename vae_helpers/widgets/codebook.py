"""The discrete code of an image, place by place, with the codebook beside it."""

from __future__ import annotations

import ipywidgets
import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images, shown
from .network import Dense, PageDecoder
from .panel import subplot_mosaic
from .stage import PagePanel

SIDE = 7  # of the grid of codes


class CodebookPanel(PagePanel):
    """An image as 7 x 7 numbers of codebook entries: choose a place, put another entry there, and see the image change.

    model: a VQ-VAE, as `vh.successors.VectorQuantizedVAE` is. images (N, 1, 28, 28) in [0, 1]: those to choose from.
    chosen: which image; place: 0 to 48, in reading order; written: the 49 numbers, as text. The panel does not show
    these: it has the grid to click, and a button for each entry, which shows what the image would be with it.

    What it shows: `codes`, (7, 7); `image`, decoded, (28, 28); `choices`, decoded with each entry at the place,
    (entries, 1, 28, 28).

    Raises ValueError for images of another shape or outside [0, 1], and for a model without a codebook.
    """

    sliders_on_page = False

    def __init__(self, model: nn.Module, images: Tensor):
        check_images(images)
        if not hasattr(model, "codebook"):
            raise ValueError(f"model: expected a VQ-VAE, with a codebook, got {shown(model)}")
        with torch.no_grad():
            encoded = model.encode(images).flatten(1)
        self.model = model
        self.chosen = ipywidgets.IntSlider(0, 0, len(images) - 1, description="image")
        self.place = ipywidgets.IntSlider(SIDE * SIDE // 2, 0, SIDE * SIDE - 1, description="place")
        self.written = ipywidgets.Text(" ".join(map(str, encoded[0].tolist())), description="codes")
        data = {
            "codes": encoded.tolist(),
            "book": model.codebook.detach().cpu().numpy().astype("<f4").tobytes(),
            "entries": len(model.codebook),
            "width": model.codebook.shape[1],
        }
        controls = {"chosen": self.chosen, "place": self.place, "written": self.written}
        super().__init__(["codebook.js"], controls, data, convolutional_decoder(model), boxes=[])

    @property
    def codes(self) -> Tensor:
        """The numbers of the entries, as they stand: (7, 7)."""
        return torch.tensor([int(number) for number in self.written.value.split()]).view(SIDE, SIDE)

    @property
    def image(self) -> np.ndarray:
        """What they decode to: (28, 28) in [0, 1]."""
        with torch.no_grad():
            return self.model.decode(self.codes[None])[0, 0].cpu().numpy()

    @property
    def choices(self) -> Tensor:
        """What they would decode to with each entry at the place: (entries, 1, 28, 28) in [0, 1]."""
        codes = self.codes.flatten().repeat(len(self.model.codebook), 1)
        codes[:, self.place.value] = torch.arange(len(codes))
        with torch.no_grad():
            return self.model.decode(codes.view(-1, SIDE, SIDE)).cpu()

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "A decoded digit, its code of seven by seven numbers, and the digit with each entry at one place of it."
        choices = self.choices
        columns = 2
        book = [[f"{row * columns + k}" for k in range(columns)] for row in range(-(-len(choices) // columns))]
        mosaic = [["image"] * columns + ["codes"] * columns + row for row in book]
        figure, axes = subplot_mosaic(alt, mosaic, size=(10, 3.9))
        plots.show_image(axes["image"], self.image)
        axes["image"].set_title("decoded")
        axes["codes"].set(xlim=(0, SIDE), ylim=(SIDE, 0), xticks=[], yticks=[], aspect="equal", title="its 49 codes")
        for place, entry in enumerate(self.codes.flatten().tolist()):
            row, column = divmod(place, SIDE)
            weight = "bold" if place == self.place.value else "normal"
            axes["codes"].text(column + 0.5, row + 0.5, entry, ha="center", va="center", weight=weight)
        for entry in range(columns * len(book)):
            axes[str(entry)].set_axis_off()
            if entry < len(choices):
                plots.show_image(axes[str(entry)], choices[entry, 0])
                axes[str(entry)].set_title(entry)
        return figure


@torch.no_grad()
def convolutional_decoder(model: nn.Module) -> PageDecoder:
    """The decoder of a VQ-VAE for the page: the entries of all places, (width, 7, 7) in a row => pixels.

    A convolution is a dense layer most of whose weights are zero; deflated, they take hardly any room.
    """
    layers, linear, shape = [], [], (model.codebook.shape[1], SIDE, SIDE)
    for part in model.decoder:
        if not isinstance(part, nn.SiLU):
            linear.append(part)
            continue
        layers.append(as_dense(nn.Sequential(*linear), shape, "silu"))
        shape, linear = nn.Sequential(*linear)(torch.zeros(1, *shape)).shape[1:], []
    layers.append(as_dense(nn.Sequential(*linear), shape, "sigmoid"))
    return PageDecoder.of_layers(layers)


def as_dense(layer: nn.Module, shape: tuple[int, ...], activation: str) -> Dense:
    """A layer that is linear but for a bias, as a matrix and a bias: what it does to each unit vector."""
    count = int(np.prod(shape))
    bias = layer(torch.zeros(1, *shape)).flatten()
    return Dense((layer(torch.eye(count).view(count, *shape)).flatten(1) - bias).T.contiguous(), bias, activation)
