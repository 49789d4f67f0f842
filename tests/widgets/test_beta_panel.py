"""BetaPanel: pictures and scores are those of the chosen model."""

import numpy as np
import pytest
import torch
from panel_tools import images_of, shown_by

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


def curve_of(panel):
    """The axes of a panel's snapshot that hold the curve."""
    return next(ax for ax in panel.snapshot().axes if ax.get_label() == "curve")


@BETAS
def test_it_shows_what_the_model_of_its_beta_decodes_and_rings_its_scores(panel, betas, shown, beta):
    panel.beta.value = beta
    pictures, scores = shown_by(panel), vh.evaluate(betas[beta], shown[0])
    expected = {
        "test images": shown[0][:8],
        "reconstructed": panel.reconstructions[beta],
        "samples of the prior": panel.samples[beta],
    }
    for title, images in expected.items():
        np.testing.assert_allclose(pictures[title], plots.mosaic(images, 8))
    assert panel.scores[beta] == scores
    ring = curve_of(panel).lines[-1]
    assert ring.get_xydata().tolist() == [[scores.kl, scores.reconstruction]]


def test_it_draws_the_curve_of_all_models_between_the_entropy_and_the_mean_image(panel, betas, shown):
    images = shown[0]
    mean_image = images.mean(0, keepdim=True).clamp(1e-6, 1 - 1e-6).logit().expand_as(images)
    assert panel.no_code == pytest.approx(vh.bernoulli_nll(mean_image, images).mean().item(), rel=1e-4)
    assert panel.floor == pytest.approx(vh.pixel_entropy(images).mean().item())
    no_code, floor, joined, _ = curve_of(panel).lines
    assert (no_code.get_ydata()[0], floor.get_ydata()[0]) == (panel.no_code, panel.floor)
    scores = [vh.evaluate(betas[beta], images) for beta in sorted(betas)]
    assert joined.get_xydata().tolist() == [[score.kl, score.reconstruction] for score in scores]


def test_it_draws_the_landmark_that_it_is_given(betas, shown):
    assert curve_of(BetaPanel(betas, shown[0][:20], no_code=123.0)).lines[0].get_ydata()[0] == 123


def test_the_page_gets_all_pictures_and_scores_in_the_order_of_beta(panel, betas, shown):
    data, sheet = panel.stage.data, images_of(panel.stage.data["sheet"])
    assert data["betas"] == ["0.25", "1", "8"]
    np.testing.assert_allclose(sheet[:8], shown[0][:8, 0], atol=0.51 / 255)
    for k, beta in enumerate(sorted(betas)):
        expected = torch.cat([panel.reconstructions[beta], panel.samples[beta]])[:, 0]
        np.testing.assert_allclose(sheet[8 + 24 * k :][:24], expected, atol=0.51 / 255)
        assert (data["rates"][k], data["distortions"][k]) == (panel.scores[beta].kl, panel.scores[beta].reconstruction)


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
        (lambda x: BetaPanel({}, x), "models: expected a dict of VAEs by their beta, one or more"),
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
