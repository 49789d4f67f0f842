"""A code, moved along its principal components."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_code, check_latent, check_model
from ..latent import LatentPCA, decode
from .network import PageDecoder
from .panel import slider, subplot_mosaic
from .stage import PagePanel


class ComponentPanel(PagePanel):
    """A code, moved along the principal components, and what it decodes to.

    model: any model. pca: a LatentPCA fitted to its codes. start: the code at which all sliders are 0, (latent_dim,);
    by default the mean of the codes. components: sliders, one for each component, from -3 to 3 standard deviations of
    the codes along it. The panel shows bars to drag in their place; to see the sliders too, display `VBox(components)`.

    What it shows: `code`, the lower bars, (latent_dim,); `image`, decoded, (28, 28).

    Raises ValueError for a pca or a start of another width.
    """

    sliders_on_page = False  # twenty would leave no room for the bars

    def __init__(self, model: nn.Module, pca: LatentPCA, start: Tensor | None = None):
        check_model(model)
        self.model, self.pca = model, pca
        if not hasattr(pca, "components_"):
            raise ValueError(f"pca: expected a LatentPCA fitted to codes, got a {type(pca).__name__} that is not")
        self.start = pca.mean_ if start is None else start
        check_code(self.start, "start")
        check_latent(self.start.unsqueeze(0), model.latent_dim)
        check_latent(pca.components_, model.latent_dim)
        self.steps = pca.explained_variance_.sqrt().unsqueeze(1) * pca.components_  # of one standard deviation each
        self.components = [slider(f"component {k + 1}", 0.0, -3.0, 3.0, step=0.1) for k in range(model.latent_dim)]
        controls = {component.description: component for component in self.components}
        data = {"start": self.start.tolist(), "steps": self.steps.tolist()}
        super().__init__(["components.js"], controls, data, PageDecoder.of(model), boxes=[])

    @property
    def code(self) -> Tensor:
        """The start, moved as far along each component as its slider says: (latent_dim,)."""
        return self.start + torch.tensor([component.value for component in self.components]) @ self.steps

    @property
    def image(self) -> np.ndarray:
        """The decoded image: (28, 28) in [0, 1]."""
        return decode(self.model, self.code.unsqueeze(0))[0, 0].numpy()

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "An image decoded from a code, bars for how far it is moved along its components, and bars for the code."
        mosaic = [["decoded", "components"], ["decoded", "code"]]
        figure, axes = subplot_mosaic(alt, mosaic, size=(10, 4.6), width_ratios=[1, 1.9])
        plots.show_image(axes["decoded"], self.image)
        axes["decoded"].set_title("decoded")
        places = np.arange(len(self.start)) + 1
        moved = [component.value for component in self.components]
        axes["components"].bar(places, moved, color=plots.ORANGE)
        axes["components"].set(xlabel="component", ylabel="steps of σ", ylim=(-3.2, 3.2))
        axes["code"].bar(places, self.code, color=plots.BLUE)
        axes["code"].set(xlabel="latent", ylabel="its value")
        return figure
