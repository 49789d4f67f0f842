"""InterpolationPanel: the film in the page is the model's, and it needs no kernel."""

import copy

import numpy as np
import pytest
import torch
from panel_tools import decode, images_of

import vae_helpers as vh
from vae_helpers.widgets import InterpolationPanel
from vae_helpers.widgets.panel import VIEW


@pytest.fixture
def ends(shown):
    return shown[0][:2]


@pytest.fixture
def panel(two, ends):
    return InterpolationPanel(two, *ends)


def along(model, images, alpha):
    """What is between two images, as the model decodes it."""
    first, second = vh.encode_mean(model, images)
    return decode(model, (1 - alpha) * first + alpha * second)


def test_the_film_in_the_page_goes_from_one_code_to_the_other(panel, two, ends):
    images = images_of(panel.stage.data["sheet"])
    np.testing.assert_allclose(images[:2], ends[:, 0], atol=0.51 / 255)
    assert len(panel.frames) == 101
    expected = np.stack([along(two, ends, alpha) for alpha in np.linspace(0, 1, 101)])
    np.testing.assert_allclose(images[2:103], expected, atol=0.51 / 255)
    np.testing.assert_allclose(panel.frames[:, 0], expected, atol=1e-5)


def test_the_page_knows_which_slider_moves_the_film(panel):
    assert panel.children == (panel.alpha, panel.stage)
    assert (panel.alpha.min, panel.alpha.max, panel.alpha.value) == (0, 1, 0.5)
    assert panel.stage.get_state()["controls"] == {"alpha": f"anywidget:{panel.alpha.model_id}"}


def test_it_shows_the_model_as_it_was_when_the_panel_was_made(two, ends):
    model = copy.deepcopy(two)
    panel = InterpolationPanel(model, *ends)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
    panel.alpha.value = 0.25
    np.testing.assert_allclose(panel.image, along(two, ends, 0.25), atol=1e-5)


@pytest.mark.parametrize("alpha", [0.0, 0.29, 1.0])
def test_the_snapshot_is_at_the_slider_s_alpha(panel, two, ends, alpha):
    panel.alpha.value = alpha
    axes = panel.snapshot().axes
    for ax, image in zip(axes, [ends[0, 0], along(two, ends, alpha), ends[1, 0]], strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), image, atol=1e-5)
    assert axes[1].get_title() == f"decoded at α = {alpha:.2f}"


def test_it_needs_no_kernel_and_comes_with_its_snapshot(panel):
    bundle, metadata = panel._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == panel.model_id
    assert VIEW not in metadata
    assert bundle["image/png"] == panel.snapshot()._repr_mimebundle_()[0]["image/png"]
    alt = metadata["image/png"]["alt"]
    assert len(alt) > 40
    assert bundle["text/plain"] == f"{alt} Run this notebook to move it."


def test_a_reader_s_own_model_will_do(own, ends):
    np.testing.assert_allclose(InterpolationPanel(own, *ends).image, along(own, ends, 0.5), atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: InterpolationPanel(vh.VAE(2, (8,)), x[0], 2 * x[1]), "second: .*got values from"),
        (lambda x: InterpolationPanel(vh.VAE(2, (8,)), x[0, 0], x[1, 0]), r"first: .*\(1, 28, 28\), got \(28, 28\)"),
        (lambda x: InterpolationPanel(vh.VAE(2, (8,)), x[0], x[1, :, 1:]), r"second: .*\(1, 27, 28\)"),
        (lambda x: InterpolationPanel(vh.VAE(2, (8,)), None, x[1]), "first: expected one image"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
