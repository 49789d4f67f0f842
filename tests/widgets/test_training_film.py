"""Snapshots keeps what a training goes through, and TrainingFilm shows it; the training itself stays as it is."""

import numpy as np
import pytest
import torch

import vae_helpers as vh
from vae_helpers.widgets import Snapshots, TrainingFilm


def trained(loss, images):
    torch.manual_seed(0)
    model = vh.VAE(2, (8,))
    vh.fit(model, images, loss=loss, epochs=4, batch_size=20, progress=False)
    return model


@pytest.fixture(scope="module")
def snapshots(sixty):
    loss = Snapshots(vh.NegativeELBO(kl_warmup=0.5), sixty[0], count=5)
    return loss, trained(loss, sixty[0])


def test_the_training_is_the_same_as_without(snapshots, sixty):
    alone = trained(vh.NegativeELBO(kl_warmup=0.5), sixty[0])
    for one, other in zip(snapshots[1].parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_it_keeps_codes_and_parts_from_the_first_step_and_more_often_early_on(snapshots, sixty):
    loss, _ = snapshots
    assert len(loss.codes) == len(loss.parts) == 5
    torch.manual_seed(0)
    torch.testing.assert_close(loss.codes[0], vh.encode_mean(vh.VAE(2, (8,)), sixty[0]))
    assert all(not torch.equal(one, other) for one, other in zip(loss.codes, loss.codes[1:], strict=False))
    assert [set(parts) for parts in loss.parts] == [{"reconstruction", "kl"}] * 5
    assert repr(loss) == repr(vh.NegativeELBO(kl_warmup=0.5))


def test_the_page_gets_each_moment(snapshots, sixty):
    loss = snapshots[0]
    panel = TrainingFilm(loss.codes, loss.parts, sixty[1])
    moves = np.frombuffer(panel.stage.data["moves"], "<i2").reshape(5, 60, 2) * panel.stage.data["unit"]
    inside = np.abs(moves) < 3.9 * panel.limit
    np.testing.assert_allclose(moves[inside], torch.stack(loss.codes).numpy()[inside], atol=panel.limit / 8000)
    assert panel.stage.data["kl"] == [parts["kl"] for parts in loss.parts]
    assert list(panel.stage.data["digits"]) == sixty[1].tolist()
    panel.time.value = 2
    _, terms = panel.snapshot().axes
    assert terms.lines[0].get_ydata().tolist() == [parts["reconstruction"] for parts in loss.parts]
    assert terms.lines[-1].get_xdata()[0] == 2


@pytest.mark.parametrize(
    ("codes", "parts", "message"),
    [
        ([torch.zeros(3, 2)], [{}], "expected two or more"),
        ([torch.zeros(3, 2)] * 2, [{}], "parts for each, got 2 and 1"),
        ([torch.zeros(3, 3)] * 2, [{}] * 2, r"\(3, 3\)"),
        ([torch.zeros(4, 2)] * 2, [{}] * 2, "4"),
    ],
)
def test_wrong_input_is_refused(codes, parts, message):
    with pytest.raises(ValueError, match=message):
        TrainingFilm(codes, parts, torch.zeros(3).long())
