"""Lay a grid of `size` × `size` evenly spaced points over the codes: along each axis from the smallest
code to the largest, both included. Return them as codes, in the order in which one reads a page: the top row (the
largest $z_2$) first, and each row from left to right."""

import torch

from ..exercise import Exercise


def grid_over_codes(codes, size):  # (N, 2), a whole number => (size * size, 2)
    (left, bottom), (right, top) = codes.min(0).values, codes.max(0).values
    z2, z1 = torch.meshgrid(torch.linspace(top, bottom, size), torch.linspace(left, right, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def codes():
    """Clouds of codes, neither round nor centred."""
    scales, centres = torch.tensor([3.0, 0.7]), torch.tensor([[1.0, -2.0], [-4.0, 0.3], [0.5, 5.0]])
    return [
        {"codes": centre + scales.roll(k) * torch.randn(1000, 2), "size": size}
        for k, (centre, size) in enumerate(zip(centres, [2, 3, 5], strict=True))
    ]


exercise = Exercise(
    grid_over_codes,
    title="A grid that covers the map",
    hints=(
        "Along one axis: `torch.linspace` from the smallest to the largest, `size` of them.",
        '`torch.meshgrid(rows, columns, indexing="ij")` gives two arrays of size × size: the row\'s value and '
        "the column's value of each point.",
        "The first row is the top one: the rows' values go from the largest z₂ down.",
    ),
    idea="a decoder is explored by a grid over its codes",
    minutes=8,
    difficulty=2,
    task=__doc__,
    right="Decode such a grid and put the images in rows: each lies where its code does. You will see that next.",
    cases=codes,
    tolerance=0.001,
)


def _grid(left, right, bottom, top, size):
    """A grid between these borders, in the order in which one reads a page."""
    return grid_over_codes(torch.tensor([[left, bottom], [right, top]]), size)


def _rows(codes, size):
    """The right grid as rows and columns, (size, size, 2)."""
    return grid_over_codes(codes, size).unflatten(0, (size, size))


@exercise.mistake
def one_standard_deviation(codes, size):
    """The grid spans one standard deviation to each side of the mean: about a third of the codes lie outside, along
    each axis, and the arms of the map with them.
    """
    return grid_over_codes(torch.stack([codes.mean(0) - codes.std(0), codes.mean(0) + codes.std(0)]), size)


@exercise.mistake
def from_minus_one_to_one(codes, size):
    """The grid spans -1 to 1, wherever the codes lie. Nothing has told the autoencoder to use that scale: look at the
    axes of the map.
    """
    return _grid(-1, 1, -1, 1, size)


@exercise.mistake
def one_range(codes, size):
    """One range for both axes, but the codes spread differently along the two."""
    return _grid(codes.min(), codes.max(), codes.min(), codes.max(), size)


@exercise.mistake
def upside_down(codes, size):
    """The right points, upside down: the first row should be the top one."""
    return _rows(codes, size).flip(0).flatten(0, 1)


@exercise.mistake
def transposed(codes, size):
    """The right points, transposed: you go down the columns, and one reads along the rows."""
    return _rows(codes, size).transpose(0, 1).flatten(0, 1)


@exercise.mistake
def up_the_columns(codes, size):
    """The right points, but they go up the columns: transposed, and upside down as well."""
    return _rows(codes, size).flip(0).transpose(0, 1).flatten(0, 1)


@exercise.mistake
def swapped_coordinates(codes, size):
    """The two coordinates are swapped: a code is (z₁, z₂), along the page and then up."""
    return grid_over_codes(codes, size).flip(1)
