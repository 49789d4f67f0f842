"""From image to image through the latent spaces of models, in a straight line and along a great circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import ipywidgets
import torch
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from torch import Tensor, nn

from .. import plots
from .._validation import check_digits, check_images
from ..latent import LatentPCA, decode, encode_mean, interpolate, step_sizes
from .film import FRAMES, Film
from .panel import Panel, blank, slider, subplot_mosaic

STEPS = 101  # places along a path, for alpha = 0, 0.01, ..., 1
KINDS = ("straight", "great circle")
COLOURS, STYLES = (plots.BLUE, plots.ORANGE), ("-", "--")  # of the two kinds


class Path(NamedTuple):
    """A path from one code to another, and what lies on it."""

    codes: Tensor  # (101, latent_dim)
    points: Tensor  # (101, 2), the same on the map
    film: Tensor  # (11, 1, 28, 28), decoded at every tenth code
    step_sizes: Tensor  # (10,), how far the picture moves from frame to frame, in pixels


class PathPanel(Panel):
    """From one image to another through the latent spaces of models, straight and along a great circle.

    models: {"name": model, ...}, one or two. images (N, 1, 28, 28) in [0, 1], labels (N,), of two digits or more.
    first_digit and first_number, second_digit and second_number choose the ends; `random` is a button that draws
    two. alpha: the slider, 0 at the first image, 1 at the second. The maps show the paths in the plane of the
    two latents, or of the first two principal components if there are more.

    What it shows, by (name, kind), where a kind is "straight" or "great circle": `paths`, a Path each. Axes:
    "{name} map", "{name} steps", "{name} {kind} film" and "{name} {kind} image", that at alpha.

    Raises ValueError for images of another shape or outside [0, 1], labels that do not fit, or another number of
    models.
    """

    def __init__(self, models: Mapping[str, nn.Module], images: Tensor, labels: Tensor | Sequence[int]):
        check_images(images)
        check_digits(labels, len(images))
        labels = torch.as_tensor(labels)
        self._of_digit = {digit: (labels == digit).nonzero().flatten().tolist() for digit in labels.unique().tolist()}
        if len(models) not in (1, 2):
            raise ValueError(f"models: expected one or two, got {len(models)}")
        if len(self._of_digit) < 2:
            raise ValueError(f"labels: expected two digits or more, got only {list(self._of_digit)}")
        self.models, self.images = models, images
        self._codes = {name: encode_mean(model, images) for name, model in models.items()}
        self._to_plane = {name: _plane_of(codes) for name, codes in self._codes.items()}
        self._generator = torch.Generator().manual_seed(0)
        boxes = self._create_controls(min(self._of_digit), max(self._of_digit))
        self._current_ends = None
        figure = self._draw_static(labels)
        artists = self._artists.values()
        animated = [artist for path in artists for artist in (path.dot, path.film.mark, path.image)]
        slow = [artist for path in artists for artist in (path.line, path.film.strip, path.steps)]
        choices = [self.first_digit, self.first_number, self.second_digit, self.second_number]
        super().__init__(figure, animated, [*choices, self.alpha], boxes, slow)

    def ends(self) -> list[int]:
        """The indices of the two chosen images."""
        choices = [(self.first_digit, self.first_number), (self.second_digit, self.second_number)]
        return [self._of_digit[digit.value][number.value] for digit, number in choices]

    def update(self) -> str:
        """Show the place on each path at the slider's alpha; other paths for other images."""
        if self.ends() != self._current_ends:
            self._compute_paths(*self.ends())
            self._current_ends = self.ends()
        place = round((STEPS - 1) * self.alpha.value)
        for (name, kind), path in self.paths.items():
            artists = self._artists[name, kind]
            artists.dot.set_data(*path.points[place : place + 1].T)
            artists.image.set_data(decode(self.models[name], path.codes[place : place + 1])[0, 0].numpy())
            artists.film.point_at(self.alpha.value)
        return self._summary()

    def _compute_paths(self, first, second):
        """Compute and draw all paths between two images; none if there is one that cannot be."""
        self.paths = {
            (name, kind): compute_path(model, *self._codes[name][[first, second]], kind, self._to_plane[name])
            for name, model in self.models.items()
            for kind in KINDS
        }
        for key, path in self.paths.items():
            artists = self._artists[key]
            artists.line.set_data(*path.points.T)
            artists.film.show(path.film)
            artists.steps.set_data(range(1, FRAMES), path.step_sizes)
        self.redraw_background()

    def _summary(self):
        lines = {name: [] for name in self.models}
        for (name, kind), path in self.paths.items():
            total, largest = path.step_sizes.sum(), path.step_sizes.max()
            lines[name].append(f"{kind} {total:.1f} pixels long, its largest step {largest:.1f}")
        return "<br>".join(f"{name}: {', '.join(parts)}" for name, parts in lines.items())

    def _choose_at_random(self, button):
        digits = list(self._of_digit)
        first, second = torch.randperm(len(digits), generator=self._generator)[:2].tolist()
        numbers = torch.randint(self.first_number.max + 1, (2,), generator=self._generator).tolist()
        choices = [self.first_digit, self.second_digit, self.first_number, self.second_number]
        self.set_values(dict(zip(choices, [digits[first], digits[second], *numbers], strict=True)))

    def _create_controls(self, first, second):
        """Create the widgets that choose the ends, beginning with these digits, and alpha; return them in boxes."""
        self.first_digit, self.first_number = self._create_choice("from", first)
        self.second_digit, self.second_number = self._create_choice("to", second)
        self.random = ipywidgets.Button(description="random", layout=ipywidgets.Layout(width="6em"))
        self.random.on_click(self._choose_at_random)
        self.alpha = slider("α", 0.5, 0.0, 1.0, step=0.01)
        first_row = ipywidgets.HBox([self.first_digit, self.first_number])
        return [first_row, ipywidgets.HBox([self.second_digit, self.second_number, self.random]), self.alpha]

    def _create_choice(self, description, digit):
        """The widgets that choose an image: a digit, and which of its images."""
        last = min(map(len, self._of_digit.values())) - 1
        choice = ipywidgets.Dropdown(options=list(self._of_digit), value=digit, description=description)
        number = ipywidgets.IntSlider(0, 0, last, description="number", tooltip=f"{description}: number")
        choice.layout.width, number.layout.width = "11em", "22em"
        return choice, number

    def _draw_static(self, labels):
        """Make the figure, and for each path the artists that follow the controls."""
        alt = (
            f"For each of {' and '.join(self.models)}: a map of codes with two paths from one to another, the films "
            "along both, the images at the slider's place, and the size of each step in pixels."
        )
        places = [
            [f"{name} map", f"{name} {kind} film", f"{name} {kind} image", f"{name} steps"]
            for name in self.models
            for kind in KINDS
        ]
        figure, axes = subplot_mosaic(alt, places, size=(11, 1.5 * len(places)), width_ratios=[2.9, 8, 1.3, 2.2])
        self._artists = {}
        for name, codes in self._codes.items():
            own = {label.removeprefix(f"{name} "): ax for label, ax in axes.items() if label.startswith(f"{name} ")}
            _draw_map(own["map"], name, self._to_plane[name](codes), labels)
            own["steps"].set(xlabel="step", ylabel="pixels", xlim=(0.5, FRAMES - 0.5), ylim=(0, 10), xticks=[1, 5, 10])
            own["steps"].set_title("each step")
            own["straight film"].set_title("the film")
            own["straight image"].set_title("at α")
            self._artists |= {(name, kind): _create_artists(own, kind) for kind in KINDS}
        return figure


def compute_path(model: nn.Module, start: Tensor, end: Tensor, kind: str, to_plane: Callable[[Tensor], Tensor]) -> Path:
    """The path from one code to another, both (latent_dim,); to_plane: (N, latent_dim) => (N, 2) on the map.

    Raises ValueError where no one great circle joins the codes.
    """
    codes = interpolate(start, end, STEPS, spherical=kind == "great circle")
    film = decode(model, codes[:: (STEPS - 1) // (FRAMES - 1)])
    return Path(codes, to_plane(codes), film, step_sizes(film))


class _PathArtists(NamedTuple):
    """The artists that show one path."""

    line: Line2D
    dot: Line2D
    film: Film
    image: AxesImage
    steps: Line2D


def _create_artists(axes: dict[str, Axes], kind: str) -> _PathArtists:
    colour, style = COLOURS[KINDS.index(kind)], STYLES[KINDS.index(kind)]
    axes[f"{kind} film"].set_ylabel(kind.replace(" ", "\n"), color=colour)
    outline = [withStroke(linewidth=6, foreground="white")]
    return _PathArtists(
        line=axes["map"].plot([], [], style, color=colour, path_effects=outline)[0],
        dot=axes["map"].plot([], [], "o", color=colour, mec="white", ms=9)[0],
        film=Film(axes[f"{kind} film"], colour, height=30),
        image=blank(axes[f"{kind} image"]),
        steps=axes["steps"].plot([], [], style, marker="o", ms=4, color=colour)[0],
    )


def _draw_map(ax, name, points, labels):
    """Codes as points of the plane, the outermost left out."""
    plots.latent_scatter(points, labels, ax, most=400)
    low, high = points.quantile(0.02, dim=0), points.quantile(0.98, dim=0)
    xlim, ylim = torch.stack([1.2 * low - 0.2 * high, 1.2 * high - 0.2 * low]).T.tolist()
    ax.set(title=name, xlabel="", ylabel="", xticks=[], yticks=[], xlim=xlim, ylim=ylim)


def _plane_of(codes):
    """The function that maps codes to points: their first two principal components, or themselves if two latents."""
    if codes.shape[1] == 2:
        return lambda codes: codes
    pca = LatentPCA().fit(codes)
    return lambda codes: pca.transform(codes)[:, :2]
