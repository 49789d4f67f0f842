"""The KL between two Gaussians, as an area and as a landscape."""

from __future__ import annotations

import numpy as np
import torch

from .. import plots
from ..losses import gaussian_kl
from .panel import Panel, slider, subplot_mosaic

Z = np.linspace(-16, 16, 1200)  # wider than the axes, so that the shaded area is all of the KL


class KLPanel(Panel):
    """Two densities, q = N(mu, sigma²) and p = N(0, 1), their KL in nats and its gradients.

    mu, sigma: the sliders. Left: the densities, and q log(q/p), whose area is the KL. Right: the KL over
    the plane of (mu, sigma), the point, and the direction of steepest descent.

    What it shows: `kl` in nats, `gradient`, its derivatives with respect to mu and sigma; `descent`, the line from the
    point downhill, (2, 2); `outline`, the shaded area's, in z and nats per unit of z, (M, 2). Axes: "densities",
    "plane".
    """

    def __init__(self):
        self.mu = slider("μ", 1.5, -3.0, 3.0)
        self.sigma = slider("σ", 0.5, 0.1, 3.0)
        alt = "Two Gaussian densities with q log(q/p) shaded, and the KL in nats as contours over mu and sigma."
        figure, axes = subplot_mosaic(alt, [["densities", "plane"]], size=(10, 4.6), width_ratios=[1.2, 1])
        densities, plane = axes["densities"], axes["plane"]
        densities.plot(Z, _density(Z, 0, 1), "--", color=plots.ORANGE, label="p = N(0, 1)")
        (self._q,) = densities.plot(Z, 0 * Z, color=plots.BLUE, label="q = N(μ, σ²)")
        (self._area,) = densities.fill(Z, 0 * Z, color=plots.GREY, alpha=0.45, lw=0, label="q log(q/p)")
        densities.set(xlim=(-8, 8), ylim=(-0.5, 2.1), xlabel="z", ylabel="density")
        densities.legend(loc="upper left", fontsize=11)
        _draw_contours(plane)
        (self._point,) = plane.plot([], [], "o", color=plots.BLUE, ms=11)
        (self._descent,) = plane.plot([], [], color=plots.BLUE)
        super().__init__(figure, [self._area, self._q, self._descent, self._point], [self.mu, self.sigma])

    @property
    def descent(self) -> np.ndarray:
        """The line from the point (mu, sigma) downhill: (2, 2)."""
        return self._descent.get_xydata()

    @property
    def outline(self) -> np.ndarray:
        """The outline of the area under q log(q/p): (M, 2)."""
        return self._area.get_xy()

    def update(self) -> str:
        """Draw q, the area and the point at the sliders' mu and sigma."""
        mu, sigma = self.mu.value, self.sigma.value
        self.kl, *self.gradient = kl_and_gradient(mu, sigma)
        q = _density(Z, mu, sigma)
        log_ratio = 0.5 * (Z**2 - ((Z - mu) / sigma) ** 2) - np.log(sigma)
        self._q.set_ydata(q)
        self._area.set_xy([(Z[0], 0), *zip(Z, q * log_ratio, strict=True), (Z[-1], 0)])
        d_mu, d_sigma = self.gradient
        length = max(np.hypot(d_mu, d_sigma), 1e-9)
        step = 0.5 * np.tanh(length) / length  # at most half a unit long
        self._point.set_data([mu], [sigma])
        self._descent.set_data([mu, mu - step * d_mu], [sigma, sigma - step * d_sigma])
        return f"KL = <b>{self.kl:.3f}</b> nats, ∂KL/∂μ = {d_mu:+.2f}, ∂KL/∂σ = {d_sigma:+.2f}"


def kl_and_gradient(mu: float, sigma: float) -> tuple[float, float, float]:
    """KL(N(mu, sigma²) || N(0, 1)) in nats, and its derivatives with respect to mu and to sigma, by autograd."""
    point = torch.tensor([mu, sigma], dtype=torch.float64, requires_grad=True)
    kl = gaussian_kl(point[:1].unsqueeze(0), 2 * point[1:].log().unsqueeze(0)).sum()
    (gradient,) = torch.autograd.grad(kl, point)
    return kl.item(), *gradient.tolist()


def _draw_contours(ax):
    """The KL over the plane of mu and sigma, and a cross at its minimum."""
    mu, sigma = np.meshgrid(np.linspace(-3.2, 3.2, 120), np.linspace(0.05, 3.2, 120))
    kl = 0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma)
    ax.clabel(ax.contour(mu, sigma, kl, [0.1, 0.5, 1, 2, 4], colors=plots.GREY), fmt="%g")
    ax.plot(0, 1, "+", color=plots.ORANGE, ms=14, mew=3)
    ax.set(xlabel="μ", ylabel="σ", title="KL in nats")


def _density(z, mu, sigma):
    return np.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
