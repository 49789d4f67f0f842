"""What panels are made of in Python: a slider, a figure whose axes have names, and the name of a live view."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
from matplotlib.axes import Axes

from .. import plots

VIEW = "application/vnd.jupyter.widget-view+json"  # the part of an output that is a live widget


def slider(name: str, value: float, low: float, high: float, step: float = 0.05) -> ipywidgets.FloatSlider:
    """A slider that sends its value while it moves."""
    layout = ipywidgets.Layout(width="28em")
    return ipywidgets.FloatSlider(value, min=low, max=high, step=step, description=name, layout=layout)


def subplot_mosaic(
    alt: str, mosaic: Sequence[Sequence[str]], size: tuple[float, float], **ratios: Sequence[float]
) -> tuple[plots.Plot, dict[str, Axes]]:
    """A figure whose axes are named by their place: [["top", "top"], ["left", "right"]] gives three.

    size: width and height in inches. ratios: width_ratios and height_ratios of the columns and rows.
    """
    figure, ax = plots.figure(alt, size=size)
    ax.remove()
    return figure, figure.subplot_mosaic(mosaic, **ratios)
