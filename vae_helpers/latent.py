"""Latent space: where images land, its principal components, and the grids and paths along which to decode."""

import math

import torch

from ._checks import check_codes, check_images, check_latent, check_positive_int, check_vae
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


class LatentPCA:
    """The principal components of codes, all of them: the directions along which the codes vary most, in order.

    codes: posterior means, (N, latent_dim) with N > latent_dim. `mean` (latent_dim,); `components`, one a row,
    orthonormal, (latent_dim, latent_dim); `explained_variance` (latent_dim,) along each, and as shares of the
    whole `explained_variance_ratio`. Raises ValueError for codes of another shape, too few of them, or codes
    that are not all finite.
    """

    def __init__(self, codes):
        from sklearn.decomposition import PCA  # here, since it takes a second

        check_codes(codes)
        if len(codes) <= codes.shape[1]:
            raise ValueError(f"{codes.shape[1]} components need more codes than that, got {len(codes)}")
        fitted = PCA(svd_solver="full").fit(codes.detach().cpu().double().numpy())
        self.mean = torch.tensor(fitted.mean_, dtype=torch.float32)
        self.components = torch.tensor(fitted.components_, dtype=torch.float32)
        self.explained_variance = torch.tensor(fitted.explained_variance_, dtype=torch.float32)
        self.explained_variance_ratio = torch.tensor(fitted.explained_variance_ratio_, dtype=torch.float32)

    def transform(self, codes):
        """Codes => coordinates along the components, both (N, latent_dim). Raises ValueError for another width."""
        check_latent(codes, len(self.mean))
        return (codes.detach().cpu() - self.mean) @ self.components.T

    def inverse(self, coordinates):
        """The first k coordinates, the others 0 => codes: (N, k) => (N, latent_dim).

        Raises ValueError for more coordinates than there are components.
        """
        k = coordinates.shape[-1]
        if coordinates.ndim != 2 or k > len(self.mean):
            raise ValueError(
                f"coordinates must have shape (N, k) with k <= {len(self.mean)}, got {tuple(coordinates.shape)}"
            )
        return self.mean + coordinates.detach().cpu() @ self.components[:k]


def interpolate(start, end, steps, spherical=False):
    """Codes on the way from `start` to `end`, both (latent_dim,), ends included => (steps, latent_dim).

    On a straight line; or, if spherical, turning at an even rate from one direction to the other, the way a
    great circle does: White 2016, "Sampling Generative Networks", arXiv:1609.04468.

    Raises ValueError for codes of different widths, fewer than one step, and, if spherical, for codes that point
    in opposite directions or have none, so that there is no one way.
    """
    check_positive_int("steps", steps)
    if start.ndim != 1 or start.shape != end.shape:
        raise ValueError(
            f"start and end must be codes of shape (latent_dim,), got {tuple(start.shape)} and {tuple(end.shape)}"
        )
    alpha = torch.linspace(0, 1, steps).unsqueeze(1)
    if not spherical:
        return torch.lerp(start, end, alpha)
    start, end, alpha, dtype = start.double(), end.double(), alpha.double(), start.dtype
    cosine = (start @ end / (start.norm() * end.norm())).clamp(-1, 1)
    if not cosine > -1 + 1e-12:  # written so that 0 / 0 fails too
        raise ValueError(f"no one great circle joins codes that are opposite or zero, got {start} and {end}")
    angle = cosine.acos()
    if angle < 1e-6:  # in one direction: the straight line, and no 0 / 0
        return torch.lerp(start, end, alpha).to(dtype)
    return ((torch.sin((1 - alpha) * angle) * start + torch.sin(alpha * angle) * end) / torch.sin(angle)).to(dtype)


def traverse(code, dimension, values):
    """One code, with one of its dimensions set to each of the values: (latent_dim,), (M,) => (M, latent_dim).

    Raises ValueError for a code of another shape, or a dimension that it does not have.
    """
    if code.ndim != 1:
        raise ValueError(f"code must have shape (latent_dim,), got {tuple(code.shape)}")
    if dimension not in range(len(code)):
        raise ValueError(f"dimension must be from 0 to {len(code) - 1}, got {dimension!r}")
    codes = code.repeat(len(values), 1)
    codes[:, dimension] = torch.as_tensor(values, dtype=code.dtype)
    return codes


def step_sizes(images):
    """How far the picture moves at each step of a film: Euclidean distance in pixels, (N, 1, 28, 28) => (N - 1,).

    A step of 1 is as much as one pixel going from black to white. Raises ValueError for images of another shape
    or outside [0, 1].
    """
    check_images(images)
    return images.diff(dim=0).flatten(1).norm(dim=1)


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


def count_near(points, codes, radius):
    """How many codes lie within `radius` of each point: (M, latent_dim), (N, latent_dim) => (M,) integers.

    Where there are none, a decoder was never asked, and what it makes of the place means little. Raises ValueError
    for points and codes of different widths.
    """
    check_codes(codes)
    check_latent(points, codes.shape[1])
    return torch.cat([(torch.cdist(part, codes) <= radius).sum(1) for part in points.split(1000)])


class Atlas:
    """What a square of a plane decodes to, as images on a grid; between them it blends the four nearest.

    decode: (N, 2) points of the plane => images (N, 1, 28, 28). centre (2,), half: the middle of the square and
    half its side. steps: grid points along each axis. `images` are in reading order, largest y first.

    The page part of the latent map blends in the same way, so it needs no kernel to follow a pointer.
    Raises ValueError for fewer than two steps.
    """

    def __init__(self, decode, centre, half, steps):
        check_positive_int("steps", steps)
        if steps < 2:
            raise ValueError(f"steps must be at least 2, got {steps}")
        self.steps = steps
        self.xs, self.ys = (torch.linspace(float(c) - half, float(c) + half, steps) for c in centre)
        self.points = plane_grid(self.xs, self.ys)
        with torch.no_grad():
            self.images = torch.cat([decode(part).cpu() for part in self.points.split(200)])

    def blend(self, x, y):
        """The image at a place of the square: (1, 28, 28). Outside it, that of the nearest place of its edge."""
        column, right = self._place(x, self.xs)
        row, up = self._place(y, self.ys)
        rows = self.images.unflatten(0, (self.steps, self.steps)).flip(0)  # smallest y first
        low, high = (torch.lerp(rows[r, column], rows[r, column + 1], right) for r in (row, row + 1))
        return torch.lerp(low, high, up)

    def _place(self, value, grid):
        """The grid point before `value`, and how far it is from there to the next, in [0, 1]."""
        steps = (value - grid[0].item()) / (grid[1] - grid[0]).item()
        before = min(max(math.floor(steps), 0), self.steps - 2)
        return before, min(max(steps - before, 0.0), 1.0)
