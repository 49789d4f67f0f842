"""DiagramPanel: every number is the model's own, and the page gets what it needs to work them out."""

import numpy as np
import pytest
import torch
from panel_tools import decode, images_of, shown_by
from test_network import unpacked

import vae_helpers as vh
from vae_helpers.widgets import DiagramPanel


@pytest.fixture(scope="module")
def model():
    return vh.load_pretrained("vae20_beta1")


@pytest.fixture
def panel(model, sixty):
    return DiagramPanel(model, *sixty)


@torch.no_grad()
def test_its_numbers_are_the_model_s(panel, model, sixty):
    panel.image.value, panel.seed.value = 7, 3
    x = sixty[0][7:8]
    mu, logvar = model.encode(x)
    torch.testing.assert_close(panel.mu, mu[0])
    torch.testing.assert_close(panel.sigma, (0.5 * logvar[0]).exp())
    torch.testing.assert_close(panel.z, panel.mu + panel.sigma * panel.epsilon)
    assert panel.kl == pytest.approx(vh.gaussian_kl(mu, logvar).item())
    logits = model.decode_logits(panel.z[None])
    assert panel.reconstruction == pytest.approx(vh.bernoulli_nll(logits, x).item())
    np.testing.assert_allclose(shown_by(panel)["decoded from z"], decode(model, panel.z), atol=1e-5)
    assert panel.epsilon.tolist() == panel.stage.data["noise"][3]


@torch.no_grad()
def test_the_encoder_of_the_page_is_near_to_the_model_s(panel, model, sixty):
    out = unpacked(panel.stage.encoder)(sixty[0].flatten(1))
    expected = torch.cat(model.encode(sixty[0]), dim=1)
    assert (out - expected).abs().mean() < 0.02
    assert out.shape == expected.shape


def test_the_page_gets_the_plane_of_the_codes(panel, model, sixty):
    data = panel.stage.data
    codes = vh.encode_mean(model, sixty[0])
    points = np.frombuffer(data["points"], "<f4").reshape(-1, 2)
    np.testing.assert_allclose(points, vh.LatentPCA().fit(codes).transform(codes)[:, :2], atol=1e-4)
    plane = torch.tensor(data["plane"])
    torch.testing.assert_close(plane @ plane.T, torch.eye(2), atol=1e-5, rtol=0)
    np.testing.assert_allclose(images_of(data["sheet"])[:60], sixty[0][:, 0], atol=0.51 / 255)


def test_two_latents_are_the_plane_themselves(two, sixty):
    data = DiagramPanel(two, *sixty).stage.data
    assert (data["origin"], data["plane"]) == ([0, 0], [[1, 0], [0, 1]])
    assert data["names"] == ["latent z₁", "latent z₂"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: DiagramPanel(vh.Autoencoder(2, (8,)), x, torch.zeros(6)), "expected a VAE"),
        (lambda x: DiagramPanel(vh.ConvVAE(2), x, torch.zeros(6)), "dense layers"),
        (lambda x: DiagramPanel(vh.VAE(2, (8,)), x[:1], torch.zeros(1)), "two or more, got 1"),
        (lambda x: DiagramPanel(vh.VAE(2, (8,)), 2 * x, torch.zeros(6)), "values from"),
        (lambda x: DiagramPanel(vh.VAE(2, (8,)), x, torch.zeros(5)), "5"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
