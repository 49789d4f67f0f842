"""The true posterior of an image under a model with two latents, and a Gaussian q to drag over it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import ipywidgets
import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images, check_named, check_positive_int, check_vae, where
from ..importance import log_normal
from ..latent import plane_grid
from ..losses import bernoulli_nll
from .frontend import image_sheet
from .panel import slider
from .stage import PagePanel

EDGE = 4.5  # of the plane: the prior has next to nothing outside
COARSE = 181  # lines of the grid that looks for the posterior, each way
DEPTH = 9.0  # nats below its top where a posterior counts as over
SHOWN = 12.0  # nats of the bars' axis below log p(x)
FAR = 91  # lines of the grid, each way, on which the page knows the whole plane
STEP = 0.002  # of the square root of the depth below the top, in which the page gets a posterior


class PosteriorPanel(PagePanel):
    """The true posterior of an image, and a Gaussian q to drag over it; ELBO and gap add up to log p(x).

    model: a VAE with two latents and Bernoulli pixels. images: {"a round one": (1, 28, 28), ...}. grid: lines of the
    grid on which the page knows the posterior, each way; the finer, the slower to make. (What is drawn is the square
    root of the density, so that small hills show.) image: the slider that chooses. mu1, mu2, sigma1, sigma2: those of
    q, which starts as the encoder's; or drag q by its middle and by its rim.

    What it shows: `log_p`, `elbo` and `gap` in nats; `encoder`, the encoder's mean and sigma, (2,) each. log p(x) is
    the sum over the grid: it is right where the posterior is not narrower than the grid's lines are apart.

    Raises ValueError for images of another shape or outside [0, 1], none of them, or a model with other latents.
    """

    def __init__(self, model: nn.Module, images: Mapping[str, Tensor], grid: int = 101):
        check_positive_int("grid", grid, 10)
        self.model, self.images = model, _checked(model, images)
        with torch.no_grad():
            mu, logvar = model.encode(self.images)
        self._mu, self._sigma = mu.float().cpu(), logvar.mul(0.5).exp().float().cpu()
        self._windows = _windows(model, self.images, self._mu, self._sigma)
        self._log_joint = [
            _on_grid(model, image, *axes) for image, axes in zip(self.images, self._axes(grid), strict=True)
        ]
        layout = ipywidgets.Layout(width="28em")
        names = [(name, number) for number, name in enumerate(images)]
        self.image = ipywidgets.SelectionSlider(options=names, value=0, description="image", layout=layout)
        self.mu1, self.mu2 = (slider(name, 0.0, -EDGE, EDGE, step=0.01) for name in ("μ₁", "μ₂"))
        self.sigma1, self.sigma2 = (slider(name, 0.1, 0.005, 0.8, step=0.001) for name in ("σ₁", "σ₂"))
        for control in (self.sigma1, self.sigma2):
            control.readout_format = ".3f"
        self._start()
        self.image.observe(self._start, "value")
        q = {name: getattr(self, name) for name in ("mu1", "mu2", "sigma1", "sigma2")}
        boxes = [self.image, *(ipywidgets.HBox(pair) for pair in ((self.mu1, self.mu2), (self.sigma1, self.sigma2)))]
        controls = {"image": self.image, **q}
        super().__init__(["bars.js", "posterior.js"], controls, self._data(list(images), grid), boxes=boxes)

    def _axes(self, grid):
        """The two axes of each image's window, (grid,) each."""
        return [(torch.linspace(a, b, grid), torch.linspace(c, d, grid)) for a, b, c, d in self._windows.tolist()]

    def _data(self, names, grid):
        nodes, weights = _nodes()
        axis = torch.linspace(-EDGE, EDGE, FAR)
        tops = [part.max() for part in self._log_joint]
        whole = [_on_grid(self.model, image, axis, axis) for image in self.images]
        return {
            "names": names,
            "grid": grid,
            "windows": self._windows.flatten().tolist(),
            "tops": [top.item() for top in tops],
            "logP": [self._log_p(number) for number in range(len(names))],
            "encoder": torch.cat([self._mu, self._sigma], 1).flatten().tolist(),
            "nodes": nodes.flatten().tolist(),
            "weights": weights.tolist(),
            "below": _depths(self._log_joint, tops),
            "plane": [-EDGE, EDGE, -EDGE, EDGE],
            "far": FAR,
            "belowFar": _depths(whole, tops),
            "sheet": image_sheet(self.images.cpu(), columns=len(names)),
        }

    def _start(self, change=None):
        """Put q where the encoder has it."""
        values = torch.cat(self.encoder).tolist()
        for control, value in zip((self.mu1, self.mu2, self.sigma1, self.sigma2), values, strict=True):
            control.value = value

    @property
    def encoder(self) -> tuple[Tensor, Tensor]:
        """The mean and sigma of the encoder's q for the image that is shown, (2,) each."""
        return self._mu[self.image.value], self._sigma[self.image.value]

    @property
    def log_p(self) -> float:
        """log p(x) of the image that is shown, in nats, by quadrature."""
        return self._log_p(self.image.value)

    def _log_p(self, number):
        low1, high1, low2, high2 = self._windows[number].tolist()
        cell = (high1 - low1) * (high2 - low2) / (len(self._log_joint[number]) ** 0.5 - 1) ** 2
        return self._log_joint[number].double().logsumexp(0).item() + math.log(cell)

    @property
    @torch.no_grad()
    def elbo(self) -> float:
        """The ELBO of the image that is shown with the q of the sliders, in nats, by 81 nodes of Gauss and Hermite."""
        nodes, weights = _nodes()
        mu, sigma = self._q()
        expected = _log_joint(self.model, self.images[self.image.value], mu + sigma * nodes) @ weights
        return (expected + sigma.log().sum()).item() + 1 + math.log(2 * math.pi)

    @property
    def gap(self) -> float:
        """KL(q || p(z|x)) in nats: what the ELBO is short of log p(x)."""
        return self.log_p - self.elbo

    def _q(self):
        values = [control.value for control in (self.mu1, self.mu2, self.sigma1, self.sigma2)]
        return torch.tensor(values[:2]), torch.tensor(values[2:])

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        number, (mu, sigma) = self.image.value, self._q()
        alt = "An image; its posterior as a density over two latents, with q as an ellipse; ELBO and gap as bars."
        figure, (left, middle, right) = plots.figure(alt, 1, 3, size=(11, 4), width_ratios=[1, 1.6, 1])
        plots.show_image(left, self.images[number])
        log_joint, side = self._log_joint[number], round(len(self._log_joint[number]) ** 0.5)
        middle.imshow(
            (0.5 * (log_joint - log_joint.max())).exp().view(side, side),
            extent=self._windows[number].tolist(), cmap="Greens", aspect="auto",
        )  # fmt: skip
        turn = np.linspace(0, 2 * np.pi, 100)
        for (m, s), dash, name in ((self.encoder, "--", "encoder"), ((mu, sigma), "-", "q")):
            rim = m.numpy()[:, None] + 2 * s.numpy()[:, None] * np.stack([np.cos(turn), np.sin(turn)])
            middle.plot(*rim, dash, color=plots.BLUE if name == "q" else plots.ORANGE, label=name)
        middle.set(xlabel="z₁", ylabel="z₂")
        middle.legend()
        low, elbo = self.log_p - SHOWN, self.elbo
        shown = max(elbo, low)
        right.bar(
            ["ELBO", "gap"], [shown - low, self.log_p - shown], bottom=[low, shown], color=[plots.BLUE, plots.GREY]
        )
        right.axhline(self.log_p, color="black", ls="--")
        title = f"ELBO {elbo:.2f} + gap {self.gap:.2f}\n= log p(x) {self.log_p:.2f}"
        right.set(ylabel="nats", ylim=(low, self.log_p + 1), title=title.replace("-", "−"))
        return figure


def _checked(model, images):
    """All images in one tensor, once the model and they fit."""
    check_vae(model)
    if model.latent_dim != 2:
        raise ValueError(f"model: expected two latents, got {model.latent_dim}")
    check_named("images", images, "images (1, 28, 28) by name")
    for name, image in images.items():
        check_images(image.unsqueeze(0) if torch.is_tensor(image) else image, name)
    return torch.stack(list(images.values())).to(where(model))


def _log_joint(model, image, z):
    """log p(x, z) of one image (1, 28, 28) and codes (M, 2) => (M,), on the CPU."""
    logits = model.decode_logits(z.to(image))
    return (log_normal(z.to(image)) - bernoulli_nll(logits, image.expand_as(logits))).float().cpu()


@torch.no_grad()
def _on_grid(model, image, xs, ys):
    return torch.cat([_log_joint(model, image, part) for part in plane_grid(xs, ys).split(4000)])


def _depths(log_joint, tops):
    """How far log p(x, z) lies below each image's top, as the page gets it."""
    below = [(top - part).clamp(min=0).sqrt() / STEP for part, top in zip(log_joint, tops, strict=True)]
    return torch.stack(below).clamp(max=65535).round().numpy().astype("<u2").tobytes()


def _windows(model, images, mu, sigma):
    """For each image the square that holds its posterior and the encoder's q: (N, 4), left, right, bottom, top."""
    axis = torch.linspace(-EDGE, EDGE, COARSE)
    plane, windows = plane_grid(axis, axis), []
    for image, m, s in zip(images, mu, sigma, strict=True):
        log_joint = _on_grid(model, image, axis, axis)
        inside = torch.cat([plane[log_joint > log_joint.max() - DEPTH], m - 4 * s[None], m + 4 * s[None]])
        low, high = inside.min(0).values, inside.max(0).values
        middle, half = (low + high) / 2, 0.6 * (high - low).max() + EDGE / COARSE
        windows.append(torch.stack([middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half]))
    return torch.stack(windows)


def _nodes():
    """Nodes (81, 2) and weights (81,) of the mean of a function over a standard normal in the plane."""
    node, weight = np.polynomial.hermite_e.hermegauss(9)
    both = np.stack(np.meshgrid(node, node, indexing="ij"), -1).reshape(-1, 2)
    weights = np.outer(weight, weight).ravel() / weight.sum() ** 2
    return torch.tensor(both, dtype=torch.float32), torch.tensor(weights, dtype=torch.float32)
