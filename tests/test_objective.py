"""objective: every formula against another road to the same number, and the bounds against an exact likelihood."""

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

import vae_helpers as vh
from vae_helpers.objective import gaussian_kl_per_dimension, reconstruction_nll


def random_gaussians(count=50, dims=4):
    """mu and logvar, in float64."""
    return 2 * torch.randn(count, dims, dtype=torch.float64), torch.randn(count, dims, dtype=torch.float64)


def normal(mu, logvar):
    return Normal(mu, (logvar / 2).exp())


# the KL of two Gaussians


def test_the_kl_is_that_of_torch_distributions():
    mu, logvar = random_gaussians()
    expected = kl_divergence(normal(mu, logvar), Normal(torch.zeros_like(mu), 1)).sum(1)
    torch.testing.assert_close(vh.gaussian_kl(mu, logvar), expected)


def test_the_general_kl_is_that_of_torch_distributions():
    q, p = random_gaussians(), random_gaussians()
    expected = kl_divergence(normal(*q), normal(*p)).sum(1)
    torch.testing.assert_close(vh.gaussian_kl(*q, *p), expected)
    one = [part[0] for part in p]  # a prior without a batch dimension is shared
    torch.testing.assert_close(vh.gaussian_kl(*q, *one), vh.gaussian_kl(*q, *(part.expand(50, 4) for part in one)))


def test_the_kl_of_each_dimension_is_that_of_torch_distributions_and_sums_to_the_kl():
    q, p = random_gaussians(), random_gaussians()
    against_prior = kl_divergence(normal(*q), Normal(torch.zeros_like(q[0]), 1))
    torch.testing.assert_close(gaussian_kl_per_dimension(*q), against_prior)
    torch.testing.assert_close(gaussian_kl_per_dimension(*q, *p), kl_divergence(normal(*q), normal(*p)))
    torch.testing.assert_close(gaussian_kl_per_dimension(*q, *p).sum(1), vh.gaussian_kl(*q, *p))


def test_the_kl_is_the_integral_it_stands_for():
    mu, logvar = random_gaussians(dims=1)
    q, p = normal(mu, logvar), Normal(torch.zeros_like(mu), 1)
    z = mu + (logvar / 2).exp() * torch.linspace(-12, 12, 2001, dtype=torch.float64)  # (50, 2001)
    integrand = q.log_prob(z).exp() * (q.log_prob(z) - p.log_prob(z))
    torch.testing.assert_close(vh.gaussian_kl(mu, logvar), torch.trapezoid(integrand, z), rtol=1e-9, atol=1e-9)


def test_the_gradients_of_the_kl_are_the_closed_forms():
    mu, logvar = random_gaussians()
    mu.requires_grad_()
    sigma = (logvar / 2).exp().requires_grad_()
    vh.gaussian_kl(mu, 2 * sigma.log()).sum().backward()
    torch.testing.assert_close(mu.grad, mu.detach())
    torch.testing.assert_close(sigma.grad, (sigma - 1 / sigma).detach())
    general = [part.requires_grad_() for part in random_gaussians(3) + random_gaussians(3)]
    assert torch.autograd.gradcheck(vh.gaussian_kl, general)


def test_the_kl_is_zero_at_the_prior_and_positive_elsewhere():
    mu, logvar = random_gaussians()
    assert not vh.gaussian_kl(torch.zeros(3, 4), torch.zeros(3, 4)).any()
    torch.testing.assert_close(vh.gaussian_kl(mu, logvar, mu, logvar), torch.zeros(50, dtype=torch.float64))
    assert (vh.gaussian_kl(mu, logvar) > 0).all()


@pytest.mark.parametrize("kl", [vh.gaussian_kl, gaussian_kl_per_dimension])
@pytest.mark.parametrize("shapes", [((3, 2), (3, 4)), ((3,), (3,)), ((3, 2), (1, 2))])
def test_a_kl_of_other_shapes_is_refused(kl, shapes):
    with pytest.raises(ValueError, match=r"\(N, D\)") as error:
        kl(*map(torch.zeros, shapes))
    assert all(str(shape) in str(error.value) for shape in shapes)


# reconstruction


def test_bernoulli_nll_is_that_of_torch_distributions_on_binary_pixels(images):
    logits, binary = 3 * torch.randn_like(images), images.round()
    expected = -Bernoulli(logits=logits).log_prob(binary).flatten(1).sum(1)
    torch.testing.assert_close(vh.bernoulli_nll(logits, binary), expected)


def test_bernoulli_nll_is_the_naive_formula_on_grey_pixels(images):
    logits, grey = torch.randn(6, 1, 28, 28, dtype=torch.float64), images.double()
    p = torch.sigmoid(logits)
    expected = -(grey * p.log() + (1 - grey) * (1 - p).log()).sum((1, 2, 3))
    torch.testing.assert_close(vh.bernoulli_nll(logits, grey), expected)


@pytest.mark.parametrize("variance", [0.5, 1.0, 0.01])
def test_gaussian_nll_is_that_of_torch_distributions(images, variance):
    pixels = torch.rand_like(images)
    expected = -Normal(pixels, variance**0.5).log_prob(images).flatten(1).sum(1)
    torch.testing.assert_close(vh.gaussian_nll(pixels, images, variance), expected)


def test_gaussian_nll_is_the_squared_error_plus_the_constant_in_its_docstring(images):
    pixels = torch.rand_like(images)
    constant = 784 * 0.5 * math.log(math.pi)
    torch.testing.assert_close(vh.gaussian_nll(pixels, images), vh.squared_error(pixels, images) + constant)
    assert f"{constant:.1f} nats" in vh.gaussian_nll.__doc__


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_of_gaussian_nll_reach_a_variance_and_vanish_at_the_mean_squared_error(images, dtype):
    pixels, x = torch.rand_like(images).to(dtype), images.to(dtype)
    error = vh.squared_error(pixels, x).mean().item()
    for value in (0.03, 0.5, error / 784):
        variance = torch.tensor(value, requires_grad=True)  # in float32, as a parameter is
        nll = vh.gaussian_nll(pixels, x, variance)
        torch.testing.assert_close(nll.detach(), vh.gaussian_nll(pixels, x, value), rtol=1e-6, atol=1e-3)
        nll.mean().backward()
        closed_form = 784 / (2 * value) - error / (2 * value**2)
        assert variance.grad.item() == pytest.approx(closed_form, rel=1e-4, abs=0.1)


def test_the_entropy_of_pixels_is_that_of_torch_distributions(images):
    torch.testing.assert_close(vh.pixel_entropy(images), Bernoulli(probs=images).entropy().sum((1, 2, 3)))
    half = torch.full((2, 1, 28, 28), 0.5)
    torch.testing.assert_close(vh.pixel_entropy(half), torch.full((2,), 784 * math.log(2)))
    assert vh.pixel_entropy(images.round()).tolist() == [0] * 6  # black and white: nothing is left open


def test_no_reconstruction_scores_below_the_entropy_of_the_pixels_and_a_perfect_one_scores_just_that(images):
    x = images.double()
    torch.testing.assert_close(vh.bernoulli_nll(x.logit(), x), vh.pixel_entropy(x))
    for size in (0.01, 0.1, 1, 10):
        assert (vh.bernoulli_nll(x.logit() + size * torch.randn_like(x), x) > vh.pixel_entropy(x)).all()


@pytest.mark.parametrize("loss", [vh.bernoulli_nll, vh.gaussian_nll, vh.squared_error])
def test_losses_are_summed_over_pixels_within_each_image(images, loss):
    pixels = torch.rand_like(images)
    one = loss(pixels, images)
    assert one.shape == (6,)
    torch.testing.assert_close(loss(pixels.repeat(1, 1, 2, 1), images.repeat(1, 1, 2, 1)), 2 * one)
    torch.testing.assert_close(loss(pixels[2:3], images[2:3]), one[2:3])


@pytest.mark.parametrize("loss", [vh.bernoulli_nll, vh.gaussian_nll, vh.squared_error])
def test_losses_refuse_to_broadcast(images, loss):
    with pytest.raises(ValueError, match=r"\(1, 1, 28, 28\) and \(6, 1, 28, 28\)"):
        loss(images[:1], images)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, lambda logits, x: vh.bernoulli_nll(logits, x)),
        ({"likelihood": "gaussian"}, lambda logits, x: vh.gaussian_nll(torch.sigmoid(logits), x)),
        ({"likelihood": "gaussian", "variance": 0.1}, lambda logits, x: vh.gaussian_nll(torch.sigmoid(logits), x, 0.1)),
        (
            {"likelihood": "gaussian", "variance": "learned"},
            lambda logits, x: vh.gaussian_nll(torch.sigmoid(logits), x, 0.3**2),
        ),
    ],
)
def test_the_reconstruction_follows_the_likelihood(images, settings, expected):
    logits = torch.randn_like(images)
    found = reconstruction_nll(vh.VAE(2, (8,), **settings), logits, images)
    torch.testing.assert_close(found, expected(logits, images))


def test_a_gaussian_model_that_names_no_variance_has_a_half(images):
    logits = torch.randn_like(images)
    found = reconstruction_nll(SimpleNamespace(likelihood="gaussian"), logits, images)
    torch.testing.assert_close(found, vh.gaussian_nll(torch.sigmoid(logits), images, 0.5))


def test_gradients_of_the_reconstruction_reach_a_learned_variance(images):
    model, logits = vh.VAE(2, (8,), "gaussian", "learned"), torch.randn_like(images)
    reconstruction_nll(model, logits, images).mean().backward()
    error = vh.squared_error(torch.sigmoid(logits), images).mean()
    torch.testing.assert_close(model.log_sigma.grad, (784 - error / model.variance).detach())  # of 784 log sigma + ...


# the ELBO and the importance-weighted bound


class LinearGaussian(nn.Module):
    """p(z) = N(0, I), p(x|z) = N(W z + 1/2, I/2): the posterior and log p(x) are known exactly.

    The columns of W are orthogonal, so that the posterior is diagonal. Its encoder is off by `shift` in mu
    and by `stretch` in logvar.
    """

    likelihood = "gaussian"

    def __init__(self, shift=0.0, stretch=0.0):
        super().__init__()
        orthogonal = torch.linalg.qr(torch.randn(784, 2, dtype=torch.float64)).Q
        self.weight = nn.Parameter(orthogonal * torch.tensor([0.8, 0.5]), requires_grad=False)
        self.shift, self.stretch = shift, stretch

    reparameterize = vh.VAE.reparameterize

    def posterior(self, x):
        precision = 1 + 2 * self.weight.square().sum(0)
        mu = 2 * (x.flatten(1) - 0.5) @ self.weight / precision
        return mu, -precision.log().expand_as(mu)

    def encode(self, x):
        mu, logvar = self.posterior(x)
        return mu + self.shift, logvar + self.stretch

    def decode_logits(self, z):
        return (z @ self.weight.T + 0.5).logit().reshape(-1, 1, 28, 28)

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode_logits(self.reparameterize(mu, logvar)), mu, logvar

    def log_likelihood(self, x):
        covariance = self.weight @ self.weight.T + torch.eye(784, dtype=torch.float64) / 2
        return MultivariateNormal(torch.full((784,), 0.5, dtype=torch.float64), covariance).log_prob(x.flatten(1))


@pytest.fixture
def grey():
    return torch.rand(1, 1, 28, 28, dtype=torch.float64)


def test_the_gap_of_the_elbo_is_the_kl_to_the_true_posterior(grey):
    model, count = LinearGaussian(shift=0.3, stretch=0.5), 4000
    elbos = vh.elbo(model, grey.expand(count, 1, 28, 28))
    gap = vh.gaussian_kl(*model.encode(grey), *model.posterior(grey))
    error = elbos.mean() - (model.log_likelihood(grey) - gap)
    assert gap > 0.1  # there is something to see
    assert error.abs() < 5 * elbos.std() / count**0.5 < gap


def test_the_bound_rises_from_the_elbo_to_log_p_with_more_samples(grey):
    model, count = LinearGaussian(shift=0.3, stretch=0.5), 500
    many = grey.expand(count, 1, 28, 28)
    bounds = [vh.elbo(model, many)] + [vh.importance_bound(model, many, samples) for samples in (3, 30)]
    averages = torch.stack([bound.mean() for bound in bounds])
    errors = torch.stack([bound.std() for bound in bounds]) / count**0.5
    assert (averages.diff() > 2 * errors[1:]).all()  # tighter, and by more than chance
    exact = model.log_likelihood(grey).item()
    assert (averages < exact + 3 * errors).all()
    assert exact - averages[-1] < 0.1 * (exact - averages[0])


@pytest.mark.parametrize("samples", [1, 7])
def test_the_bound_is_log_p_if_the_encoder_is_the_posterior(grey, samples):
    model = LinearGaussian()
    torch.testing.assert_close(vh.importance_bound(model, grey, samples), model.log_likelihood(grey))


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_elbo_is_per_image_minus_reconstruction_minus_kl(images, likelihood):
    model = vh.VAE(3, (16,), likelihood)
    torch.manual_seed(1)
    elbo = vh.elbo(model, images)
    torch.manual_seed(1)
    logits, mu, logvar = model(images)
    expected = -reconstruction_nll(model, logits, images) - vh.gaussian_kl(mu, logvar)
    assert elbo.shape == (6,)
    torch.testing.assert_close(elbo, expected)


def test_the_bound_follows_its_seed_and_leaves_the_global_generator(trained, images):
    before = torch.get_rng_state()
    first, same, other = (vh.importance_bound(trained, images, 5, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, same)
    assert (first != other).all()
    assert first.shape == (6,)


@pytest.mark.parametrize("bound", [vh.elbo, vh.importance_bound])
@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda x: x * 2, "values from 0.* to [12]"),
        (lambda x: x - 1, "values from -"),
        (lambda x: x * math.nan, "nan"),
        (lambda x: x[:, 0], r"\(6, 28, 28\)"),
    ],
)
def test_bounds_refuse_wrong_images(trained, images, bound, spoil, named):
    with pytest.raises(ValueError, match=named):
        bound(trained, spoil(images))


@pytest.mark.parametrize("samples", [0, -1, 2.0])
def test_a_bound_needs_a_whole_number_of_samples(trained, images, samples):
    with pytest.raises(ValueError, match=f"samples.*{samples}"):
        vh.importance_bound(trained, images, samples)


@pytest.mark.parametrize("bound", [vh.elbo, vh.importance_bound])
@pytest.mark.parametrize("count", [3, 6])
def test_a_plain_autoencoder_has_no_bound(images, bound, count):
    with pytest.raises((TypeError, ValueError), match=r"VAE|Autoencoder"):
        bound(vh.Autoencoder(2, (8,)), images[:count])
