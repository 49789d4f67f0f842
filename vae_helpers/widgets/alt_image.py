"""An image with a text alternative."""

import anywidget
import traitlets

from .frontend import load_esm


class AltImage(anywidget.AnyWidget):
    """Like `ipywidgets.Image`, with the text alternative that one lacks.

    value: the bytes of a PNG. alt: what it shows, in words. In the page it also names the sliders of the panel
    around it, for screen readers.
    """

    _esm = load_esm("alt_image.js")

    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
