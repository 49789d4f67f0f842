"""A prior over codes that makes them from noise in many small steps."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from .._seeds import seeded
from .._validation import check_dtype, check_latent, check_positive_int, shown

EARLIEST, LATEST = 0.001, 0.999  # of the times that training sees: at 0 there is no noise, at 1 nothing else


def noise_level(t: Tensor) -> tuple[Tensor, Tensor]:
    """How much of the code is left at time t from 0 to 1, and how much noise there is: a² + s² = 1, as t's shape.

    Raises ValueError for a t that is no tensor.
    """
    if not torch.is_tensor(t):
        raise ValueError(f"t: expected a tensor of times, got {shown(t)}")
    return torch.cos(0.5 * math.pi * t), torch.sin(0.5 * math.pi * t)


class Denoiser(nn.Module):
    """A guess of the clean code from the noisy one, a z + s noise: residual blocks, told the time.

    blocks: of two layers each. Ho, Jain and Abbeel, "Denoising Diffusion Probabilistic Models", 2020, arXiv:2006.11239.

    Raises ValueError for a size below 1.
    """

    def __init__(self, latent_dim: int = 20, width: int = 256, blocks: int = 4):
        super().__init__()
        for name, size in {"latent_dim": latent_dim, "width": width, "blocks": blocks}.items():
            check_positive_int(name, size)
        self.latent_dim = latent_dim
        self.first = nn.Linear(latent_dim, width)
        self.time = nn.Linear(16, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
            for _ in range(blocks)
        )
        self.last = nn.Sequential(nn.LayerNorm(width), nn.SiLU(), nn.Linear(width, latent_dim))

    def forward(self, z: Tensor, t: Tensor) -> Tensor:
        """Noisy codes (N, latent_dim) at times t (N,) in [0, 1] => clean ones. Raises ValueError for other shapes."""
        check_latent(z, self.latent_dim)
        check_dtype(z, self, "latent")
        if not torch.is_tensor(t) or t.shape != (len(z),):
            raise ValueError(f"t: expected a time for each code, shape ({len(z)},), got {shown(t)}")
        angles = 0.5 * math.pi * t[:, None] * torch.arange(1, 9, device=z.device)
        time = self.time(torch.cat([angles.sin(), angles.cos()], 1))
        h = self.first(z)
        for block in self.blocks:
            h = h + block(h + time)
        a, s = noise_level(t[:, None])
        return a * z + s * self.last(h)  # without noise, the noisy code is the clean one


def denoising_loss(denoiser: Denoiser, z: Tensor) -> Tensor:
    """How far guesses of clean codes z (N, latent_dim) are off, over all times: the squared error over s², one number.

    No bound: a term of the ELBO weighs the error by the change of a²/s² instead.
    """
    t = (torch.rand(1) + torch.randperm(len(z)) / len(z)) % 1  # evenly spread, so that the batch sees all times
    t = EARLIEST + (LATEST - EARLIEST) * t
    a, s = noise_level(t[:, None])
    guess = denoiser(a * z + s * torch.randn_like(z), t)
    return (((guess - z) / s) ** 2).sum(1).mean()


@torch.no_grad()
def diffuse(denoiser: Denoiser, count: int, steps: int = 100, seed: int = 0) -> list[Tensor]:
    """From noise to codes: steps + 1 tensors (count, latent_dim), the first of noise, the last of codes.

    Each step draws from q(z_u | z_t, z_0), with the denoiser's guess in the place of z_0. The noise comes from `seed`;
    torch's global generator is left as it was. Raises ValueError for a count or steps below 1.
    """
    check_positive_int("count", count)
    check_positive_int("steps", steps)
    with seeded(seed):
        z = torch.randn(count, denoiser.latent_dim)
        path, times = [z], torch.linspace(LATEST, 0, steps + 1)
        for t, u in pairwise(times):
            z = step_back(z, denoiser(z, t.expand(count)), t, u)
            path.append(z)
    return path


def step_back(z: Tensor, guess: Tensor, t: Tensor, u: Tensor) -> Tensor:
    """A draw from q(z_u | z_t, z_0) for u < t: codes at time t, and the guess of the clean ones => codes at time u."""
    (a, s), (a_u, s_u) = noise_level(t), noise_level(u)
    added = s**2 - (a / a_u * s_u) ** 2  # the variance that came in between u and t
    mean = (a / a_u) * (s_u / s) ** 2 * z + a_u * added / s**2 * guess
    return mean + added.sqrt() * s_u / s * torch.randn_like(z)
