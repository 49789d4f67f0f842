"""The reparameterization trick: the noise stands still, and what it becomes moves with μ and σ."""

from __future__ import annotations

import numpy as np
import torch

from .. import plots
from .._seeds import generator
from .._validation import check_positive_int
from .panel import slider
from .stage import PagePanel


class ReparameterizationPanel(PagePanel):
    """Draws ε of N(0, 1) that stand still, and z = μ + σ ε, which move with μ and σ, and so does the average of φ(z).

    draws, seed: how many ε, and which. mu, sigma: the sliders; or drag the z.

    What it shows: `epsilon` and `z`, (draws,); `average` of φ(z) = -(z - 3)²; `gradient` of that average with respect
    to mu and sigma, which goes through each z: the means of φ'(z) and of ε φ'(z).

    Raises ValueError for fewer than one draw.
    """

    def __init__(self, draws: int = 24, seed: int = 0):
        check_positive_int("draws", draws)
        self.epsilon = torch.randn(draws, generator=generator(seed))
        self.mu, self.sigma = slider("μ", 1.0, -3.0, 3.0), slider("σ", 0.5, 0.05, 2.0)
        controls = {"mu": self.mu, "sigma": self.sigma}
        super().__init__(["reparameterization.js"], controls, {"epsilon": self.epsilon.tolist()})

    @property
    def z(self) -> torch.Tensor:
        """Where the draws are now: (draws,)."""
        return self.mu.value + self.sigma.value * self.epsilon

    @property
    def average(self) -> float:
        """The average of φ(z)."""
        return -(self.z - 3).square().mean().item()

    @property
    def gradient(self) -> tuple[float, float]:
        """The derivatives of the average with respect to mu and to sigma."""
        slopes = -2 * (self.z - 3)
        return slopes.mean().item(), (self.epsilon * slopes).mean().item()

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "Draws of epsilon as dots on a line, each joined to a dot z on a second line below."
        figure, ax = plots.figure(alt, size=(9, 3.6))
        for epsilon, z in zip(self.epsilon.tolist(), self.z.tolist(), strict=True):
            ax.plot([epsilon, z], [1, 0], color=plots.GREY, lw=1)
        ax.plot(self.epsilon, np.ones(len(self.epsilon)), "o", color=plots.ORANGE, label="ε, drawn once")
        ax.plot(self.z, np.zeros(len(self.z)), "o", color=plots.BLUE, label="z = μ + σ ε")
        ax.set(xlim=(-6, 6), yticks=[], title=f"average of φ(z): {self.average:.2f}".replace("-", "−"))
        ax.legend(loc="center right")
        return figure
