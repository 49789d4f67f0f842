"""What is drawn in the page itself: a picture with its text alternative, and a film that follows a slider."""

import io
from pathlib import Path

import anywidget
import numpy as np
import PIL.Image
import torch
import traitlets

from . import plots


def script(name):
    """The JavaScript of a widget: what all share, and its own, in one module."""
    here = Path(__file__).parent
    return "".join((here / file).read_text(encoding="utf-8") for file in ("page.js", name))


class Picture(anywidget.AnyWidget):
    """An image with a text alternative, which `ipywidgets.Image` has not.

    value: the bytes of a PNG. alt: what it shows, in words. In the page it also names the sliders of the panel that
    it stands in.
    """

    _esm = script("picture.js")

    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)


class Film(anywidget.AnyWidget):
    """Two images, and between them the frame of a film at which a slider stands. It needs no kernel to follow it.

    ends (2, 1, 28, 28): the two images. frames (N, 1, 28, 28): from the slider's 0 to its 1. All in [0, 1].
    """

    _esm = script("film.js")

    slider = anywidget.WidgetTrait().tag(sync=True)
    _images = traitlets.Bytes().tag(sync=True)  # a PNG: the ends, then the frames
    _frames = traitlets.Int().tag(sync=True)

    def __init__(self, ends, frames, slider):
        super().__init__(slider=slider, _images=png(torch.cat([ends, frames]), columns=10), _frames=len(frames))


def png(images, columns, greys=256):
    """Images side by side in one PNG, with 256 or 16 greys: (N, 1, 28, 28) => bytes."""
    picture = np.rint(plots.mosaic(images.clamp(0, 1), columns) * (greys - 1)).astype(np.uint8)
    file = io.BytesIO()
    if greys == 256:
        PIL.Image.fromarray(picture).save(file, "PNG", optimize=True)
    else:  # a palette of 16 greys takes half a byte a pixel
        paletted = PIL.Image.fromarray(picture, "P")
        paletted.putpalette([grey * 17 for grey in range(16) for _ in range(3)])
        paletted.save(file, "PNG", optimize=True, bits=4)
    return file.getvalue()
