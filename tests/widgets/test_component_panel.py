"""ComponentPanel: the code is moved along the components as far as the sliders say, and decoded."""

import numpy as np
import pytest
import torch
from panel_tools import decode, shown_by

import vae_helpers as vh
from vae_helpers.widgets import ComponentPanel


@pytest.fixture(scope="module")
def pca(twenty, shown):
    return vh.LatentPCA().fit(vh.encode_mean(twenty, shown[0]))


@pytest.fixture
def panel(twenty, pca):
    return ComponentPanel(twenty, pca)


def test_it_starts_at_the_mean_of_the_codes(panel, pca, twenty):
    assert [slider.description for slider in panel.components] == [f"component {k + 1}" for k in range(20)]
    assert {(slider.min, slider.value, slider.max) for slider in panel.components} == {(-3, 0, 3)}
    np.testing.assert_allclose(panel.image, decode(twenty, pca.mean_), atol=1e-5)
    torch.testing.assert_close(panel.code, pca.mean_)


def test_it_moves_from_the_code_that_is_given(twenty, pca, shown):
    start = vh.encode_mean(twenty, shown[0][:1])[0]
    panel = ComponentPanel(twenty, pca, start)
    np.testing.assert_allclose(panel.image, decode(twenty, start), atol=1e-5)
    panel.components[0].value = 2.0
    expected = start + 2 * pca.explained_variance_[0].sqrt() * pca.components_[0]
    np.testing.assert_allclose(panel.image, decode(twenty, expected), atol=1e-5)
    torch.testing.assert_close(panel.code, expected)


def test_it_decodes_as_many_deviations_along_its_components_as_the_sliders_say(panel, pca, twenty):
    moves = {1: -2.5, 7: 0.6, 20: 3.0}
    expected = pca.mean_.clone()
    for k, step in moves.items():
        panel.components[k - 1].value = step
        expected += step * pca.explained_variance_[k - 1].sqrt() * pca.components_[k - 1]
    torch.testing.assert_close(panel.code, expected)
    np.testing.assert_allclose(shown_by(panel)["decoded"], decode(twenty, expected), atol=1e-5)
    _, moved, code = panel.snapshot().axes
    heights = {k + 1: bar.get_height() for k, bar in enumerate(moved.patches) if bar.get_height()}
    assert heights == pytest.approx(moves)
    assert [bar.get_height() for bar in code.patches] == pytest.approx(expected.tolist(), abs=1e-5)


def test_the_page_gets_the_start_and_one_deviation_along_each_component(panel, pca):
    data = panel.stage.data
    assert data["start"] == pytest.approx(pca.mean_.tolist())
    torch.testing.assert_close(torch.tensor(data["steps"]).norm(dim=1), pca.explained_variance_.sqrt())
    torch.testing.assert_close(torch.nn.functional.normalize(torch.tensor(data["steps"])), pca.components_)
    assert list(panel.stage.controls) == [f"component {k + 1}" for k in range(20)]


@pytest.mark.parametrize(
    ("latents", "widths", "start", "message"),
    [
        (2, 3, None, r"\(N, 2\), got \(1, 3\)"),
        (3, 3, torch.zeros(2), r"\(1, 2\)"),
        (3, 3, torch.zeros(1, 3), r"\(1, 3\)"),
        (3, 2, torch.zeros(3), r"\(2, 2\)"),
    ],
)
def test_wrong_input_is_refused(latents, widths, start, message):
    with pytest.raises(ValueError, match=message):
        ComponentPanel(vh.VAE(latents, (8,)), vh.LatentPCA().fit(torch.randn(9, widths)), start)
