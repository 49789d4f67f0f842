"""training: the loop learns, and says what it does."""

import math

import pytest
import torch
from training_tools import FROZEN, fit_small, same_weights, without_noise

import vae_helpers as vh
from vae_helpers.losses import elbo_terms
from vae_helpers.training import lr_schedule

# learning


@pytest.mark.parametrize(
    ("make_model", "loss"),
    [
        (lambda: vh.VAE(2, (32,)), vh.NegativeELBO()),
        (lambda: vh.VAE(2, (32, 16)), vh.NegativeELBO(kl_warmup=0.2)),
        (lambda: vh.ConvVAE(2, 8), None),
        (lambda: vh.Autoencoder(2, (32, 16)), vh.SquaredError()),
    ],
)
def test_fit_lowers_the_loss_with_one_entry_an_epoch_and_ends_in_eval_mode(few, make_model, loss):
    model, history = fit_small(few, make_model, loss=loss, epochs=10, lr=0.02)
    assert len(history.loss) == 10
    assert all(len(part) == 10 for part in history.parts.values())
    assert history.loss[-1] < 0.98 * history.loss[0]
    assert not history.interrupted
    assert not model.training


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(few):
    states = [fit_small(few, seed=seed)[0].state_dict() for seed in (3, 3, 4)]
    assert same_weights(states[0], states[1])
    assert not same_weights(states[0], states[2])


def test_an_autoencoder_minimises_its_squared_error_and_has_no_parts(few, float32):
    model, history = fit_small(few, lambda: vh.Autoencoder(2, (16,)), loss=vh.SquaredError(), lr=FROZEN)
    expected = vh.squared_error(model(few), few).mean().item()
    assert history.parts == {}
    assert history.loss[0] == pytest.approx(expected, rel=1e-5)
    assert vh.evaluate(model, few) == (None, pytest.approx(expected, rel=1e-5), None)


def test_a_learned_variance_comes_to_the_mean_squared_error_of_a_pixel(few, float32):
    class Calibrated(vh.VAE):
        def __init__(self):
            super().__init__(2, (16,))
            self.log_sigma = torch.nn.Parameter(torch.tensor(math.log(0.3)))

    def loss(model, x):
        variance = (2 * model.log_sigma).exp()
        likelihood = lambda logits, x: vh.gaussian_nll(logits.sigmoid(), x, variance)  # noqa: E731
        return vh.NegativeELBO(likelihood=likelihood)(model, x)

    model, _ = fit_small(few, Calibrated, loss=loss, epochs=20, lr=0.02)
    with torch.no_grad():
        error = vh.squared_error(torch.sigmoid(model(few)[0]), few).mean().item() / 784
    assert error < 0.8 * 0.3**2  # away from where it starts
    assert model.log_sigma.exp().item() ** 2 == pytest.approx(error, rel=0.1)


def test_free_bits_keep_information_that_a_large_beta_would_press_out(few):
    pressed, free = (
        fit_small(few, loss=vh.NegativeELBO(beta=10, free_bits=free_bits), epochs=16, lr=0.02)[1].parts
        for free_bits in (0, 1)
    )
    assert pressed["kl"][-1] < 0.5 < 1.2 < free["kl"][-1]  # on its way to two: two dimensions, one free nat each
    assert free["reconstruction"][-1] < pressed["reconstruction"][-1]


def test_the_kl_warms_up_with_the_steps_of_training(few):
    history = fit_small(few, loss=vh.NegativeELBO(free_bits=5.0, kl_warmup=1.0), epochs=2)[1]
    charged = [loss - part for loss, part in zip(history.loss, history.parts["reconstruction"], strict=True)]
    weights = [sum(range(6 * epoch, 6 * epoch + 6)) / 6 / 12 for epoch in (0, 1)]  # on average over an epoch's 6 steps
    assert max(history.parts["kl"]) < 5  # so that each of the two dimensions is charged 5 nats
    assert charged == pytest.approx([10 * weight for weight in weights], rel=0.01)


def test_beta_pushes_the_kl_down_and_not_the_reconstruction(few):
    free, pressed = (fit_small(few, loss=vh.NegativeELBO(beta=beta), epochs=4)[1].parts for beta in (0, 10))
    assert pressed["kl"][-1] < 0.5 * free["kl"][-1]
    assert free["reconstruction"][-1] < pressed["reconstruction"][-1]


# transform


def test_the_model_is_trained_on_what_transform_makes_of_each_batch(few, float32):
    torch.manual_seed(0)
    model, seen = without_noise(vh.VAE(2, (16,))), []

    def transform(x):
        seen.append(x)
        return 1 - x

    history = vh.fit(model, few, epochs=2, batch_size=50, lr=FROZEN, transform=transform, progress=False)
    assert [len(x) for x in seen] == [50] * 13  # tried once before the first step
    for epoch in (seen[1:7], seen[7:]):
        torch.testing.assert_close(torch.cat(epoch).mean(0), few.mean(0))  # every image once, as it was given
    reconstruction, kl = (term.sum().item() / 300 for term in elbo_terms(model, 1 - few))
    assert history.parts["reconstruction"] == pytest.approx([reconstruction] * 2, rel=1e-5)
    assert history.parts["kl"] == pytest.approx([kl] * 2, rel=1e-5)


def test_bernoulli_as_a_transform_draws_other_pixels_in_every_epoch(few):
    drawn = []

    def transform(x):
        drawn.append(torch.bernoulli(x))
        return drawn[-1]

    fit_small(few[:50], epochs=3, transform=transform)  # one batch an epoch
    assert all(x.unique().tolist() == [0, 1] for x in drawn)
    counts = [x.sum().item() for x in drawn]
    assert len(set(counts[1:])) == 3


def test_what_a_transform_draws_follows_the_seed_of_fit(few):
    states = [fit_small(few, seed=seed, transform=torch.bernoulli)[0].state_dict() for seed in (3, 3, 4)]
    assert same_weights(states[0], states[1])
    assert not same_weights(states[0], states[2])


# the learning rate


def test_the_learning_rate_warms_up_over_a_tenth_and_falls_to_zero():
    steps = [lr_schedule(k / 1000) for k in range(1001)]
    peak = steps.index(max(steps))
    assert max(steps) == pytest.approx(1)
    assert peak == 100
    assert 0 < steps[0] < 0.1
    assert all(step > 0 for step in steps[:-1])
    assert steps[:peak] == sorted(steps[:peak])
    assert steps[peak:] == sorted(steps[peak:], reverse=True)
    assert steps[550] == pytest.approx(0.5)
    assert steps[-1] == pytest.approx(0)


@pytest.mark.parametrize(("settings", "peak"), [({}, 2e-3), ({"lr": 0.1}, 0.1)])
@pytest.mark.parametrize("make_model", [lambda: vh.VAE(2, (16, 16)), lambda: vh.ConvVAE(2, 4)])
def test_every_model_is_trained_with_the_learning_rate_of_the_call(few, monkeypatch, make_model, settings, peak):
    seen = []

    class Adam(torch.optim.Adam):
        def step(self, *args):
            seen.append(self.param_groups[0]["lr"])
            return super().step(*args)

    monkeypatch.setattr(torch.optim, "Adam", Adam)
    fit_small(few, make_model, epochs=2, **settings)
    assert seen == pytest.approx([peak * lr_schedule(k / 12) for k in range(12)])


# the start at the mean image


@pytest.mark.parametrize("model", [vh.VAE(2, (16,)), vh.Autoencoder(2, (16,)), vh.ConvVAE(2, 4)])
def test_a_decoder_starts_at_the_mean_image(few, model):
    vh.start_at_mean(model.output_bias, few)
    mean_image = few.mean(0).flatten().clamp(1e-3, 1 - 1e-3)
    torch.testing.assert_close(torch.sigmoid(model.output_bias).flatten(), mean_image)


def test_fit_leaves_the_output_bias_to_training(few):
    model, _ = fit_small(few, lr=FROZEN)
    torch.manual_seed(0)
    torch.testing.assert_close(model.output_bias, vh.VAE(2, (16,)).output_bias)


# what it says


def test_progress_prints_the_settings_and_one_line_an_epoch(few, capsys):
    loss = vh.NegativeELBO(beta=2, kl_warmup=0.2)
    history = fit_small(few, loss=loss, epochs=3, lr=0.004, transform=torch.bernoulli, progress=True)[1]
    settings, *lines = capsys.readouterr().out.splitlines()
    for part in [
        "Adam",
        "lr 0.004",
        "10 % warm-up",
        "batch 50",
        "3 × 300 images",
        repr(loss),
        "bernoulli",
    ]:
        assert part in settings
    assert "beta=2" in repr(loss)
    assert "kl_warmup=0.2" in repr(loss)
    assert "thread" in settings
    assert len(lines) == 3
    for number, line in enumerate(lines, 1):
        kl = history.parts["kl"][number - 1]
        assert line == (
            f"epoch {number}/3: loss {history.loss[number - 1]:.2f}, "
            f"reconstruction {history.parts['reconstruction'][number - 1]:.2f}, kl {kl:.2f}"
        )


def test_without_progress_nothing_is_printed(few, capsys):
    fit_small(few)
    assert capsys.readouterr() == ("", "")
