"""KLPanel: the number, the area and the direction downhill are those of the formula."""

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers.widgets.kl import KLPanel, kl_and_gradient


@pytest.fixture(scope="module", params=[(0.0, 1.0), (-2.0, 0.3), (1.5, 2.5)])
def place(request):
    return request.param


@pytest.fixture(scope="module")
def panel(place):
    panel = KLPanel()
    panel.mu.value, panel.sigma.value = place
    return panel


def test_it_shows_the_kl_and_its_gradients(panel, place):
    mu, sigma = place
    kl = vh.gaussian_kl(torch.tensor([[mu]]), 2 * torch.tensor([[sigma]]).log()).item()
    assert f"<b>{kl:.3f}</b> nats" in panel.text.value
    assert f"∂μ = {mu:+.2f}" in panel.text.value
    assert f"∂σ = {sigma - 1 / sigma:+.2f}" in panel.text.value
    assert kl_and_gradient(mu, sigma) == pytest.approx((kl, mu, sigma - 1 / sigma), rel=1e-5)
    assert (panel.kl, *panel.gradient) == kl_and_gradient(mu, sigma)


def test_it_points_downhill(panel, place):
    mu, sigma = place
    start, end = panel.descent
    assert start.tolist() == [mu, sigma]
    assert any(line.get_xydata().tolist() == [[mu, sigma]] for line in panel.axes["plane"].lines)
    slope = np.hypot(mu, sigma - 1 / sigma) or 1.0
    length = np.hypot(*(end - start))
    assert end - start == pytest.approx(-length / slope * np.array([mu, sigma - 1 / sigma]))
    assert (length > 0.1) == (mu != 0)


def test_it_shades_q_log_q_over_p_down_to_zero(panel):
    x, y = panel.outline.T
    assert np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) == pytest.approx(panel.kl, abs=0.002)  # around the polygon
