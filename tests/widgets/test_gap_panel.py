"""GapPanel: ELBO and gap are the model's, by PyTorch's own KL and by quadrature, and add up to log p(x)."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_helpers.widgets import GapPanel


@pytest.mark.parametrize("x", [1.5, -2])
@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (2.5, 0.3), (-1.0, 1.8)])
def test_elbo_and_gap_are_the_model_s_and_add_up(x, mu, sigma):
    panel = GapPanel(x)
    panel.mu.value, panel.sigma.value = mu, sigma
    q, z = Normal(mu, sigma), torch.linspace(-15, 15, 30_001).double()
    assert panel.gap == pytest.approx(kl_divergence(q, Normal(x / 2, math.sqrt(0.5))).item(), abs=1e-5)
    joint = Normal(0.0, 1.0).log_prob(z) + Normal(z, 1.0).log_prob(torch.tensor(x))
    assert panel.log_p == pytest.approx(torch.trapezoid(joint.exp(), z).log().item(), abs=1e-5)
    elbo = torch.trapezoid(q.log_prob(z).exp() * (joint - q.log_prob(z)), z).item()
    assert panel.elbo == pytest.approx(elbo, abs=1e-4)
    assert panel.elbo + panel.gap == pytest.approx(panel.log_p)
    bars = panel.snapshot().axes[1].patches
    assert [bar.get_height() for bar in bars] == pytest.approx([panel.elbo, panel.gap])


@pytest.mark.parametrize("x", [None, "1", math.nan, math.inf])
def test_wrong_input_is_refused(x):
    with pytest.raises(ValueError, match="x: expected a finite number"):
        GapPanel(x)
