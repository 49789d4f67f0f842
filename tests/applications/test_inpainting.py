"""inpainting: against a linear model, whose posterior given the seen pixels is known."""

import pytest
import torch

import vae_helpers as vh
from vae_helpers._validation import check_vae
from vae_helpers.applications import inpaint_map, inpaint_pseudo_gibbs, plausible_completions


def half():
    """The mask of an image whose lower half is missing."""
    return torch.arange(28).view(1, 28, 1).expand(1, 28, 28) < 14


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


@pytest.mark.slow
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
