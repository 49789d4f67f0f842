"""dimension: of points whose dimension is known."""

import math

import pytest
import torch

from vae_helpers.applications import levina_bickel, participation_ratio, two_nn


def torus(count, dims):
    """Points spread evenly over a flat torus of `dims` dimensions, which has no edge, turned into 784 pixels."""
    angles = 2 * math.pi * torch.rand(count, dims, dtype=torch.float64)
    return (
        torch.cat([angles.cos(), angles.sin()], dim=1)
        @ torch.linalg.qr(torch.randn(784, 2 * dims, dtype=torch.float64))[0].T
    )


ESTIMATORS = pytest.mark.parametrize("estimate", [two_nn, levina_bickel])


@ESTIMATORS
@pytest.mark.parametrize("dims", [1, 3])
def test_the_neighbours_know_the_dimension_of_a_curved_surface(estimate, dims):
    assert estimate(torus(4000, dims)) == pytest.approx(dims, rel=0.05)


@ESTIMATORS
def test_a_dimension_does_not_depend_on_units_shape_or_kind_of_array(estimate):
    points = torus(300, 2)
    dimension = estimate(points)
    assert estimate(100 * points + 5) == pytest.approx(dimension, rel=1e-3)
    assert estimate(points.view(-1, 1, 28, 28)) == dimension
    assert estimate(points.numpy()) == dimension


@ESTIMATORS
@pytest.mark.parametrize("dims", [2, 8])
def test_the_neighbours_know_the_dimension_of_a_gaussian_laid_into_pixels(estimate, dims):
    points = torch.randn(3000, dims) @ torch.randn(dims, 784)
    assert estimate(points) == pytest.approx(dims, rel=0.1)


@ESTIMATORS
def test_twenty_dimensions_are_too_many_for_three_thousand_points(estimate):
    assert 13 < estimate(torch.randn(3000, 20) @ torch.randn(20, 784)) < 18


def test_two_nn_is_not_led_astray_by_a_few_points_with_a_very_near_neighbour():
    points = torus(2000, 2)
    twins = points[:30] + 1e-4 * torch.randn(30, 784, dtype=torch.float64)  # 60 of 2,030 have a huge ratio
    assert two_nn(torch.cat([points, twins])) == pytest.approx(2, rel=0.12)


def test_levina_bickel_takes_as_many_neighbours_as_it_is_told():
    points = torus(3000, 2)
    few, many = levina_bickel(points, neighbours=2), levina_bickel(points, neighbours=40)
    assert few == pytest.approx(2, rel=0.1)
    assert many == pytest.approx(2, rel=0.05)
    assert few != many
    assert levina_bickel(points, neighbours=10) == levina_bickel(points)
    line = torch.linspace(0, 1, 200).unsqueeze(1) ** 2  # in one dimension distances can be counted by hand
    distances = (line - line.T).abs().sort(1).values[:, 1:4]
    expected = 1 / (distances[:, 2:] / distances[:, :2]).log().mean()
    assert levina_bickel(line, neighbours=3) == pytest.approx(expected.item(), rel=1e-3)


def test_the_participation_ratio_is_that_of_known_eigenvalues():
    axes = torch.diag(torch.tensor([2.0, 1.0, 0.0]))
    points = torch.cat([axes, -axes]) + 7  # variances 4 to 1 to 0
    assert participation_ratio(points) == pytest.approx(25 / 17)
    assert participation_ratio(torch.randn(20_000, 6) @ torch.linalg.qr(torch.randn(6, 6))[0]) == pytest.approx(
        6, rel=0.01
    )
    circle = torus(5000, 1)
    assert participation_ratio(circle) == pytest.approx(2, rel=0.01)  # a curved line needs a plane
    assert participation_ratio(circle.view(-1, 1, 28, 28)) == participation_ratio(circle)
    assert participation_ratio(torch.linspace(0, 1, 50).unsqueeze(1) @ torch.randn(1, 30)) == pytest.approx(1)


@ESTIMATORS
def test_copies_are_refused_with_their_number(estimate):
    points = torch.randn(50, 3)
    with pytest.raises(ValueError, match="got 4 that have one"):
        estimate(torch.cat([points, points[:2]]))
    images = torch.rand(100, 1, 28, 28)
    with pytest.raises(ValueError, match="got 2 that have one"):
        estimate(torch.cat([images, images[:1]]))


@ESTIMATORS
def test_whole_numbers_are_points_too(estimate):
    points = torch.randint(256, (200, 30), dtype=torch.uint8)
    assert estimate(points) == estimate(points.float())
    assert participation_ratio(points) == participation_ratio(points.float())


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: two_nn(torch.rand(19, 3)), r"at least 20 .*\(19, 3\)"),
        (lambda: levina_bickel(torch.rand(30, 3), neighbours=30), r"at least 31 .*\(30, 3\)"),
    ],
)
def test_too_few_points_are_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_two_nn_fits_a_line_to_the_share_of_points_with_so_small_a_ratio():
    points = torch.rand(30, 2, dtype=torch.float64)
    distances = torch.cdist(points, points).sort(1).values
    ratios = sorted((distances[:, 2] / distances[:, 1]).tolist())
    places = [(math.log(ratio), -math.log(1 - rank / 30)) for rank, ratio in enumerate(ratios, 1) if rank <= 27]
    slope = sum(x * y for x, y in places) / sum(x * x for x, _ in places)
    assert two_nn(points) == pytest.approx(slope, rel=1e-6)
