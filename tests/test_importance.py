"""The importance-weighted bound as a loss, the weights, and the prior that a MixtureVAE learns."""

import math

import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal, Normal

import vae_helpers as vh
from vae_helpers.importance import log_normal, log_weights


@pytest.fixture
def binary(images):
    return torch.bernoulli(images)


def test_log_normal_is_torch_s():
    z, mu, logvar = torch.randn(3, 7, 4)
    torch.testing.assert_close(log_normal(z), Normal(0.0, 1.0).log_prob(z).sum(1))
    expected = Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    torch.testing.assert_close(log_normal(z, mu, logvar), expected)


def test_a_weight_is_p_of_x_and_z_over_q(binary):
    model = vh.VAE(3, (16,))
    torch.manual_seed(1)
    found = log_weights(model, binary, samples=5)
    torch.manual_seed(1)
    mu, logvar = (part.repeat_interleave(5, 0) for part in model.encode(binary))
    q = Normal(mu, torch.exp(0.5 * logvar))
    z = mu + q.stddev * torch.randn_like(mu)
    pixels = torch.distributions.Bernoulli(logits=model.decode_logits(z))
    likelihood = pixels.log_prob(binary.repeat_interleave(5, 0)).sum((1, 2, 3))
    expected = likelihood + Normal(0.0, 1.0).log_prob(z).sum(1) - q.log_prob(z).sum(1)
    torch.testing.assert_close(found, expected.view(6, 5))


@pytest.mark.parametrize("samples", [1, 8])
def test_the_loss_is_minus_the_bound_of_the_score(binary, samples):
    model = vh.VAE(3, (16,))
    torch.manual_seed(0)
    loss = vh.ImportanceWeighted(samples)(model, binary)
    torch.testing.assert_close(loss, -vh.iwae_bound(model, binary, samples, seed=0).mean())


def test_the_bound_is_the_same_however_its_samples_are_cut(binary, monkeypatch):
    model = vh.VAE(2, (8,))
    whole = vh.iwae_bound(model, binary, samples=2000)
    monkeypatch.setattr("vae_helpers.importance.AT_ONCE", 600)
    torch.testing.assert_close(vh.iwae_bound(model, binary, samples=2000), whole, atol=0.2, rtol=0)  # other draws


def test_another_prior_enters_both(binary):
    model = vh.VAE(3, (16,))

    def narrow(z):
        return log_normal(z, logvar=-1.0)

    torch.manual_seed(0)
    loss = vh.ImportanceWeighted(4, prior=narrow)(model, binary)
    torch.testing.assert_close(loss, -vh.iwae_bound(model, binary, 4, seed=0, prior=narrow).mean())
    assert (loss + vh.iwae_bound(model, binary, 4, seed=0).mean()).abs() > 0.1


def test_fit_trains_with_it(mnist):
    torch.manual_seed(0)
    model, images = vh.VAE(2, (16,)), mnist.train.images[:300]
    history = vh.fit(
        model, images, loss=vh.ImportanceWeighted(5), epochs=3, lr=5e-3, transform=torch.bernoulli, progress=False
    )
    assert history.loss == sorted(history.loss, reverse=True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"samples": 0}, "samples: expected a whole number, 1 or more, got 0"),
        ({"prior": "normal"}, "prior: expected a function of codes .*, got 'normal'"),
        ({"likelihood": None}, "likelihood: expected a function .*, got None"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        vh.ImportanceWeighted(**settings)


def test_a_plain_autoencoder_and_a_prior_per_latent_are_refused(images):
    with pytest.raises(ValueError, match="expected a VAE"):
        vh.ImportanceWeighted()(vh.Autoencoder(2, (8,)), images)
    with pytest.raises(ValueError, match=r"prior: expected one number for each code, shape \(12,\), got \(12, 2\)"):
        vh.iwae_bound(vh.VAE(2, (8,)), images, samples=2, prior=lambda z: -(z**2))


# a learned prior


@pytest.fixture
def mixed():
    """A MixtureVAE fitted to codes in three clouds, and the codes."""
    torch.manual_seed(0)
    model = vh.MixtureVAE(3, (16,), components=4)
    codes = 0.3 * torch.randn(600, 3) @ torch.randn(3, 3) + 3.0 * torch.randint(0, 3, (600, 1))
    model.fit_prior(codes)
    return model, codes


def test_the_learned_prior_is_a_mixture_of_gaussians(mixed):
    model, codes = mixed
    factor = model._precision_factor()
    parts = MultivariateNormal(model.prior_mean, precision_matrix=factor @ factor.mT)
    mixture = MixtureSameFamily(Categorical(logits=model.prior_logits), parts)
    z = torch.cat([codes, 3 * torch.randn(50, 3)])
    torch.testing.assert_close(model.log_prior(z), mixture.log_prob(z), atol=1e-3, rtol=1e-4)


def test_it_fits_codes_better_than_the_standard_normal_and_learns(mixed):
    model, codes = mixed
    assert model.log_prior(codes).mean() > log_normal(codes).mean() + 3
    (-model.log_prior(codes + 0.5).mean()).backward()
    assert all(part.grad.abs().sum() > 0 for part in (model.prior_logits, model.prior_mean, model.prior_factor))
    assert model.prior_factor.grad.tril(-1).abs().sum() == 0  # a triangle is enough


def test_the_prior_of_the_other_models_is_the_standard_normal():
    z = torch.randn(5, 3)
    for model in (vh.VAE(3, (8,)), vh.ConvVAE(3, 4)):
        torch.testing.assert_close(model.log_prior(z), -0.5 * (z**2 + math.log(2 * math.pi)).sum(1))


def test_codes_of_another_width_are_refused(mixed):
    for call in (mixed[0].fit_prior, mixed[0].log_prior):
        with pytest.raises(ValueError, match=r"expected a (float )?tensor of shape"):
            call(torch.randn(100, 2))
