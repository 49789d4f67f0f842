"""What Python sends to the page: the JavaScript and style of a widget, and images as PNG."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import PIL.Image
from torch import Tensor

from .. import plots

HERE = Path(__file__).parent


def load_esm(*names: str) -> str:
    """The JavaScript of a widget as one module: `shared.js`, then its own files. anywidget loads one module only."""
    return "\n".join(slim(load(name)) for name in ["shared.js", *names])


def load_css(name: str) -> str:
    """The style sheet of a widget, after the colours of the digits, --digit-0 to --digit-9, on light and dark pages."""
    palettes = {"": plots.DIGIT_COLOURS, '[data-jp-theme-light="false"] ': plots.DARK_DIGIT_COLOURS}
    rules = [
        f"{page}:is(.stage, .latent-map) {{ {' '.join(f'--digit-{k}: {c};' for k, c in enumerate(colours))} }}"
        for page, colours in palettes.items()
    ]
    return "\n".join([*rules, slim(load(name))])


def slim(script: str) -> str:
    """A script or a style sheet without comments that have lines of their own, and without indentation.

    Each panel that is saved in a notebook holds a copy, and four panels in one notebook hold four.
    """
    return re.sub(r"^ +", "", re.sub(r"^ *(//.*|/\*\*[^*]*(\*(?!/)[^*]*)*\*/)\n", "", script, flags=re.M), flags=re.M)


def load(name: str) -> str:
    """The text of a file beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


def encode_png(picture: PIL.Image.Image, **options) -> bytes:
    """A picture of Pillow as the bytes of a PNG. options: Pillow's, such as compress_level or optimize."""
    file = io.BytesIO()
    picture.save(file, "PNG", **options)
    return file.getvalue()


def image_sheet(images: Tensor, columns: int, greys: int = 256) -> bytes:
    """Images side by side in one PNG, in reading order: (N, 1, 28, 28) in [0, 1] => bytes. greys: 256 or 16."""
    values = np.rint(plots.mosaic(images.detach().clamp(0, 1), columns) * (greys - 1)).astype(np.uint8)
    if greys == 256:
        return encode_png(PIL.Image.fromarray(values), optimize=True)
    picture = PIL.Image.fromarray(values, "P")  # a palette of 16 greys takes half a byte a pixel
    picture.putpalette([grey * 17 for grey in range(16) for _ in range(3)])
    return encode_png(picture, optimize=True, bits=4)
