"""ReparameterizationPanel: the noise stands still, and the slopes are those of autograd through the draws."""

import pytest
import torch

from vae_helpers.widgets import ReparameterizationPanel


def test_the_draws_move_and_the_noise_does_not():
    panel = ReparameterizationPanel(draws=10, seed=3)
    epsilon = panel.epsilon.clone()
    panel.mu.value, panel.sigma.value = -1.0, 2.0
    assert torch.equal(panel.epsilon, epsilon)
    torch.testing.assert_close(panel.z, -1 + 2 * epsilon)
    assert panel.stage.data["epsilon"] == epsilon.tolist()
    assert not torch.equal(ReparameterizationPanel(draws=10, seed=4).epsilon, epsilon)


def test_average_and_gradient_are_those_of_autograd():
    panel = ReparameterizationPanel()
    panel.mu.value, panel.sigma.value = 0.7, 1.3
    mu, sigma = (torch.tensor(value, requires_grad=True) for value in (0.7, 1.3))
    average = -((mu + sigma * panel.epsilon - 3) ** 2).mean()
    assert panel.average == pytest.approx(average.item(), rel=1e-5)
    assert panel.gradient == pytest.approx(
        [slope.item() for slope in torch.autograd.grad(average, [mu, sigma])], rel=1e-4
    )


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="draws"):
        ReparameterizationPanel(draws=0)
