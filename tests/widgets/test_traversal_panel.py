"""TraversalPanel: the film and the image are the first image's code with one latent set."""

import numpy as np
import pytest
import torch
from panel_tools import decode, film, shown_by

import vae_helpers as vh
from vae_helpers.widgets import TraversalPanel


@pytest.fixture(scope="module")
def panel(twenty, shown):
    return TraversalPanel(twenty, shown[0])


def subscript(number):
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def test_it_offers_every_latent_the_costliest_first(panel, twenty, shown):
    cost = vh.kl_per_dimension(twenty, shown[0])
    offered = [k for _, k in panel.latent.options]
    assert sorted(offered) == list(range(20))
    assert (cost[offered].diff() <= 0).all()
    assert [text for text, _ in panel.latent.options] == [f"z{subscript(k + 1)} ({cost[k]:.2f} nats)" for k in offered]
    assert TraversalPanel(twenty, shown[0]).latent.value == offered[0] == cost.argmax()
    assert panel.stage.data["order"] == offered  # the page knows the choice by its place


@pytest.mark.parametrize(("rank", "value"), [(0, -3.0), (1, 0.7), (19, 3.0)])
def test_it_decodes_the_first_image_s_code_with_one_latent_set(panel, twenty, shown, rank, value):
    code = vh.encode_mean(twenty, shown[0][:1])[0]
    panel.latent.value = k = panel.latent.options[rank][1]
    panel.value.value = value
    np.testing.assert_allclose(panel.image, decode(twenty, vh.traverse(code, k, [value])[0]), atol=1e-5)
    pictures = shown_by(panel)
    np.testing.assert_allclose(pictures["with the latent at the mark"], panel.image)
    expected = film(twenty, vh.traverse(code, k, torch.linspace(-3, 3, 11)))
    np.testing.assert_allclose(pictures[0], expected, atol=1e-5)
    torch.testing.assert_close(panel.code, code)


def test_it_shows_the_first_image_and_its_reconstruction(panel, twenty, shown):
    pictures = shown_by(panel)
    np.testing.assert_allclose(pictures["image"], shown[0][0, 0])
    reconstruction = decode(twenty, vh.encode_mean(twenty, shown[0][:1])[0])
    np.testing.assert_allclose(pictures["reconstruction"], reconstruction, atol=1e-5)


@pytest.mark.parametrize("far", [1.0, 40.0])
def test_it_starts_at_the_image_s_own_value_as_far_as_the_slider_goes(images, far):
    model = vh.VAE(3, (8,))
    with torch.no_grad():
        model.to_mu.bias.copy_(torch.tensor([0.5, -1.23 * far, 0.5]))
    panel = TraversalPanel(model, images)
    code = vh.encode_mean(model, images[:1])[0]
    assert panel.latent.value == 1
    assert panel.value.value == pytest.approx(max(code[1].item(), -3), abs=0.051)
    assert (panel.value.min, panel.value.max) == (-3, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: TraversalPanel(vh.Autoencoder(2, (8,)), x), "expected a VAE"),
        (lambda x: TraversalPanel(vh.VAE(2, (8,)), 2 * x), "values from"),
        (lambda x: TraversalPanel(vh.VAE(2, (8,)), x[0]), r"\(1, 28, 28\)"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
