"""The atlas of the latent map: what a square of a plane decodes to, on a grid."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from .._validation import check_positive_int
from ..latent import plane_grid


class Atlas:
    """What a square of a plane decodes to, as images on a grid; between them it blends the four nearest.

    decode: points of the plane (N, 2) => images (N, 1, 28, 28). centre (2,), half: the middle of the square and
    half its side. steps: grid points along each axis. `points` (steps², 2) and `images` (steps², 1, 28, 28) are in
    reading order, largest y first.

    The page blends in the same way, and so needs no kernel to follow a pointer. Raises ValueError for fewer than two
    steps.
    """

    def __init__(self, decode: Callable[[Tensor], Tensor], centre: Tensor, half: float, steps: int):
        check_positive_int("steps", steps, least=2)
        self.centre, self.half, self.steps = centre, half, steps
        xs, ys = (torch.linspace(float(c) - half, float(c) + half, steps) for c in centre)
        self.points = plane_grid(xs, ys)
        with torch.no_grad():
            self.images = torch.cat([decode(part).cpu() for part in self.points.split(200)])

    def blend(self, points: Tensor) -> Tensor:
        """The images at places of the square: (N, 2) => (N, 1, 28, 28). Outside it, that of the nearest edge."""
        places = (points - self.centre) / self.half * torch.tensor([1.0, -1.0])  # rows run down, from the largest y
        sheet = self.images.flatten(1).T.reshape(1, -1, self.steps, self.steps)  # a channel is a pixel
        blended = grid_sample(sheet, places.view(1, 1, -1, 2), padding_mode="border", align_corners=True)
        return blended[0, :, 0].T.reshape(-1, 1, 28, 28)
