"""BetaPanel: pictures and scores are those of the chosen model."""

import numpy as np
import pytest
import torch
from panel_tools import check_shows

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.widgets import BetaPanel

BETAS = pytest.mark.parametrize("beta", [0.25, 1, 8])


@pytest.fixture(scope="module")
def panel(betas, shown):
    return BetaPanel(betas, shown[0])


def test_it_starts_nearest_to_one_and_offers_every_beta_in_order(betas, shown):
    panel = BetaPanel({beta: betas[beta] for beta in (8, 0.25)}, shown[0][:20])
    assert panel.beta.value == 0.25
    assert panel.beta.options == (("0.25", 0.25), ("8", 8))
    assert BetaPanel(betas, shown[0][:20]).beta.value == 1


@BETAS
def test_it_shows_what_the_model_of_its_beta_decodes(panel, shown, beta):
    panel.beta.value = beta
    check_shows(panel, plots.mosaic(shown[0][:8], 8), "images")
    check_shows(panel, plots.mosaic(panel.reconstructions[beta], 8), "reconstructions")
    check_shows(panel, plots.mosaic(panel.samples[beta], 8), "samples")


@BETAS
def test_it_gives_and_rings_the_scores_of_all_images(panel, betas, shown, beta):
    panel.beta.value = beta
    scores = vh.evaluate(betas[beta], shown[0])
    assert f"rate {scores.kl:.1f} + distortion {scores.reconstruction:.1f}" in panel.text.value
    assert f"<b>{scores.negative_elbo:.1f}</b> nats" in panel.text.value
    assert panel.point.tolist() == [scores.kl, scores.reconstruction]
    assert panel.scores[beta] == scores


def test_it_draws_the_curve_of_all_models_between_the_entropy_and_the_mean_image(panel, betas, shown):
    images = shown[0]
    no_code, floor, joined, _ = panel.axes["curve"].lines
    mean_image = images.mean(0, keepdim=True).clamp(1e-6, 1 - 1e-6).logit().expand_as(images)
    assert no_code.get_ydata()[0] == pytest.approx(vh.bernoulli_nll(mean_image, images).mean().item(), rel=1e-4)
    assert floor.get_ydata()[0] == pytest.approx(vh.pixel_entropy(images).mean().item())
    scores = [vh.evaluate(betas[beta], images) for beta in sorted(betas)]
    assert joined.get_xydata().tolist() == [[score.kl, score.reconstruction] for score in scores]


def test_it_draws_the_landmark_that_it_is_given(betas, shown):
    assert BetaPanel(betas, shown[0][:20], no_code=123.0).axes["curve"].lines[0].get_ydata()[0] == 123


class Recording(vh.VAE):
    """A VAE with one mu and one sigma for every image, which keeps each z that it decodes to pixels."""

    def __init__(self, mu, sigma):
        super().__init__(200, (8,))
        self.posterior, self.decoded = (mu, 2 * np.log(sigma)), []

    def encode(self, x):
        return tuple(torch.full((len(x), self.latent_dim), float(value)) for value in self.posterior)

    def decode(self, z):
        self.decoded.append(z)
        return super().decode(z)


def test_reconstructions_come_from_the_posterior_and_samples_from_the_prior_with_one_noise_for_all(mnist):
    models = {1: Recording(3, 0.5), 2: Recording(-1, 2)}
    panel = BetaPanel(models, mnist.test.images[:8])
    noises = []
    for beta, model in models.items():
        (mu, logvar), (z, prior) = model.posterior, model.decoded[-2:]
        torch.testing.assert_close(panel.reconstructions[beta], model.decode(z).detach())
        torch.testing.assert_close(panel.samples[beta], model.decode(prior).detach())
        assert (len(z), len(prior)) == (8, 16)
        noises.append(torch.cat([(z - mu) / np.exp(logvar / 2), prior]))
        assert noises[-1].mean().abs() < 5 / noises[-1].numel() ** 0.5
        assert (noises[-1].std() - 1).abs() < 5 / (2 * noises[-1].numel()) ** 0.5
        assert len(noises[-1].unique()) > 0.99 * noises[-1].numel()  # none is used twice
    torch.testing.assert_close(*noises)


def test_it_leaves_the_global_generator_alone(betas, shown):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    BetaPanel(betas, shown[0][:20])
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: BetaPanel({}, x), r"latent_dims \[\]"),
        (lambda x: BetaPanel({1: vh.VAE(2, (8,)), 2: vh.VAE(3, (8,))}, x), r"\[2, 3\]"),
        (lambda x: BetaPanel({1: vh.Autoencoder(2, (8,))}, x), "expected a VAE"),
        (lambda x: BetaPanel({1: vh.VAE(2, (8,))}, None), "NoneType"),
        (lambda x: BetaPanel({1: vh.VAE(2, (8,))}, x[:7]), "expected 8 or more, got 7"),
        (lambda x: BetaPanel({1: vh.VAE(2, (8,))}, 2 * x), "values from"),
        (lambda x: BetaPanel({1: vh.VAE(2, (8,))}, x.flatten(1)), r"\(8, 784\)"),
    ],
)
def test_wrong_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make(torch.rand(8, 1, 28, 28))
