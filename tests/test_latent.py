"""latent: codes of a set and what they cost, their principal components, paths and grids, and what they decode to."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

import vae_helpers as vh
from vae_helpers import latent
from vae_helpers.losses import gaussian_kl_per_dimension


@pytest.mark.parametrize("kind", [vh.VAE, vh.ConvVAE, vh.Autoencoder])
def test_encode_mean_are_the_codes_however_the_set_is_split(kind):
    model, images = kind(3, 4 if kind is vh.ConvVAE else (8,)), torch.rand(1001, 1, 28, 28)
    codes = vh.encode_mean(model, images)
    with torch.no_grad():
        expected = model.encode(images) if kind is vh.Autoencoder else model.encode(images)[0]
    torch.testing.assert_close(codes, expected)
    torch.testing.assert_close(torch.cat([vh.encode_mean(model, part) for part in images.split(500)]), codes)
    assert not codes.requires_grad


@pytest.mark.parametrize(("kind", "width"), [(vh.VAE, (8,)), (vh.ConvVAE, 4)])
def test_the_kl_per_dimension_is_an_average_over_images_however_the_set_is_split(kind, width):
    model, images = kind(3, width), torch.rand(1003, 1, 28, 28)
    images[1000:] = 0  # the short last part is unlike the others
    found = vh.kl_per_dimension(model, images)
    with torch.no_grad():
        expected = gaussian_kl_per_dimension(*model.encode(images)).mean(0)
    torch.testing.assert_close(found, expected)
    assert found.shape == (3,)
    assert not found.requires_grad
    assert found.sum().item() == pytest.approx(vh.evaluate(model, images).kl, rel=1e-5)


@pytest.fixture
def unequal():
    """A VAE whose latent dimensions have posterior means of standard deviation 0, 0.09, 0.11 and 1; and images."""
    model, images = vh.VAE(4, (8,)), torch.rand(500, 1, 28, 28)
    spread = vh.encode_mean(model, images).std(0)
    with torch.no_grad():
        model.to_mu.weight.mul_((torch.tensor([0, 0.09, 0.11, 1]) / spread).unsqueeze(1))
        model.to_mu.bias.fill_(3)  # far from the prior, and the same for every image
    return model, images


def test_a_unit_is_active_if_its_posterior_mean_varies_by_more_than_a_hundredth(unequal):
    assert vh.active_units(*unequal).tolist() == [False, False, True, True]


def test_the_threshold_of_active_units_is_a_variance(unequal):
    for deviation, active in [(0.05, 3), (0.1, 2), (0.5, 1), (1.1, 0)]:
        assert vh.active_units(*unequal, threshold=deviation**2).sum() == active


def test_interpolation_walks_evenly_from_start_to_end():
    start, end = torch.randn(5), torch.randn(5)
    path = vh.interpolate(start, end, 5)
    torch.testing.assert_close(path[[0, 2, 4]], torch.stack([start, (start + end) / 2, end]))
    torch.testing.assert_close(path.diff(dim=0), ((end - start) / 4).expand(4, 5))
    torch.testing.assert_close(vh.interpolate(start, end, 1), start.unsqueeze(0))


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((1, 2), (1, 2))])
def test_interpolation_refuses_codes_that_do_not_match(shapes):
    with pytest.raises(ValueError, match=r"\(latent_dim,\)") as error:
        vh.interpolate(*map(torch.zeros, shapes), 3)
    assert all(str(shape) in str(error.value) for shape in shapes)


@pytest.mark.parametrize("convert", [list, torch.tensor])
def test_the_grid_of_a_plane_reads_from_the_top_left(convert):
    grid = vh.plane_grid(convert([0.0, 1.0, 2.0]), convert([5.0, 7.0]))
    assert grid.tolist() == [[0, 7], [1, 7], [2, 7], [0, 5], [1, 5], [2, 5]]


@pytest.mark.parametrize("count", [1, 2, 15])
def test_prior_quantiles_are_the_middles_of_slices_of_equal_probability(count):
    quantiles, prior = latent.prior_quantiles(count), Normal(0.0, 1.0)
    middles = (torch.arange(count) + 0.5) / count
    torch.testing.assert_close(prior.cdf(quantiles), middles)
    torch.testing.assert_close(quantiles, prior.icdf(middles))


def test_the_largest_hole_of_a_ring_is_its_centre():
    angle = torch.linspace(0, 2 * torch.pi, 400)
    centre = torch.tensor([3.0, -1.0])
    point, distance = latent.largest_hole(centre + torch.stack([angle.cos(), angle.sin()], 1))
    torch.testing.assert_close(point, centre, atol=0.05, rtol=0)
    assert distance == pytest.approx(1, abs=0.05)


def test_the_largest_hole_of_a_square_lies_in_its_hole():
    codes, hole = 2 * torch.rand(5000, 2) - 1, torch.tensor([0.3, -0.2])
    codes = codes[(codes - hole).norm(dim=1) > 0.4]
    point, distance = latent.largest_hole(codes)
    assert (point - hole).norm() < 0.1
    assert distance == pytest.approx((codes - point).norm(dim=1).min().item(), rel=1e-3)


def test_the_largest_hole_is_sought_among_the_codes_and_not_outside():
    codes = torch.cat([torch.rand(1000, 2), torch.tensor([[50.0, 50.0]])])  # an outlier draws no hole
    point, _ = latent.largest_hole(codes)
    assert ((point > 0) & (point < 1)).all()


def test_of_draws_from_the_same_distribution_one_in_a_hundred_is_in_a_hole():
    for spread in (torch.ones(2), torch.tensor([1.0, 8.0]), torch.ones(20)):
        codes, draws = spread * torch.randn(4000, len(spread)), spread * torch.randn(4000, len(spread))
        assert latent.share_in_holes(draws, codes) == pytest.approx(0.01, abs=0.006)


def test_in_the_middle_of_a_ring_every_draw_is_in_a_hole():
    angle = 2 * torch.pi * torch.rand(2000)
    ring = torch.stack([angle.cos(), angle.sin()], 1)
    assert latent.share_in_holes(0.1 * torch.randn(500, 2), ring) == 1
    assert latent.share_in_holes(ring[:500], ring) == 0
    half = torch.cat([ring[:250], torch.zeros(250, 2)])
    assert latent.share_in_holes(half, ring) == 0.5


@pytest.fixture
def gaussian():
    """Codes, and what their mean, variances and axes (rows) are, not nearly but exactly."""
    mean, deviations, axes = 5 * torch.randn(4), torch.tensor([3, 2, 1, 0.1]), torch.linalg.qr(torch.randn(4, 4)).Q
    noise = torch.randn(200, 4)
    white = 199**0.5 * torch.linalg.qr(noise - noise.mean(0)).Q  # of mean 0, each column of variance 1
    return mean + white * deviations @ axes, mean, deviations**2, axes


def test_the_principal_components_are_the_axes_of_the_codes_from_the_longest_to_the_shortest(gaussian):
    codes, mean, variances, axes = gaussian
    pca = vh.LatentPCA().fit(codes)
    torch.testing.assert_close(pca.mean_, mean)
    torch.testing.assert_close((pca.components_ @ axes.T).abs(), torch.eye(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(pca.explained_variance_, variances, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(pca.explained_variance_ratio_, variances / variances.sum(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("shape", [(3, 2), (21, 20), (500, 20)])
def test_the_components_are_orthonormal_and_hold_the_covariance_of_the_codes(shape):
    codes = torch.randn(shape) @ torch.randn(shape[1], shape[1]) + 10
    pca = vh.LatentPCA().fit(codes)
    torch.testing.assert_close(pca.components_ @ pca.components_.T, torch.eye(shape[1]), atol=1e-5, rtol=0)
    covariance = pca.components_.T @ pca.explained_variance_.diag() @ pca.components_
    torch.testing.assert_close(covariance, codes.T.cov(), atol=1e-3, rtol=1e-4)
    assert (pca.explained_variance_.diff() <= 0).all()
    assert pca.explained_variance_ratio_.sum().item() == pytest.approx(1)


def test_coordinates_lie_around_zero_as_far_as_the_components_reach_and_lead_back(gaussian):
    codes, mean, variances, _ = gaussian
    pca = vh.LatentPCA().fit(codes.requires_grad_())
    coordinates = pca.transform(codes)
    assert not coordinates.requires_grad
    torch.testing.assert_close(coordinates.T.cov(), variances.diag(), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(coordinates.mean(0), torch.zeros(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(pca.transform(mean + pca.components_), torch.eye(4), atol=1e-4, rtol=0)
    back = pca.inverse_transform(coordinates.requires_grad_())
    torch.testing.assert_close(back, codes.detach())
    assert not back.requires_grad


@pytest.mark.parametrize("k", range(5))
def test_the_first_coordinates_give_the_nearest_codes_of_that_rank(gaussian, k):
    codes, mean, variances, _ = gaussian
    pca = vh.LatentPCA().fit(codes)
    nearest = pca.inverse_transform(pca.transform(codes)[:, :k])
    u, s, vt = torch.linalg.svd(codes - mean, full_matrices=False)
    torch.testing.assert_close(nearest, mean + u[:, :k] * s[:k] @ vt[:k], atol=1e-4, rtol=1e-4)
    lost = (nearest - codes).square().sum().item() / (len(codes) - 1)
    assert lost == pytest.approx(variances[k:].sum().item(), abs=1e-5, rel=1e-4)


def two_codes(angle, lengths=(1.0, 1.0)):
    """Two codes of these lengths, at an angle in radians."""
    a, b = torch.linalg.qr(torch.randn(5, 2).double()).Q.T
    return (lengths[0] * a).float(), (lengths[1] * (math.cos(angle) * a + math.sin(angle) * b)).float()


@pytest.mark.parametrize("angle", [0.05, 1.0, math.pi / 2, 3.14])
def test_a_great_circle_keeps_the_length_and_turns_evenly_by_no_more_than_it_must(angle):
    start, end = two_codes(angle, (3.0, 3.0))
    path = vh.interpolate(start, end, 9, spherical=True)
    torch.testing.assert_close(path[[0, -1]], torch.stack([start, end]))
    rounding = {"atol": 10 * torch.finfo(path.dtype).eps / math.sin(angle), "rtol": 0}
    torch.testing.assert_close(path.norm(dim=1), torch.full((9,), 3.0), **rounding)
    turned = 2 * (path.diff(dim=0).norm(dim=1) / 2 / 3).asin()  # from the chords
    torch.testing.assert_close(turned, torch.full((8,), angle / 8), **rounding)


def test_between_codes_of_different_lengths_a_great_circle_becomes_a_quarter_of_an_ellipse():
    path = vh.interpolate(torch.tensor([2.0, 0.0]), torch.tensor([0.0, 7.0]), 31, spherical=True)
    turn = torch.linspace(0, math.pi / 2, 31)
    torch.testing.assert_close(path, torch.stack([2 * turn.cos(), 7 * turn.sin()], dim=1))


@pytest.mark.parametrize("angle", [0, 5e-7, 5e-6])  # on both sides of where the formula gives way
@pytest.mark.parametrize("lengths", [(1.0, 1.0), (0.5, 20.0)])
def test_between_codes_that_point_the_same_way_a_great_circle_is_straight(angle, lengths):
    start, end = two_codes(angle, lengths)
    torch.testing.assert_close(vh.interpolate(start, end, 7, spherical=True), vh.interpolate(start, end, 7))


@pytest.mark.parametrize("spherical", [False, True])
def test_from_a_code_to_itself_a_path_stays_where_it_is(spherical):
    for code in torch.randn(50, 5):  # the cosine of some of them is rounded to more than 1
        assert torch.equal(vh.interpolate(code, code, 3, spherical), code.expand(3, -1))


A, ZERO = torch.tensor([1.0, 2.0]), torch.zeros(2)


@pytest.mark.parametrize(("start", "end"), [(A, -A), (A, -3 * A), (A, ZERO), (ZERO, A), (ZERO, ZERO)])
def test_no_one_great_circle_joins_codes_that_are_opposite_or_zero(start, end):
    with pytest.raises(ValueError, match="expected codes with one great circle between") as error:
        vh.interpolate(start, end, 3, spherical=True)
    assert all(str(code)[:-1] in str(error.value) for code in (start, end))
    torch.testing.assert_close(vh.interpolate(start, end, 3)[1], (start + end) / 2)  # the straight line has a way


@pytest.mark.parametrize("convert", [list, np.array, torch.tensor])
@pytest.mark.parametrize("dimension", [0, 2, 3])
def test_a_traversal_sets_one_dimension_and_leaves_the_others_and_the_code(dimension, convert):
    code, values = torch.arange(4.0) + 10, [-3.0, 0.5, 3.0]
    codes = vh.traverse(code, dimension, convert(values))
    assert codes.T[dimension].tolist() == values
    others = [k for k in range(4) if k != dimension]
    assert torch.equal(codes[:, others], code[others].expand(3, 3))
    assert code.tolist() == [10, 11, 12, 13]


def test_the_size_of_a_step_is_a_distance_in_pixels():
    film = torch.zeros(5, 1, 28, 28)
    film[1, 0, 3, 4] = 1  # one pixel turns white
    film[2, 0, 3, 3:7] = 0.5  # that one half black again, and three others half white
    film[3:] = 1
    differences = [1, math.sqrt(4 / 4), math.sqrt(780 + 4 / 4), 0]
    torch.testing.assert_close(latent.step_sizes(film), torch.tensor(differences))
    assert latent.step_sizes(film[:1]).shape == (0,)


@pytest.mark.parametrize("width", [1, 2, 20])
@pytest.mark.parametrize("count", [1, 1003])
def test_codes_near_a_point_are_counted_as_one_by_one(count, width):
    points, codes, radius = torch.randn(count, width), torch.randn(300, width), width**0.5
    points[1000:] += 1  # the last part is unlike the others
    found = latent.count_neighbors(points, codes, radius)
    assert found.tolist() == [int(((code - codes).norm(dim=1) <= radius).sum()) for code in points]
    assert len(found.unique()) > 1 or count == 1


def test_a_code_at_the_radius_is_near():
    codes = torch.arange(5.0).unsqueeze(1)
    assert latent.count_neighbors(codes, codes, 1).tolist() == [2, 3, 3, 3, 2]
    assert latent.count_neighbors(codes, codes, 0).tolist() == [1] * 5


class Known(vh.VAE):
    """A VAE whose posterior is N(10 times the first pixel, (the second pixel)²), in each of its dimensions."""

    def encode(self, x):
        first, second = x[:, 0, 0, :2].T
        return (10 * first).unsqueeze(1).expand(-1, self.latent_dim), (2 * second.log()).unsqueeze(1).expand(
            -1, self.latent_dim
        )


def test_the_aggregate_posterior_is_the_mixture_of_all_posteriors():
    images = torch.rand(3, 1, 28, 28)
    images[:, 0, 0, :2] = torch.tensor([[0.1, 0.3], [0.4, 0.1], [0.9, 0.2]])
    codes = vh.latent.aggregate_posterior(Known(4, (8,)), images, 30_000)
    assert codes.shape == (30_000, 4)
    nearest = (codes[:, :1] - torch.tensor([1.0, 4.0, 9.0])).abs().argmin(1)
    for k, (mean, deviation) in enumerate([(1, 0.3), (4, 0.1), (9, 0.2)]):
        own = codes[nearest == k]
        assert len(own) / len(codes) == pytest.approx(1 / 3, abs=0.015)
        torch.testing.assert_close(own.mean(0), torch.full((4,), float(mean)), atol=0.03, rtol=0)
        torch.testing.assert_close(own.std(0), torch.full((4,), deviation), atol=0.02, rtol=0)
    within = codes[nearest == 0]
    assert np.corrcoef(within.T)[0, 1] == pytest.approx(0, abs=0.05)  # each dimension has noise of its own


def test_components_that_were_not_fitted_say_so():
    for method in (latent.LatentPCA().transform, latent.LatentPCA().inverse_transform):
        with pytest.raises(ValueError, match=r"expected a call of fit\(codes\) first"):
            method(torch.zeros(3, 2))
