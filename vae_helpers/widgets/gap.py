"""The gap between the ELBO and log p(x), where both are known."""

from __future__ import annotations

import math

import numpy as np

from .. import plots
from .._validation import shown
from .panel import slider
from .stage import PagePanel

Z = np.linspace(-3, 4, 500)


class GapPanel(PagePanel):
    """A Gaussian q to drag over the true posterior; the ELBO and the gap always add up to log p(x).

    The model: z from N(0, 1), then x from N(z, 1), so that the posterior is N(x/2, 1/2) and all is known. x: what was
    observed. mu, sigma: the sliders; or drag the top of q.

    What it shows: `log_p`, `elbo` and `gap`, the KL of q from the posterior, in nats.

    Raises ValueError for an x that is no finite number.
    """

    def __init__(self, x: float = 1.5):
        if not isinstance(x, (int, float)) or not math.isfinite(x):
            raise ValueError(f"x: expected a finite number, got {shown(x)}")
        self.x = float(x)
        self.mu, self.sigma = slider("μ", 1.2, -2.0, 3.0), slider("σ", 0.3, 0.2, 2.0)
        super().__init__(["bars.js", "gap.js"], {"mu": self.mu, "sigma": self.sigma}, {"x": self.x})

    @property
    def log_p(self) -> float:
        """log p(x), of N(0, 2)."""
        return -0.5 * math.log(4 * math.pi) - self.x**2 / 4

    @property
    def gap(self) -> float:
        """KL(q || p(z|x)) in nats."""
        mu, sigma = self.mu.value, self.sigma.value
        return -math.log(sigma * math.sqrt(2)) - 0.5 + sigma**2 + (mu - self.x / 2) ** 2

    @property
    def elbo(self) -> float:
        """E_q[log p(x|z)] - KL(q || p(z)) in nats."""
        mu, sigma = self.mu.value, self.sigma.value
        likelihood = -0.5 * math.log(2 * math.pi) - 0.5 * ((self.x - mu) ** 2 + sigma**2)
        return likelihood - 0.5 * (mu**2 + sigma**2 - 1 - 2 * math.log(sigma))

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "The prior, the posterior and q as densities over z; beside them the ELBO and the gap as two bars."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 4), width_ratios=[1.5, 1])
        places = {
            "prior": (0, 1, ":", plots.ORANGE),
            "posterior p(z|x)": (self.x / 2, math.sqrt(0.5), "--", plots.GREEN),
            "q": (self.mu.value, self.sigma.value, "-", plots.BLUE),
        }
        for name, (mu, sigma, dash, colour) in places.items():
            density = np.exp(-0.5 * ((Z - mu) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
            left.plot(Z, density, dash, color=colour, label=name)
        left.set(xlabel="z", ylabel="density")
        left.legend()
        right.bar(["ELBO", "gap"], [self.elbo, self.gap], bottom=[0, self.elbo], color=[plots.BLUE, plots.GREY])
        right.axhline(self.log_p, color="black", ls="--")
        title = f"ELBO {self.elbo:.2f} + gap {self.gap:.2f}\n= log p(x) {self.log_p:.2f}"
        right.set(ylabel="nats", title=title.replace("-", "−"))
        return figure
