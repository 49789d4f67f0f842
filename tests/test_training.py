"""training: the loop learns, keeps its promises when things go wrong, and its averages are averages."""

import math

import pytest
import torch

import vae_helpers as vh
from vae_helpers import _precision
from vae_helpers.losses import elbo_terms
from vae_helpers.training import lr_schedule

FROZEN = 1e-12  # a learning rate that leaves the weights as they are


@pytest.fixture
def few(mnist):
    return mnist.train.images[:300]


@pytest.fixture
def float32(monkeypatch):
    """No bfloat16, so that a hand computation agrees to the last digits."""
    monkeypatch.setattr(_precision, "has_fast_bfloat16", lambda device: False)


def fit_small(images, make_model=lambda: vh.VAE(2, (16,)), **settings):
    """A small model trained from the same start, and its History."""
    torch.manual_seed(0)
    model = make_model()
    settings = {"epochs": 1, "batch_size": 50, "progress": False, **settings}
    return model, vh.fit(model, images, **settings)


def without_noise(model):
    """The same model with sigma = 0 at every image, so that a score needs no luck."""
    with torch.no_grad():
        model.to_logvar.weight.zero_()
        model.to_logvar.bias.fill_(-60)
    return model


def same_weights(first, second):
    return all(torch.equal(a, b) for a, b in zip(first.values(), second.values(), strict=True))


class Scripted:
    """A loss to which something happens at the steps in `script`, from 1 on; `states`: the weights before each."""

    def __init__(self, script):
        self.script, self.states, self.tried = script, [], False

    def __call__(self, model, x):
        loss = vh.NegativeELBO()(model, x)["loss"]
        if not self.tried:  # the trial before the first step
            self.tried = True
            return loss
        self.states.append({name: value.clone() for name, value in model.state_dict().items()})
        happening = self.script.get(len(self.states))
        if happening is KeyboardInterrupt:
            raise KeyboardInterrupt
        return loss * (1.0 if happening is None else happening)


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


# a loss of one's own


def test_a_loss_that_names_labels_gets_those_of_its_batch_and_progress_rises(few):
    seen = []

    def loss(model, x, labels, progress):
        seen.append((x.sum((1, 2, 3)), labels, progress))
        return model.encode(x)[0].square().mean()

    fit_small(few, loss=loss, labels=few.sum((1, 2, 3)), epochs=2)
    assert len(seen) == 1 + 12  # tried once before the first step
    assert all(torch.equal(*pair[:2]) for pair in seen)
    assert [progress for *_, progress in seen[1:]] == pytest.approx([k / 12 for k in range(12)])


def test_a_conditional_vae_trains_on_its_labels(mnist):
    """Its encoder and decoder take the label too, so that it is not of the package's interface."""

    class Conditional(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = torch.nn.Linear(794, 4), torch.nn.Linear(12, 784)

        def forward(self, x, y):
            mu, logvar = self.encoder(torch.cat([x.flatten(1), y], 1)).chunk(2, 1)
            z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
            return self.decoder(torch.cat([z, y], 1)).view_as(x), mu, logvar

    def loss(model, x, labels):
        logits, mu, logvar = model(x, torch.nn.functional.one_hot(labels, 10).float())
        return {"loss": (vh.bernoulli_nll(logits, x) + vh.gaussian_kl(mu, logvar)).mean()}

    images, labels = (part[:300] for part in mnist.train)
    _, history = fit_small(images, Conditional, loss=loss, labels=labels, epochs=10, lr=0.02)
    assert history.loss[-1] < 0.9 * history.loss[0]


def test_several_samples_and_a_learned_prior_need_no_other_loop(few):
    class WithPrior(vh.VAE):
        def __init__(self):
            super().__init__(2, (16,))
            self.prior_mu = torch.nn.Parameter(torch.zeros(2))

    def iwae(model, x, samples=3):
        mu, logvar = model.encode(x)
        q = torch.distributions.Normal(mu, (0.5 * logvar).exp())
        z = q.rsample((samples,))
        prior = torch.distributions.Normal(model.prior_mu, 1.0)
        log_p = torch.stack([-vh.bernoulli_nll(model.decode_logits(one), x) for one in z])
        weights = log_p + (prior.log_prob(z) - q.log_prob(z)).sum(2)
        return (math.log(samples) - weights.logsumexp(0)).mean()

    model, history = fit_small(few, WithPrior, loss=iwae, epochs=5, lr=0.02)
    assert history.loss[-1] < 0.98 * history.loss[0]
    assert model.prior_mu.all()  # it has moved


def test_named_parts_of_a_loss_are_averaged_over_images_and_kept(mnist):
    images = mnist.train.images[:130]
    parts = lambda model, x: {"ink": x.sum((1, 2, 3)).mean(), "loss": model.encode(x)[0].square().mean()}  # noqa: E731
    _, history = fit_small(images, loss=parts, batch_size=128, epochs=2)
    assert history.parts == {"ink": pytest.approx([images.sum((1, 2, 3)).mean().item()] * 2, rel=1e-5)}


@pytest.mark.parametrize(
    ("loss", "error", "named"),
    [
        (lambda model, x: model.encode(x)[0].square().sum(1), ValueError, r"loss: expected one number.*\(50,\)"),
        (lambda model, x: 3.0, ValueError, "loss: expected one number.*a float"),
        (lambda model, x: None, ValueError, "loss: expected one number.*a NoneType"),
        (lambda model, x: {"kl": torch.tensor(0.0)}, ValueError, "dict with \"loss\" in it; 'loss' is missing"),
        (lambda model, x: {"loss": model.encode(x)[0].sum(), "kl": [1]}, ValueError, "kl: expected one number.*a list"),
        (lambda model, x: x.mean(), ValueError, "loss: expected a number with a gradient"),
        (lambda model, x: x.mean().requires_grad_(), ValueError, "loss: expected a number with a gradient"),
        (lambda model, x: model.encode(x)[0].sum() * math.nan, FloatingPointError, "finite number, got nan before the"),
        (lambda model, x: model.encode_image(x), ValueError, "loss: could not be .* no attribute 'encode_image'"),
        (lambda model, x, labels: 0, ValueError, "labels: expected one for each image.*got None"),
        ("mse", ValueError, "loss: expected a function.*a str"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused_before_the_first_step_in_a_sentence(few, loss, error, named):
    model = vh.VAE(2, (16,))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(error, match=named) as raised:
        vh.fit(model, few, loss=loss, epochs=1, batch_size=50)
    assert "\n" not in str(raised.value)
    assert same_weights(model.state_dict(), before)
    assert all(weight.grad is None for weight in model.parameters())


def test_labels_for_a_loss_that_takes_none_are_refused(few):
    with pytest.raises(ValueError, match="expected an argument called labels"):
        fit_small(few, labels=torch.zeros(300))
    with pytest.raises(ValueError, match="labels: expected one for each of the 300 items, got 299"):
        fit_small(few, loss=lambda model, x, labels: 0, labels=torch.zeros(299))


def test_an_autoencoder_is_told_apart_from_a_vae_by_what_encode_returns(few):
    with pytest.raises(ValueError, match="expected a VAE, whose encode returns mu and logvar; Autoencoder's ret"):
        fit_small(few, lambda: vh.Autoencoder(2, (16,)))


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


# averages


def test_an_epoch_s_averages_weigh_a_short_last_batch_by_its_images(mnist, float32):
    images = mnist.train.images[:130].clone()
    last = order_of_the_first_epoch(130)[128:]
    images[last] = 1 - images[last]  # the two images of the short batch are unlike the others
    torch.manual_seed(0)
    model = without_noise(vh.VAE(2, (16,)))
    history = vh.fit(model, images, epochs=1, batch_size=128, lr=FROZEN, progress=False)
    reconstruction, kl = (term.sum().item() / len(images) for term in elbo_terms(model, images))
    assert history.parts["reconstruction"] == [pytest.approx(reconstruction, rel=1e-5)]
    assert history.parts["kl"] == [pytest.approx(kl, rel=1e-5)]
    assert history.loss == [pytest.approx(reconstruction + kl, rel=1e-5)]


def order_of_the_first_epoch(count, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return torch.randperm(count)


@pytest.mark.parametrize("make_model", [lambda: vh.VAE(2, (16,)), lambda: vh.ConvVAE(2, 4)])
def test_bfloat16_layers_change_the_loss_by_less_than_a_percent(few, monkeypatch, make_model):
    losses = []
    for fast in (False, True):
        monkeypatch.setattr(_precision, "has_fast_bfloat16", lambda device, fast=fast: fast)
        losses.append(fit_small(few, make_model, epochs=2)[1].loss[-1])
    assert losses[1] != losses[0]
    assert losses[1] == pytest.approx(losses[0], rel=0.01)


def test_bfloat16_layers_hand_a_loss_float32_and_are_put_back(few, monkeypatch):
    monkeypatch.setattr(_precision, "has_fast_bfloat16", lambda device: True)
    seen = []

    def loss(model, x):
        mu, logvar = model.encode(x)
        seen.extend([mu, model.decode_logits(mu)])
        return vh.gaussian_kl(mu, logvar).mean()

    model, _ = fit_small(few, loss=loss)
    assert {part.dtype for part in seen} == {torch.float32}
    torch.manual_seed(0)
    fresh = vh.VAE(2, (16,))
    fresh.load_state_dict(model.state_dict())
    torch.testing.assert_close(model.encode(few), fresh.encode(few), rtol=0, atol=0)


def half(logits, x):
    return vh.gaussian_nll(torch.sigmoid(logits), x)


@pytest.mark.parametrize("make_model", [lambda: vh.VAE(2, (16,)), lambda: vh.ConvVAE(2, 4)])
@pytest.mark.parametrize("likelihood", [vh.bernoulli_nll, half])
def test_evaluate_averages_nats_per_image_at_one_sample(images, make_model, likelihood):
    model = make_model()
    torch.manual_seed(5)
    logits, mu, logvar = model(images)
    scores = vh.evaluate(model, images, likelihood, seed=5)
    assert scores.reconstruction == pytest.approx(likelihood(logits, images).mean().item())
    assert scores.kl == pytest.approx(vh.gaussian_kl(mu, logvar).mean().item())
    assert scores.negative_elbo == scores.reconstruction + scores.kl
    assert scores == vh.evaluate(model, images, likelihood, seed=5)
    assert scores != vh.evaluate(model, images, likelihood, seed=6)


def test_evaluate_does_not_depend_on_how_it_splits_the_images():
    images = torch.rand(1003, 1, 28, 28)
    images[1000:] = 0  # the short last part is unlike the others
    model = without_noise(vh.VAE(2, (16,)))
    reconstruction, kl = (term.sum().item() / len(images) for term in elbo_terms(model, images))
    assert vh.evaluate(model, images) == pytest.approx((reconstruction + kl, reconstruction, kl), rel=1e-5)


@pytest.mark.parametrize("training_mode", [True, False])
def test_evaluate_scores_in_eval_mode_and_puts_the_mode_back(images, training_mode):
    model = vh.VAE(2, (16,)).train(training_mode)
    seen = []
    vh.evaluate(model, images)  # looks at the model first
    model.encoder.register_forward_hook(lambda *args: seen.append(model.training))
    vh.evaluate(model, images)
    assert seen == [False]
    assert model.training is training_mode


# when things go wrong: 300 images in batches of 50 are 6 steps an epoch


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
