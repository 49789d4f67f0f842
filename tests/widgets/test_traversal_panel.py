"""TraversalPanel: the film and the image are the first image's code with one latent set."""

import numpy as np
import pytest
import torch
from panel_tools import check_shows, decode, decoded_codes, film

import vae_helpers as vh
from vae_helpers.widgets import TraversalPanel
from vae_helpers.widgets.film import FRAMES
from vae_helpers.widgets.traversal import VALUES


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


@pytest.mark.parametrize(("rank", "value"), [(0, -3.0), (1, 0.7), (19, 3.0)])
def test_it_decodes_the_first_image_s_code_with_one_latent_set(panel, twenty, shown, rank, value):
    code = vh.encode_mean(twenty, shown[0][:1])[0]
    panel.latent.value = k = panel.latent.options[rank][1]
    panel.value.value = value
    check_shows(panel, decode(twenty, vh.traverse(code, k, [value])[0]), "now")
    assert (panel.image == panel.axes["now"].images[0].get_array()).all()
    check_shows(panel, film(twenty, vh.traverse(code, k, torch.linspace(-3, 3, FRAMES))), "film")
    assert panel.text.value.startswith(f"z{subscript(k + 1)} = <b>{value:.1f}</b>".replace("-", "−"))
    assert panel.text.value.endswith(f"the encoder gives this image {code[k]:.1f}".replace("-", "−"))
    torch.testing.assert_close(panel.code, code)


def test_it_shows_the_first_image_and_its_reconstruction(panel, twenty, shown):
    check_shows(panel, shown[0][0, 0], "image")
    check_shows(panel, decode(twenty, vh.encode_mean(twenty, shown[0][:1])[0]), "reconstruction")


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


def test_the_frames_are_over_their_values_and_under_the_mark(panel):
    ax = panel.axes["film"]
    (mark,) = ax.lines
    for k, (value, tick, text) in enumerate(zip(VALUES, ax.get_xticks(), ax.get_xticklabels(), strict=True)):
        assert float(text.get_text().replace("−", "-")) == pytest.approx(value, abs=0.051)
        assert tick == pytest.approx(28 * k + 13.5)  # the middle of its frame
        panel.value.value = value
        assert np.mean(mark.get_xdata()) == pytest.approx(tick)
        assert max(mark.get_ydata()) < 0  # above the film


def test_a_film_is_decoded_only_for_another_latent(twenty, shown, monkeypatch):
    panel = TraversalPanel(twenty, shown[0])
    counts = decoded_codes([twenty], monkeypatch)
    panel.value.value = 2.5
    assert counts == [1]
    panel.latent.value = panel.latent.options[1][1]
    assert sorted(counts) == [1, 1, FRAMES]


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
