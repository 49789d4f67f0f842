"""Right answers of any form, where a notebook uses them: they return what the solution would."""

import numpy as np
import pytest
import torch

import vae_helpers as vh


def walk(z0, z1, steps):
    alphas = torch.linspace(0, 1, steps)
    turned = vh.interpolate(z0 / z0.norm(), z1 / z1.norm(), steps, spherical=True)
    return [torch.lerp(z0.norm(), z1.norm(), alpha) * code for alpha, code in zip(alphas, turned, strict=True)]


def grid(codes, size):
    low, high = codes.min(0).values, codes.max(0).values
    rows = np.linspace(float(high[1]), float(low[1]), size)
    return [torch.tensor([x, y]) for y in rows for x in np.linspace(float(low[0]), float(high[0]), size)]


def loss(logits, x, mu, logvar):
    return (vh.bernoulli_nll(logits, x) + vh.gaussian_kl(mu, logvar)).mean().reshape(1)


def draw(mu, logvar):
    return mu.double() + torch.exp(0.5 * logvar) * torch.randn_like(mu)


def draw_half(mu, logvar):
    return draw(mu, logvar).bfloat16()


ANSWERS = {
    "even_walk": (walk, [torch.randn(4), torch.randn(4), 5]),
    "grid_over_codes": (grid, [torch.randn(9, 2), 3]),
    "vae_loss": (loss, [torch.randn(3, 1, 28, 28), torch.rand(3, 1, 28, 28), torch.randn(3, 2), torch.randn(3, 2)]),
    "sample_posterior": (draw, [torch.randn(3, 2), torch.randn(3, 2)]),
    "kl": (lambda mu, logvar: list(vh.gaussian_kl(mu, logvar)), [torch.randn(3, 2), torch.randn(3, 2)]),
    "transposed_kernel": (lambda *n: [float(n[1] + 2 * n[3] - (n[0] - 1) * n[2])], [4, 7, 2, 1]),
    "linear_rate": (
        lambda e, variance: np.array([0.5 * np.log(np.maximum(e.numpy() / variance, 1)).sum()]),
        [torch.rand(5).double(), 0.2],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer_is_used_in_the_solution_s_form(name, capsys):
    answer, values = ANSWERS[name]
    checker = getattr(vh.check, name)
    checker(answer)
    assert capsys.readouterr().out.startswith("✓")
    with torch.random.fork_rng():
        ours = checker._exercise.solve(*values)
    found = checker.yours_or()(*values)
    assert type(found) is type(ours)
    if torch.is_tensor(ours):
        assert (found.shape, found.dtype) == (ours.shape, ours.dtype)
    if name != "sample_posterior":
        assert np.allclose(found, ours, atol=1e-4)


@pytest.mark.parametrize("answer", [draw, draw_half])
def test_an_own_loss_and_an_own_draw_of_other_forms_train(answer, mnist):
    vh.check.vae_loss(loss)
    vh.check.sample_posterior(answer)
    your_loss = vh.check.vae_loss.yours_or()
    model = vh.VAE(2, (8,))
    model.reparameterize = vh.check.sample_posterior.yours_or()

    def of_batch(model, x):
        logits, mu, logvar = model(x)
        return your_loss(logits, x, mu, logvar)

    history = vh.fit(model, mnist.train.images[:64], loss=of_batch, epochs=30, lr=1e-2)
    assert history.loss[-1] < history.loss[0] - 50
