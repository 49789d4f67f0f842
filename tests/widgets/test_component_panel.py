"""ComponentPanel: the code is moved along the components as far as the sliders say, and decoded."""

import re

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from panel_tools import check_shows, counted, decode, on_the_page, pixels

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.widgets import ComponentPanel


@pytest.fixture(scope="module")
def pca(twenty, shown):
    return vh.LatentPCA().fit(vh.encode_mean(twenty, shown[0]))


@pytest.fixture
def panel(twenty, pca):
    return ComponentPanel(twenty, pca)


def start_marks(panel):
    """The line of marks at the start."""
    (marks,) = (line for line in panel.axes["code"].lines if line.get_label() == "at the start")
    return marks


def test_it_starts_at_the_mean_of_the_codes(panel, pca, twenty):
    assert [slider.description for slider in panel.components] == [f"{k + 1}" for k in range(20)]
    assert {(slider.min, slider.value, slider.max) for slider in panel.components} == {(-3, 0, 3)}
    check_shows(panel, decode(twenty, pca.mean_), "decoded")
    torch.testing.assert_close(panel.code, pca.mean_)
    assert "no component is moved" in panel.text.value


def test_it_moves_from_the_code_that_is_given(twenty, pca, shown):
    start = vh.encode_mean(twenty, shown[0][:1])[0]
    panel = ComponentPanel(twenty, pca, start)
    check_shows(panel, decode(twenty, start), "decoded")
    panel.components[0].value = 2.0
    expected = start + 2 * pca.explained_variance_[0].sqrt() * pca.components_[0]
    check_shows(panel, decode(twenty, expected), "decoded")
    assert (panel.image == panel.axes["decoded"].images[0].get_array()).all()
    torch.testing.assert_close(panel.code, expected)
    np.testing.assert_array_equal(start_marks(panel).get_ydata(), start)  # they stay


def test_it_decodes_as_many_deviations_along_its_components_as_the_sliders_say(panel, pca, twenty):
    moves = {1: -2.5, 7: 0.6, 20: 3.0}
    expected = pca.mean_.clone()
    for k, step in moves.items():
        panel.components[k - 1].value = step
        expected += step * pca.explained_variance_[k - 1].sqrt() * pca.components_[k - 1]
    check_shows(panel, decode(twenty, expected), "decoded")
    torch.testing.assert_close(panel.code, expected)
    said = re.findall(r"(\d+): ([+−][\d.]+) σ", panel.text.value)
    assert {int(k): float(step.replace("−", "-")) for k, step in said} == moves


def test_it_draws_each_latent_at_its_number(panel):
    ax = panel.axes["code"]
    (bars,) = ax.containers
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == pytest.approx(range(1, 21))
    np.testing.assert_array_equal(start_marks(panel).get_xdata(), range(1, 21))
    assert set(ax.get_xticks()) <= set(range(1, 21))
    assert 5 < len(ax.get_xticks()) <= 10  # as many as can be read


def test_the_start_is_marked_over_the_bars(panel):
    panel.components[0].value = 3.0
    marks = start_marks(panel)
    column, from_below = marks.axes.transData.transform(marks.get_xydata()).round().astype(int).T
    picture = pixels(panel)
    colours = picture[picture.shape[0] - 1 - from_below, column] / 255
    np.testing.assert_allclose(colours, np.tile(to_rgb(plots.ORANGE), (20, 1)), atol=0.01)


def test_reset_sets_all_components_to_zero_and_draws_once(panel, monkeypatch):
    first, text = pixels(panel), panel.text.value
    panel.set_values(dict.fromkeys(panel.components[1::2], 2.0))
    assert (pixels(panel) != first).any()
    drawn = counted(panel, monkeypatch)
    assert panel.reset in on_the_page(panel)
    panel.reset.click()
    assert len(drawn) == 1
    assert {slider.value for slider in panel.components} == {0}
    assert panel.text.value == text
    np.testing.assert_array_equal(pixels(panel), first)


@pytest.mark.parametrize("name", ["ae2", "vae20", "vae20_beta16"])
def test_the_bars_of_one_component_stay_within_the_axes(name, mnist):
    model = vh.load_pretrained(name)
    panel = ComponentPanel(model, vh.LatentPCA().fit(vh.encode_mean(model, mnist.test.images)))
    low, high = panel.axes["code"].get_ylim()
    for slider in panel.components[:3]:
        for value in (slider.min, slider.max):
            panel.set_values(dict.fromkeys(panel.components, 0.0) | {slider: value})
            assert low < panel.code.min() < panel.code.max() < high


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
