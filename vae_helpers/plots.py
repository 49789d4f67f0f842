"""The figures of the series: arrays in, Figure out, one look for all, a text alternative on each.

Images are (N, 1, 28, 28) in [0, 1]; digits are told apart by glyph as well as by colour.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
import PIL.Image
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patheffects import withStroke
from torch import Tensor

from ._validation import (
    as_row,
    check_at_least,
    check_codes,
    check_digits,
    check_named,
    check_positive_int,
    check_shape,
    shown,
)

if TYPE_CHECKING:
    from .training import Scores

# Paul Tol's "muted" with black for the tenth, moved until each stands out from white by 3:1, and no two are closer than
# 20 in CIELAB for any reader, colour-blind or not; so are the colours of lines, which also colour text, by 4.5:1
DIGIT_COLOURS = (
    "#16369b", "#c2455d", "#076a06", "#94931d", "#820042",
    "#16a490", "#8d3781", "#798dce", "#4f1700", "#000000",
)  # fmt: skip
DARK_DIGIT_COLOURS = (  # the same, for pages of dark grey
    "#aa6278", "#7070e8", "#4b9e4f", "#7961ae", "#b8a0f9",
    "#b3dcfe", "#ba88bb", "#68d2b6", "#f0cc91", "#ffffff",
)  # fmt: skip
BLUE, ORANGE, GREEN, PURPLE, GREY = LINE_COLOURS = "#0072b2", "#bf5600", "#0a561f", "#7d1a72", "#767676"

STYLE = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": matplotlib.cycler(color=LINE_COLOURS),
    "lines.linewidth": 2.2,
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "svg.hashsalt": "vae_helpers",
}


def use_style() -> None:
    """Give every figure made from here on the look of the series."""
    matplotlib.rcParams.update(STYLE)


class Plot(Figure):
    """A matplotlib Figure that a notebook shows once, where it stands, with `alt` as its text alternative."""

    alt = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        self.canvas.draw()
        picture = PIL.Image.fromarray(np.asarray(self.canvas.buffer_rgba())[..., :3])
        return {"image/png": small_png(picture), "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def small_png(picture: PIL.Image.Image) -> str:
    """An RGB picture of Pillow as a PNG for a notebook's output, in base64: a third of the bytes."""
    png = io.BytesIO()  # 256 colours are enough for greys and a palette
    picture.quantize(256, dither=PIL.Image.Dither.NONE).save(png, "PNG", optimize=True)
    return base64.b64encode(png.getvalue()).decode()


def figure(
    alt: str, rows: int = 1, columns: int = 1, size: tuple[float, float] = (9, 3.8), **subplots: Any
) -> tuple[Plot, Any]:
    """A new figure and its axes, as `plt.subplots` gives them. `alt` says in words what the figure shows.

    Raises ValueError for an empty `alt`.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected words that say what the figure shows, got {shown(alt)}")
    check_positive_int("rows", rows)
    check_positive_int("columns", columns)
    fig = Plot(figsize=size, layout="constrained")
    FigureCanvasAgg(fig)
    fig.alt = alt
    return fig, fig.subplots(rows, columns, **subplots)


def image_rows(rows: Mapping[str, Tensor], titles: Sequence[str] | None = None) -> Plot:
    """Rows of images under one another, a name before each: {"name": (N, 1, 28, 28), ...} => Figure.

    titles: one for each column. Raises ValueError for images of another shape or rows of unequal length.
    """
    check_named("rows", rows, "images by name")
    for name, images in rows.items():
        check_shape(images, name or "images")
    lengths = {name: len(images) for name, images in rows.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"rows: expected the same number of images in each, got {lengths}")
    columns = max(lengths.values())
    titles = _titles(titles, columns)
    names = ", ".join(name for name in rows if name)
    alt = f"{columns} images in each of {len(rows)} rows, from top to bottom" if len(rows) > 1 else f"{columns} images"
    alt += f": {names}." if names else "."
    alt += f" Above them: {', '.join(titles)}." if any(titles) else ""
    side = 9 / (columns + 1.6)
    fig, axes = figure(alt, len(rows), columns, size=(9, side * len(rows) * 1.06 + 0.3), squeeze=False)
    for row, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(row, images, strict=True):
            show_image(ax, image)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title)
    return fig


def _titles(titles, columns):
    """The titles of columns as texts, also of a tensor of labels; empty ones for None."""
    if titles is None:
        return [""] * columns
    found = as_array(titles)
    if found.shape != (columns,):
        count = len(found) if found.ndim == 1 else shown(titles)
        raise ValueError(f"titles: expected one for each of the {columns} columns, got {count}")
    return [str(title) for title in found.tolist()]


def image_grid(images: Tensor, columns: int, title: str = "") -> Plot:
    """Many images as one mosaic, in reading order: (N, 1, 28, 28) => Figure.

    Raises ValueError for images of another shape or fewer than one column.
    """
    check_shape(images)
    check_positive_int("columns", columns)
    rows = -(-len(images) // columns)
    fig, ax = figure(f"{len(images)} images. {title}", size=(9, 9 * rows / columns + 0.4))
    show_image(ax, mosaic(images, columns))
    ax.set_title(title)
    return fig


def latent_scatter(codes: Tensor, labels: Tensor, ax: Axes | None = None, most: int = 2000) -> Plot:
    """Two-dimensional codes, each drawn as its digit: (N, 2), (N,) => Figure. At most the first `most`.

    A large digit marks the median code of each class, and stands a little aside where two would hide each other.
    Draws into `ax` if one is given.

    Raises ValueError for labels of another length or codes not (N, 2).
    """
    check_codes(codes, 2)
    check_digits(labels, len(codes))
    check_positive_int("most", most)
    codes, labels = as_array(codes[:most]), as_array(labels[:most])
    fig = _figure_of(ax)
    if fig is None:
        alt = f"{len(codes)} images as points of the latent plane, each drawn as its digit in the digit's colour."
        fig, ax = figure(alt, size=(9, 7))
    classes = {digit: codes[labels == digit] for digit in np.unique(labels)}
    for digit, own in classes.items():
        ax.scatter(own[:, 0], own[:, 1], marker=f"${digit}$", s=36, color=DIGIT_COLOURS[digit], linewidths=0)
    size = 22 if ax.get_window_extent().width > 6 * ax.figure.dpi else 16  # points
    middles = _apart(ax, np.array([np.median(own, axis=0) for own in classes.values()]), 0.75 * size)
    for digit, middle in zip(classes, middles, strict=True):
        centre = ax.annotate(digit, middle, ha="center", va="center", size=size, weight="bold")
        centre.set(color=DIGIT_COLOURS[digit], path_effects=[withStroke(linewidth=5, foreground="white")])
    ax.set(xlabel="latent $z_1$", ylabel="latent $z_2$")
    return fig


def _apart(ax, places, points):
    """Places in a plot, (N, 2), of which those nearer to each other than so many points have stepped apart."""
    ax.autoscale_view()  # to the last class that was drawn, as the plot will be shown
    on_screen = ax.transData.transform(places) + 1e-6 * np.arange(len(places))[:, None]  # or the same place
    least = points * ax.figure.dpi / 72
    for _ in range(100):
        ways = on_screen[:, None] - on_screen  # from each to each
        far = np.maximum(np.hypot(*ways.transpose(2, 0, 1)), 1e-6)[..., None]
        on_screen += (ways / far * np.maximum(least - far, 0)).sum(1) / 2
    return ax.transData.inverted().transform(on_screen)


def decoded_plane(images: Tensor, xs: Sequence[float], ys: Sequence[float], ax: Axes | None = None) -> Plot:
    """What a grid of 2-D codes decodes to, laid out as the codes lie: `latent.plane_grid(xs, ys)` decoded => Figure.

    Draws into `ax` if one is given. Raises ValueError for images of another shape or another number of them.
    """
    check_shape(images)
    xs, ys = as_row("xs", xs).tolist(), as_row("ys", ys).tolist()
    if len(images) != len(xs) * len(ys):
        raise ValueError(f"images: expected one for each of {len(xs)} x {len(ys)} codes, got {len(images)}")
    fig = _figure_of(ax)
    if fig is None:
        alt = (
            f"The decoded images of {len(xs)} by {len(ys)} codes, from z1 = {_tick(xs[0])} to {_tick(xs[-1])} "
            f"and z2 = {_tick(ys[0])} to {_tick(ys[-1])}."
        )
        fig, ax = figure(alt, size=(9, 9))
    show_image(ax, mosaic(images, len(xs)))
    where = 28 * (np.arange(max(len(xs), len(ys))) + 0.5) - 0.5
    every = max(1, len(xs) // 6)
    ax.set_xticks(where[: len(xs)][::every], [_tick(x) for x in xs[::every]])
    ax.set_yticks(where[: len(ys)][::every], [_tick(y) for y in reversed(ys)][::every])
    ax.set(xlabel="latent $z_1$", ylabel="latent $z_2$")
    return fig


def rate_distortion(runs: Mapping[str, Scores], floor: float, no_code: float, ax: Axes | None = None) -> Plot:
    """Trained VAEs as points: what the code costs against what it leaves to say: {"name": Scores, ...} => Figure.

    runs: `evaluate`'s scores of each, in the order in which a line joins them. floor: the pixels' own entropy.
    no_code: the distortion of the mean image, which needs no code. Both in nats per image. Draws into `ax` if
    one is given. Raises ValueError for no runs, for the scores of a plain autoencoder, and for landmarks below 0.
    """
    check_named("runs", runs, "scores by name")
    if any(getattr(run, "kl", None) is None for run in runs.values()):
        raise ValueError(f"runs: expected the scores of one VAE or more, got {dict(runs)}")
    check_at_least("floor", floor, 0)
    check_at_least("no_code", no_code, 0)
    fig = _figure_of(ax)
    if fig is None:
        places = "; ".join(
            f"{name}: rate {run.kl:.1f}, distortion {run.reconstruction:.1f}" for name, run in runs.items()
        )
        alt = f"Distortion against rate in nats per image, above a floor of {floor:.1f}. {places}."
        fig, ax = figure(alt, size=(9, 5))
    rates, distortions = [run.kl for run in runs.values()], [run.reconstruction for run in runs.values()]
    right = 1.12 * max(rates) + 2
    ax.axhline(no_code, color=ORANGE, ls="--", lw=1.6)
    ax.annotate("mean image, no code", (right, no_code), color=ORANGE, ha="right", va="bottom", size=11)
    ax.axhline(floor, color=GREY, ls=":", lw=1.6)
    ax.annotate("the pixels' own entropy", (right, floor), color=GREY, ha="right", va="bottom", size=11)
    ax.plot(rates, distortions, "o-", color=BLUE)
    before = -math.inf
    for name, rate, distortion in zip(runs, rates, distortions, strict=True):
        up = 20 if abs(rate - before) < 0.02 * right else 5  # above the label of a point in the same place
        ax.annotate(name, (rate, distortion), xytext=(7, up), textcoords="offset points", size=11)
        before = rate
    ax.set(xlabel="rate: KL (nats per image)", ylabel="distortion: −log p(x|z) (nats)")
    ax.set(xlim=(-1, right), ylim=(0.8 * floor, no_code + 0.15 * (no_code - floor)))
    return fig


def _tick(value):
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")  # adding 0 turns -0.0 into 0.0


def _figure_of(ax):
    """The figure to draw into, None for a new one."""
    if ax is None:
        return None
    _check_axes(ax)
    return ax.figure


def _check_axes(ax):
    if not isinstance(ax, Axes):
        raise ValueError(f"ax: expected one Axes, as in fig, ax = vh.figure(...), got {shown(ax)}")


def show_image(ax: Axes, image: Tensor | np.ndarray) -> AxesImage:
    """One image, (1, 28, 28) or (height, width) in [0, 1], black to white, without ticks.

    Raises ValueError for another shape, or an `ax` that is none.
    """
    _check_axes(ax)
    pixels = as_array(image).squeeze()
    if pixels.ndim != 2 or pixels.dtype.kind not in "fiub":
        raise ValueError(f"image: expected one of shape (1, 28, 28) or (height, width), got {shown(image)}")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax.imshow(pixels, cmap="gray", vmin=0, vmax=1)


def mosaic(images: Tensor | np.ndarray, columns: int) -> np.ndarray:
    """Images side by side in reading order: (N, 1, 28, 28) => array (rows * 28, columns * 28), black where none.

    Raises ValueError for images of another shape and fewer than one column.
    """
    check_positive_int("columns", columns)
    shape = np.shape(images)
    if shape[1:] != (1, 28, 28):
        raise ValueError(f"images: expected shape (N, 1, 28, 28), got {tuple(shape)}")
    tiles = np.zeros((-(-len(images) // columns) * columns, 28, 28), dtype=np.float32)
    tiles[: len(images)] = as_array(images)[:, 0]
    return tiles.reshape(-1, columns, 28, 28).swapaxes(1, 2).reshape(-1, columns * 28)


def as_array(values: Any) -> np.ndarray:
    """A tensor, also one on a GPU or with gradients, or anything array-like, as a NumPy array."""
    if not hasattr(values, "detach"):
        return np.asarray(values)
    values = values.detach().cpu()
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()  # NumPy has no bfloat16
