"""application_panels: what the threshold lets through, and what each method makes of missing pixels."""

import re

import numpy as np
import pytest
import torch
from panel_tools import MASKS, black, check_shows, few_steps, ink, values

import vae_helpers as vh
from vae_helpers import plots

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def panels(trained, mnist):
    """Makers of both panels, by name."""
    images = mnist.test.images[:200]
    return {
        "threshold": lambda: vh.ThresholdPanel(images, images[:30].sqrt(), ink, "ink"),
        "mask": lambda: vh.MaskPanel(trained, images[:3], MASKS, {"latent MAP": few_steps(trained), "black": black}),
    }


def counts(panel):
    """The numbers in a threshold panel's text: anomalies above, of how many, normal images above, of how many."""
    return [int(number) for number in re.search(r"are (\d+) of (\d+) .* and (\d+) of (\d+)", panel.text.value).groups()]


def test_the_threshold_panel_counts_what_is_above_and_tells_precision_and_recall(panels, mnist):
    panel, images = panels["threshold"](), mnist.test.images[:200]
    normal, anomalous = ink(images), ink(images[:30].sqrt())
    for threshold in values(panel.threshold):
        panel.threshold.value = threshold
        found, false = int((anomalous > panel.threshold.value).sum()), int((normal > panel.threshold.value).sum())
        assert counts(panel) == [found, 30, false, 200]
        assert f"recall <b>{found / 30:.0%}</b>" in panel.text.value
        assert f"precision <b>{found / (found + false):.0%}</b>" in panel.text.value
        assert panel._line.get_xdata() == [panel.threshold.value] * 2


def test_the_threshold_panel_starts_where_a_twentieth_of_the_normal_images_raises_an_alarm(panels):
    assert counts(panels["threshold"]())[2] == pytest.approx(10, abs=2)


def test_the_threshold_panel_shows_what_passes_and_what_is_accused_nearest_first(panels, mnist):
    panel, images = panels["threshold"](), mnist.test.images[:200]
    panel.threshold.value = ink(images).quantile(0.8).item()
    threshold = panel.threshold.value
    groups = [
        (panel._passed, images[:30].sqrt(), lambda score: score <= threshold),
        (panel._accused, images, lambda score: score > threshold),
    ]
    for shown, group, meant in groups:
        scores = [(score, image) for score, image in zip(ink(group).tolist(), group, strict=True) if meant(score)]
        chosen = [image for score, image in sorted(scores, key=lambda pair: abs(pair[0] - threshold))]
        assert len(chosen) > 12 or shown is panel._passed
        expected = torch.zeros(12, 1, 28, 28)
        for place, image in enumerate(chosen[:12]):
            expected[place] = image
        check_shows(panel, plots.mosaic(expected, 6), shown)
    assert panel._passed.get_array().any()


def test_the_threshold_panel_has_no_precision_where_nothing_raises_an_alarm(images):
    panel = vh.ThresholdPanel(images, images[:2], lambda x: x.mean((1, 2, 3)), "mean")
    panel.threshold.max = 2
    panel.threshold.value = 2
    assert "no alarm, no precision" in panel.text.value
    assert "recall <b>0%</b>" in panel.text.value


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("number", [0, 2])
def test_the_mask_panel_shows_the_image_its_seen_pixels_and_every_answer(panels, trained, mnist, mask, number):
    panel, images, seen = panels["mask"](), mnist.test.images[:3], MASKS[mask]
    panel.image.value, panel.mask.value = number, mask
    masked = images[number].clone()
    masked[~seen] = 0.4
    answers = [few_steps(trained)(images, seen)[number], black(images, seen)[number]]
    for shown, expected in zip(panel._pictures, [images[number], masked, *answers], strict=True):
        np.testing.assert_allclose(shown.get_array(), expected[0], atol=1e-6)
    completions = vh.plausible_completions(trained, images, seen)[:, number]
    check_shows(panel, plots.mosaic(completions, 6), panel._below)
    for name, answer in zip(["latent MAP", "black"], answers, strict=True):
        error = (answer - images[number])[~seen].square().mean()
        assert f"{name} {error:.3f}" in panel.text.value
    assert f"Image {number + 1}, missing: {mask}." in panel.text.value


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda x: vh.ThresholdPanel(2 * x, x, ink, "ink"), "normal .*values from"),
        (lambda x: vh.ThresholdPanel(x, x[:, 0], ink, "ink"), r"anomalous .*\(6, 28, 28\)"),
        (lambda x: vh.MaskPanel(vh.VAE(2, (8,)), x[:1], MASKS, {"black": black}), "1 images, 3 masks and 1 methods"),
        (lambda x: vh.MaskPanel(vh.VAE(2, (8,)), x, MASKS, {}), "0 methods"),
        (lambda x: vh.MaskPanel(vh.VAE(2, (8,)), x / 0.1, MASKS, {"black": black}), "values from"),
        (lambda x: vh.MaskPanel(vh.Autoencoder(2, (8,)), x, MASKS, {"black": black}), "needs a VAE"),
        (lambda x: vh.MaskPanel(vh.VAE(2, (8,)), x, dict.fromkeys("ab", x[0] > 2), {"black": black}), "0 of 784"),
    ],
)
def test_wrong_input_is_refused(images, make, named):
    with pytest.raises(ValueError, match=named):
        make(images)
