"""Missing pixels, filled in by several methods, and several plausible completions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images, check_vae
from ..applications import plausible_completions
from .panel import Panel, blank, subplot_mosaic

FillIn = Callable[[Tensor, Tensor], Tensor]  # (images, seen) => images


class MaskPanel(Panel):
    """An image with pixels missing, how each method fills them in, and six completions that are plausible.

    model: a VAE. images (N, 1, 28, 28) in [0, 1], two or more. masks: {"lower half": (1, 28, 28), ...}, True where a
    pixel is seen; two or more. methods: {"latent MAP": function, ...}, each (images, seen) => images, filled in.
    image, mask: the sliders.

    What it shows, computed beforehand: `answers`, {mask: {method: (N, 1, 28, 28)}}; `completions`,
    {mask: (6, N, 1, 28, 28)}. Axes: "image", "seen", "answer: {method}" for each method, "completions".

    Raises ValueError for images of another shape or outside [0, 1], another mask, a plain autoencoder, or fewer.
    """

    def __init__(self, model: nn.Module, images: Tensor, masks: Mapping[str, Tensor], methods: Mapping[str, FillIn]):
        _check_input(model, images, masks, methods)
        self._images, self._masks = images, masks
        self.completions = {name: plausible_completions(model, images, seen) for name, seen in masks.items()}
        self.answers = {
            name: {method: fill_in(images, seen) for method, fill_in in methods.items()} for name, seen in masks.items()
        }
        layout = ipywidgets.Layout(width="28em")
        numbers = [(f"{number + 1}", number) for number in range(len(images))]
        self.image = ipywidgets.SelectionSlider(options=numbers, value=1, description="image", layout=layout)
        names = [(name, name) for name in masks]
        self.mask = ipywidgets.SelectionSlider(options=names, value=names[1][0], description="missing", layout=layout)
        alt = f"An image, its seen pixels, and how it is filled in by {', '.join(methods)}; below, six completions."
        titles = {"image": "image", "seen": "seen"} | {f"answer: {method}": method for method in methods}
        places = [list(titles), ["completions"] * len(titles)]
        figure, axes = subplot_mosaic(alt, places, size=(11, 4.6), height_ratios=[1, 1.15])
        for label, title in {**titles, "completions": "six plausible completions"}.items():
            axes[label].set_title(title)
        self._pictures = [blank(axes[label]) for label in titles]
        self._completions = blank(axes["completions"], 1, 6)
        super().__init__(figure, [*self._pictures, self._completions], [self.image, self.mask])

    def update(self) -> str:
        """Show the chosen image under the chosen mask, and what was made of it."""
        number, name = self.image.value, self.mask.value
        image, seen = self._images[number], self._masks[name]
        answers = {method: images[number] for method, images in self.answers[name].items()}
        masked = torch.where(seen, image, torch.full_like(image, 0.4))  # missing pixels are grey
        for picture, shown in zip(self._pictures, [image, masked, *answers.values()], strict=True):
            picture.set_data(plots.as_array(shown[0]))
        self._completions.set_data(plots.mosaic(self.completions[name][:, number], 6))
        errors = {method: (answer - image)[~seen].square().mean() for method, answer in answers.items()}
        return f"Image {number + 1}, missing: {name}. Mean squared error of the missing pixels: " + ", ".join(
            f"{method} {error:.3f}" for method, error in errors.items()
        )


def _check_input(model, images, masks, methods):
    check_vae(model)
    check_images(images)
    counts = {"images": (len(images), 2), "masks": (len(masks), 2), "methods": (len(methods), 1)}
    for name, (count, least) in counts.items():
        if count < least:
            raise ValueError(f"{name}: expected {least} or more, got {count}")
