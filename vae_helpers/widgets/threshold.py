"""A threshold on an anomaly score: what it finds, what it misses, and its false alarms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .. import plots
from .._validation import check_images, shown
from .frontend import image_sheet
from .panel import slider, subplot_mosaic
from .stage import PagePanel

SHOWN = 12  # images of each mistake


class ThresholdPanel(PagePanel):
    """A threshold on an anomaly score: what it finds, what it misses, and its false alarms.

    normal, anomalous: images (N, 1, 28, 28) and (M, 1, 28, 28). scores: a function that gives each image a number,
    (N, 1, 28, 28) => (N,), higher for anomalies. name: of the score, with its unit. threshold: the slider; or drag the
    line.

    What it shows: `scores`, {"normal": (N,), "anomalous": (M,)}; `missed` and `false_alarms`, the images of each
    mistake that are closest to the threshold, nearest first, at most twelve; `precision` (NaN without an alarm) and
    `recall`.

    Raises ValueError for images of another shape or outside [0, 1], and scores that are not one finite number an image.
    """

    def __init__(self, normal: Tensor, anomalous: Tensor, scores: Callable[[Tensor], Tensor], name: str):
        check_images(normal, "normal")
        check_images(anomalous, "anomalous")
        self._images, self._name = {"normal": normal, "anomalous": anomalous}, name
        self.scores = {group: _scored(scores, images) for group, images in self._images.items()}
        both = torch.cat(list(self.scores.values()))
        self._low, self._high = both.quantile(0.005).item(), both.quantile(0.995).item()
        start = self.scores["normal"].quantile(0.95).item()
        self.threshold = slider("threshold", start, self._low, self._high, step=(self._high - self._low) / 200)
        data = {"name": name, "low": self._low, "high": self._high}
        for group, images in self._images.items():
            values = self.scores[group].numpy().astype("<f4").tobytes()
            data[group] = {"scores": values, "sheet": image_sheet(images.cpu(), columns=50, greys=16)}
        super().__init__(["threshold.js"], {"threshold": self.threshold}, data)

    @property
    def precision(self) -> float:
        """The share of alarms that are anomalies; NaN without an alarm."""
        alarms, wrong = self._above("anomalous").sum().item(), self._above("normal").sum().item()
        return alarms / (alarms + wrong) if alarms + wrong else float("nan")

    @property
    def recall(self) -> float:
        """The share of anomalies that raise an alarm."""
        return self._above("anomalous").float().mean().item()

    @property
    def missed(self) -> Tensor:
        """The anomalies below the threshold and closest to it, nearest first: (at most 12, 1, 28, 28)."""
        return self._closest("anomalous", ~self._above("anomalous"))

    @property
    def false_alarms(self) -> Tensor:
        """The normal images above the threshold and closest to it, nearest first: (at most 12, 1, 28, 28)."""
        return self._closest("normal", self._above("normal"))

    def _above(self, group):
        return self.scores[group] > self.threshold.value

    def _closest(self, group, chosen):
        distance = (self.scores[group] - self.threshold.value).abs().masked_fill(~chosen, float("inf"))
        return self._images[group][distance.argsort()[: min(SHOWN, int(chosen.sum()))]]

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = (
            f"Histograms of {self._name} of normal and of anomalous images, with a threshold; beside them the "
            "anomalies closest below it, which pass, and the normal images closest above it, which raise a false alarm."
        )
        places = [["scores", "missed"], ["scores", "false alarms"]]
        figure, axes = subplot_mosaic(alt, places, size=(11, 4.6), width_ratios=[1.15, 1])
        looks = {
            "normal": {"color": plots.BLUE, "alpha": 0.6},
            "anomalous": {"histtype": "step", "lw": 2.5, "color": plots.ORANGE},
        }
        for group, look in looks.items():
            bins = np.linspace(self._low, self._high, 40)
            axes["scores"].hist(self.scores[group].clamp(self._low, self._high), bins, label=group, **look)
        axes["scores"].axvline(self.threshold.value, color="black", ls="--")
        axes["scores"].set(xlabel=self._name, ylabel="images")
        axes["scores"].legend(loc="upper right")
        shown = {"missed": self.missed, "false alarms": self.false_alarms}
        for (name, images), title in zip(shown.items(), ["anomalies that pass", "false alarms"], strict=True):
            tiles = torch.zeros(SHOWN, 1, 28, 28)
            tiles[: len(images)] = images
            plots.show_image(axes[name], plots.mosaic(tiles, SHOWN // 2))
            axes[name].set_title(f"{title}, closest {'below' if name == 'missed' else 'above'}")
        return figure


def _scored(scores, images):
    """The scores of images, as floats on the CPU, once there is one for each."""
    if not callable(scores):
        raise ValueError(f"scores: expected a function of images that gives each a number, got {shown(scores)}")
    found = scores(images)
    if not torch.is_tensor(found) or found.shape != (len(images),) or not found.isfinite().all():
        raise ValueError(f"scores: expected finite numbers of shape ({len(images)},), got {shown(found)}")
    return found.detach().float().cpu()
