"""The base of the panels: sliders over a picture that follows them.

The static part of a panel's figure is drawn once. A move draws the rest over it and sends one PNG, several times
faster than drawing a whole matplotlib figure.
"""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import PIL.Image
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from .. import plots
from .alt_image import AltImage
from .frontend import encode_png

VIEW = "application/vnd.jupyter.widget-view+json"


class Panel(ipywidgets.VBox):
    """Sliders, a line of text, and a picture. A subclass says in `update` what changes when a slider moves.

    figure: from `plots.figure` or `subplot_mosaic`; drawn once, except for these artists:
    animated: redrawn at each move. slow: redrawn only when `update` calls `redraw_background`, below the animated ones.
    sliders: any widgets with a value. boxes: widgets that hold the sliders; by default they stand in a column.

    What it shows: `picture`, an AltImage; `text` and `error`, lines of HTML; `axes`, those of the figure by their
    label. An exception in `update` appears in `error`, above the last good picture, and is raised.
    """

    def __init__(
        self,
        figure: plots.Plot,
        animated: Sequence[Artist],
        sliders: Sequence[ipywidgets.Widget],
        boxes: Sequence[ipywidgets.Widget] | None = None,
        slow: Sequence[Artist] = (),
    ):
        for artist in [*slow, *animated]:
            artist.set_animated(True)
        figure.canvas.draw()
        figure.set_layout_engine("none")  # nothing shifts from here on
        self.figure, self.animated, self.slow = figure, list(animated), list(slow)
        self._background = self._blank = figure.canvas.copy_from_bbox(figure.bbox)
        self.picture = AltImage(alt=figure.alt)
        self.picture.layout = ipywidgets.Layout(max_width="100%", align_self="flex-start")
        self.text, self.error = ipywidgets.HTML(), ipywidgets.HTML()
        self.sliders, self._paused = list(sliders), False
        for control in sliders:
            control.observe(self._on_change, "value")
        super().__init__([*(boxes or sliders), self.text, self.error, self.picture])
        self._on_change()

    @property
    def axes(self) -> dict[str, Axes]:
        """The axes of the figure, by their label."""
        return {ax.get_label(): ax for ax in self.figure.axes}

    def update(self) -> str:
        """Set the artists to what the sliders say; return the line of text, as HTML."""
        raise NotImplementedError

    def redraw_background(self) -> None:
        """Draw the slow artists over the static part of the figure."""
        self.figure.canvas.restore_region(self._blank)
        for artist in self.slow:
            artist.axes.draw_artist(artist)
        self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)

    def set_values(self, values: Mapping[ipywidgets.Widget, Any]) -> None:
        """Set several sliders, {slider: value, ...}, and draw once. Raises TraitError for a value that does not fit."""
        self._paused = True
        try:
            for control, value in values.items():
                control.value = value
        finally:
            self._paused = False
            self._on_change()

    def _on_change(self, change=None):
        if self._paused:
            return
        try:
            text = self.update()
            self.picture.value = self._draw()  # before the text, since it is what the eye waits for
            self.text.value = text
        except Exception as error:
            self.error.value = f"<b>{type(error).__name__}:</b> {html.escape(str(error))}"
            raise
        self.error.value = ""

    def _draw(self):
        """The animated artists over the background, as a PNG."""
        canvas = self.figure.canvas
        canvas.restore_region(self._background)
        for artist in self.animated:
            artist.axes.draw_artist(artist)
        pixels = canvas.buffer_rgba()  # not copied
        picture = PIL.Image.frombuffer("RGBA", canvas.get_width_height(), pixels, "raw", "RGBA", 0, 1)
        return encode_png(picture.convert("RGB"), compress_level=1)

    def __repr__(self):
        return f"{self.figure.alt} Run this notebook to move the sliders."

    def _repr_mimebundle_(self, **kwargs):
        """The live panel, and for pages without a kernel its picture."""
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = repr(self)  # ipywidgets cuts it short
        bundle["image/png"] = plots.small_png(PIL.Image.open(io.BytesIO(self.picture.value)))
        return bundle, {"image/png": {"alt": self.figure.alt}, VIEW: {"needs_kernel": True}}


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


def blank(ax: Axes, rows: int = 1, columns: int = 1):
    """An image artist with room for rows x columns images, black until `update` sets its data."""
    return plots.show_image(ax, np.zeros((28 * rows, 28 * columns)))
