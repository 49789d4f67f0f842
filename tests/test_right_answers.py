"""Exercises, answered in another way than their solutions do: the checkers must take these answers for right.

And solutions that only a formula or the package can tell to be right.
"""

import math
from decimal import Decimal

import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from torch.utils.flop_counter import FlopCounterMode

import vae_helpers as vh
from vae_helpers.exercises import EXERCISES

EXERCISE = {exercise.name: exercise for own in EXERCISES.values() for exercise in own}


def kl(mu, logvar):
    posterior = torch.distributions.Normal(mu, logvar.exp().sqrt())
    return torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum(1)


def linear_rate(eigenvalues, variance):
    """The KL of each latent, with its mean square and its variance, by torch."""
    total = 0.0
    for eigenvalue in eigenvalues.double().tolist():
        spread = min(variance / eigenvalue, 1.0)
        mean = torch.tensor(math.sqrt(1 - spread)).double()
        posterior = torch.distributions.Normal(mean, math.sqrt(spread))
        total += torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).item()
    return total


def conv_size(size, kernel, stride, padding):
    return torch.nn.functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding).shape[
        2
    ]


def same_digit_share(points, labels):
    nearest = NearestNeighbors(n_neighbors=2).fit(points.numpy()).kneighbors(points.numpy(), return_distance=False)
    return (labels[nearest[:, 1]] == labels).float().mean()


def dimension_by_neighbours(r1, r2):
    """The most probable of many dimensions, by its probability."""
    d = torch.linspace(0.2, 60, 300_000).double()
    log_ratio = (r2.double() / r1.double()).log()
    return d[(len(r1) * d.log() - (d + 1) * log_ratio.sum()).argmax()]


def receptive_field(widths, strides):
    """From the first to the last pixel that has a gradient, for one output in the middle."""
    x = torch.zeros(1, 1, 301, dtype=torch.double, requires_grad=True)
    layer = x
    for width, stride in zip(widths, strides, strict=True):
        layer = torch.nn.functional.conv1d(layer, torch.ones(1, 1, width).double(), stride=stride)
    (gradient,) = torch.autograd.grad(layer[0, 0, layer.shape[2] // 2], x)
    seen = gradient[0, 0].nonzero()
    return seen.max() - seen.min() + 1


def transposed_kernel(size_in, size_out, stride, padding):
    """The kernel with which torch's own layer puts out that many pixels."""
    places = torch.zeros(1, 1, size_in)
    layers = (torch.nn.ConvTranspose1d(1, 1, kernel, stride, padding) for kernel in range(1, 99))
    return next(
        layer.kernel_size[0]
        for layer in layers
        if layer.kernel_size[0] + (size_in - 1) * stride > 2 * padding and layer(places).shape[2] == size_out
    )


def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    """Half of what torch counts, which takes a multiplication and an addition for two."""
    layer = torch.nn.Conv2d(channels_in, channels_out, kernel, stride, padding, bias=False)
    with FlopCounterMode(display=False) as counted:
        layer(torch.zeros(1, channels_in, size, size))
    return counted.get_total_flops() / 2


def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    """What a nat more in one dimension changes the loss, divided by what one more in a pixel does."""
    of_pixels, of_latents = (torch.ones(count, dtype=torch.double, requires_grad=True) for count in (pixels, latents))
    loss = of_pixels.mean() if mean_over_pixels else of_pixels.sum()
    loss = loss + (of_latents.mean() if mean_over_latents else of_latents.sum())
    by_pixel, by_latent = torch.autograd.grad(loss, [of_pixels, of_latents])
    return (by_latent[0] / by_pixel[0]).item()


def largest_gap(log_p, encoder, best):
    gaps = [p - e for p, e in zip(log_p.tolist(), encoder.tolist(), strict=True)]
    k = gaps.index(max(gaps))
    return [k, 1 - (log_p[k] - best[k]).item() / gaps[k]]


def effective_samples(log_weights):
    """By the definition, in numbers that do not underflow."""
    rows = [[Decimal(value).exp() for value in row] for row in log_weights.tolist()]
    return [float(sum(row) ** 2 / sum(weight**2 for weight in row)) for row in rows]


ANSWERS = [
    kl,
    linear_rate,
    conv_size,
    same_digit_share,
    dimension_by_neighbours,
    receptive_field,
    transposed_kernel,
    conv_multiplications,
    hidden_beta,
    largest_gap,
    effective_samples,
]


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.__name__ for answer in ANSWERS])
def test_a_right_answer_that_goes_another_way_is_right(answer, capsys):
    getattr(vh.check, answer.__name__)(answer)
    assert capsys.readouterr().out.startswith("✓")


# held against a closed form, or the package


def test_free_bits_are_charged_as_the_package_charges_them():
    class WithThisKL(vh.VAE):
        def encode(self, x):
            kl = self.kl if len(x) == len(self.kl) else torch.zeros(len(x), self.latent_dim)
            return (2 * kl).sqrt(), torch.zeros_like(kl)  # at σ = 1 the KL is ½ μ²

    for case in EXERCISE["charged_kl"].cases():
        model = WithThisKL(case["kl"].shape[1], (4,))
        model.kl = case["kl"]
        parts = vh.NegativeELBO(free_bits=case["floor"])(model, torch.rand(len(case["kl"]), 1, 28, 28))
        charged = EXERCISE["charged_kl"].solve(**case)
        assert charged.item() == pytest.approx((parts["loss"] - parts["reconstruction"]).item(), abs=1e-3)


@pytest.mark.parametrize("count", [2, 5])
def test_the_gradient_without_a_slope_is_right_on_average(count):
    torch.manual_seed(0)
    mu, sigma, estimates = 1.0, 0.5, []
    for _ in range(4000):
        z = mu + sigma * torch.randn(count)
        estimates.append(EXERCISE["score_function_gradient"].solve(z, -((z - 3) ** 2), mu, sigma))
    estimates = torch.stack(estimates)
    error = (estimates.std() / math.sqrt(len(estimates))).item()
    assert estimates.mean().item() == pytest.approx(-2 * (mu - 3), abs=4 * error)  # of −(μ − 3)² − σ²
    assert error < 0.1 * 4 / count  # a baseline with the sample itself is off by 4 / count


def test_the_bound_at_the_true_posterior_is_log_p_of_x():
    torch.manual_seed(0)
    at_posterior = EXERCISE["linear_gaussian_bound"].cases()[0]
    x, V, variance = at_posterior["x"], at_posterior["V"], at_posterior["variance"]
    covariance = V @ V.T + variance * torch.eye(len(V))
    log_p = torch.distributions.MultivariateNormal(torch.zeros(len(V)), covariance).log_prob(x)
    assert torch.allclose(EXERCISE["linear_gaussian_bound"].solve(**at_posterior), log_p, atol=1e-3)


@pytest.mark.parametrize("rounds", [1, 2])
def test_missing_pixels_are_filled_as_the_package_fills_them(rounds):
    torch.manual_seed(0)
    model = EXERCISE["fill_in"].cases()[0]["model"]
    model.to_logvar.weight.zero_()
    model.to_logvar.bias.fill_(-80.0)  # then a draw is the mean
    x, seen = torch.rand(3, 1, 28, 28), torch.rand(1, 28, 28) < 0.5
    filled = vh.applications.inpaint_pseudo_gibbs(model, x, seen, steps=rounds)
    assert torch.allclose(EXERCISE["fill_in"].solve(model, x, seen, rounds), filled, atol=1e-5)
