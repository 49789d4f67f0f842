"""applications: each function on data whose answer is known, and what each refuses."""

import gzip
import io
import math
import socket
import struct

import numpy as np
import PIL.Image
import pytest
import torch

import vae_helpers as vh
from vae_helpers._validation import check_vae
from vae_helpers.applications import (
    anomaly_scores,
    compressed_bits,
    inpaint_map,
    inpaint_pseudo_gibbs,
    levina_bickel,
    ood_images,
    participation_ratio,
    plausible_completions,
    two_nn,
)
from vae_helpers.applications.compression import _png


def half():
    """The mask of an image whose lower half is missing."""
    return torch.arange(28).view(1, 28, 1).expand(1, 28, 28) < 14


# generation


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


# compression


def test_an_image_that_cannot_be_compressed_costs_its_bits_and_gzip_s_frame():
    images = vh.binarize(torch.full((300, 1, 28, 28), 0.5))
    bits = compressed_bits(images)
    assert bits["gzip, each alone"] == 8 * (98 + 18 + 5)  # 784 bits stored; header and checksum; one block
    assert 784 < bits["gzip, pooled"] < 786
    assert 784 < bits["xz, pooled"] < 790
    assert bits["PNG, each alone"] > 784


def test_black_images_cost_nearly_nothing_when_pooled():
    bits = compressed_bits(torch.zeros(2000, 1, 28, 28))
    assert max(bits["gzip, pooled"], bits["xz, pooled"]) < 1
    assert min(bits["gzip, each alone"], bits["PNG, each alone"]) > 150  # a header for each


def test_what_is_compressed_is_the_images(images):
    black_and_white = vh.binarize(images, seed=1)  # not the seed that drew them
    black_and_white[0] = 0  # so that their sizes differ
    for image in black_and_white:
        opened = PIL.Image.open(io.BytesIO(_png(image[0].bool().numpy())))
        assert opened.mode == "1"
        np.testing.assert_array_equal(np.asarray(opened), image[0].bool())
    packed = np.packbits(black_and_white.flatten(1).bool().numpy(), axis=1)
    sizes = [8 * len(gzip.compress(row.tobytes(), mtime=0)) for row in packed]
    bits = compressed_bits(black_and_white)
    assert bits["gzip, each alone"] == np.mean(sizes)
    assert bits["PNG, each alone"] == np.mean([8 * len(_png(image[0].bool().numpy())) for image in black_and_white])


# anomalies


class Perfect(vh.VAE):
    """A VAE that returns the image itself, with the posterior N(3, 1) in each of four dimensions."""

    def encode(self, x):
        self.seen = x
        mu = torch.full((len(x), 4), 3.0)
        return mu, torch.zeros_like(mu)

    def decode_logits(self, z):
        return self.seen.logit(1e-6)


def test_the_scores_of_a_perfect_reconstruction_are_the_closed_forms():
    images = torch.rand(7, 1, 28, 28)
    scores = anomaly_scores(Perfect(4, (8,)), images)
    entropy = torch.distributions.Bernoulli(images).entropy().sum((1, 2, 3))
    torch.testing.assert_close(scores["KL"], torch.full((7,), 4 * 0.5 * 9))
    torch.testing.assert_close(scores["‖μ‖"], torch.full((7,), 6.0))
    torch.testing.assert_close(scores["−ELBO"], entropy + 18, rtol=1e-4, atol=0)
    torch.testing.assert_close(scores["reconstruction − entropy"], torch.zeros(7), atol=0.02, rtol=0)


def test_the_scores_of_many_images_average_to_what_evaluate_says(trained, mnist):
    images = mnist.test.images
    for x in (images, torch.cat([images, images[:3]])):  # more than a thousand are split
        scores, expected = anomaly_scores(trained, x), vh.evaluate(trained, x)
        assert scores["−ELBO"].shape == (len(x),)
        assert scores["−ELBO"].mean().item() == pytest.approx(expected.negative_elbo, rel=1e-5)
        assert scores["KL"].mean().item() == pytest.approx(expected.kl, rel=1e-5)
        floor = vh.pixel_entropy(x).mean().item()
        beyond = scores["reconstruction − entropy"].mean().item()
        assert beyond == pytest.approx(expected.reconstruction - floor, rel=1e-5)
        torch.testing.assert_close(scores["‖μ‖"], vh.encode_mean(trained, x).norm(dim=1))


def test_ood_images_are_images_and_need_no_network(images, monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_HELPERS_DATA", str(tmp_path))
    monkeypatch.setattr(socket, "socket", None)
    sources = ood_images(images)
    assert list(sources) == ["turned digits", "shuffled pixels", "printed letters", "8 × 8 scans"]
    for source in sources.values():
        assert source.shape[1:] == (1, 28, 28)
        assert source.dtype == torch.float32
        low, high = source.aminmax()
        assert 0 <= low <= high <= 1
    assert len(sources["8 × 8 scans"]) == 1797


def test_turned_and_shuffled_digits_have_the_pixels_of_the_digits(images):
    sources = ood_images(images)
    torch.testing.assert_close(sources["turned digits"][:, 0, 0], images[:, 0, :, -1])  # the right edge is on top
    shuffled = sources["shuffled pixels"]
    torch.testing.assert_close(shuffled.flatten(1).sort().values, images.flatten(1).sort().values)
    places = torch.arange(784).view(1, 1, 28, 28) / 783
    where = (ood_images(places)["shuffled pixels"].flatten() * 783).round().long()
    torch.testing.assert_close(shuffled.flatten(1), images.flatten(1)[:, where])  # every image alike
    assert (where == torch.arange(784)).float().mean() < 0.02
    assert not torch.equal(ood_images(images, seed=1)["shuffled pixels"], shuffled)


def test_printed_letters_are_52_in_each_face_as_large_and_as_centred_as_digits(images):
    letters = ood_images(images)["printed letters"]
    assert len(letters) % 52 == 0
    assert len(letters) > 500
    assert len({letter.numpy().tobytes() for letter in letters}) > 0.9 * len(letters)
    for drawn in ((letters > 0).any(2), (letters > 0).any(3)):  # columns, rows: (N, 1, 28)
        first, last = drawn.float().argmax(2), 27 - drawn.flip(2).float().argmax(2)
        assert (last - first).max() == 19  # 20 pixels
        assert (first + last - 27).abs().max() <= 5  # slanted letters are a little off
        assert (first + last - 27).float().abs().mean() < 1
    assert letters.amax((1, 2, 3)).min() > 0.5  # none is empty


def test_fashion_mnist_is_among_the_sources_if_it_lies_on_disk(images, monkeypatch, tmp_path):
    pixels = torch.randint(256, (5, 28, 28), dtype=torch.uint8)
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "t10k-images-idx3-ubyte").write_bytes(struct.pack(">4i", 0x803, 5, 28, 28) + pixels.numpy().tobytes())
    monkeypatch.setenv("VAE_HELPERS_DATA", str(tmp_path))
    torch.testing.assert_close(ood_images(images)["Fashion-MNIST"], pixels.unsqueeze(1) / 255)


# missing pixels


class Linear(vh.VAE):
    """A VAE with two latents, the linear decoder 0.5 + W z, Gaussian pixels, and the exact posterior as encoder."""

    def __init__(self, variance=0.01):
        super().__init__(2, (8,))
        self.variance = variance
        columns = 0.02 * torch.randn(784, 2)
        columns[:, 1] -= columns[:, 0] * (columns[:, 0] @ columns[:, 1]) / columns[:, 0].square().sum()
        self.columns = columns

    def decode_logits(self, z):
        return (0.5 + z @ self.columns.T).view(-1, 1, 28, 28).logit()

    def likelihood(self, logits, x):
        return vh.gaussian_nll(torch.sigmoid(logits), x, self.variance)

    def posterior(self, x, seen):
        """Mean (N, 2) and covariance (2, 2) of p(z | the seen pixels)."""
        w = self.columns[seen.flatten()]
        covariance = torch.linalg.inv(torch.eye(2) + w.T @ w / self.variance)
        return (x[:, seen] - 0.5) @ w @ covariance / self.variance, covariance

    def encode(self, x):
        mean, covariance = self.posterior(x, torch.ones(1, 28, 28, dtype=torch.bool))
        return mean, covariance.diagonal().log().expand(len(x), 2)

    def draw(self, count):
        """Images of this model, kept away from 0 and 1."""
        means = self.decode(torch.randn(count, 2))
        return (means + 0.1 * torch.randn_like(means)).clamp(0.01, 0.99)


def codes_of(model, filled, seen):
    """The codes that decode to these missing pixels, by least squares: (N, 1, 28, 28) => (N, 2)."""
    missing = ~seen.flatten()
    return torch.linalg.lstsq(model.columns[missing], (filled.flatten(1)[:, missing] - 0.5).T).solution.T


@pytest.mark.parametrize("shape", ["half", "scattered"])
def test_the_map_of_a_linear_model_is_the_closed_form(shape):
    model, seen = Linear(), half() if shape == "half" else torch.rand(1, 28, 28) < 0.03
    x = model.draw(5)
    filled = inpaint_map(model, x, seen, steps=600, likelihood=model.likelihood)
    mean, _ = model.posterior(x, seen)
    torch.testing.assert_close(codes_of(model, filled, seen), mean, atol=2e-3, rtol=0)
    assert (mean.norm(dim=1) > 0.1).all()


def test_the_map_is_the_prior_s_mean_if_the_seen_pixels_say_nothing(images):
    model, seen = Linear(variance=1e6), half()
    filled = inpaint_map(model, images, seen, likelihood=model.likelihood)
    torch.testing.assert_close(filled[:, ~seen], torch.full((6, 392), 0.5), atol=1e-3, rtol=0)


def test_pseudo_gibbs_of_a_linear_model_with_an_exact_encoder_averages_to_the_conditional_mean():
    model, seen = Linear(), half()
    x = model.draw(5)
    short = inpaint_pseudo_gibbs(model, x, seen, steps=1)
    filled = inpaint_pseudo_gibbs(model, x, seen, steps=4000)
    mean, covariance = model.posterior(x, seen)
    error = (codes_of(model, filled, seen) - mean).abs().max()
    assert error < 0.2 * covariance.diagonal().min().sqrt()
    assert (codes_of(model, short, seen) - mean).abs().max() > 2 * error  # one step from z = 0 does not get there


def test_pseudo_gibbs_starts_at_the_decoder_s_image_of_zero_and_averages_the_second_half():
    class Counting(vh.VAE):
        def encode(self, x):
            self.asked.append(x)
            return torch.zeros(len(x), 2), torch.full((len(x), 2), -60.0)

        def decode_logits(self, z):
            return torch.full((len(z), 1, 28, 28), self.count / 10).logit()

        def decode(self, z):
            self.count += self.step
            return self.decode_logits(z).sigmoid()

    model, x, seen = Counting(2, (8,)), torch.rand(3, 1, 28, 28), half()
    model.asked, model.count, model.step = [], 0, 0
    check_vae(model)  # calls each method once
    model.asked, model.step = [], 1
    filled = inpaint_pseudo_gibbs(model, x, seen, steps=5)
    assert [round(asked[0, 0, -1, -1].item(), 3) for asked in model.asked] == [0.1, 0.2, 0.3, 0.4, 0.5]
    torch.testing.assert_close(filled[:, ~seen], torch.full((3, 392), (0.4 + 0.5 + 0.6) / 3))


def test_plausible_completions_of_a_linear_model_have_its_posterior():
    model, seen = Linear(), half()
    w = model.columns[:392]
    model.columns[:392, 1] -= w[:, 0] * (w[:, 0] @ w[:, 1]) / w[:, 0].square().sum()  # now the posterior is diagonal
    x = model.draw(2)
    filled = plausible_completions(model, x, seen, count=500, steps=300, likelihood=model.likelihood)
    assert filled.shape == (500, 2, 1, 28, 28)
    mean, covariance = model.posterior(x, seen)
    codes = codes_of(model, filled.flatten(0, 1), seen).unflatten(0, (500, 2))
    deviation = covariance.diagonal().sqrt()
    assert ((codes.mean(0) - mean).abs() < 0.25 * deviation).all()
    assert (codes.std(0) / deviation - 1).abs().max() < 0.25


def test_plausible_completions_are_samples_of_the_prior_if_the_seen_pixels_say_nothing(images):
    model, seen = Linear(variance=1e6), half()
    codes = codes_of(
        model,
        plausible_completions(model, images, seen, count=100, likelihood=model.likelihood).flatten(0, 1),
        seen,
    )
    torch.testing.assert_close(codes.mean(0), torch.zeros(2), atol=0.15, rtol=0)
    torch.testing.assert_close(codes.std(0), torch.ones(2), atol=0.15, rtol=0)


FILL_INS = {
    "impute_map": lambda *task, **more: inpaint_map(*task, **more).unsqueeze(0),
    "inpaint_pseudo_gibbs": lambda *task, **more: inpaint_pseudo_gibbs(*task, **more).unsqueeze(0),
    "plausible_completions": lambda *task, **more: plausible_completions(*task, **more),
}
each_fill_in = pytest.mark.parametrize("fill_in", FILL_INS.values(), ids=FILL_INS)


@each_fill_in
def test_seen_pixels_stay_and_the_missing_ones_are_not_looked_at(fill_in, trained, mnist):
    x, seen = mnist.test.images[:4], half()
    filled = fill_in(trained, x, seen, steps=5)
    assert (filled[:, :, seen] == x[:, seen]).all()
    assert 0 <= filled.min() <= filled.max() <= 1
    torch.testing.assert_close(fill_in(trained, torch.where(seen, x, 1 - x), seen, steps=5), filled)
    assert not filled.requires_grad


@each_fill_in
def test_filling_in_leaves_the_model_as_it_was(fill_in, images):
    model = vh.VAE(3, (8,))
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    fill_in(model, images, half(), steps=3)
    assert all(torch.equal(weights, before[name]) for name, weights in model.state_dict().items())
    assert all(weights.grad is None and weights.requires_grad for weights in model.parameters())


# the dimension of data


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
