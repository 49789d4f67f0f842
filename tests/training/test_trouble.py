"""training: a loss that is not finite and the stop button leave a usable model.

300 images in batches of 50 are 6 steps an epoch.
"""

import math

import pytest
from training_tools import Scripted, same_weights

import vae_helpers as vh


@pytest.mark.parametrize(("step", "epoch"), [(2, 1), (9, 2), (12, 2)])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_with_the_last_whole_epoch_s_weights(few, step, epoch, value):
    model, loss = vh.VAE(2, (16,)), Scripted({step: value})
    within = step - 6 * (epoch - 1)
    with pytest.raises(FloatingPointError, match=rf"step {within} of epoch {epoch}\b.*after {epoch - 1} whole epochs"):
        vh.fit(model, few, loss=loss, epochs=3, batch_size=50, progress=False)
    assert same_weights(model.state_dict(), loss.states[6 * (epoch - 1)])
    assert not model.training


def test_a_far_too_large_learning_rate_is_named_as_the_likely_cause(few):
    model = vh.VAE(2, (16,))
    with pytest.raises(FloatingPointError, match="smaller lr"):
        vh.fit(model, few, epochs=2, batch_size=50, lr=1e30, progress=False)
    assert all(value.isfinite().all() for value in model.state_dict().values())


def test_the_stop_button_leaves_a_usable_model_and_the_history_so_far(few, capsys):
    model, loss = vh.VAE(2, (16,)), Scripted({9: KeyboardInterrupt})
    history = vh.fit(model, few, loss=loss, epochs=3, batch_size=50, progress=False)
    assert history.interrupted
    assert len(history.loss) == 1
    assert not model.training
    assert same_weights(model.state_dict(), loss.states[8])  # two steps into the second epoch, and kept
    assert "after 1 whole epoch" in capsys.readouterr().out
    assert math.isfinite(vh.evaluate(model, few).negative_elbo)


def test_the_stop_button_after_a_nan_leaves_a_usable_model_too(few):
    model, loss = vh.VAE(2, (16,)), Scripted({8: math.nan, 10: KeyboardInterrupt})
    assert vh.fit(model, few, loss=loss, epochs=3, batch_size=50, progress=False).interrupted
    assert all(value.isfinite().all() for value in model.state_dict().values())
