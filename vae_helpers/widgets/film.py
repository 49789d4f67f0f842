"""A film: frames side by side on an axes, and a mark at one place along them, for PathPanel."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from .. import plots
from .panel import blank

FRAMES = 11  # of every film


class Film:
    """A row of frames, black until `show`, and a coloured mark at one place along it, at this height of the axes.

    strip, mark: the two artists, for a panel's `slow` and `animated`.
    """

    def __init__(self, ax: Axes, colour: str, height: float):
        self.height = height
        self.strip = blank(ax, 1, FRAMES)
        (self.mark,) = ax.plot([], [], color=colour, lw=4.5, clip_on=False)

    def show(self, frames: Tensor) -> None:
        """Show FRAMES images, (FRAMES, 1, 28, 28) in [0, 1]."""
        self.strip.set_data(plots.mosaic(frames, FRAMES))

    def point_at(self, share: float) -> None:
        """Move the mark: 0 is the middle of the first frame, 1 that of the last."""
        middle = middles()[0] + share * (middles()[-1] - middles()[0])
        self.mark.set_data([middle - 12.5, middle + 12.5], [self.height, self.height])


def middles() -> np.ndarray:
    """The middle of each frame, in pixels from the left: (FRAMES,)."""
    return 28 * np.arange(FRAMES) + 13.5
