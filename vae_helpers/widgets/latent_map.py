"""The latent map: touch a place in latent space and see at once what lives there.

Python computes the plane, the codes and an atlas of decoded images, once. `latent_map.js` draws them in the page and
follows the pointer there, so that the picture moves with the hand, with a kernel or without.
"""

from __future__ import annotations

import base64
import errno
import html
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import anywidget
import torch
import traitlets
from torch import Tensor, nn

from .. import plots
from .._validation import check_digits, check_images, check_model
from ..latent import LatentPCA, count_neighbors, decode, encode_mean, plane_grid
from .atlas import Atlas
from .frontend import image_sheet, load, load_esm

MOST_IMAGES = 10_000
MOST_SAVED = 2_000  # so that a page stays below 1.5 MB


class LatentMap(anywidget.AnyWidget):
    """A map of the codes of images, over the plane of their first two principal components, to point at.

    model: any model with two latents or more; two need no components, and are the plane themselves.
    images (N, 1, 28, 28) in [0, 1], labels (N,) digits from 0 to 9: the dots, up to 10,000. pca: a fitted LatentPCA
    whose plane to show; by default that of these images' own codes.

    Drag the ring, or move it with the arrow keys: next to the map is the image decoded at that place of the plane.
    Click a dot: its image and its reconstruction, decoded from the whole code. Grey areas have no code nearby.

    Traits that a cell can read, set and observe: `x`, `y`, the ring's place in the plane; `latent`, that place as a
    code, a list of latent_dim numbers (follows x and y); `selected`, the index of the chosen image, or None;
    `hidden`, the digits that are not drawn; `glyphs`, whether dots are drawn as digits; `hover`, whether the ring
    follows the pointer without a button.

    What it shows: `codes` (N, latent_dim) and `points` (N, 2), where they are on the plane; the square around
    `centre`, `half` of its side; `radius` of the ring; `axis_names`; `atlas`, an Atlas of the square.

    A map shows the model as it was when the map was made. Raises ValueError for images of another shape or
    outside [0, 1], more than 10,000 of them, labels that do not fit, or a model with one latent.
    """

    _esm = load_esm("latent_map_drawing.js", "latent_map.js")
    _css = load("latent_map.css")

    x = traitlets.Float(0.0).tag(sync=True)
    y = traitlets.Float(0.0).tag(sync=True)
    latent = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    glyphs = traitlets.Bool(False).tag(sync=True)
    hover = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    # for the page: little-endian arrays, and images as PNG
    dots = traitlets.Bytes().tag(sync=True)  # float32 (N, 2), the points
    digits = traitlets.Bytes().tag(sync=True)  # uint8 (N,), the labels
    near = traitlets.Bytes().tag(sync=True)  # uint16, how many codes are near each place of a grid
    atlas_png = traitlets.Bytes().tag(sync=True)
    atlas_steps = traitlets.Int().tag(sync=True)
    images_png = traitlets.Bytes().tag(sync=True)
    reconstructions_png = traitlets.Bytes().tag(sync=True)
    centre = traitlets.List(traitlets.Float()).tag(sync=True)
    half = traitlets.Float().tag(sync=True)
    radius = traitlets.Float().tag(sync=True)
    axis_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    colours = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, model: nn.Module, images: Tensor, labels: Tensor | Sequence[int], pca: LatentPCA | None = None):
        labels = _checked_labels(model, images, labels)
        self.model, self.images, self.labels = model, images, labels
        self.codes = encode_mean(model, images)
        two = model.latent_dim == 2
        self.pca = pca if two or pca is not None else LatentPCA().fit(self.codes)
        self.points = self.codes if two else self.pca.transform(self.codes)[:, :2]
        low, high = self.points.quantile(0.005, dim=0), self.points.quantile(0.995, dim=0)
        centre, half = (low + high) / 2, 0.55 * (high - low).max().item()  # equal units on both axes, and some air
        self.atlas = Atlas(self._decode_points, centre, half, steps=41 if two else 25)  # two latents vary faster
        super().__init__(
            x=float(centre[0]),
            y=float(centre[1]),
            centre=centre.tolist(),
            half=half,
            radius=half / 12,
            axis_names=["latent z₁", "latent z₂"] if two else [self._component(0), self._component(1)],
            colours=list(plots.DIGIT_COLOURS),
            dots=self.points.numpy().astype("<f4").tobytes(),
            digits=labels.numpy().astype("u1").tobytes(),
            near=self._count_near(centre, half).numpy().astype("<u2").tobytes(),
            atlas_png=image_sheet(self.atlas.images, columns=self.atlas.steps),
            atlas_steps=self.atlas.steps,
            images_png=image_sheet(images, columns=50, greys=16),
            reconstructions_png=image_sheet(decode(model, self.codes), columns=50, greys=16),
        )
        self._follow_ring()

    def to_latent(self, points: Tensor) -> Tensor:
        """Places of the plane => codes: (N, 2) => (N, latent_dim)."""
        return points if self.model.latent_dim == 2 else self.pca.inverse_transform(points)

    def snapshot(self) -> plots.Plot:
        """The map as a static Figure, for pages that cannot run the widget."""
        alt = (
            f"A map of the codes of {len(self.images)} images, each drawn as its digit, over {self.axis_names[0]} and "
            f"{self.axis_names[1]}, with a ring at ({self.x:.2f}, {self.y:.2f}), and the image decoded there."
        )
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 6), width_ratios=[1.6, 1])
        plots.latent_scatter(self.points, self.labels, left, most=1500)
        edges = [(c - self.half, c + self.half) for c in self.centre]
        left.set(xlim=edges[0], ylim=edges[1], xlabel=self.axis_names[0], ylabel=self.axis_names[1], aspect="equal")
        left.plot(self.x, self.y, "o", ms=21, mfc="none", mec="white", mew=6)
        left.plot(self.x, self.y, "o", ms=21, mfc="none", mec="black", mew=2.5)
        plots.show_image(right, self._decode_points(torch.tensor([[self.x, self.y]])))
        right.set_title("decoded at the ring")
        return figure

    def save(self, path: str | Path, title: str = "A map of latent space") -> Path:
        """Save the map as one page that needs neither a kernel nor a network nor any other file; return its path.

        The ring, the legend and the dots work there as in the notebook. A page holds the first 2,000 images of the map
        and stays below 1.5 MB. In a folder that cannot be written to, as a course's on a server often is, the page goes
        to a temporary one instead, and a line says where.
        """
        saved = self
        if len(self.images) > MOST_SAVED:
            saved = LatentMap(self.model, self.images[:MOST_SAVED], self.labels[:MOST_SAVED], self.pca)
            saved.x, saved.y = self.x, self.y
        state = {name: getattr(saved, name) for name in LatentMap.class_own_traits(sync=True)}
        binary = {name: base64.b64encode(value).decode() for name, value in state.items() if isinstance(value, bytes)}
        parts = {
            "TITLE": html.escape(title),
            "STYLE": LatentMap._css,
            "SOURCE": LatentMap._esm,
            "STATE": json.dumps(state | binary).replace("<", "\\u003c"),
            "BINARY": json.dumps(list(binary)),
        }
        return _write(Path(path), re.sub("@([A-Z]+)@", lambda match: parts[match[1]], load("latent_map.html")))

    def _component(self, k):
        return f"principal component {k + 1} ({self.pca.explained_variance_ratio_[k]:.0%} of the variance)"

    def _decode_points(self, points):
        return decode(self.model, self.to_latent(points))

    def _count_near(self, centre, half):
        """How many codes are in a ring around each place of a grid, in reading order."""
        grid = plane_grid(*(torch.linspace(float(c) - half, float(c) + half, 61) for c in centre))
        return count_neighbors(grid, self.points, half / 12)

    @traitlets.observe("x", "y")
    def _follow_ring(self, change=None):
        try:
            self.set_trait("latent", self.to_latent(torch.tensor([[self.x, self.y]]))[0].tolist())
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
            raise
        self.error = ""

    @traitlets.validate("selected")
    def _check_selected(self, proposal):
        if proposal.value is not None and not 0 <= proposal.value < len(self.images):
            raise traitlets.TraitError(f"selected: expected None or 0 to {len(self.images) - 1}, got {proposal.value}")
        return proposal.value

    def __repr__(self):
        return f"A latent map of {len(self.images)} images. Run this notebook to move its ring."

    def _repr_mimebundle_(self, **kwargs):
        """The live map, and its snapshot."""
        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        snapshot, its_metadata = self.snapshot()._repr_mimebundle_()
        return {**bundle, "image/png": snapshot["image/png"]}, {**metadata, **its_metadata}


def _checked_labels(model, images, labels):
    """Labels as a tensor, after all input was checked."""
    check_model(model)
    check_images(images)
    check_digits(labels, len(images))
    labels = torch.as_tensor(labels)
    if len(images) > MOST_IMAGES:
        raise ValueError(f"images: expected at most {MOST_IMAGES:,}, got {len(images):,}: pass some of them")
    if model.latent_dim < 2:
        raise ValueError(f"model: expected two latents or more, got latent_dim {model.latent_dim}")
    return labels


def _write(path, page):
    """Write a page, to a temporary folder if its own cannot be written to; return where it is."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        path = Path(tempfile.mkdtemp()) / path.name
        path.write_text(page, encoding="utf-8")
        print(f"Cannot write to this folder ({error.strerror}). The page is {path}")
    return path
