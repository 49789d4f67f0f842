"""The panels of the latent space: along its principal components, along each latent, and from image to image."""

from collections.abc import Callable
from typing import NamedTuple

import ipywidgets
import numpy as np
import torch
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from . import plots
from ._checks import check_images, check_labels, check_latent
from .latent import LatentPCA, interpolate, kl_of_each_dimension, posterior_means, step_sizes, traverse
from .widgets import Panel, slider

FRAMES = 11  # of a film
VALUES = np.linspace(-3, 3, FRAMES)  # of a latent, along a film


class ComponentPanel(Panel):
    """A code, moved along the principal components, and what it decodes to.

    model: any model. pca: a LatentPCA of its codes. start: the code at which all sliders are 0, (latent_dim,); by
    default the mean of the codes. components: the sliders, one for each component, from -3 to 3 standard
    deviations of the codes along it. reset: a button that sets them to 0.

    Raises ValueError for a pca or a start of another width.
    """

    def __init__(self, model, pca, start=None):
        self.model, self.pca = model, pca
        self.start = pca.mean if start is None else start
        check_latent(self.start.unsqueeze(0), model.latent_dim)
        check_latent(pca.components, model.latent_dim)
        self.components = [_small_slider(f"{k + 1}", f"component {k + 1}") for k in range(model.latent_dim)]
        self.reset = ipywidgets.Button(description="reset", layout=ipywidgets.Layout(width="6em"))
        self.reset.on_click(self._reset)
        alt = "An image decoded from a code that sliders move along its principal components, and the code as bars."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 3.6), width_ratios=[1, 1.9])
        left.set_title("decoded")
        self._image = plots.show_image(left, np.zeros((28, 28)))
        places = np.arange(model.latent_dim) + 1
        farthest = 3 * (pca.explained_variance.sqrt().unsqueeze(1) * pca.components.abs()).amax(0)  # by one slider
        limit = 1.3 * (self.start.abs() + farthest).max().item()
        right.axhline(0, color=plots.GREY, lw=1)
        right.set(xlabel="latent", ylabel="its value", title="the code", xlim=(0.3, places[-1] + 0.7))
        right.set(ylim=(-limit, limit), xticks=places[:: max(1, len(places) // 10)])
        (self._began,) = right.plot(places, self.start, "_", color=plots.ORANGE, ms=14, mew=2.5, label="at the start")
        self._bars = right.bar(places, 0 * places, color=plots.BLUE, label="now")
        right.legend(loc="upper right", ncols=2, fontsize=11)
        grid = ipywidgets.GridBox(
            self.components, layout=ipywidgets.Layout(grid_template_columns="repeat(4, 14.5em)", max_width="100%")
        )
        super().__init__(figure, [self._image, *self._bars, self._began], self.components, [grid, self.reset])

    def move(self):
        steps = torch.tensor([component.value for component in self.components])
        code = self.start + (steps * self.pca.explained_variance.sqrt()) @ self.pca.components
        self._image.set_data(_decode(self.model, code.unsqueeze(0))[0])
        for bar, height in zip(self._bars, code.tolist(), strict=True):
            bar.set_height(height)
        moved = {k + 1: step for k, step in enumerate(steps.tolist()) if step}
        if not moved:
            return "The decoder at the start: no component is moved"
        told = "Moved along component " + ", ".join(f"{k}: {step:+.1f} σ" for k, step in moved.items())
        return told.replace("-", "−")

    def _reset(self, button):
        self.move_all(dict.fromkeys(self.components, 0.0))


class TraversalPanel(Panel):
    """The code of an image, with one latent after another set to other values, and what it decodes to.

    model: a VAE. images (N, 1, 28, 28) in [0, 1]: the first is traversed; over all of them is taken what each
    latent costs. latent: a choice of one, the costliest first. value: the slider, from -3 to 3 standard deviations
    of the prior. Raises ValueError for a plain autoencoder, and for images of another shape or outside [0, 1].
    """

    def __init__(self, model, images):
        cost = kl_of_each_dimension(model, images)
        self.model, self._code = model, posterior_means(model, images[:1])[0]
        options = [(f"z{_small(k + 1)} ({cost[k]:.2f} nats)", k) for k in cost.argsort(descending=True).tolist()]
        self.latent = ipywidgets.Dropdown(options=options, description="latent")
        self.latent.layout.width = "16em"
        self.value = slider("value", round(self._code[options[0][1]].item(), 1), -3.0, 3.0, step=0.1)
        alt = "Eleven images decoded as one latent goes from -3 to 3, and the image at the slider's value."
        figure, axes = plots.figure(alt, 2, 3, size=(10, 4.8), height_ratios=[1, 2.2])
        for ax in axes[0]:
            ax.remove()
        top = figure.add_subplot(axes[0, 0].get_gridspec()[0, :])
        self._film = plots.show_image(top, np.zeros((28, 28 * FRAMES)))
        top.set_xticks(28 * np.arange(FRAMES) + 13.5, [f"{value:.1f}".replace("-", "−") for value in VALUES])
        (self._mark,) = top.plot([], [], color=plots.ORANGE, lw=5, clip_on=False)
        for ax, title in zip(axes[1], ["image", "reconstruction", "with the latent at the slider"], strict=True):
            ax.set_title(title)
        plots.show_image(axes[1, 0], images[0])
        plots.show_image(axes[1, 1], _decode(model, self._code.unsqueeze(0))[0])
        self._image = plots.show_image(axes[1, 2], np.zeros((28, 28)))
        self._filmed = None
        super().__init__(figure, [self._mark, self._image], [self.latent, self.value], rarely=[self._film])

    def move(self):
        k, value = self.latent.value, self.value.value
        if k != self._filmed:
            self._film.set_data(np.concatenate(_decode(self.model, traverse(self._code, k, VALUES)), axis=1))
            self.redraw_rarely()
            self._filmed = k
        middle = 28 * (FRAMES - 1) * (value + 3) / 6 + 13.5
        self._mark.set_data([middle - 13, middle + 13], [-2, -2])
        self._image.set_data(_decode(self.model, traverse(self._code, k, [value]))[0])
        told = f"z{_small(k + 1)} = <b>{value:.1f}</b>; of this image the encoder says {self._code[k]:.1f}"
        return told.replace("-", "−")


class PathPanel(Panel):
    """From one image to another through the latent spaces of models, straight and along a great circle.

    models: {"name": model, ...}, one or two. images (N, 1, 28, 28) in [0, 1], labels (N,), of two digits or more.
    first_digit and first_number, second_digit and second_number choose the ends; `random` is a button that draws
    two. alpha: the slider, 0 at the first image, 1 at the second. The maps show the paths in the plane of the
    two latents, or of the first two principal components if there are more.

    Raises ValueError for images of another shape or outside [0, 1], labels that do not fit, or another number of
    models.
    """

    def __init__(self, models, images, labels):
        check_images(images)
        labels = torch.as_tensor(labels)
        check_labels(labels, len(images))
        self._of_digit = {digit: (labels == digit).nonzero().flatten().tolist() for digit in labels.unique().tolist()}
        if len(models) not in (1, 2) or len(self._of_digit) < 2:
            raise ValueError(
                "a PathPanel needs one or two models and images of two digits or more, "
                f"got {len(models)} models and the digits {list(self._of_digit)}"
            )
        self.models, self.images = models, images
        self._codes = {name: posterior_means(model, images) for name, model in models.items()}
        self._seeds = torch.Generator().manual_seed(0)
        digits = list(self._of_digit)
        self.first_digit, self.first_number = self._choice("from", digits[0])
        self.second_digit, self.second_number = self._choice("to", digits[-1])
        self.random = ipywidgets.Button(description="random", layout=ipywidgets.Layout(width="6em"))
        self.random.on_click(self._choose_at_random)
        self.alpha = slider("α", 0.5, 0.0, 1.0, step=0.01)
        figure = self._draw_what_stands(labels)
        choices = [self.first_digit, self.first_number, self.second_digit, self.second_number]
        boxes = [ipywidgets.HBox(choices[:2]), ipywidgets.HBox([*choices[2:], self.random]), self.alpha]
        self._walked = None
        often = [artist for way in self._ways for artist in (way.dot, way.mark, way.now)]
        rarely = [artist for way in self._ways for artist in (way.line, way.film, way.sizes)]
        super().__init__(figure, often, [*choices, self.alpha], boxes, rarely)

    def ends(self):
        """The indices of the two chosen images."""
        choices = [(self.first_digit, self.first_number), (self.second_digit, self.second_number)]
        return [self._of_digit[digit.value][number.value] for digit, number in choices]

    def move(self):
        if self.ends() != self._walked:
            self._walk(*self.ends())
        at = round(100 * self.alpha.value)
        middle = 28 * (FRAMES - 1) * self.alpha.value + 13.5
        for way, path in zip(self._ways, self._paths, strict=True):
            way.dot.set_data(*way.to_plane(path[at : at + 1]).T)
            way.now.set_data(_decode(self.models[way.name], path[at : at + 1])[0])
            way.mark.set_data([middle - 12, middle + 12], [30, 30])
        return self._told

    def _walk(self, first, second):
        """Walk between two images in every way, and show the paths, the films and the sizes of their steps."""
        self._walked = None  # until all ways are walked
        self._paths, told = [], {name: [] for name in self.models}
        for way in self._ways:
            codes = self._codes[way.name]
            path = interpolate(codes[first], codes[second], 101, way.spherical)
            film = _decode(self.models[way.name], path[:: 100 // (FRAMES - 1)])
            sizes = step_sizes(torch.as_tensor(film).unsqueeze(1)).numpy()
            way.line.set_data(*way.to_plane(path).T)
            way.film.set_data(np.concatenate(film, axis=1))
            way.sizes.set_data(np.arange(1, FRAMES), sizes)
            kind = "great circle" if way.spherical else "straight"
            told[way.name].append(f"{kind} {sizes.sum():.1f} pixels long, its largest step {sizes.max():.1f}")
            self._paths.append(path)
        self._told = "<br>".join(f"{name}: {', '.join(ways)}" for name, ways in told.items())
        self.redraw_rarely()
        self._walked = [first, second]

    def _choose_at_random(self, button):
        digits = list(self._of_digit)
        chosen = torch.randperm(len(digits), generator=self._seeds)[:2].tolist()
        numbers = torch.randint(self.first_number.max + 1, (2,), generator=self._seeds).tolist()
        widgets = [self.first_digit, self.second_digit, self.first_number, self.second_number]
        self.move_all(dict(zip(widgets, [*(digits[k] for k in chosen), *numbers], strict=True)))

    def _choice(self, description, digit):
        """The widgets that choose an image: a digit, and which of its images."""
        last = min(map(len, self._of_digit.values())) - 1
        choice = ipywidgets.Dropdown(options=list(self._of_digit), value=digit, description=description)
        number = ipywidgets.IntSlider(0, 0, last, description="number", tooltip=f"{description}: number")
        choice.layout.width, number.layout.width = "11em", "22em"
        return choice, number

    def _draw_what_stands(self, labels):
        """Make the figure, and of each way of each model the artists that follow the sliders."""
        names = list(self.models)
        alt = (
            f"For each of {' and '.join(names)}: a map of codes with two paths from one to another, the films along "
            "both, the images at the slider's place, and the size of each step in pixels."
        )
        rows = 2 * len(names)
        widths = [2.9, 8, 1.3, 2.2]
        figure, axes = plots.figure(alt, rows, 4, size=(11, 1.5 * rows), width_ratios=widths, squeeze=False)
        grid, self._ways = axes[0, 0].get_gridspec(), []
        for row, name in zip(range(0, rows, 2), names, strict=True):
            for ax in axes[row : row + 2, [0, 3]].flat:
                ax.remove()
            over, sizes = (figure.add_subplot(grid[row : row + 2, column]) for column in (0, 3))
            codes = self._codes[name]
            to_plane = _plane_of(codes)
            points = to_plane(codes)
            plots.latent_scatter(points, labels, over, most=400)
            low, high = points.quantile(0.02, dim=0), points.quantile(0.98, dim=0)
            (left, right), (bottom, top) = torch.stack([1.2 * low - 0.2 * high, 1.2 * high - 0.2 * low]).T.tolist()
            over.set(title=name, xlabel="", ylabel="", xticks=[], yticks=[], xlim=(left, right), ylim=(bottom, top))
            sizes.set(xlabel="step", ylabel="pixels", xlim=(0.5, FRAMES - 0.5), ylim=(0, 10), xticks=[1, 5, 10])
            for spherical, colour, style in [(False, plots.BLUE, "-"), (True, plots.ORANGE, "--")]:
                film, now = axes[row + spherical, 1:3]
                film.set_ylabel("great\ncircle" if spherical else "straight", color=colour)
                self._ways.append(
                    _Way(
                        name,
                        spherical,
                        to_plane,
                        over.plot(
                            [], [], style, color=colour, path_effects=[withStroke(linewidth=6, foreground="white")]
                        )[0],
                        over.plot([], [], "o", color=colour, mec="white", ms=9)[0],
                        plots.show_image(film, np.zeros((28, 28 * FRAMES))),
                        film.plot([], [], color=colour, lw=4, clip_on=False)[0],
                        plots.show_image(now, np.zeros((28, 28))),
                        sizes.plot([], [], style, marker="o", ms=4, color=colour)[0],
                    )
                )
            axes[row, 1].set_title("the film")
            axes[row, 2].set_title("at α")
            sizes.set_title("each step")
        return figure


def _plane_of(codes):
    """What puts codes on a map: their first two principal components, or nothing to do if there are two latents."""
    if codes.shape[1] == 2:
        return lambda codes: codes
    pca = LatentPCA(codes)
    return lambda codes: pca.transform(codes)[:, :2]


class _Way(NamedTuple):
    """One way through one model's latent space: how it goes, and the artists that show it."""

    name: str
    spherical: bool
    to_plane: Callable
    line: Line2D
    dot: Line2D
    film: AxesImage
    mark: Line2D
    now: AxesImage
    sizes: Line2D


def _small_slider(name, tooltip):
    """A slider with a short name beside it, and the whole one for screen readers."""
    layout, style = ipywidgets.Layout(width="14em"), {"description_width": "1.8em"}
    return ipywidgets.FloatSlider(
        0.0, min=-3.0, max=3.0, step=0.1, description=name, tooltip=tooltip, layout=layout, style=style
    )


def _small(number):
    """A number as a subscript."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))


@torch.no_grad()
def _decode(model, codes):
    """Codes => images as an array: (N, latent_dim) => (N, 28, 28)."""
    return model.decode(codes.to(next(model.parameters()))).cpu().numpy()[:, 0]
