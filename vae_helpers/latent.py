"""Latent space: where images land, and the grids and paths along which to decode."""

import math

import torch

from ._checks import check_images, check_positive_int, check_vae
from .objective import gaussian_kl_per_dimension


@torch.no_grad()
def posterior_means(model, images):
    """The code of each image: mu of q(z|x), or a plain autoencoder's code. (N, 1, 28, 28) => (N, latent_dim).

    The mean and not a sample, so that equal images have equal codes and a plot shows no extra noise.

    Raises ValueError for images of another shape or outside [0, 1].
    """
    check_images(images)
    codes = [model.encode(x) for x in images.to(next(model.parameters())).split(1000)]
    return torch.cat([code if torch.is_tensor(code) else code[0] for code in codes]).cpu()


@torch.no_grad()
def kl_of_each_dimension(model, images):
    """What each latent dimension of a VAE costs, on average over images: (N, 1, 28, 28) => (latent_dim,) nats.

    Raises ValueError for images of another shape or outside [0, 1], and for a plain autoencoder.
    """
    check_vae(model)
    check_images(images)
    parts = [gaussian_kl_per_dimension(*model.encode(x)) for x in images.to(next(model.parameters())).split(1000)]
    return torch.cat(parts).mean(0).cpu()


def active_units(model, images, threshold=0.01):
    """Which latent dimensions tell images apart: (N, 1, 28, 28) => (latent_dim,), True or False.

    Those whose posterior mean varies from image to image with a variance above `threshold`. Burda, Grosse and
    Salakhutdinov 2015, arXiv:1509.00519. Raises ValueError for images of another shape or outside [0, 1].
    """
    return posterior_means(model, images).var(0) > threshold


def interpolate(start, end, steps):
    """Codes on the straight line from `start` to `end`, both (latent_dim,), ends included => (steps, latent_dim).

    Raises ValueError for codes of different widths or fewer than one step.
    """
    check_positive_int("steps", steps)
    if start.ndim != 1 or start.shape != end.shape:
        raise ValueError(
            f"start and end must be codes of shape (latent_dim,), got {tuple(start.shape)} and {tuple(end.shape)}"
        )
    return torch.lerp(start, end, torch.linspace(0, 1, steps).unsqueeze(1))


def plane_grid(xs, ys):
    """Every point (x, y) of a plane, as 2-D codes in reading order: (len(xs) * len(ys), 2), largest y first.

    So the decoded images, laid out in rows, lie as their codes do on a plot.
    """
    y, x = torch.meshgrid(torch.as_tensor(ys).flip(0), torch.as_tensor(xs), indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


def prior_quantiles(count):
    """The middles, in probability, of `count` equally probable slices of N(0, 1): (count,)."""
    check_positive_int("count", count)
    middles = (torch.arange(count) + 0.5) / count
    return math.sqrt(2) * torch.erfinv(2 * middles - 1)


def emptiest_point(codes, steps=60):
    """The point of the plane whose nearest 2-D code is farthest away, and that distance: (N, 2) => (2,), float.

    Sought on a grid of steps x steps over the middle 80 % of the codes in each coordinate, so that the
    point is a hole among the codes and not the far outside.

    Raises ValueError for codes that are not of shape (N, 2).
    """
    if codes.ndim != 2 or codes.shape[1] != 2:
        raise ValueError(f"codes must have shape (N, 2), got {tuple(codes.shape)}")
    low, high = codes.quantile(0.1, dim=0), codes.quantile(0.9, dim=0)
    grid = plane_grid(*(torch.linspace(a, b, steps) for a, b in zip(low.tolist(), high.tolist(), strict=True)))
    nearest = torch.cdist(grid, codes).min(1).values
    return grid[nearest.argmax()], nearest.max().item()
