"""Intrinsic dimension: how many numbers it takes to tell points apart, estimated in three ways."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

from .._validation import check_positive_int


def two_nn(points: ArrayLike) -> float:
    """Intrinsic dimension from the two nearest neighbours of each point: (N, ...) => one number.

    Where the density is even over the nearest two, their distances have a ratio r with P(ratio > r) = r^-d. So
    -log P against log r is a line through the origin with slope d; it is fitted to the lower 90 % of the ratios.
    Facco et al., "Estimating the intrinsic dimension of datasets by a minimal neighborhood information", 2017,
    arXiv:1803.06992.

    Raises ValueError for fewer than 20 points, copies among them, or numbers that are not finite.
    """
    distances = _neighbour_distances(points, 2)
    log_ratio = np.sort(np.log(distances[:, 1] / distances[:, 0]))
    kept = int(0.9 * len(log_ratio))
    below = np.arange(1, kept + 1) / len(log_ratio)  # the share of points with this ratio or less
    x, y = log_ratio[:kept], -np.log(1 - below)
    return float(x @ y / (x @ x))


def levina_bickel(points: ArrayLike, neighbours: int = 10) -> float:
    """Intrinsic dimension by maximum likelihood from the nearest neighbours of each point: (N, ...) => one number.

    Around a point, the number of others grows with the distance as its d-th power. Levina and Bickel, "Maximum
    Likelihood Estimation of Intrinsic Dimension", 2004; the points' estimates are joined by averaging their inverses,
    as MacKay and Ghahramani proposed in 2005, since averaging the estimates themselves is biased upwards.

    Raises ValueError for neighbours < 2, too few points for them, copies among them, or numbers that are not finite.
    """
    check_positive_int("neighbours", neighbours, least=2)
    distances = _neighbour_distances(points, neighbours)
    return float(1 / np.log(distances[:, -1:] / distances[:, :-1]).mean())


def participation_ratio(points: ArrayLike) -> float:
    """How many directions share the variance, (sum of eigenvalues)² / (sum of their squares): (N, ...) => one number.

    D for a round Gaussian in D dimensions, 1 for a line. It looks at the covariance only, so a curved line counts
    for as many dimensions as it bends into.

    Raises ValueError for fewer than two points, points that are all alike, or numbers that are not finite.
    """
    flat = _flat(points, 2)
    centred = flat - flat.mean(0)
    covariance = centred.T @ centred
    total = np.trace(covariance)
    if not total > 0:
        raise ValueError(f"points: expected some that differ, got {len(flat)} that are all alike")
    return float(total**2 / np.square(covariance).sum())


def _neighbour_distances(points, count):
    """The distances of each point to its `count` nearest others, nearest first: (N, count), in float64."""
    from sklearn.neighbors import NearestNeighbors

    flat = _flat(points, max(20, count + 1))
    neighbours = NearestNeighbors(n_neighbors=count).fit(flat).kneighbors(return_distance=False)
    # computed again, since its own distances come from dot products, which lose the digits of a small one
    distances = np.stack([np.linalg.norm(flat - flat[nth], axis=1) for nth in neighbours.T], axis=1)
    distances = np.sort(distances.astype(np.float64), axis=1)
    copies = int((distances[:, 0] == 0).sum())
    if copies:
        raise ValueError(f"points: expected no copies, got {copies} that have one; torch.unique(points, dim=0) helps")
    return distances


def _flat(points, least):
    """The points as an array of floats (N, D), once there are `least` of them or more."""
    shape = tuple(np.shape(points))
    if len(shape) < 2 or shape[0] < least or 0 in shape:
        raise ValueError(f"points: expected at least {least} of shape (N, ...), got shape {shape}")
    flat = torch.as_tensor(points).detach().cpu().flatten(1)
    if flat.dtype not in (torch.float32, torch.float64):
        flat = flat.float()  # the difference of two 8-bit numbers would wrap around
    if not flat.isfinite().all():
        raise ValueError("points: expected finite numbers, got NaN or infinity among them")
    return flat.numpy()
