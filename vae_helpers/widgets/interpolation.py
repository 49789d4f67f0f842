"""From one image to another through latent space."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images
from ..latent import decode, encode_mean, interpolate
from .frontend import image_sheet
from .panel import slider
from .stage import PagePanel


class InterpolationPanel(PagePanel):
    """From one image to another through latent space: alpha 0 is the first, 1 the second.

    model: any model. first, second: images (1, 28, 28) in [0, 1]. alpha: the slider; or drag the mark under the film.
    The path is the straight line from one code to the other (posterior means), decoded once at 101 places: the panel
    shows the model as it was when the panel was made.

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
        data = {"sheet": image_sheet(torch.cat([self.ends, self.frames]), columns=10)}
        super().__init__(["interpolation.js"], {"alpha": self.alpha}, data)

    @property
    def image(self) -> Tensor:
        """The image decoded at the slider: (28, 28) in [0, 1]."""
        return self.frames[round(100 * self.alpha.value), 0]

    def snapshot(self) -> plots.Plot:
        """The panel as a static Figure, for pages that cannot run the widget."""
        alt = "Two images, and between them the image decoded at a place on the way from one code to the other."
        figure, axes = plots.figure(alt, 1, 3, size=(9, 3.5))
        images = [self.ends[0], self.image, self.ends[1]]
        titles = ["first image", f"decoded at α = {self.alpha.value:.2f}", "second image"]
        for ax, image, title in zip(axes, images, titles, strict=True):
            plots.show_image(ax, image)
            ax.set_title(title)
        return figure
