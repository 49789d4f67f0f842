"""Missing pixels, filled in by several methods, and several plausible completions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images, check_named, check_vae, shown
from ..applications import plausible_completions
from .frontend import image_sheet
from .network import PageDecoder
from .panel import subplot_mosaic
from .stage import PagePanel

FillIn = Callable[[Tensor, Tensor], Tensor]  # (images, seen) => images


class MaskPanel(PagePanel):
    """An image with pixels missing, how each method fills them in, and six completions that are plausible.

    model: a VAE. images (N, 1, 28, 28) in [0, 1], two or more. masks: {"lower half": (1, 28, 28), ...}, True where a
    pixel is seen; two or more. methods: {"latent MAP": function, ...}, each (images, seen) => images, filled in.
    image, mask: the sliders. Or rub pixels out with the pointer: the most probable code given the rest is then searched
    for in the page.

    What it shows, computed beforehand: `answers`, {mask: {method: (N, 1, 28, 28)}}; `completions`,
    {mask: (6, N, 1, 28, 28)}.

    Raises ValueError for images of another shape or outside [0, 1], another mask, a plain autoencoder, or fewer.
    """

    def __init__(self, model: nn.Module, images: Tensor, masks: Mapping[str, Tensor], methods: Mapping[str, FillIn]):
        _check_input(model, images, masks, methods)
        self.model, self.images, self.masks = model, images, masks
        self.completions = {name: plausible_completions(model, images, seen) for name, seen in masks.items()}
        self.answers = {
            name: {method: fill_in(images, seen) for method, fill_in in methods.items()} for name, seen in masks.items()
        }
        layout = ipywidgets.Layout(width="28em")
        numbers = [(f"{number + 1}", number) for number in range(len(images))]
        self.image = ipywidgets.SelectionSlider(options=numbers, value=1, description="image", layout=layout)
        names = [(name, name) for name in masks]
        self.mask = ipywidgets.SelectionSlider(options=names, value=names[1][0], description="missing", layout=layout)
        sheet = [images]
        for name in masks:
            sheet += [*self.answers[name].values(), *self.completions[name]]
        data = {
            "methods": list(methods),
            "maskNames": list(masks),
            "count": len(images),
            "masks": torch.stack(list(masks.values())).numpy().astype("u1").tobytes(),
            "sheet": image_sheet(torch.cat(sheet), columns=30),
        }
        super().__init__(["mask.js"], {"image": self.image, "mask": self.mask}, data, PageDecoder.of(model))

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        number, name = self.image.value, self.mask.value
        image, seen = self.images[number], self.masks[name]
        answers = {method: images[number] for method, images in self.answers[name].items()}
        alt = f"An image, its seen pixels, and how it is filled in by {', '.join(answers)}; below, six completions."
        shown = {"image": image, "seen": torch.where(seen, image, torch.full_like(image, 0.4)), **answers}
        places = [list(shown), ["completions"] * len(shown)]
        figure, axes = subplot_mosaic(alt, places, size=(11, 4.6), height_ratios=[1, 1.15])
        for title, picture in shown.items():
            plots.show_image(axes[title], picture)
            axes[title].set_title(title)
        plots.show_image(axes["completions"], plots.mosaic(self.completions[name][:, number], 6))
        axes["completions"].set_title("six plausible completions")
        return figure


def _check_input(model, images, masks, methods):
    check_vae(model)
    check_images(images)
    check_named("masks", masks, "masks by name")
    check_named("methods", methods, "functions (images, seen) => images by name")
    for name, fill_in in methods.items():
        if not callable(fill_in):
            raise ValueError(f"methods: expected functions (images, seen) => images, got {shown(fill_in)} as {name}")
    counts = {"images": (len(images), 2), "masks": (len(masks), 2), "methods": (len(methods), 1)}
    for name, (count, least) in counts.items():
        if count < least:
            raise ValueError(f"{name}: expected {least} or more, got {count}")
