r"""Cut $\mathcal N(0, 1)$ into `count` slices of equal probability, and take of each slice the point
that halves its probability. Lay these points along both axes and return the grid as you would print it: `[i, j]` is
the point $(x, y)$ in row $i$ and column $j$, with $x$ growing to the right and $y$ growing *upwards*, so that the
first row has the largest $y$. `torch.special.ndtri(p)` gives the point below which $\mathcal N(0, 1)$ has the
probability `p`."""

import torch

from ..exercise import Exercise


def prior_grid(count):  # number => (count, count, 2)
    places = torch.special.ndtri((torch.arange(count) + 0.5) / count)
    y, x = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([x, y], dim=-1)


def counts():
    """Grids of several sizes, with a point in the middle and without."""
    return [{"count": count} for count in (2, 3, 5, 12)]


exercise = Exercise(
    prior_grid,
    title="A grid that the prior would lay",
    hints=(
        "In one dimension: the k-th of n slices, counted from 0, holds the probabilities from k/n to (k + "
        "1)/n. Which probability halves it?",
        "`torch.special.ndtri` turns these probabilities into places.",
        'For the plane: `torch.meshgrid(y, x, indexing="ij")`, with y from the largest down; then stack x and '
        "y in this order.",
    ),
    idea="quantiles of the prior",
    minutes=10,
    difficulty=3,
    task=__doc__,
    right=(
        "Every point stands for the same share of the prior, so the picture shows what samples would show. Look at "
        "it: `vh.image_grid(vae2.decode(prior_grid(12).flatten(0, 1)), 12)`."
    ),
    cases=counts,
    derivation=r"""Slice $k$ of $n$ (counted from 0) holds the probabilities from $k/n$ to $(k+1)/n$; half of it lies
below $(k + \frac12)/n$. So its point is where the distribution function of $\mathcal N(0, 1)$ has that value:
`ndtri((k + ½)/n)`. Rows are printed from the top, so the first has the largest $y$.""",
)


def _grid(places):
    """A grid of these places, laid out as the task asks."""
    y, x = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([x, y], dim=-1)


@exercise.mistake
def one_sigma(count):
    """Only from −1 σ to 1 σ: that square holds less than half of a two-dimensional prior, and what the decoder draws
    outside is never seen.
    """
    return _grid(torch.linspace(-1, 1, count))


@exercise.mistake
def one_sigma_upside_down(count):
    """Only from −1 σ to 1 σ, a square that holds less than half of a two-dimensional prior; and upside down: rows are
    printed from the top.
    """
    return one_sigma(count).flip(0)


@exercise.mistake
def one_sigma_turned(count):
    """Only from −1 σ to 1 σ, a square that holds less than half of a two-dimensional prior; and turned by a quarter:
    along a row, which of x and y should change?
    """
    return one_sigma(count).flip(0).transpose(0, 1)


@exercise.mistake
def evenly_spaced(count):
    """Evenly spaced, so the few codes far out get as many points as the many in the middle."""
    return _grid(torch.linspace(-3, 3, count))


@exercise.mistake
def infinite(count):
    """The outermost points are infinite: they are the ends of their slices and not inside them."""
    return _grid(torch.special.ndtri(torch.linspace(0, 1, count)))


@exercise.mistake
def five_percent(count):
    """The outermost points cut off 5 % each, whatever the count: how wide is the first slice?"""
    return _grid(torch.special.ndtri(torch.linspace(0.05, 0.95, count)))


@exercise.mistake
def borders(count):
    """These are the borders between count + 1 slices; return a point within each of count slices."""
    return _grid(torch.special.ndtri(torch.arange(1, count + 1) / (count + 1)))


@exercise.mistake
def erf_for_ndtr(count):
    """All too near the origin by one factor: erf belongs to a Gaussian of variance ½."""
    return prior_grid(count) / 2**0.5


@exercise.mistake
def upside_down(count):
    """Upside down: rows are printed from the top, and y grows upwards."""
    return prior_grid(count).flip(0)


@exercise.mistake
def turned(count):
    """The picture is turned by a quarter: along a row y changes, and down a column x."""
    return prior_grid(count).flip(0).transpose(0, 1)


@exercise.mistake
def transposed(count):
    """Rows and columns are swapped: along a row, which of x and y changes?"""
    return prior_grid(count).transpose(0, 1)
