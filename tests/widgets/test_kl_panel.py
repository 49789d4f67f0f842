"""KLPanel: the number and the slopes are those of the formula; what the page draws is tested in the browser."""

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers.widgets import KLPanel


@pytest.fixture(scope="module", params=[(0.0, 1.0), (-2.0, 0.3), (1.5, 2.5)])
def place(request):
    return request.param


@pytest.fixture(scope="module")
def panel(place):
    panel = KLPanel()
    panel.mu.value, panel.sigma.value = place
    return panel


def test_it_gives_the_kl_and_its_gradient(panel, place):
    mu, sigma = (torch.tensor([[value]], dtype=torch.float64, requires_grad=True) for value in place)
    kl = vh.gaussian_kl(mu, 2 * sigma.log()).sum()
    slopes = torch.autograd.grad(kl, [mu, sigma])
    assert panel.kl == pytest.approx(kl.item(), abs=1e-6)
    assert panel.gradient == pytest.approx([slope.item() for slope in slopes], abs=1e-6)


def test_the_densities_in_its_snapshot_have_the_kl(panel):
    densities, _ = panel.snapshot().axes
    p, q = (line.get_ydata() for line in densities.lines)
    step = densities.lines[0].get_xdata()[1] - densities.lines[0].get_xdata()[0]
    whole = q > 1e-12
    assert np.sum((q * np.log(q / p))[whole]) * step == pytest.approx(panel.kl, abs=0.2)  # what the axes show of it


def test_its_snapshot_marks_the_place_and_says_the_kl(panel, place):
    _, plane = panel.snapshot().axes
    assert [*place] in [line.get_xydata()[0].tolist() for line in plane.lines]
    assert plane.get_title() == f"KL = {panel.kl:.2f} nats"
