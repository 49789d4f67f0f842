"""latent: codes of a set and what they cost, paths and grids through the plane, and the hole among the codes."""

import pytest
import torch
from torch.distributions import Normal

import vae_helpers as vh
from vae_helpers.objective import gaussian_kl_per_dimension


@pytest.mark.parametrize("kind", [vh.VAE, vh.ConvVAE, vh.Autoencoder])
def test_posterior_means_are_the_codes_however_the_set_is_split(kind):
    model, images = kind(3, 4 if kind is vh.ConvVAE else (8,)), torch.rand(1001, 1, 28, 28)
    codes = vh.posterior_means(model, images)
    with torch.no_grad():
        expected = model.encode(images) if kind is vh.Autoencoder else model.encode(images)[0]
    torch.testing.assert_close(codes, expected)
    torch.testing.assert_close(torch.cat([vh.posterior_means(model, part) for part in images.split(500)]), codes)
    assert not codes.requires_grad


def test_posterior_means_refuse_wrong_images(images):
    for wrong, named in [(2 * images, "values from"), (images[0], r"\(1, 28, 28\)")]:
        with pytest.raises(ValueError, match=named):
            vh.posterior_means(vh.VAE(2, (8,)), wrong)


@pytest.mark.parametrize("measure", [vh.kl_of_each_dimension, vh.active_units])
def test_measures_of_a_dimension_refuse_wrong_images(images, measure):
    for wrong, named in [(2 * images, "values from"), (images[0], r"\(1, 28, 28\)")]:
        with pytest.raises(ValueError, match=named):
            measure(vh.VAE(2, (8,)), wrong)


@pytest.mark.parametrize(("kind", "width"), [(vh.VAE, (8,)), (vh.ConvVAE, 4)])
def test_the_kl_of_each_dimension_is_an_average_over_images_however_the_set_is_split(kind, width):
    model, images = kind(3, width), torch.rand(1003, 1, 28, 28)
    images[1000:] = 0  # the short last part is unlike the others
    found = vh.kl_of_each_dimension(model, images)
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
    spread = vh.posterior_means(model, images).std(0)
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


@pytest.mark.parametrize("steps", [0, 2.5])
def test_interpolation_needs_a_whole_number_of_steps(steps):
    with pytest.raises(ValueError, match=f"steps.*{steps}"):
        vh.interpolate(torch.zeros(2), torch.ones(2), steps)


@pytest.mark.parametrize("convert", [list, torch.tensor])
def test_the_grid_of_a_plane_reads_from_the_top_left(convert):
    grid = vh.plane_grid(convert([0.0, 1.0, 2.0]), convert([5.0, 7.0]))
    assert grid.tolist() == [[0, 7], [1, 7], [2, 7], [0, 5], [1, 5], [2, 5]]


@pytest.mark.parametrize("count", [1, 2, 15])
def test_prior_quantiles_are_the_middles_of_slices_of_equal_probability(count):
    quantiles, prior = vh.prior_quantiles(count), Normal(0.0, 1.0)
    middles = (torch.arange(count) + 0.5) / count
    torch.testing.assert_close(prior.cdf(quantiles), middles)
    torch.testing.assert_close(quantiles, prior.icdf(middles))


@pytest.mark.parametrize("count", [0, -3, 1.5])
def test_prior_quantiles_need_a_whole_number(count):
    with pytest.raises(ValueError, match=f"count.*{count}"):
        vh.prior_quantiles(count)


def test_the_emptiest_point_of_a_ring_is_its_centre():
    angle = torch.linspace(0, 2 * torch.pi, 400)
    centre = torch.tensor([3.0, -1.0])
    point, distance = vh.emptiest_point(centre + torch.stack([angle.cos(), angle.sin()], 1))
    torch.testing.assert_close(point, centre, atol=0.05, rtol=0)
    assert distance == pytest.approx(1, abs=0.05)


def test_the_emptiest_point_of_a_square_lies_in_its_hole():
    codes, hole = 2 * torch.rand(5000, 2) - 1, torch.tensor([0.3, -0.2])
    codes = codes[(codes - hole).norm(dim=1) > 0.4]
    point, distance = vh.emptiest_point(codes)
    assert (point - hole).norm() < 0.1
    assert distance == pytest.approx((codes - point).norm(dim=1).min().item(), rel=1e-3)


def test_the_emptiest_point_is_sought_among_the_codes_and_not_outside():
    codes = torch.cat([torch.rand(1000, 2), torch.tensor([[50.0, 50.0]])])  # an outlier draws no hole
    point, _ = vh.emptiest_point(codes)
    assert ((point > 0) & (point < 1)).all()


@pytest.mark.parametrize("shape", [(5, 3), (5,)])
def test_the_emptiest_point_is_one_of_a_plane(shape):
    with pytest.raises(ValueError, match=r"\(N, 2\)") as error:
        vh.emptiest_point(torch.zeros(shape))
    assert str(shape) in str(error.value)


def test_the_kl_of_each_dimension_needs_a_vae(images):
    with pytest.raises(ValueError, match="needs a VAE, got a model of class Autoencoder"):
        vh.kl_of_each_dimension(vh.Autoencoder(2, (8,)), images)
