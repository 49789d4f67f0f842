"""training: what fit and evaluate report are averages over images."""

import pytest
import torch
from training_tools import FROZEN, fit_small, without_noise

import vae_helpers as vh
from vae_helpers import _precision
from vae_helpers.losses import elbo_terms


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
