"""The latent map: touch a place in latent space and see at once what lives there.

Python computes the plane and the codes, once. `latent_map.js` draws them in the page, follows the pointer and decodes
there, so that the picture moves with the hand, with a kernel or without.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import torch
import traitlets
from torch import Tensor, nn

from .. import plots
from .._validation import check_digits, check_images, check_model
from ..latent import LatentPCA, count_neighbors, decode, encode_mean, plane_grid
from .frontend import image_sheet, load_css, load_esm
from .network import PageDecoder
from .page import save_page
from .panel import VIEW

MOST_IMAGES = 10_000
MOST_SAVED = 2_000  # so that a page stays below 1.5 MB
HELP = (
    "Drag the ring, or move it with the arrow keys: the decoded image is shown next to the map. Click a dot to see its "
    "image and its reconstruction. Grey areas have no images nearby."
)


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
    follows the pointer without a button; `background`, whether decoded images are drawn under the dots.

    What it shows: `codes` (N, latent_dim) and `points` (N, 2), where they are on the plane; the square around
    `centre`, `half` of its side; `radius` of the ring; `axis_names`. It opens on a clear digit.

    A map shows the model as it was when the map was made. Raises ValueError for images of another shape or
    outside [0, 1], more than 10,000 of them, labels that do not fit, or a model with one latent.
    """

    _esm = load_esm("stage.js", "network.js", "latent_map_drawing.js", "latent_map.js")
    _css = load_css("latent_map.css")

    x = traitlets.Float(0.0).tag(sync=True)
    y = traitlets.Float(0.0).tag(sync=True)
    latent = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    glyphs = traitlets.Bool(True).tag(sync=True)
    hover = traitlets.Bool(False).tag(sync=True)
    background = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    # for the page: little-endian arrays, and images as PNG
    dots = traitlets.Bytes().tag(sync=True)  # float32 (N, 2), the points
    digits = traitlets.Bytes().tag(sync=True)  # uint8 (N,), the labels
    near = traitlets.Bytes().tag(sync=True)  # uint16, how many codes are near each place of a grid
    images_png = traitlets.Bytes().tag(sync=True)
    whole_codes = traitlets.Bytes().tag(sync=True)  # float32 (N, latent_dim)
    plane = traitlets.List().tag(sync=True)  # the codes of its origin, and of one unit along x and along y from there
    decoder = anywidget.WidgetTrait().tag(sync=True)
    centre = traitlets.List(traitlets.Float()).tag(sync=True)
    half = traitlets.Float().tag(sync=True)
    radius = traitlets.Float().tag(sync=True)
    axis_names = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, model: nn.Module, images: Tensor, labels: Tensor | Sequence[int], pca: LatentPCA | None = None):
        labels = _checked_labels(model, images, labels)
        self.model, self.images, self.labels = model, images, labels
        self.codes = encode_mean(model, images)
        two = model.latent_dim == 2
        self.pca = pca if two or pca is not None else LatentPCA().fit(self.codes)
        self.points = self.codes if two else self.pca.transform(self.codes)[:, :2]
        low, high = self.points.quantile(0.005, dim=0), self.points.quantile(0.995, dim=0)
        centre, half = (low + high) / 2, 0.55 * (high - low).max().item()  # equal units on both axes, and some air
        origin, right, up = self.to_latent(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        start = self._clearest(centre, half)
        super().__init__(
            x=float(start[0]),
            y=float(start[1]),
            centre=centre.tolist(),
            half=half,
            radius=half / 12,
            axis_names=["latent z₁", "latent z₂"] if two else [self._component(0), self._component(1)],
            dots=self.points.numpy().astype("<f4").tobytes(),
            digits=labels.numpy().astype("u1").tobytes(),
            near=self._count_near(centre, half).numpy().astype("<u2").tobytes(),
            images_png=image_sheet(images, columns=50, greys=16),
            whole_codes=self.codes.numpy().astype("<f4").tobytes(),
            plane=[origin.tolist(), (right - origin).tolist(), (up - origin).tolist()],
            decoder=PageDecoder.of(model),
        )
        self._follow_ring()

    def to_latent(self, points: Tensor) -> Tensor:
        """Places of the plane => codes: (N, 2) => (N, latent_dim)."""
        return points if self.model.latent_dim == 2 else self.pca.inverse_transform(points)

    def snapshot(self) -> plots.Plot:
        """The map as a static Figure, for pages that cannot run the widget."""
        place = f"({self.x:.2f}, {self.y:.2f})".replace("-", "−")
        alt = (
            f"A map of the codes of {len(self.images)} images, each drawn as its digit, over {self.axis_names[0]} and "
            f"{self.axis_names[1]}, with a ring at {place}, and the image decoded there."
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
        return save_page(path, title, HELP, saved, [saved.decoder])

    def _component(self, k):
        return f"principal component {k + 1} ({self.pca.explained_variance_ratio_[k]:.0%} of the variance)"

    def _decode_points(self, points):
        return decode(self.model, self.to_latent(points))

    def _clearest(self, centre, half):
        """Of the points among many others, the one that decodes to the clearest digit: with little grey for its ink,
        among codes of one digit."""
        near, alike = count_neighbors(self.points, self.points, half / 12), torch.zeros(len(self.points))
        for digit in self.labels.unique():
            own = self.labels == digit
            alike[own] = count_neighbors(self.points[own], self.points[own], half / 12) / near[own]
        inside = ((self.points - centre).abs() < 0.9 * half).all(1)
        chosen = ((near >= min(5, len(self.points))) & inside).nonzero().flatten()[:500]
        if not len(chosen):
            return centre
        images = self._decode_points(self.points[chosen]).flatten(1)
        grey = (images * (1 - images)).sum(1) / images.sum(1)
        return self.points[chosen[(grey - alike[chosen]).argmin()]]

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
        if not self.decoder.layers:
            its_metadata = {**its_metadata, VIEW: {"needs_kernel": True}}
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
