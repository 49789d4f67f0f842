"""The latent map: touch a place in latent space and see at once what lives there.

Python works out the plane, the codes and an atlas of decoded images, once; `latent_map.js` draws them in the page and
follows the pointer there, so that the picture moves with the hand, and goes on doing so where no kernel runs.
"""

import base64
import errno
import html
import json
import tempfile
from pathlib import Path

import anywidget
import torch
import traitlets

from . import plots
from ._checks import check_images, check_labels
from .latent import Atlas, LatentPCA, count_near, plane_grid, posterior_means
from .page import png, script

MOST_IMAGES = 10_000
MOST_EXPORTED = 2_000  # so that a page stays below 1.5 MB


class LatentMap(anywidget.AnyWidget):
    """A map of the codes of images, over the plane of their first two principal components, to point at.

    model: a VAE or an Autoencoder with two latents or more; two need no components, and are the plane themselves.
    images (N, 1, 28, 28) in [0, 1], labels (N,) digits from 0 to 9: the dots, up to 10,000. pca: a LatentPCA
    whose plane to show; by default that of these images' own codes.

    Drag the ring, or move it with the arrow keys: beside the map stands what the decoder makes of that place of the
    plane. Click a dot: its image and its reconstruction, decoded from the whole code. Grey is where no code is near.

    Traits that a cell can read, set and observe: `x`, `y`, the ring's place in the plane; `latent`, that place as a
    code, a list of latent_dim numbers (follows x and y); `selected`, the index of the chosen image, or None;
    `hidden`, the digits that are not drawn; `glyphs`, whether dots are drawn as digits; `hover`, whether the ring
    follows the pointer without a button.

    A map shows the model as it was when the map was made. Raises ValueError for images of another shape or
    outside [0, 1], more than 10,000 of them, labels that do not fit, or a model with one latent.
    """

    _esm = script("latent_map.js")

    x = traitlets.Float(0.0).tag(sync=True)
    y = traitlets.Float(0.0).tag(sync=True)
    latent = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    glyphs = traitlets.Bool(False).tag(sync=True)
    hover = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    # for the page: little-endian arrays, and pictures as PNG
    _codes = traitlets.Bytes().tag(sync=True)  # float32 (N, 2)
    _labels = traitlets.Bytes().tag(sync=True)  # uint8 (N,)
    _near = traitlets.Bytes().tag(sync=True)  # uint16, how many codes are near each place of a grid
    _atlas = traitlets.Bytes().tag(sync=True)  # what a grid of places decodes to
    _images = traitlets.Bytes().tag(sync=True)
    _reconstructions = traitlets.Bytes().tag(sync=True)
    _steps = traitlets.Int().tag(sync=True)
    _centre = traitlets.List(traitlets.Float()).tag(sync=True)
    _half = traitlets.Float().tag(sync=True)
    _radius = traitlets.Float().tag(sync=True)
    _axes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _colours = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, model, images, labels, pca=None):
        check_images(images)
        labels = torch.as_tensor(labels)
        check_labels(labels, len(images))
        if len(images) > MOST_IMAGES:
            raise ValueError(
                f"a LatentMap shows at most {MOST_IMAGES:,} images, got {len(images):,}: pass some of them"
            )
        if not torch.isin(labels, torch.arange(10)).all():
            raise ValueError(f"labels must be digits from 0 to 9, got {sorted(set(labels.tolist()))[:20]}")
        if model.latent_dim < 2:
            raise ValueError(f"a LatentMap needs a model with two latents or more, got latent_dim {model.latent_dim}")
        self.model, self.images, self.labels = model, images, labels
        self.codes = posterior_means(model, images)
        two = model.latent_dim == 2
        self.pca = pca if two or pca is not None else LatentPCA(self.codes)
        points = self.codes if two else self.pca.transform(self.codes)[:, :2]
        low, high = points.quantile(0.005, dim=0), points.quantile(0.995, dim=0)
        centre, half = (low + high) / 2, 0.55 * (high - low).max().item()  # equal units on both axes, and some air
        self.atlas = Atlas(self._decode, centre, half, steps=41 if two else 25)  # two latents hold more on less room
        grid = plane_grid(*(torch.linspace(float(c) - half, float(c) + half, 61) for c in centre))
        super().__init__(
            x=float(centre[0]),
            y=float(centre[1]),
            _codes=points.numpy().astype("<f4").tobytes(),
            _labels=labels.numpy().astype("u1").tobytes(),
            _near=count_near(grid, points, half / 12).numpy().astype("<u2").tobytes(),
            _atlas=png(self.atlas.images, columns=self.atlas.steps),
            _images=png(images, columns=50, greys=16),
            _reconstructions=png(self._decode_codes(self.codes), columns=50, greys=16),
            _steps=self.atlas.steps,
            _centre=centre.tolist(),
            _half=half,
            _radius=half / 12,
            _axes=["latent z₁", "latent z₂"] if two else [self._component(0), self._component(1)],
            _colours=list(plots.DIGIT_COLOURS),
        )
        self._points = points
        self._on_move()

    def _component(self, k):
        return f"principal component {k + 1} ({self.pca.explained_variance_ratio[k]:.0%} of the variance)"

    def to_latent(self, points):
        """Places of the plane => codes: (N, 2) => (N, latent_dim)."""
        return points if self.model.latent_dim == 2 else self.pca.inverse(points)

    def _decode(self, points):
        return self._decode_codes(self.to_latent(points))

    @torch.no_grad()
    def _decode_codes(self, codes):
        weights = next(self.model.parameters())
        return torch.cat([self.model.decode(part.to(weights)).cpu() for part in codes.split(1000)])

    @traitlets.observe("x", "y")
    def _on_move(self, change=None):
        try:
            self.set_trait("latent", self.to_latent(torch.tensor([[self.x, self.y]]))[0].tolist())
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
            raise
        self.error = ""

    @traitlets.validate("selected")
    def _check_selected(self, proposal):
        if proposal.value is not None and not 0 <= proposal.value < len(self.images):
            raise traitlets.TraitError(
                f"selected must be None or from 0 to {len(self.images) - 1}, got {proposal.value}"
            )
        return proposal.value

    def still(self):
        """The map as it stands, as a Figure: what a page shows that cannot draw the map itself."""
        alt = (
            f"A map of the codes of {len(self.images)} images, each drawn as its digit, over {self._axes[0]} and "
            f"{self._axes[1]}, with a ring at ({self.x:.2f}, {self.y:.2f}), and the image decoded there."
        )
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 6), width_ratios=[1.6, 1])
        plots.latent_scatter(self._points, self.labels, left, most=1500)
        edges = [(c - self._half, c + self._half) for c in self._centre]
        left.set(xlim=edges[0], ylim=edges[1], xlabel=self._axes[0], ylabel=self._axes[1], aspect="equal")
        left.plot(self.x, self.y, "o", ms=21, mfc="none", mec="white", mew=6)
        left.plot(self.x, self.y, "o", ms=21, mfc="none", mec="black", mew=2.5)
        plots.show_image(right, self._decode(torch.tensor([[self.x, self.y]])))
        right.set_title("decoded at the ring")
        return figure

    def __repr__(self):
        return f"A latent map of {len(self.images)} images. Run this notebook to move its ring."

    def _repr_mimebundle_(self, **kwargs):
        """The live map, and for pages that cannot show it a still figure."""
        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        still, its_metadata = self.still()._repr_mimebundle_()
        return {**bundle, "image/png": still["image/png"]}, {**metadata, **its_metadata}


def export_html(latent_map, path, title="A map of latent space"):
    """Write a LatentMap as one page that needs neither a kernel nor a network nor any other file; return its path.

    The ring, the legend and the dots work there as in the notebook. A page holds the first 2,000 images of the map and
    stays below 1.5 MB. In a folder that cannot be written to, as a course's on a server often is, the page goes to a
    temporary one instead, and a line says where. Raises ValueError for anything but a LatentMap.
    """
    if not isinstance(latent_map, LatentMap):
        raise ValueError(f"a LatentMap is wanted, got a {type(latent_map).__name__}")
    page = latent_map
    if len(page.images) > MOST_EXPORTED:
        page = LatentMap(page.model, page.images[:MOST_EXPORTED], page.labels[:MOST_EXPORTED], page.pca)
        page.set_trait("x", latent_map.x)
        page.set_trait("y", latent_map.y)
    names = [name for name in page.traits(sync=True) if name in LatentMap.class_own_traits()]
    state = {name: getattr(page, name) for name in names}
    texts = {name: base64.b64encode(value).decode() for name, value in state.items() if isinstance(value, bytes)}
    values = json.dumps(state | texts).replace("<", "\\u003c")
    parts = {"TITLE": html.escape(title), "SOURCE": script("latent_map.js"), "STATE": values}
    parts["BYTES"] = json.dumps(list(texts))
    text = PAGE
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    path = Path(path)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        path = Path(tempfile.mkdtemp()) / path.name
        path.write_text(text, encoding="utf-8")
        print(f"This folder cannot be written to ({error.strerror}). The page is {path}")
    return path


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@</title>
<body style="margin: 1em; background: white; color: #1a1a1a; font: 16px/1.4 system-ui, sans-serif">
<main>
<h1 style="font-size: 1.3em; margin: 0 0.3em">@TITLE@</h1>
<p style="margin: 0.3em 0.4em">Drag the ring, or move it with the arrow keys: beside the map stands what the decoder
makes of that place. Click a dot to see its image and its reconstruction. Grey is where no image lies near.</p>
<div id="map"></div>
</main>
<script type="module">
@SOURCE@
const state = @STATE@;
for (const name of @BYTES@) state[name] = Uint8Array.from(atob(state[name]), (c) => c.charCodeAt(0)).buffer;
const listeners = {};
const model = {
  get: (name) => state[name],
  set(name, value) {
    state[name] = value;
    for (const listener of listeners[`change:${name}`] ?? []) listener();
  },
  save_changes() {},
  on: (event, listener) => (listeners[event] ??= []).push(listener),
  off() {},
};
await render({ model, el: document.getElementById("map") });
</script>
</html>
"""
