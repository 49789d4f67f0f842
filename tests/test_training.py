"""training: the loop learns, keeps its promises when things go wrong, and its averages are averages."""

import math

import pytest
import torch

import vae_helpers as vh
from vae_helpers import training
from vae_helpers.objective import gaussian_kl_per_dimension
from vae_helpers.training import kl_factor, learning_rate_factor, loss_terms, usual_settings

FROZEN = 1e-12  # a learning rate that leaves the weights as they are


@pytest.fixture
def few(mnist):
    return mnist.train.images[:300]


@pytest.fixture
def float32(monkeypatch):
    """No bfloat16, so that a hand computation agrees to the last digits."""
    monkeypatch.setattr(training, "_cpu_has_bf16", lambda: False)


def fit_small(images, kind=vh.VAE, hidden_dims=(16,), latent_dim=2, **settings):
    """A small model trained from the same start, and its History. A ConvVAE's `hidden_dims` are its channels."""
    torch.manual_seed(0)
    model = kind(latent_dim, hidden_dims)
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


class Scripted(vh.VAE):
    """A VAE to which something happens at the forward passes named in `script`, counted from 1."""

    def __init__(self, script):
        super().__init__(2, (16,))
        self.script, self.states = script, []

    def forward(self, x):
        self.states.append({name: value.clone() for name, value in self.state_dict().items()})
        happening = self.script.get(len(self.states))
        if happening is KeyboardInterrupt:
            raise KeyboardInterrupt
        logits, mu, logvar = super().forward(x)
        return logits * (1.0 if happening is None else happening), mu, logvar


# learning


@pytest.mark.parametrize(
    ("kind", "hidden_dims"),
    [(vh.VAE, (32,)), (vh.VAE, (32, 16)), (vh.Autoencoder, (32,)), (vh.Autoencoder, (32, 16)), (vh.ConvVAE, 8)],
)
def test_fit_lowers_the_loss_with_one_entry_an_epoch_and_ends_in_eval_mode(few, kind, hidden_dims):
    model, history = fit_small(few, kind, hidden_dims, epochs=10, lr=0.02)
    assert len(history.loss) == len(history.reconstruction) == len(history.kl) == 10
    assert history.loss[-1] < 0.98 * history.loss[0]
    assert not history.interrupted
    assert not model.training


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(few):
    states = [fit_small(few, seed=seed)[0].state_dict() for seed in (3, 3, 4)]
    assert same_weights(states[0], states[1])
    assert not same_weights(states[0], states[2])


def test_fit_and_evaluate_leave_the_global_generator(few, trained):
    model = vh.VAE(2, (16,))
    before = torch.get_rng_state()
    vh.fit(model, few, epochs=1, progress=False)
    vh.evaluate(trained, few)
    assert torch.equal(torch.get_rng_state(), before)


def test_an_autoencoder_minimises_its_squared_error_and_has_no_kl(few, float32):
    model, history = fit_small(few, vh.Autoencoder, lr=FROZEN)
    assert history.kl == [0]
    assert history.loss == history.reconstruction
    expected = vh.squared_error(torch.sigmoid(model(few)), few).mean().item()
    assert history.loss[0] == pytest.approx(expected, rel=1e-5)
    assert vh.evaluate(model, few) == (None, pytest.approx(expected, rel=1e-5), None)


@pytest.mark.parametrize("kind", [vh.VAE, vh.ConvVAE, vh.Autoencoder])
def test_loss_terms_are_the_reconstruction_of_each_image_and_the_kl_of_each_dimension(images, kind):
    model = kind(3, 4 if kind is vh.ConvVAE else (8,))
    output = model(images)
    reconstruction, kl = loss_terms(model, output, images)
    if kind is vh.Autoencoder:
        torch.testing.assert_close(reconstruction, vh.squared_error(torch.sigmoid(output), images))
        assert kl.tolist() == [[0]] * 6
    else:
        torch.testing.assert_close(reconstruction, vh.bernoulli_nll(output[0], images))
        torch.testing.assert_close(kl, gaussian_kl_per_dimension(*output[1:]))


def test_a_learned_variance_comes_to_the_mean_squared_error_of_a_pixel(few, float32):
    model = vh.VAE(2, (16,), "gaussian", "learned")
    vh.fit(model, few, epochs=20, batch_size=50, lr=0.02, progress=False)
    with torch.no_grad():
        error = vh.squared_error(torch.sigmoid(model(few)[0]), few).mean().item() / 784
    assert error < 0.8 * 0.3**2  # away from where it starts
    assert model.variance.item() == pytest.approx(error, rel=0.1)


@pytest.mark.parametrize("variance", [0.5, 0.1])
def test_a_given_variance_stays(few, variance):
    torch.manual_seed(0)
    model = vh.VAE(2, (16,), "gaussian", variance)
    vh.fit(model, few, epochs=1, batch_size=50, progress=False)
    assert model.variance == variance


# free bits


def test_free_bits_stand_in_for_the_kl_of_a_dimension_averaged_over_the_batch_where_it_is_less(few, float32):
    torch.manual_seed(0)
    model = vh.VAE(3, (16,))
    with torch.no_grad():
        model.to_mu.weight.mul_(torch.tensor([[0.0], [10.0], [30.0]]))
        model.to_logvar.weight.zero_()
        each = gaussian_kl_per_dimension(*model.encode(few))
    kl, free_bits = each.mean(0), each.mean(0)[1].item()
    assert kl[0] < 0.5 * free_bits < 0.5 * kl[2]
    for beta, factor in [(1, 1.0), (1, 0.99), (1, 1.3), (2, 1.3)]:
        least = factor * free_bits
        charged = kl.clamp(min=least).sum().item()
        assert abs(each.clamp(min=least).mean(0).sum() - charged) > 0.01 * charged  # which a clamp within images is not
        settings = {"epochs": 1, "batch_size": 300, "lr": FROZEN, "progress": False}
        history = vh.fit(model, few, beta=beta, free_bits=least, **settings)
        assert history.kl == [pytest.approx(kl.sum().item(), rel=1e-4)]  # what the code costs is told as it is
        assert history.loss[0] - history.reconstruction[0] == pytest.approx(beta * charged, rel=1e-3)


def test_free_bits_keep_information_that_a_large_beta_would_press_out(few):
    settings = {"beta": 10, "epochs": 16, "lr": 0.02}
    pressed, free = (fit_small(few, free_bits=free_bits, **settings)[1] for free_bits in (0, 1))
    assert pressed.kl[-1] < 0.5 < 1.2 < free.kl[-1]  # on its way to two: two dimensions, one free nat each
    assert free.reconstruction[-1] < pressed.reconstruction[-1]


def test_free_bits_warm_up_with_the_kl(few):
    history = fit_small(few, free_bits=5.0, kl_warmup=1.0, epochs=2)[1]
    charged = [loss - reconstruction for loss, reconstruction in zip(history.loss, history.reconstruction, strict=True)]
    weights = [sum(range(6 * epoch, 6 * epoch + 6)) / 6 / 12 for epoch in (0, 1)]  # on average over an epoch's 6 steps
    assert max(history.kl) < 5  # so that each of the two dimensions is charged 5 nats
    assert charged == pytest.approx([10 * weight for weight in weights], rel=0.01)


# transform


def test_the_model_is_trained_on_what_transform_makes_of_each_batch(few, float32):
    torch.manual_seed(0)
    model, seen = without_noise(vh.VAE(2, (16,))), []

    def transform(x):
        seen.append(x)
        return 1 - x

    history = vh.fit(model, few, epochs=2, batch_size=50, lr=FROZEN, transform=transform, progress=False)
    assert [len(x) for x in seen] == [50] * 12
    for epoch in (seen[:6], seen[6:]):
        torch.testing.assert_close(torch.cat(epoch).mean(0), few.mean(0))  # every image once, as it was given
    reconstruction, kl = (term.sum().item() / 300 for term in loss_terms(model, model(1 - few), 1 - few))
    assert history.reconstruction == pytest.approx([reconstruction] * 2, rel=1e-5)
    assert history.kl == pytest.approx([kl] * 2, rel=1e-5)


def test_bernoulli_as_a_transform_draws_black_and_white_pixels_anew_in_every_epoch(few):
    drawn = []

    def transform(x):
        drawn.append(torch.bernoulli(x))
        return drawn[-1]

    fit_small(few[:50], epochs=3, transform=transform)  # one batch an epoch
    assert all(x.unique().tolist() == [0, 1] for x in drawn)
    counts = [x.sum().item() for x in drawn]
    assert len(set(counts)) == 3


def test_what_a_transform_draws_follows_the_seed_of_fit(few):
    states = [fit_small(few, seed=seed, transform=torch.bernoulli)[0].state_dict() for seed in (3, 3, 4)]
    assert same_weights(states[0], states[1])
    assert not same_weights(states[0], states[2])


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda x: 2 * x, "values from 0 to 2"),
        (lambda x: x.flatten(1), r"\(50, 784\)"),
        (lambda x: (255 * x).to(torch.uint8), "uint8"),
        (lambda x: None, "NoneType"),
    ],
)
def test_a_transform_that_returns_no_images_is_refused(few, spoil, named):
    with pytest.raises(ValueError, match=f"what transform returns must .*{named}"):
        fit_small(few, transform=spoil)


def test_what_a_transform_returns_is_looked_at_in_every_epoch(few):
    seen = []

    def transform(x):
        seen.append(x)
        return x if len(seen) <= 6 else 2 * x  # well over the first epoch

    with pytest.raises(ValueError, match="what transform returns"):
        fit_small(few, epochs=2, transform=transform)
    assert len(seen) == 7


# beta, warm-up, learning rate


@pytest.mark.parametrize("beta", [0, 0.5, 1, 10])
def test_the_loss_is_reconstruction_plus_beta_kl(few, beta):
    history = fit_small(few, beta=beta, epochs=2)[1]
    for loss, reconstruction, kl in zip(history.loss, history.reconstruction, history.kl, strict=True):
        assert loss == pytest.approx(reconstruction + beta * kl, rel=1e-5)


def test_beta_pushes_the_kl_down_and_not_the_reconstruction(few):
    free, pressed = (fit_small(few, beta=beta, epochs=4)[1] for beta in (0, 10))
    assert pressed.kl[-1] < 0.5 * free.kl[-1]
    assert free.reconstruction[-1] < pressed.reconstruction[-1]


def test_the_kl_weight_rises_in_a_line_and_stays():
    assert [kl_factor(done, 0.2) for done in (0, 0.05, 0.1, 0.2, 0.6, 1)] == pytest.approx([0, 0.25, 0.5, 1, 1, 1])
    assert kl_factor(0, 0) == 1


@pytest.mark.parametrize(
    ("settings", "warms_up"), [({}, [False, True, True]), ({"kl_warmup": 0.5}, [True, True, True])]
)
def test_only_deep_models_warm_up_unless_told(few, settings, warms_up):
    models = [(vh.VAE, (16,)), (vh.VAE, (16, 16)), (vh.ConvVAE, 4)]
    for (kind, hidden_dims), expected in zip(models, warms_up, strict=True):
        history = fit_small(few, kind, hidden_dims, epochs=2, **settings)[1]
        missing = [r + kl - loss for loss, r, kl in zip(history.loss, history.reconstruction, history.kl, strict=True)]
        assert (missing[0] > 0.05 * history.kl[0]) is expected
        assert missing[1] == pytest.approx(0, abs=1e-3)  # over by then


def test_the_learning_rate_warms_up_over_a_tenth_and_falls_to_zero():
    steps = [learning_rate_factor(k / 1000) for k in range(1001)]
    peak = steps.index(max(steps))
    assert max(steps) == pytest.approx(1)
    assert peak == 100
    assert 0 < steps[0] < 0.1
    assert all(step > 0 for step in steps[:-1])
    assert steps[:peak] == sorted(steps[:peak])
    assert steps[peak:] == sorted(steps[peak:], reverse=True)
    assert steps[550] == pytest.approx(0.5)
    assert steps[-1] == pytest.approx(0)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (vh.VAE(2, (8,)), (5e-3, 0)),
        (vh.Autoencoder(2, (8,)), (5e-3, 0)),
        (vh.VAE(2, (8, 8)), (2e-3, 0.2)),
        (vh.ConvVAE(2, 4), (4e-3, 0.2)),
        (torch.nn.Identity(), (5e-3, 0)),  # a reader's own, which names no hidden_dims
    ],
)
def test_the_usual_settings_are_those_that_fit_documents(model, expected):
    assert usual_settings(model) == expected
    assert "by default 5e-3 for one hidden layer, 2e-3 for more, 4e-3 for a ConvVAE" in vh.fit.__doc__


@pytest.mark.parametrize(
    ("kind", "hidden_dims", "lr", "peak"),
    [
        (vh.VAE, (16,), None, 5e-3),
        (vh.VAE, (16, 16), None, 2e-3),
        (vh.VAE, (16,), 0.1, 0.1),
        (vh.ConvVAE, 4, None, 4e-3),
        (vh.ConvVAE, 4, 0.1, 0.1),
    ],
)
def test_fit_steps_with_that_learning_rate(few, monkeypatch, kind, hidden_dims, lr, peak):
    seen = []

    class Adam(torch.optim.Adam):
        def step(self, *args):
            seen.append(self.param_groups[0]["lr"])
            return super().step(*args)

    monkeypatch.setattr(torch.optim, "Adam", Adam)
    fit_small(few, kind, hidden_dims, lr=lr, epochs=2)
    assert seen == pytest.approx([peak * learning_rate_factor(k / 12) for k in range(12)])


# the output bias


@pytest.mark.parametrize(("kind", "hidden_dims"), [(vh.VAE, (16,)), (vh.Autoencoder, (16,)), (vh.ConvVAE, 4)])
def test_the_output_bias_starts_at_the_logit_of_the_mean_image_once(few, kind, hidden_dims):
    model, _ = fit_small(few, kind, hidden_dims, lr=FROZEN)
    mean_image = few.mean(0).flatten().clamp(1e-3, 1 - 1e-3)
    torch.testing.assert_close(torch.sigmoid(model.output_bias).flatten(), mean_image)
    before = model.output_bias.detach().clone()
    vh.fit(model, 1 - few, epochs=1, lr=FROZEN, progress=False)
    torch.testing.assert_close(model.output_bias.detach(), before)


# averages


def test_an_epoch_s_averages_weigh_a_short_last_batch_by_its_images(mnist, float32):
    images = mnist.train.images[:130].clone()
    last = torch.cat(list(batches_of_first_epoch(130, 128)))[128:]
    images[last] = 1 - images[last]  # the two images of the short batch are unlike the others
    torch.manual_seed(0)
    model = without_noise(vh.VAE(2, (16,)))
    history = vh.fit(model, images, epochs=1, batch_size=128, lr=FROZEN, progress=False)
    reconstruction, kl = (term.sum().item() / len(images) for term in loss_terms(model, model(images), images))
    assert history.reconstruction == [pytest.approx(reconstruction, rel=1e-5)]
    assert history.kl == [pytest.approx(kl, rel=1e-5)]
    assert history.loss == [pytest.approx(reconstruction + kl, rel=1e-5)]


def batches_of_first_epoch(count, batch_size, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield from training.batches(count, batch_size)


def test_fast_arithmetic_changes_the_loss_by_less_than_a_percent(few, monkeypatch):
    losses = []
    for has_bf16 in (False, True):
        monkeypatch.setattr(training, "_cpu_has_bf16", lambda has=has_bf16: has)
        losses.append(fit_small(few, epochs=2)[1].loss[-1])
    assert losses[1] != losses[0]
    assert losses[1] == pytest.approx(losses[0], rel=0.01)


@pytest.mark.parametrize(
    ("model", "nll"),
    [
        (lambda: vh.VAE(2, (16,)), vh.bernoulli_nll),
        (lambda: vh.ConvVAE(2, 4), vh.bernoulli_nll),
        (lambda: vh.VAE(2, (16,), "gaussian"), lambda logits, x: vh.gaussian_nll(torch.sigmoid(logits), x)),
        (
            lambda: vh.VAE(2, (16,), "gaussian", "learned"),
            lambda logits, x: vh.gaussian_nll(torch.sigmoid(logits), x, variance=0.3**2),
        ),
    ],
)
def test_evaluate_averages_nats_per_image_at_one_sample(images, model, nll):
    model = model()
    torch.manual_seed(5)
    logits, mu, logvar = model(images)
    scores = vh.evaluate(model, images, seed=5)
    assert scores.reconstruction == pytest.approx(nll(logits, images).mean().item())
    assert scores.kl == pytest.approx(vh.gaussian_kl(mu, logvar).mean().item())
    assert scores.negative_elbo == scores.reconstruction + scores.kl
    assert scores == vh.evaluate(model, images, seed=5)
    assert scores != vh.evaluate(model, images, seed=6)


def test_evaluate_does_not_depend_on_how_it_splits_the_images():
    images = torch.rand(1003, 1, 28, 28)
    images[1000:] = 0  # the short last part is unlike the others
    model = without_noise(vh.VAE(2, (16,)))
    reconstruction, kl = (term.sum().item() / len(images) for term in loss_terms(model, model(images), images))
    assert vh.evaluate(model, images) == pytest.approx((reconstruction + kl, reconstruction, kl), rel=1e-5)


@pytest.mark.parametrize("training_mode", [True, False])
def test_evaluate_scores_in_eval_mode_and_puts_the_mode_back(images, training_mode):
    model = vh.VAE(2, (16,)).train(training_mode)
    seen = []
    model.register_forward_hook(lambda *args: seen.append(model.training))
    vh.evaluate(model, images)
    assert seen == [False]
    assert model.training is training_mode


# when things go wrong: 300 images in batches of 50 are 6 steps an epoch


@pytest.mark.parametrize(("step", "epoch"), [(2, 1), (9, 2), (12, 2)])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_with_the_last_whole_epoch_s_weights(few, step, epoch, value):
    model = Scripted({step: value})
    within = step - 6 * (epoch - 1)
    with pytest.raises(FloatingPointError, match=rf"step {within} of epoch {epoch}\b.*after {epoch - 1} whole epochs"):
        vh.fit(model, few, epochs=3, batch_size=50, progress=False)
    assert same_weights(model.state_dict(), model.states[6 * (epoch - 1)])
    assert not model.training


def test_a_far_too_large_learning_rate_is_named_as_the_likely_cause(few):
    model = vh.VAE(2, (16,))
    with pytest.raises(FloatingPointError, match="smaller lr"):
        vh.fit(model, few, epochs=2, batch_size=50, lr=1e30, progress=False)
    assert all(value.isfinite().all() for value in model.state_dict().values())


def test_the_stop_button_leaves_a_usable_model_and_the_history_so_far(few, capsys):
    model = Scripted({9: KeyboardInterrupt})
    history = vh.fit(model, few, epochs=3, batch_size=50, progress=False)
    assert history.interrupted
    assert len(history.loss) == 1
    assert not model.training
    assert same_weights(model.state_dict(), model.states[8])  # two steps into the second epoch, and kept
    assert "after 1 whole epoch" in capsys.readouterr().out
    assert math.isfinite(vh.evaluate(model, few).negative_elbo)


def test_the_stop_button_after_a_nan_leaves_a_usable_model_too(few):
    model = Scripted({8: math.nan, 10: KeyboardInterrupt})
    assert vh.fit(model, few, epochs=3, batch_size=50, progress=False).interrupted
    assert all(value.isfinite().all() for value in model.state_dict().values())


# what it says


@pytest.mark.parametrize(("kind", "named"), [(vh.VAE, "nats per image"), (vh.Autoencoder, "squared error")])
def test_progress_prints_one_line_an_epoch(few, capsys, kind, named):
    history = fit_small(few, kind, epochs=3, progress=True)[1]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for number, (line, reconstruction) in enumerate(zip(lines, history.reconstruction, strict=True), 1):
        assert line.startswith(f"epoch {number}/3")
        assert f"{reconstruction:.2f}" in line
        assert named in line


def test_without_progress_nothing_is_printed(few, capsys):
    fit_small(few)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", 0),
        ("beta", -1),
        ("beta", math.nan),
        ("free_bits", -0.1),
        ("free_bits", math.nan),
        ("free_bits", math.inf),
        ("lr", 0),
        ("lr", -0.1),
        ("lr", math.inf),
        ("kl_warmup", -0.1),
        ("kl_warmup", 1.5),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(few, setting, value):
    with pytest.raises(ValueError, match=f"{setting} must .*{value}"):
        fit_small(few, **{setting: value})


@pytest.mark.parametrize("use", [fit_small, lambda images: vh.evaluate(vh.VAE(2, (8,)), images)])
@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda x: 255 * x, r"values from 0 to 255"),
        (lambda x: x * math.nan, "nan"),
        (lambda x: (255 * x).to(torch.uint8), "uint8"),
        (lambda x: x.flatten(1), r"\(300, 784\)"),
        (lambda x: x[:0], r"\(0, 1, 28, 28\)"),
    ],
)
def test_wrong_images_are_refused(few, use, spoil, named):
    with pytest.raises(ValueError, match=named):
        use(spoil(few))
