"""PosteriorPanel: log p(x) is the sum over the plane, the ELBO an average over q; the page gets what it needs."""

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers.widgets import PosteriorPanel


@pytest.fixture(scope="module")
def panel(two, shown):
    return PosteriorPanel(two, {"first": shown[0][2], "second": shown[0][5]}, grid=61)


def log_joint(model, image, z):
    images = image.expand(len(z), 1, 28, 28)
    return -vh.bernoulli_nll(model.decode_logits(z), images) - 0.5 * z.square().sum(1) - np.log(2 * np.pi)


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
@torch.no_grad()
def test_log_p_is_the_quadrature_over_the_whole_plane(panel, two, shown, number):
    panel.image.value = number
    axis = torch.linspace(-4.5, 4.5, 301)
    expected = log_joint(two, panel.images[number], vh.plane_grid(axis, axis)).logsumexp(0) + 2 * np.log(9 / 300)
    assert panel.log_p == pytest.approx(expected.item(), abs=0.2)


@torch.no_grad()
def test_the_elbo_is_an_average_over_q_and_the_gap_what_is_missing(panel, two):
    panel.image.value = 0
    mu, sigma = panel.encoder
    q = torch.distributions.Normal(mu, sigma)
    z = q.sample((4000,))
    weights = log_joint(two, panel.images[0], z) - q.log_prob(z).sum(1)
    error = weights.std().item() / 4000**0.5
    assert panel.elbo == pytest.approx(weights.mean().item(), abs=5 * error + 0.02)
    assert panel.elbo + panel.gap == pytest.approx(panel.log_p)
    assert panel.gap > -0.1
    before = panel.elbo
    panel.mu1.value += 0.3
    assert panel.elbo < before


def test_another_image_puts_q_where_the_encoder_has_it(panel):
    panel.image.value = 0
    panel.mu1.value = 2.0
    panel.image.value = 1
    mu, sigma = panel.encoder
    values = [panel.mu1.value, panel.mu2.value, panel.sigma1.value, panel.sigma2.value]
    assert values == pytest.approx([*mu.tolist(), *sigma.tolist()], abs=0.006)


def test_the_page_gets_the_posterior_to_a_hundredth_of_a_nat_near_its_top(panel):
    data = panel.stage.data
    below = (0.002 * np.frombuffer(data["below"], "<u2").reshape(2, -1)) ** 2
    for number, part in enumerate(panel._log_joint):
        near = part > part.max() - 20
        assert near.sum() > 20
        np.testing.assert_allclose(data["tops"][number] - below[number][near], part[near], atol=0.02)


def test_the_snapshot_has_bars_that_add_up(panel):
    encoder = panel.sigma1.value, panel.sigma2.value
    for sigma in (*encoder[:1], 0.3):  # with a gap that is shown, and one that is more than all of the axis
        panel.sigma1.value = panel.sigma2.value = sigma
        elbo, gap = panel.snapshot().axes[2].patches
        assert elbo.get_y() + elbo.get_height() == gap.get_y() == pytest.approx(max(panel.elbo, panel.log_p - 12))
        assert gap.get_y() + gap.get_height() == pytest.approx(panel.log_p)
    assert panel.gap > 12
    panel.sigma1.value, panel.sigma2.value = encoder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": {}}, "images: expected a dict of images .*one or more"),
        ({"images": {"a": torch.rand(28, 28)}}, "expected shape"),
        ({"model": vh.VAE(3, (8,))}, "model: expected two latents, got 3"),
        ({"model": vh.Autoencoder(2, (8,))}, "expected a VAE"),
        ({"grid": 3}, "grid: expected a whole number, 10 or more, got 3"),
    ],
)
def test_wrong_input_is_refused(two, shown, change, message):
    with pytest.raises(ValueError, match=message):
        PosteriorPanel(**({"model": two, "images": {"a": shown[0][0]}} | change))
