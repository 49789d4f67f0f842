"""The atlas of the latent map: blending decoded images on a grid."""

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers.widgets.atlas import Atlas

CENTRE, HALF = torch.tensor([1.0, -2.0]), 3.0


@pytest.fixture
def bilinear():
    """Decodes a plane to images whose pixels are sums of a constant, x, y and xy, which blending keeps."""
    parts = torch.rand(4, 784)

    def decode(points):
        x, y = points.T
        return (torch.stack([torch.ones_like(x), x, y, x * y], 1) @ parts).reshape(-1, 1, 28, 28)

    return decode


@pytest.mark.parametrize("steps", [2, 5, 17])  # 17 x 17 points are more than are decoded at a time
def test_an_atlas_blends_to_what_a_decoder_without_curves_decodes(bilinear, steps):
    atlas = Atlas(bilinear, CENTRE, HALF, steps)
    places = CENTRE + HALF * torch.cat([2 * torch.rand(30, 2) - 1, vh.plane_grid([-1.0, 1.0], [-1.0, 1.0])])
    torch.testing.assert_close(atlas.blend(places), bilinear(places), atol=1e-4, rtol=1e-4)


def test_an_atlas_holds_what_its_grid_decodes_to_in_reading_order(trained):
    atlas = Atlas(trained.decode, CENTRE, HALF, 5)
    xs, ys = (centre + torch.linspace(-HALF, HALF, 5) for centre in CENTRE)
    torch.testing.assert_close(atlas.points, vh.plane_grid(xs, ys))
    torch.testing.assert_close(atlas.images, trained.decode(vh.plane_grid(xs, ys)).detach())
    assert not atlas.images.requires_grad
    torch.testing.assert_close(atlas.blend(atlas.points), atlas.images, atol=1e-5, rtol=0)


def test_outside_its_square_an_atlas_shows_the_nearest_place_of_the_edge(trained):
    atlas = Atlas(trained.decode, CENTRE, HALF, 5)
    low, high = (CENTRE - HALF).tolist(), (CENTRE + HALF).tolist()
    xs, ys = ([-100.0, a - 0.01, middle, b + 0.01, 100.0] for a, middle, b in zip(low, (0.3, -1.2), high, strict=True))
    places = vh.plane_grid(xs, ys)
    nearest = places.clamp(CENTRE - HALF, CENTRE + HALF)
    torch.testing.assert_close(atlas.blend(places), atlas.blend(nearest), atol=1e-5, rtol=0)


def distance(decode, steps):
    """How far the pixels of an atlas are from those decoded, between its grid points: root mean square."""
    places = CENTRE + HALF * (2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0)) - 1)
    atlas = Atlas(decode, CENTRE, HALF, steps)
    return (atlas.blend(places) - decode(places).detach()).square().mean().sqrt().item()


def test_a_grid_twice_as_fine_brings_an_atlas_four_times_as_near_to_a_smooth_decoder():
    waves = torch.rand(2, 784)
    distances = [distance(lambda z: (z @ waves).cos().reshape(-1, 1, 28, 28), steps) for steps in (11, 21, 41)]
    assert np.divide(distances[:-1], distances[1:]) == pytest.approx([4, 4], rel=0.1)


def test_an_atlas_as_fine_as_the_map_s_is_near_to_a_model(trained):
    assert distance(trained.decode, 41) < 1 / 255


@pytest.mark.parametrize(("steps", "named"), [(1, "2 or more, got 1"), (0, "steps.*0"), (2.5, r"steps.*2\.5")])
def test_an_atlas_needs_two_steps(bilinear, steps, named):
    with pytest.raises(ValueError, match=named):
        Atlas(bilinear, CENTRE, HALF, steps)
