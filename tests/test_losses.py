"""losses: every formula against another road to the same number, and the bounds against an exact likelihood."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

import vae_helpers as vh
from vae_helpers.losses import elbo_terms, gaussian_kl_per_dimension, reparameterize


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


# drawing a code


def test_reparameterize_samples_the_posterior():
    mu, logvar = torch.tensor([-2.0, 0.0, 3.0]), torch.tensor([-4.0, 0.0, 1.5])
    count = 40_000
    z = reparameterize(mu.expand(count, 3), logvar.expand(count, 3))
    sigma = (logvar / 2).exp()
    assert ((z.mean(0) - mu).abs() < 5 * sigma / count**0.5).all()
    assert ((z.std(0) - sigma).abs() < 5 * sigma / (2 * count) ** 0.5).all()


def test_gradients_pass_through_reparameterize():
    mu, logvar = torch.randn(4, 3, requires_grad=True), torch.randn(4, 3, requires_grad=True)
    z = reparameterize(mu, logvar)
    z.sum().backward()
    torch.testing.assert_close(mu.grad, torch.ones(4, 3))
    torch.testing.assert_close(logvar.grad, ((z - mu) / 2).detach())  # noise * sigma / 2


# the losses that fit takes


@pytest.fixture
def spread():
    """A VAE whose three dimensions cost very different KLs, the same for each image up to its mean."""
    model = vh.VAE(3, (16,))
    with torch.no_grad():
        model.to_mu.weight.mul_(torch.tensor([[0.0], [10.0], [30.0]]))
        model.to_logvar.weight.zero_()
    return model


@pytest.mark.parametrize("beta", [0, 0.5, 1, 10])
@pytest.mark.parametrize("likelihood", [vh.bernoulli_nll, lambda logits, x: vh.gaussian_nll(logits.sigmoid(), x)])
def test_the_negative_elbo_is_reconstruction_plus_beta_kl_averaged_once(images, beta, likelihood):
    model = vh.VAE(3, (16,))
    torch.manual_seed(1)
    parts = vh.NegativeELBO(beta=beta, likelihood=likelihood)(model, images)
    torch.manual_seed(1)
    reconstruction, kl = elbo_terms(model, images, likelihood)
    torch.testing.assert_close(parts["reconstruction"], reconstruction.mean())
    torch.testing.assert_close(parts["kl"], kl.sum(1).mean())
    torch.testing.assert_close(parts["loss"], reconstruction.mean() + beta * kl.sum(1).mean())


def test_without_settings_it_is_minus_the_elbo(images):
    model = vh.VAE(3, (16,))
    torch.manual_seed(1)
    loss = vh.NegativeELBO()(model, images)["loss"]
    torch.manual_seed(1)
    torch.testing.assert_close(loss, -vh.elbo(model, images).mean())


@pytest.mark.parametrize("factor", [0.99, 1.0, 1.3])
@pytest.mark.parametrize("beta", [1, 2])
def test_free_bits_replace_the_kl_of_a_dimension_averaged_over_the_batch_where_it_is_less(mnist, spread, beta, factor):
    few = mnist.train.images[:300]
    each = gaussian_kl_per_dimension(*spread.encode(few)).detach()
    kl, free_bits = each.mean(0), factor * each.mean(0)[1].item()
    assert kl[0] < 0.5 * free_bits < 0.5 * kl[2]
    charged = kl.clamp(min=free_bits).sum().item()
    assert abs(each.clamp(min=free_bits).mean(0).sum() - charged) > 0.01 * charged  # a clamp within images is not it
    parts = vh.NegativeELBO(beta=beta, free_bits=free_bits)(spread, few)
    assert parts["kl"].item() == pytest.approx(kl.sum().item(), rel=1e-4)  # what the code costs is reported as it is
    assert (parts["loss"] - parts["reconstruction"]).item() == pytest.approx(beta * charged, rel=1e-3)


def test_the_kl_weight_rises_in_a_line_and_stays(images):
    model, loss = vh.VAE(3, (16,)), vh.NegativeELBO(beta=2, free_bits=5, kl_warmup=0.2)
    weights = []
    for progress in (0, 0.05, 0.1, 0.2, 0.6, 1):
        parts = loss(model, images, progress=progress)
        weights.append(((parts["loss"] - parts["reconstruction"]) / 15).item())  # three dimensions of five free nats
    assert weights == pytest.approx([0, 0.5, 1, 2, 2, 2], rel=1e-4)
    after = loss(model, images)  # as a score, with no training going on
    assert ((after["loss"] - after["reconstruction"]) / 15).item() == pytest.approx(2, rel=1e-4)


def test_the_squared_error_of_an_autoencoder_is_averaged_over_images_once(images):
    model = vh.Autoencoder(2, (8,))
    loss = vh.SquaredError()(model, images)
    torch.testing.assert_close(loss, (model(images) - images).square().sum((1, 2, 3)).mean())


# the ELBO and the importance-weighted bound


class LinearGaussian(nn.Module):
    """p(z) = N(0, I), p(x|z) = N(W z + 1/2, I/2): the posterior and log p(x) are known exactly.

    The columns of W are orthogonal, so that the posterior is diagonal. Its encoder is off by `shift` in mu
    and by `stretch` in logvar.
    """

    latent_dim = 2

    def __init__(self, shift=0.0, stretch=0.0):
        super().__init__()
        orthogonal = torch.linalg.qr(torch.randn(784, 2, dtype=torch.float64)).Q
        self.weight = nn.Parameter(orthogonal * torch.tensor([0.8, 0.5]), requires_grad=False)
        self.shift, self.stretch = shift, stretch

    def posterior(self, x):
        precision = 1 + 2 * self.weight.square().sum(0)
        mu = 2 * (x.flatten(1) - 0.5) @ self.weight / precision
        return mu, -precision.log().expand_as(mu)

    def encode(self, x):
        mu, logvar = self.posterior(x)
        return mu + self.shift, logvar + self.stretch

    def decode_logits(self, z):
        return (z @ self.weight.T + 0.5).logit().reshape(-1, 1, 28, 28)

    def decode(self, z):
        return self.decode_logits(z).sigmoid()

    def log_likelihood(self, x):
        covariance = self.weight @ self.weight.T + torch.eye(784, dtype=torch.float64) / 2
        return MultivariateNormal(torch.full((784,), 0.5, dtype=torch.float64), covariance).log_prob(x.flatten(1))


def half(logits, x):
    """-log p(x|z) of pixels with a variance of 1/2."""
    return vh.gaussian_nll(torch.sigmoid(logits), x)


@pytest.fixture
def grey():
    return torch.rand(1, 1, 28, 28, dtype=torch.float64)


def test_the_gap_of_the_elbo_is_the_kl_to_the_true_posterior(grey):
    model, count = LinearGaussian(shift=0.3, stretch=0.5), 4000
    elbos = vh.elbo(model, grey.expand(count, 1, 28, 28), half)
    gap = vh.gaussian_kl(*model.encode(grey), *model.posterior(grey))
    error = elbos.mean() - (model.log_likelihood(grey) - gap)
    assert gap > 0.1  # there is something to see
    assert error.abs() < 5 * elbos.std() / count**0.5 < gap


def test_the_bound_rises_from_the_elbo_to_log_p_with_more_samples(grey):
    model, copies = LinearGaussian(shift=0.3, stretch=0.5), 500
    many = grey.expand(copies, 1, 28, 28)
    bounds = [vh.elbo(model, many, half)] + [
        vh.iwae_bound(model, many, samples, likelihood=half) for samples in (3, 30)
    ]
    averages = torch.stack([bound.mean() for bound in bounds])
    errors = torch.stack([bound.std() for bound in bounds]) / copies**0.5
    assert (averages.diff() > 2 * errors[1:]).all()  # tighter, and by more than chance
    exact = model.log_likelihood(grey).item()
    assert (averages < exact + 3 * errors).all()
    assert exact - averages[-1] < 0.1 * (exact - averages[0])


@pytest.mark.parametrize("samples", [1, 7])
def test_the_bound_is_log_p_if_the_encoder_is_the_posterior(grey, samples):
    model = LinearGaussian()
    torch.testing.assert_close(vh.iwae_bound(model, grey, samples, likelihood=half), model.log_likelihood(grey))


@pytest.mark.parametrize("likelihood", [vh.bernoulli_nll, half])
def test_the_elbo_is_per_image_minus_reconstruction_minus_kl(images, likelihood):
    model = vh.VAE(3, (16,))
    torch.manual_seed(1)
    elbo = vh.elbo(model, images, likelihood)
    torch.manual_seed(1)
    logits, mu, logvar = model(images)
    assert elbo.shape == (6,)
    torch.testing.assert_close(elbo, -likelihood(logits, images) - vh.gaussian_kl(mu, logvar))
