"""A threshold on an anomaly score: what it finds, what it misses, and its false alarms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .. import plots
from .._validation import check_images
from .panel import Panel, blank, slider, subplot_mosaic

SHOWN = 12  # images of each mistake


class ThresholdPanel(Panel):
    """A threshold on an anomaly score: what it finds, what it misses, and its false alarms.

    normal, anomalous: images (N, 1, 28, 28) and (M, 1, 28, 28). scores: a function that gives each image a number,
    (N, 1, 28, 28) => (N,), higher for anomalies. name: of the score, with its unit. threshold: the slider.

    What it shows: `scores`, {"normal": (N,), "anomalous": (M,)}; `missed` and `false_alarms`, the images of each
    mistake that are closest to the threshold, nearest first, at most twelve; `precision` (NaN without an alarm) and
    `recall`. Axes: "scores", "missed", "false alarms".

    Raises ValueError for images of another shape or outside [0, 1].
    """

    def __init__(self, normal: Tensor, anomalous: Tensor, scores: Callable[[Tensor], Tensor], name: str):
        check_images(normal, "normal")
        check_images(anomalous, "anomalous")
        self._images = {"normal": normal, "anomalous": anomalous}
        self.scores = {group: scores(images) for group, images in self._images.items()}
        both = torch.cat(list(self.scores.values()))
        low, high = both.quantile(0.005).item(), both.quantile(0.995).item()
        start = self.scores["normal"].quantile(0.95).item()
        self.threshold = slider("threshold", start, low, high, step=(high - low) / 200)
        alt = (
            f"Histograms of {name} of normal and of anomalous images, with a threshold; beside them the anomalies "
            "closest below it, which pass, and the normal images closest above it, which raise a false alarm."
        )
        places = [["scores", "missed"], ["scores", "false alarms"]]
        figure, axes = subplot_mosaic(alt, places, size=(11, 4.6), width_ratios=[1.15, 1])
        self._draw_histograms(axes["scores"], name, np.linspace(low, high, 40))
        (self._line,) = axes["scores"].plot([], [], "k--")
        axes["missed"].set_title("anomalies that pass, closest below")
        axes["false alarms"].set_title("false alarms, closest above")
        self._missed, self._false_alarms = (blank(axes[label], 2, SHOWN // 2) for label in ("missed", "false alarms"))
        super().__init__(figure, [self._line, self._missed, self._false_alarms], [self.threshold])

    def update(self) -> str:
        """Count and show what lies on the wrong side of the threshold."""
        from sklearn.metrics import precision_score, recall_score  # here, since it takes a second

        threshold = self.threshold.value
        normal, anomalous = self.scores["normal"], self.scores["anomalous"]
        labels = np.repeat([False, True], [len(normal), len(anomalous)])
        alarms = (torch.cat([normal, anomalous]) > threshold).numpy()
        self.precision = precision_score(labels, alarms, zero_division=np.nan)
        self.recall = recall_score(labels, alarms)
        self.missed = self._closest("anomalous", threshold - anomalous, anomalous <= threshold)
        self.false_alarms = self._closest("normal", normal - threshold, normal > threshold)
        self._line.set_data([threshold, threshold], self._line.axes.get_ylim())
        self._missed.set_data(_two_rows(self.missed))
        self._false_alarms.set_data(_two_rows(self.false_alarms))
        precision = "no alarm, no precision" if np.isnan(self.precision) else f"precision <b>{self.precision:.0%}</b>"
        return (
            f"Above {threshold:.2f} are {alarms[labels].sum()} of {len(anomalous)} anomalies and "
            f"{alarms[~labels].sum()} of {len(normal)} normal images: {precision}, recall <b>{self.recall:.0%}</b>"
        )

    def _closest(self, group, distance, chosen):
        """The chosen images that are closest to the threshold, nearest first: (at most SHOWN, 1, 28, 28)."""
        order = distance.masked_fill(~chosen, float("inf")).argsort()[: min(SHOWN, int(chosen.sum()))]
        return self._images[group][order]

    def _draw_histograms(self, ax, name, bins):
        low, high = bins[0], bins[-1]
        looks = {
            "normal": {"color": plots.BLUE, "alpha": 0.6},
            "anomalous": {"histtype": "step", "lw": 2.5, "color": plots.ORANGE},
        }
        for group, look in looks.items():
            ax.hist(self.scores[group].clamp(low, high), bins, label=group, **look)
        ax.set(xlabel=name, ylabel="images", ylim=(0, 1.25 * ax.get_ylim()[1]))
        ax.legend(loc="upper right")


def _two_rows(images):
    """A mosaic of two rows, black where there is no image."""
    tiles = torch.zeros(SHOWN, 1, 28, 28)
    tiles[: len(images)] = images
    return plots.mosaic(tiles, SHOWN // 2)
