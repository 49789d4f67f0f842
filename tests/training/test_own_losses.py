"""training: any function of a model and a batch is a loss, or is refused in a sentence."""

import math

import pytest
import torch
from training_tools import fit_small, same_weights

import vae_helpers as vh


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
