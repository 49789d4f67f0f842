"""The KL between two Gaussians, as an area and as a landscape."""

from __future__ import annotations

import numpy as np

from .. import plots
from .panel import slider
from .stage import PagePanel

Z = np.linspace(-8, 8, 801)


class KLPanel(PagePanel):
    """Two densities, q = N(mu, sigma²) and p = N(0, 1), their KL in nats and its gradient.

    mu, sigma: the sliders; or drag the point. Left: the densities, and q log(q/p), whose area is the KL. Right: the KL
    over the plane of (mu, sigma), the point, and the direction of steepest descent.

    What it shows: `kl` in nats, and `gradient`, its derivatives with respect to mu and sigma.
    """

    def __init__(self):
        self.mu = slider("μ", 1.5, -3.0, 3.0)
        self.sigma = slider("σ", 0.5, 0.1, 3.0)
        super().__init__(["kl.js"], {"mu": self.mu, "sigma": self.sigma})

    @property
    def kl(self) -> float:
        """The KL at the sliders, in nats."""
        return 0.5 * (self.mu.value**2 + self.sigma.value**2 - 1) - float(np.log(self.sigma.value))

    @property
    def gradient(self) -> tuple[float, float]:
        """The derivatives of the KL with respect to mu and to sigma."""
        return self.mu.value, self.sigma.value - 1 / self.sigma.value

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        mu, sigma = self.mu.value, self.sigma.value
        alt = "Two Gaussian densities with q log(q/p) shaded, and the KL in nats as contours over mu and sigma."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 4.2), width_ratios=[1.2, 1])
        q, p = _density(Z, mu, sigma), _density(Z, 0, 1)
        log_ratio = 0.5 * (Z**2 - ((Z - mu) / sigma) ** 2) - np.log(sigma)
        left.plot(Z, p, "--", color=plots.ORANGE, label="p = N(0, 1)")
        left.plot(Z, q, color=plots.BLUE, label="q = N(μ, σ²)")
        left.fill_between(Z, q * log_ratio, color=plots.GREY, alpha=0.45, lw=0, label="q log(q/p)")
        left.set(ylim=(-0.5, 2.1), xlabel="z", ylabel="density")
        left.legend(loc="upper left", fontsize=11)
        grid_mu, grid_sigma = np.meshgrid(np.linspace(-3.2, 3.2, 120), np.linspace(0.05, 3.2, 120))
        kl = 0.5 * (grid_mu**2 + grid_sigma**2 - 1) - np.log(grid_sigma)
        right.clabel(right.contour(grid_mu, grid_sigma, kl, [0.1, 0.5, 1, 2, 4], colors=plots.GREY), fmt="%g")
        right.plot(0, 1, "+", color=plots.ORANGE, ms=14, mew=3)
        right.plot(mu, sigma, "o", color=plots.BLUE, ms=11)
        right.set(xlabel="μ", ylabel="σ", title=f"KL = {self.kl:.2f} nats")
        return figure


def _density(z, mu, sigma):
    return np.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
