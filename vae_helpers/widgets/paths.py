"""From image to image through the latent spaces of models, in a straight line and along a great circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_digits, check_images, check_named
from ..latent import LatentPCA, decode, encode_mean, interpolate, step_sizes
from .decoder import dots
from .network import PageDecoder
from .panel import slider, subplot_mosaic
from .stage import PagePanel

MOST = 300  # images drawn on the maps
FRAMES = 11  # of a film
KINDS = {"straight": (plots.BLUE, "-"), "great circle": (plots.ORANGE, "--")}


class Path(NamedTuple):
    """A path from one code to another, and what lies on it."""

    codes: Tensor  # (11, latent_dim)
    points: Tensor  # (11, 2), the same on the map
    film: Tensor  # (11, 1, 28, 28), decoded
    step_sizes: Tensor  # (10,), how far the picture moves from frame to frame, in pixels


class _Map(NamedTuple):
    """The codes of one model's images, and the plane that its map shows: points = (codes - centre) @ axes.T."""

    codes: Tensor  # (N, latent_dim)
    centre: Tensor  # (latent_dim,)
    axes: Tensor  # (2, latent_dim)

    def place(self, codes: Tensor) -> Tensor:
        """Where codes (N, latent_dim) lie on the map: (N, 2)."""
        return (codes - self.centre) @ self.axes.T

    def limits(self) -> tuple[list[float], list[float]]:
        """What the map shows of either axis, low and high: the outermost codes are left out."""
        points = self.place(self.codes)
        low, high = points.quantile(0.02, dim=0), points.quantile(0.98, dim=0)
        return tuple(torch.stack([1.2 * low - 0.2 * high, 1.2 * high - 0.2 * low]).T.tolist())


class PathPanel(PagePanel):
    """From one image to another through the latent spaces of models, straight and along a great circle.

    models: {"name": model, ...}, one or two. images (N, 1, 28, 28) in [0, 1], labels (N,): the dots on the maps, the
    first 300 of them. first, second: the sliders that choose the ends among them; or drag the rings of a map from dot
    to dot. alpha: 0 at the first image, 1 at the second. The maps show the plane of the two latents, or of the first
    two principal components if there are more. The panel shows the models as they were when it was made.

    What it shows, by (name, kind), where a kind is "straight" or "great circle": `paths`, a Path each.

    Raises ValueError for images of another shape or outside [0, 1], labels that do not fit, or another number of
    models; reading `paths`, where the ends lie opposite to each other, so that no one great circle joins them.
    """

    def __init__(self, models: Mapping[str, nn.Module], images: Tensor, labels: Tensor | Sequence[int]):
        check_images(images)
        check_digits(labels, len(images))
        check_named("models", models, "models by name")
        if len(models) > 2:
            raise ValueError(f"models: expected one or two, got {len(models)}")
        if len(images) < 2:
            raise ValueError(f"images: expected two or more, got {len(images)}")
        self.models, self.images, self.labels = models, images[:MOST], torch.as_tensor(labels)[:MOST]
        self._maps = {name: _map_of(encode_mean(model, images)) for name, model in models.items()}
        self._maps = {name: one._replace(codes=one.codes[:MOST]) for name, one in self._maps.items()}
        last = len(self.images) - 1
        self.first, self.second = (
            ipywidgets.IntSlider(end, 0, last, description=name, layout=ipywidgets.Layout(width="26em"))
            for name, end in [("from", self.labels.argmin().item()), ("to", self.labels.argmax().item())]
        )
        self.alpha = slider("α", 0.5, 0.0, 1.0, step=0.01)
        controls = {"first": self.first, "second": self.second, "alpha": self.alpha}
        decoders = {name: PageDecoder.of(model) for name, model in models.items()}
        data = {"maps": [self._for_the_page(name) for name in models]}
        super().__init__(["paths.js"], controls, data, decoders=decoders)

    @property
    def paths(self) -> dict[tuple[str, str], Path]:
        """The paths between the chosen images, by the model's name and the kind."""
        return {(name, kind): self._path(name, kind) for name in self.models for kind in KINDS}

    def _path(self, name, kind):
        ends = self._maps[name].codes[[self.first.value, self.second.value]]
        codes = interpolate(*ends, FRAMES, spherical=kind == "great circle")
        film = decode(self.models[name], codes)
        return Path(codes, self._maps[name].place(codes), film, step_sizes(film))

    def _for_the_page(self, name):
        own = self._maps[name]
        x, y = own.limits()
        numbers = {"codes": own.codes, "centre": own.centre, "axes": own.axes}
        packed = {key: value.cpu().numpy().astype("<f4").tobytes() for key, value in numbers.items()}
        return {"name": name, "x": x, "y": y, **packed, **dots(own.place(own.codes), self.labels)}

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = (
            f"For each of {' and '.join(self.models)}: a map of codes with two paths from one to another, the films "
            "along both, and the size of each step in pixels."
        )
        places = [[f"{name} map", f"{name} {kind}", f"{name} steps"] for name in self.models for kind in KINDS]
        figure, axes = subplot_mosaic(alt, places, size=(11, 1.5 * len(places)), width_ratios=[2.9, 8, 2.2])
        for name, own in self._maps.items():
            ax, steps = axes[f"{name} map"], axes[f"{name} steps"]
            plots.latent_scatter(own.place(own.codes), self.labels, ax)
            x, y = own.limits()
            ax.set(title=name, xlabel="", ylabel="", xticks=[], yticks=[], xlim=x, ylim=y)
            steps.set(xlabel="step", ylabel="pixels", ylim=(0, 14), xticks=[1, 5, 10], title="each step")
        for (name, kind), path in self.paths.items():
            colour, style = KINDS[kind]
            axes[f"{name} map"].plot(*path.points.T, style, color=colour)
            axes[f"{name} steps"].plot(range(1, FRAMES), path.step_sizes, style, color=colour)
            plots.show_image(axes[f"{name} {kind}"], plots.mosaic(path.film, FRAMES))
            axes[f"{name} {kind}"].set_ylabel(kind.replace(" ", "\n"), color=colour)
        return figure


def _map_of(codes):
    """The plane of the first two principal components of codes (N, latent_dim), or of the latents if there are two."""
    if codes.shape[1] == 2:
        return _Map(codes, torch.zeros(2), torch.eye(2))
    pca = LatentPCA().fit(codes)
    return _Map(codes, pca.mean_, pca.components_[:2])
