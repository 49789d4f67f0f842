r"""Write the test that would have caught both. You get a function `draw(mu, logvar)`, which takes two tensors
(N, latent_dim) and should return $z \sim \mathcal N(\mu, \operatorname{diag}\,\sigma^2)$ for each image, drawn so that
gradients reach both. Return `True` if it does and `False` if it doesn't. The checker hands you sound functions and
broken ones: without a gradient, with the wrong spread, with noise that is shared, and others."""

import torch

from ..exercise import Exercise, passes


def is_a_right_draw(draw):  # a function (N, latent_dim), (N, latent_dim) => (N, latent_dim); returns True or False
    mu = torch.tensor([1.0, -2.0]).repeat(10_000, 1).requires_grad_()
    logvar = torch.tensor([0.5, -3.0]).repeat(10_000, 1).requires_grad_()
    z = draw(mu, logvar)
    if not z.requires_grad:
        return False
    gradients = torch.autograd.grad(z.square().sum(), [mu, logvar], allow_unused=True)
    if any(g is None for g in gradients):
        return False
    noise = ((z - mu) / torch.exp(0.5 * logvar)).detach()
    right_mean = noise.mean(0).abs().max() < 0.1
    right_spread = (noise.std(0) - 1).abs().max() < 0.1
    independent = noise.prod(1).mean().abs() < 0.1
    return bool(right_mean and right_spread and independent)


def right(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


def by_rsample(mu, logvar):
    return torch.distributions.Normal(mu, logvar.div(2).exp()).rsample()


def with_the_noise_turned(mu, logvar):
    return mu - torch.randn_like(mu) * logvar.exp().sqrt()


def without_a_gradient(mu, logvar):
    return torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample()


def without_a_gradient_to_logvar(mu, logvar):
    return mu + torch.exp(0.5 * logvar).detach() * torch.randn_like(mu)


def spread_by_the_variance(mu, logvar):
    return mu + logvar.exp() * torch.randn_like(mu)


def noise_shared_by_images(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(1, mu.shape[1])


def noise_shared_by_latents(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 1)


def no_noise(mu, logvar):
    return mu + 0 * logvar


def noise_that_is_never_negative(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)


def around_the_origin(mu, logvar):
    return 0 * mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


SOUND = [right, by_rsample, with_the_noise_turned]
BROKEN = [
    without_a_gradient,
    spread_by_the_variance,
    noise_shared_by_images,
    noise_shared_by_latents,
    without_a_gradient_to_logvar,
    no_noise,
    noise_that_is_never_negative,
    around_the_origin,
]

exercise = Exercise(
    is_a_right_draw,
    title="A test for the draw",
    hints=(
        "Two things to look at: does `z` have a gradient to both inputs, and how are many draws of one image spread?",
        "For many draws of one image, repeat `mu` and `logvar`; then `(z - mu) / sigma` should be standard noise.",
        "Noise that all images share gives the same z each time; noise that the latents share makes them correlated.",
    ),
    idea="small tests of single lines find the bugs that raise no error",
    kind="write a test",
    minutes=12,
    difficulty=3,
    task=__doc__,
    right="It passes the sound ones and catches all eight bugs. It runs in a second; training takes longer to tell.",
    cases=lambda: [{"draw": function} for function in [right, *BROKEN, *SOUND[1:]]],
    observe=passes,
    tolerance=0,
    derivation="""Draw for ten thousand images alike, with a μ and a σ that are not 0 and 1. Then z has to have a
gradient to both; its noise, (z − μ)/σ, the mean 0 and the spread 1, in each latent; and no correlation.""",
)


@exercise.mistake
def gradient_alone(draw):
    """You test for a gradient, and that catches the first bug only. How far are the draws spread?"""
    mu, logvar = torch.zeros(5, 2, requires_grad=True), torch.zeros(5, 2, requires_grad=True)
    return draw(mu, logvar).requires_grad


@exercise.mistake
def spread_at_sigma_one(draw):
    """You test at logvar = 0, where σ² and σ are both 1. Try other values."""
    mu, logvar = torch.ones(10_000, 2, requires_grad=True), torch.zeros(10_000, 2, requires_grad=True)
    z = draw(mu, logvar)
    if not z.requires_grad:
        return False
    gradients = torch.autograd.grad(z.sum(), [mu, logvar], allow_unused=True)
    noise = (z - mu).detach()
    right_noise = noise.mean(0).abs().max() < 0.1 and (noise.std(0) - 1).abs().max() < 0.1
    return bool(all(g is not None for g in gradients) and right_noise and noise.prod(1).mean().abs() < 0.1)


@exercise.mistake
def everything_passes(draw):
    """Your test passes them all."""
    return True


@exercise.mistake
def nothing_passes(draw):
    """Your test fails sound ones, too: draws are random, so allow for some scatter."""
    return False
