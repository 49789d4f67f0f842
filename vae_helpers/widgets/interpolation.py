"""From one image to another through latent space."""

from __future__ import annotations

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images
from ..latent import decode, encode_mean, interpolate
from .crossfade import Crossfade
from .panel import slider


class InterpolationPanel(ipywidgets.VBox):
    """From one image to another through latent space: alpha 0 is the first, 1 the second.

    model: any model. first, second: images (1, 28, 28) in [0, 1]. alpha: the slider. The path is the straight line from
    one code to the other (posterior means), decoded once at 101 places: the panel shows the model as it was when the
    panel was made, and needs no kernel.

    What it shows: `ends` (2, 1, 28, 28); `frames` (101, 1, 28, 28); `image`, the frame at the slider, (28, 28).

    Raises ValueError for images of another shape or outside [0, 1].
    """

    def __init__(self, model: nn.Module, first: Tensor, second: Tensor):
        for name, image in {"first": first, "second": second}.items():
            shape = tuple(getattr(image, "shape", ()))
            if shape != (1, 28, 28):
                raise ValueError(f"{name}: expected one image of shape (1, 28, 28), got {shape}")
            check_images(image.unsqueeze(0), name)
        self.ends = torch.stack([first, second]).cpu()
        self.frames = decode(model, interpolate(*encode_mean(model, self.ends), 101))
        self.alpha = slider("α", 0.5, 0.0, 1.0, step=0.01)
        self.crossfade = Crossfade(self.ends, self.frames, self.alpha)
        super().__init__([self.alpha, self.crossfade])

    @property
    def image(self) -> Tensor:
        """The image decoded at the slider: (28, 28) in [0, 1]."""
        return self.frames[round(100 * self.alpha.value), 0]

    def snapshot(self) -> plots.Plot:
        """The panel as a static Figure, for pages that cannot run the widget."""
        alt = "Two images, and between them the image decoded at a place on the way from one code to the other."
        figure, axes = plots.figure(alt, 1, 3, size=(9, 3.3))
        images = [self.ends[0], self.image, self.ends[1]]
        titles = ["first image", f"decoded at α = {self.alpha.value:.2f}", "second image"]
        for ax, image, title in zip(axes, images, titles, strict=True):
            plots.show_image(ax, image)
            ax.set_title(title)
        return figure

    def __repr__(self):
        return f"{self.snapshot().alt} Run this notebook to move the slider."

    def _repr_mimebundle_(self, **kwargs):
        """The live panel, and its snapshot."""
        bundle = super()._repr_mimebundle_(**kwargs)
        snapshot, metadata = self.snapshot()._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self), "image/png": snapshot["image/png"]}, metadata
