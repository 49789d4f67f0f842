"""Latent space: where images land, its principal components, and the grids and paths along which to decode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral

import numpy as np
import torch
from torch import Tensor, nn

from ._seeds import seeded
from ._validation import (
    as_row,
    check_at_least,
    check_code,
    check_codes,
    check_images,
    check_latent,
    check_model,
    check_positive_int,
    check_vae,
    shown,
    where,
)
from .losses import gaussian_kl_per_dimension, reparameterize


@torch.no_grad()
def encode_mean(model: nn.Module, images: Tensor) -> Tensor:
    """The code of each image: mu of q(z|x), or a plain autoencoder's code. (N, 1, 28, 28) => (N, latent_dim).

    The mean and not a sample, so that equal images have equal codes and a plot shows no extra noise. On the CPU,
    wherever the model is, and in float32, whatever its weights are. Raises ValueError for images of another shape or
    outside [0, 1].
    """
    variational = check_model(model)
    check_images(images)
    codes = [model.encode(x) for x in images.to(where(model)).split(1000)]
    return torch.cat([code[0] if variational else code for code in codes]).cpu().float()


@torch.no_grad()
def decode(model: nn.Module, codes: Tensor) -> Tensor:
    """What codes decode to, without a gradient: (N, latent_dim) => pixels (N, 1, 28, 28) in [0, 1].

    On the CPU, wherever the model is, and in float32, whatever its weights are. Raises ValueError for codes of another
    width or not all finite.
    """
    check_model(model)
    check_codes(codes, model.latent_dim)
    return model.decode(codes.to(where(model))).cpu().float()


@torch.no_grad()
def kl_per_dimension(model: nn.Module, images: Tensor) -> Tensor:
    """What each latent dimension of a VAE costs, on average over images: (N, 1, 28, 28) => (latent_dim,) nats.

    Raises ValueError for images of another shape or outside [0, 1], and for a plain autoencoder.
    """
    check_vae(model)
    check_images(images)
    parts = [gaussian_kl_per_dimension(*model.encode(x)) for x in images.to(where(model)).split(1000)]
    return torch.cat(parts).mean(0).cpu()


def active_units(model: nn.Module, images: Tensor, threshold: float = 0.01) -> Tensor:
    """Which latent dimensions tell images apart: (N, 1, 28, 28) => (latent_dim,), True or False.

    Those whose posterior mean varies from image to image with a variance above `threshold`. Burda, Grosse and
    Salakhutdinov 2015, arXiv:1509.00519. Raises ValueError for images of another shape or outside [0, 1], and for
    fewer than two.
    """
    check_images(images)
    check_at_least("threshold", threshold, 0)
    if len(images) < 2:
        raise ValueError(f"images: expected two or more, since a variance is asked for, got {len(images)}")
    return encode_mean(model, images).var(0) > threshold


@torch.no_grad()
def aggregate_posterior(model: nn.Module, images: Tensor, count: int, seed: int = 0) -> Tensor:
    """Codes drawn from the average of q(z|x) over images: (N, 1, 28, 28) => (count, latent_dim).

    Each is a sample of the posterior of one image, chosen at random. Makhzani et al., "Adversarial Autoencoders",
    2015, arXiv:1511.05644, name this mixture.

    Raises ValueError for images of another shape or outside [0, 1], count < 1, or a plain autoencoder.
    """
    check_vae(model)
    check_images(images)
    check_positive_int("count", count)
    with seeded(seed):
        chosen = images[torch.randint(len(images), (count,))]
        return reparameterize(*model.encode(chosen.to(where(model)))).cpu()


class LatentPCA:
    """The principal components of codes, all of them: the directions along which the codes vary most, in order.

    As scikit-learn's PCA, on tensors; and `inverse_transform` takes the first k coordinates alone. After `fit`:
    `mean_` (latent_dim,); `components_`, one a row, orthonormal, (latent_dim, latent_dim); `explained_variance_`
    (latent_dim,) along each, and as shares of the whole `explained_variance_ratio_`.
    """

    def fit(self, codes: Tensor) -> LatentPCA:
        """Fit to codes (N, latent_dim) with N > latent_dim; return self.

        Raises ValueError for codes of another shape, too few of them, or codes that are not all finite.
        """
        from sklearn.decomposition import PCA  # here, since it takes a second

        check_codes(codes)
        if len(codes) <= codes.shape[1]:
            raise ValueError(f"codes: expected more than {codes.shape[1]} for as many components, got {len(codes)}")
        fitted = PCA(svd_solver="full").fit(codes.detach().cpu().double().numpy())
        for name in ("mean_", "components_", "explained_variance_", "explained_variance_ratio_"):
            setattr(self, name, torch.tensor(getattr(fitted, name), dtype=torch.float32))
        return self

    def transform(self, codes: Tensor) -> Tensor:
        """Codes => coordinates along the components, both (N, latent_dim).

        Raises ValueError for another width, and before `fit`.
        """
        self._check_fitted()
        check_latent(codes, len(self.mean_))
        return (codes.detach().to(self.mean_) - self.mean_) @ self.components_.T

    def inverse_transform(self, coordinates: Tensor) -> Tensor:
        """The first k coordinates, the others 0 => codes: (N, k) => (N, latent_dim).

        Raises ValueError for more coordinates than there are components, and before `fit`.
        """
        self._check_fitted()
        fits = torch.is_tensor(coordinates) and coordinates.ndim == 2 and coordinates.shape[1] <= len(self.mean_)
        if not fits:
            raise ValueError(
                f"coordinates: expected a tensor of shape (N, k) with k <= {len(self.mean_)}, got {shown(coordinates)}"
            )
        shape = coordinates.shape
        return self.mean_ + coordinates.detach().to(self.mean_) @ self.components_[: shape[1]]

    def _check_fitted(self):
        if not hasattr(self, "mean_"):
            raise ValueError("LatentPCA: expected a call of fit(codes) first")


def interpolate(start: Tensor, end: Tensor, steps: int, spherical: bool = False) -> Tensor:
    """Codes on the way from `start` to `end`, both (latent_dim,), ends included => (steps, latent_dim).

    On a straight line; or, if spherical, turning at an even rate from one direction to the other, the way a
    great circle does: White 2016, "Sampling Generative Networks", arXiv:1609.04468.

    Raises ValueError for codes of different widths, fewer than one step, and, if spherical, for codes that point
    in opposite directions or have none, so that there is no one way.
    """
    check_positive_int("steps", steps)
    check_code(start, "start")
    check_code(end, "end")
    if start.shape != end.shape:
        raise ValueError(
            f"start, end: expected codes of one shape (latent_dim,), got {tuple(start.shape)} and {tuple(end.shape)}"
        )
    alpha = torch.linspace(0, 1, steps, dtype=start.dtype, device=start.device).unsqueeze(1)
    if not spherical:
        return torch.lerp(start, end, alpha)
    start, end, alpha, dtype = start.double(), end.double(), alpha.double(), start.dtype
    cosine = (start @ end / (start.norm() * end.norm())).clamp(-1, 1)
    if not cosine > -1 + 1e-12:  # written so that 0 / 0 fails too
        raise ValueError(f"start, end: expected codes with one great circle between, got {start}, {end}")
    angle = cosine.acos()
    if angle < 1e-6:  # in one direction: the straight line, and no 0 / 0
        return torch.lerp(start, end, alpha).to(dtype)
    return ((torch.sin((1 - alpha) * angle) * start + torch.sin(alpha * angle) * end) / torch.sin(angle)).to(dtype)


def traverse(code: Tensor, dimension: int, values: Tensor | Sequence[float]) -> Tensor:
    """One code, with one of its dimensions set to each of the values: (latent_dim,), (M,) => (M, latent_dim).

    Raises ValueError for a code of another shape, a dimension that it does not have, or values that are no numbers.
    """
    check_code(code, "code")
    whole = isinstance(dimension, Integral) and not isinstance(dimension, bool)
    if not whole or not 0 <= dimension < len(code):
        raise ValueError(f"dimension: expected 0 to {len(code) - 1}, got {shown(dimension)}")
    values = as_row("values", values)
    codes = code.repeat(len(values), 1)
    codes[:, dimension] = values.to(code)
    return codes


def step_sizes(images: Tensor) -> Tensor:
    """How far the picture moves at each step of a film: Euclidean distance in pixels, (N, 1, 28, 28) => (N - 1,).

    A step of 1 is as much as one pixel going from black to white. Raises ValueError for images of another shape
    or outside [0, 1].
    """
    check_images(images)
    return images.diff(dim=0).flatten(1).norm(dim=1)


def plane_grid(xs: Tensor | Sequence[float], ys: Tensor | Sequence[float]) -> Tensor:
    """Every point (x, y) of a plane, as 2-D codes in reading order: (len(xs) * len(ys), 2), largest y first.

    So the decoded images, laid out in rows, lie as their codes do on a plot. Raises ValueError for what is no row of
    numbers.
    """
    y, x = torch.meshgrid(as_row("ys", ys).flip(0), as_row("xs", xs), indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


def prior_quantiles(count: int) -> Tensor:
    """The middles, in probability, of `count` equally probable slices of N(0, 1): (count,).

    Raises ValueError for count < 1.
    """
    check_positive_int("count", count)
    middles = (torch.arange(count) + 0.5) / count
    return math.sqrt(2) * torch.erfinv(2 * middles - 1)


def largest_hole(codes: Tensor, steps: int = 60) -> tuple[Tensor, float]:
    """The point of the plane whose nearest 2-D code is farthest away, and that distance: (N, 2) => (2,), float.

    Sought on a grid of steps x steps over the middle 80 % of the codes in each coordinate, so that the
    point is a hole among the codes and not the far outside.

    Raises ValueError for codes that are not of shape (N, 2), and steps < 1.
    """
    check_codes(codes, 2)
    check_positive_int("steps", steps)
    low, high = codes.quantile(0.1, dim=0), codes.quantile(0.9, dim=0)
    grid = plane_grid(*(torch.linspace(a, b, steps) for a, b in zip(low.tolist(), high.tolist(), strict=True)))
    grid = grid.to(codes)
    nearest = torch.cdist(grid, codes).min(1).values
    return grid[nearest.argmax()], nearest.max().item()


def share_in_holes(samples: Tensor, codes: Tensor) -> float:
    """The share of samples in holes among the codes: (M, latent_dim), (N, latent_dim) => a number in [0, 1].

    A sample lies in a hole if it is farther from every code than 99 % of the codes are from the nearest other code. So
    if samples and codes come from one distribution, about 0.01 of them do, whatever its shape.

    Raises ValueError for samples and codes of different widths or not all finite, and for fewer than two codes.
    """
    check_codes(codes)
    check_codes(samples, codes.shape[1], "samples")
    if len(codes) < 2:
        raise ValueError(f"codes: expected two or more, got {len(codes)}")
    from sklearn.neighbors import NearestNeighbors  # here, since it takes a second

    neighbors = NearestNeighbors(n_neighbors=1).fit(codes.cpu().numpy())
    to_another, _ = neighbors.kneighbors()  # without itself
    to_a_code, _ = neighbors.kneighbors(samples.cpu().numpy())
    return float((to_a_code > np.quantile(to_another, 0.99)).mean())


def count_neighbors(points: Tensor, codes: Tensor, radius: float) -> Tensor:
    """How many codes lie within `radius` of each point: (M, latent_dim), (N, latent_dim) => (M,) integers.

    Where there are none, a decoder was never trained, and what it makes of the place means little. Raises ValueError
    for points and codes of different widths.
    """
    check_codes(codes)
    check_latent(points, codes.shape[1])
    check_at_least("radius", radius, 0)
    points = points.to(codes)
    return torch.cat([(torch.cdist(part, codes) <= radius).sum(1) for part in points.split(1000)])
