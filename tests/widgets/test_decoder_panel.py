"""DecoderPanel: what it shows is what the model decodes at the ring."""

import pytest
import torch
from panel_tools import check_shows, decode

import vae_helpers as vh
from vae_helpers.widgets import DecoderPanel


@pytest.fixture
def panel(two, shown):
    return DecoderPanel(two, vh.encode_mean(two, shown[0]), shown[1])


def test_it_decodes_at_its_sliders_where_the_ring_is(panel, two):
    check_shows(panel, decode(two, [panel.z1.value, panel.z2.value]), "decoded")
    panel.z1.value, panel.z2.value = 0.25, -0.5
    check_shows(panel, decode(two, [0.25, -0.5]), "decoded")
    assert (panel.image == panel.axes["decoded"].images[0].get_array()).all()
    assert panel.point.tolist() == [0.25, -0.5]


def test_the_sliders_reach_most_codes_and_the_map_is_a_little_wider(panel, two, shown):
    codes = vh.encode_mean(two, shown[0])
    for slider, values, edges in zip(
        panel.sliders, codes.T, (panel.axes["map"].get_xlim(), panel.axes["map"].get_ylim()), strict=True
    ):
        assert ((slider.min <= values) & (values <= slider.max)).float().mean() > 0.97
        assert edges[0] < slider.min < slider.value < slider.max < edges[1]
        assert edges[1] - edges[0] == pytest.approx(1.1 * (slider.max - slider.min), rel=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DecoderPanel(vh.VAE(3, (8,)), torch.randn(6, 3), torch.zeros(6)), "expected latent_dim 2, got 3"),
        (lambda: DecoderPanel(vh.VAE(2, (8,)), torch.randn(6, 2), torch.zeros(5)), "6 .*5"),
        (lambda: DecoderPanel(vh.VAE(2, (8,)), torch.randn(6, 3), torch.zeros(6)), r"\(6, 3\)"),
        (lambda: DecoderPanel(None, torch.randn(6, 2), torch.zeros(6)), "model: expected a torch module"),
    ],
)
def test_wrong_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
