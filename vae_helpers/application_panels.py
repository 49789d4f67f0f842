"""The panels of the applications: a threshold on an anomaly score, and missing pixels filled in."""

import ipywidgets
import numpy as np
import torch

from . import plots
from ._checks import check_images
from .applications import plausible_completions, precision_recall
from .widgets import Panel, slider


class ThresholdPanel(Panel):
    """A threshold on an anomaly score: what it finds, what it lets through, and whom it accuses wrongly.

    normal, anomalous: images (N, 1, 28, 28) and (M, 1, 28, 28). scores: a function that gives each image a number,
    (N, 1, 28, 28) => (N,), higher for anomalies. name: of the score, with its unit. threshold: the slider.
    Raises ValueError for images of another shape or outside [0, 1].
    """

    def __init__(self, normal, anomalous, scores, name):
        check_images(normal, "normal")
        check_images(anomalous, "anomalous")
        self._images = {"normal": normal, "anomalous": anomalous}
        self.scores = {group: scores(images) for group, images in self._images.items()}
        everyone = torch.cat(list(self.scores.values()))
        low, high = everyone.quantile(0.005).item(), everyone.quantile(0.995).item()
        start = self.scores["normal"].quantile(0.95).item()
        self.threshold = slider("threshold", start, low, high, step=(high - low) / 200)
        alt = (
            f"Histograms of {name} of normal and of anomalous images, with a threshold; beside them the anomalies "
            "closest below it, which pass, and the normal images closest above it, which raise a false alarm."
        )
        figure, axes = plots.figure(alt, 2, 2, size=(11, 4.6), width_ratios=[1.15, 1])
        grid = axes[0, 0].get_gridspec()
        for ax in axes[:, 0]:
            ax.remove()
        left = figure.add_subplot(grid[:, 0])
        bins = np.linspace(low, high, 40)
        left.hist(self.scores["normal"].clamp(low, high), bins, color=plots.BLUE, alpha=0.6, label="normal")
        left.hist(
            self.scores["anomalous"].clamp(low, high), bins, histtype="step", lw=2.5, color=plots.ORANGE,
            label="anomalous",
        )  # fmt: skip
        left.set(xlabel=name, ylabel="images", ylim=(0, 1.25 * left.get_ylim()[1]))
        left.legend(loc="upper right")
        (self._line,) = left.plot([], [], "k--")
        self._height = left.get_ylim()
        titles = ["anomalies that pass, closest below", "false alarms, closest above"]
        for ax, title in zip(axes[:, 1], titles, strict=True):
            ax.set_title(title)
        self._passed, self._accused = (plots.show_image(ax, np.zeros((56, 168))) for ax in axes[:, 1])
        super().__init__(figure, [self._line, self._passed, self._accused], [self.threshold])

    def move(self):
        threshold = self.threshold.value
        normal, anomalous = self.scores["normal"], self.scores["anomalous"]
        precision, recall = precision_recall(normal, anomalous, threshold)
        self._line.set_data([threshold, threshold], self._height)
        self._passed.set_data(self._closest("anomalous", threshold - anomalous, anomalous <= threshold))
        self._accused.set_data(self._closest("normal", normal - threshold, normal > threshold))
        alarms = f"{(anomalous > threshold).sum()} of {len(anomalous)} anomalies and {(normal > threshold).sum()} of "
        shares = f"precision <b>{precision:.0%}</b>" if precision == precision else "no alarm, no precision"
        return f"Above {threshold:.2f} are {alarms}{len(normal)} normal images: {shares}, recall <b>{recall:.0%}</b>"

    def _closest(self, group, distance, meant):
        """The twelve images meant that are closest to the threshold, nearest first, in two rows; black where none."""
        order = distance.masked_fill(~meant, float("inf")).argsort()[: min(12, int(meant.sum()))]
        tiles = torch.zeros(12, 1, 28, 28)
        tiles[: len(order)] = self._images[group][order]
        return plots.mosaic(tiles, 6)


class MaskPanel(Panel):
    """An image with pixels missing, what each method puts there, and several completions that are plausible.

    model: a VAE. images (N, 1, 28, 28) in [0, 1], two or more. masks: {"lower half": (1, 28, 28), ...}, what is
    missing by its name, True where a pixel is seen; two or more. methods: {"latent MAP": function, ...}, each
    (images, seen) => images, filled in. image, mask: the sliders; all answers are worked out beforehand.

    Raises ValueError for images of another shape or outside [0, 1], another mask, a plain autoencoder, or fewer.
    """

    def __init__(self, model, images, masks, methods):
        check_images(images)
        if len(images) < 2 or len(masks) < 2 or not methods:
            raise ValueError(
                "a MaskPanel needs at least two images, two masks and one method, "
                f"got {len(images)} images, {len(masks)} masks and {len(methods)} methods"
            )
        self._truth, self._masks = images, masks
        self.completions = {name: plausible_completions(model, images, seen) for name, seen in masks.items()}
        self.answers = {
            name: {method: fill_in(images, seen) for method, fill_in in methods.items()} for name, seen in masks.items()
        }
        layout = ipywidgets.Layout(width="28em")
        numbers = [(f"{number + 1}", number) for number in range(len(images))]
        self.image = ipywidgets.SelectionSlider(options=numbers, value=1, description="image", layout=layout)
        self.mask = ipywidgets.SelectionSlider(
            options=[(name, name) for name in masks], value=list(masks)[1], description="missing", layout=layout
        )
        titles = ["image", "seen", *methods]
        named = ", ".join(methods)
        alt = f"An image, its seen pixels, and how it is filled in by {named}; below, six completions."
        figure, axes = plots.figure(alt, 2, len(titles), size=(11, 4.6), height_ratios=[1, 1.15])
        grid = axes[1, 0].get_gridspec()
        for ax in axes[1]:
            ax.remove()
        for ax, title in zip(axes[0], titles, strict=True):
            ax.set_title(title)
        self._pictures = [plots.show_image(ax, np.zeros((28, 28))) for ax in axes[0]]
        below = figure.add_subplot(grid[1, :])
        below.set_title("six plausible completions")
        self._below = plots.show_image(below, np.zeros((28, 168)))
        super().__init__(figure, [*self._pictures, self._below], [self.image, self.mask])

    def move(self):
        number, name = self.image.value, self.mask.value
        image, seen = self._truth[number], self._masks[name]
        answers = {method: filled[number] for method, filled in self.answers[name].items()}
        masked = torch.where(seen, image, torch.full_like(image, 0.4))  # missing pixels are grey
        for picture, shown in zip(self._pictures, [image, masked, *answers.values()], strict=True):
            picture.set_data(plots.as_array(shown[0]))
        self._below.set_data(plots.mosaic(self.completions[name][:, number], 6))
        errors = {method: (filled - image)[~seen].square().mean() for method, filled in answers.items()}
        return f"Image {number + 1}, missing: {name}. Mean squared error of the missing pixels: " + ", ".join(
            f"{method} {error:.3f}" for method, error in errors.items()
        )
