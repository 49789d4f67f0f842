"""DecoderPanel: what it shows is what the model decodes at the ring."""

import numpy as np
import pytest
import torch
from panel_tools import decode, shown_by

import vae_helpers as vh
from vae_helpers.widgets import DecoderPanel


@pytest.fixture
def panel(two, shown):
    return DecoderPanel(two, vh.encode_mean(two, shown[0]), shown[1])


def test_it_decodes_at_its_sliders_where_the_ring_is(panel, two):
    np.testing.assert_allclose(panel.image, decode(two, [panel.z1.value, panel.z2.value]), atol=1e-5)
    panel.z1.value, panel.z2.value = 0.25, -0.5
    np.testing.assert_allclose(panel.image, decode(two, [0.25, -0.5]), atol=1e-5)
    assert panel.point.tolist() == [0.25, -0.5]
    np.testing.assert_allclose(shown_by(panel)["decoded"], panel.image)
    assert [0.25, -0.5] in [line.get_xydata()[0].tolist() for line in panel.snapshot().axes[0].lines]


def test_the_sliders_reach_most_codes_and_the_map_is_a_little_wider(panel, two, shown):
    codes, data = vh.encode_mean(two, shown[0]), panel.stage.data
    for slider, values, edges in zip((panel.z1, panel.z2), codes.T, (data["x"], data["y"]), strict=True):
        assert ((slider.min <= values) & (values <= slider.max)).float().mean() > 0.97
        assert edges[0] < slider.min < slider.value < slider.max < edges[1]
        assert edges[1] - edges[0] == pytest.approx(1.1 * (slider.max - slider.min), rel=1e-3)


def test_the_page_gets_each_code_and_its_digit(panel, two, shown):
    points = np.frombuffer(panel.stage.data["points"], "<f4").reshape(-1, 2)
    np.testing.assert_allclose(points, vh.encode_mean(two, shown[0]), atol=1e-6)
    assert list(panel.stage.data["digits"]) == shown[1].tolist()


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
