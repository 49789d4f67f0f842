"""ThresholdPanel: what it counts and shows is on the wrong side of the threshold."""

import math

import numpy as np
import pytest
import torch
from panel_tools import images_of, ink, shown_by, values

from vae_helpers import plots
from vae_helpers.widgets import ThresholdPanel


@pytest.fixture(scope="module")
def groups(shown):
    """Normal and anomalous images."""
    return shown[0], shown[0][:30].sqrt()


@pytest.fixture
def panel(groups):
    return ThresholdPanel(*groups, ink, "ink")


def test_it_gives_precision_and_recall_of_what_is_above(panel, groups):
    normal, anomalous = map(ink, groups)
    for threshold in values(panel.threshold):
        panel.threshold.value = threshold
        true, false = (int((scores > panel.threshold.value).sum()) for scores in (anomalous, normal))
        assert (panel.precision, panel.recall) == pytest.approx((true / (true + false), true / 30))
        (line,) = panel.snapshot().axes[0].lines
        assert list(line.get_xdata()) == [panel.threshold.value] * 2


def test_it_starts_where_a_twentieth_of_the_normal_images_raises_an_alarm(panel, groups):
    assert (ink(groups[0]) > panel.threshold.value).sum() == pytest.approx(10, abs=2)


@pytest.mark.parametrize(("share", "missed"), [(0.3, 3), (0.8, 12)])
def test_it_shows_what_it_misses_and_its_false_alarms_nearest_first(panel, groups, share, missed):
    panel.threshold.value = ink(groups[0]).quantile(share).item()
    threshold = panel.threshold.value
    mistakes = {
        "false alarms, closest above": (panel.false_alarms, groups[0], lambda score: score > threshold),
        "anomalies that pass, closest below": (panel.missed, groups[1], lambda score: score <= threshold),
    }
    for title, (shown, group, wrong) in mistakes.items():
        scores = [(score, image) for score, image in zip(ink(group).tolist(), group, strict=True) if wrong(score)]
        nearest = [image for score, image in sorted(scores, key=lambda pair: abs(pair[0] - threshold))][:12]
        torch.testing.assert_close(shown, torch.stack(nearest))
        expected = torch.cat([shown, torch.zeros(12 - len(shown), 1, 28, 28)])
        np.testing.assert_allclose(shown_by(panel)[title], plots.mosaic(expected, 6))
    assert len(panel.false_alarms) == 12
    assert len(panel.missed) == missed


def test_it_has_no_precision_where_nothing_raises_an_alarm(images):
    panel = ThresholdPanel(images, images[:2], lambda x: x.mean((1, 2, 3)), "mean")
    panel.threshold.max = 2
    panel.threshold.value = 2
    assert math.isnan(panel.precision)
    assert panel.recall == 0
    assert len(panel.false_alarms) == 0


def test_the_page_gets_every_score_with_its_image(panel, groups):
    for name, group in zip(("normal", "anomalous"), groups, strict=True):
        data = panel.stage.data[name]
        np.testing.assert_allclose(np.frombuffer(data["scores"], "<f4"), ink(group), rtol=1e-6)
        np.testing.assert_allclose(images_of(data["sheet"])[: len(group)], group[:, 0], atol=0.51 / 15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: ThresholdPanel(2 * x, x, ink, "ink"), "normal: .*values from"),
        (lambda x: ThresholdPanel(x, x[:, 0], ink, "ink"), r"anomalous: .*\(6, 28, 28\)"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
