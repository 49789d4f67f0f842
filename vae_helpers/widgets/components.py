"""A code, moved along its principal components."""

from __future__ import annotations

import ipywidgets
import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_code, check_latent, check_model
from ..latent import LatentPCA, decode
from .panel import Panel, blank, subplot_mosaic


class ComponentPanel(Panel):
    """A code, moved along the principal components, and what it decodes to.

    model: any model. pca: a LatentPCA fitted to its codes. start: the code at which all sliders are 0, (latent_dim,);
    by default the mean of the codes. components: the sliders, one for each component, from -3 to 3 standard
    deviations of the codes along it. reset: a button that sets them to 0.

    What it shows: `code`, the bars, (latent_dim,); `image`, decoded, (28, 28). Axes: "decoded", "code".

    Raises ValueError for a pca or a start of another width.
    """

    def __init__(self, model: nn.Module, pca: LatentPCA, start: Tensor | None = None):
        check_model(model)
        self.model, self.pca = model, pca
        if not hasattr(pca, "components_"):
            raise ValueError(f"pca: expected a LatentPCA fitted to codes, got a {type(pca).__name__} that is not")
        self.start = pca.mean_ if start is None else start
        check_code(self.start, "start")
        check_latent(self.start.unsqueeze(0), model.latent_dim)
        check_latent(pca.components_, model.latent_dim)
        self.components = [_small_slider(f"{k + 1}", f"component {k + 1}") for k in range(model.latent_dim)]
        self.reset = ipywidgets.Button(description="reset", layout=ipywidgets.Layout(width="6em"))
        self.reset.on_click(lambda button: self.set_values(dict.fromkeys(self.components, 0.0)))
        alt = "An image decoded from a code that sliders move along its principal components, and the code as bars."
        figure, axes = subplot_mosaic(alt, [["decoded", "code"]], size=(10, 3.6), width_ratios=[1, 1.9])
        axes["decoded"].set_title("decoded")
        self._image = blank(axes["decoded"])
        start_marks = self._draw_code(axes["code"])
        columns = ipywidgets.Layout(grid_template_columns="repeat(4, 14.5em)", max_width="100%")
        boxes = [ipywidgets.GridBox(self.components, layout=columns), self.reset]
        super().__init__(figure, [self._image, *self._bars, start_marks], self.components, boxes)

    @property
    def code(self) -> Tensor:
        """The code as its bars show it: (latent_dim,)."""
        return torch.tensor([bar.get_height() for bar in self._bars])

    @property
    def image(self) -> np.ndarray:
        """The decoded image: (28, 28) in [0, 1]."""
        return np.asarray(self._image.get_array())

    def update(self) -> str:
        """Decode the start, moved as far along each component as its slider says."""
        steps = torch.tensor([component.value for component in self.components])
        code = self.start + (steps * self.pca.explained_variance_.sqrt()) @ self.pca.components_
        self._image.set_data(decode(self.model, code.unsqueeze(0))[0, 0].numpy())
        for bar, height in zip(self._bars, code.tolist(), strict=True):
            bar.set_height(height)
        moves = [f"{k}: {step:+.1f} σ" for k, step in enumerate(steps.tolist(), start=1) if step]
        if not moves:
            return "The decoder at the start: no component is moved"
        return f"Moved along component {', '.join(moves)}".replace("-", "−")

    def _draw_code(self, ax):
        """Draw the code as bars, which follow the sliders, and marks at the start, which are returned."""
        places = np.arange(len(self.start)) + 1
        farthest = 3 * (self.pca.explained_variance_.sqrt().unsqueeze(1) * self.pca.components_.abs()).amax(0)
        limit = 1.3 * (self.start.abs() + farthest).max().item()  # as far as one slider goes, and some air
        ax.axhline(0, color=plots.GREY, lw=1)
        ax.set(xlabel="latent", ylabel="its value", title="the code", xlim=(0.3, places[-1] + 0.7))
        ax.set(ylim=(-limit, limit), xticks=places[:: max(1, len(places) // 10)])
        (marks,) = ax.plot(places, self.start, "_", color=plots.ORANGE, ms=14, mew=2.5, label="at the start")
        self._bars = ax.bar(places, 0 * places, color=plots.BLUE, label="now")
        ax.legend(loc="upper right", ncols=2, fontsize=11)
        return marks


def _small_slider(name, tooltip):
    """A slider with a short name beside it, and the whole one for screen readers."""
    layout, style = ipywidgets.Layout(width="14em"), {"description_width": "1.8em"}
    return ipywidgets.FloatSlider(
        0.0, min=-3.0, max=3.0, step=0.1, description=name, tooltip=tooltip, layout=layout, style=style
    )
