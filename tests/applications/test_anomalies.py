"""anomalies: scores in closed form, and the images that are no upright digits."""

import socket
import struct

import pytest
import torch

import vae_helpers as vh
from vae_helpers.applications import anomaly_scores, ood_images


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
