r"""Draw one $z$ for each image from $\mathcal N(\mu, \operatorname{diag}\,\sigma^2)$, with the
reparameterization trick, in torch. You get `mu` and `logvar` $= \log\sigma^2$."""

import torch

from ..checker import Exercise

DRAWS = 40_000  # of an answer that draws at random


def sample_posterior(mu, logvar):  # (N, latent_dim), (N, latent_dim) => (N, latent_dim)
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


def one_posterior():
    """The mean and log-variance of one image, in two dimensions."""
    values = [([0.5, -1.0], [-2.0, 0.6]), ([2.0, 0.0], [-4.0, -1.0]), ([-0.7, 1.5], [0.8, -3.0])]
    return [{"mu": torch.tensor([mu]), "logvar": torch.tensor([logvar])} for mu, logvar in values]


def seen_in_draws(answer, mu, logvar):
    """Of z = answer(mu, logvar), drawn often: means, spreads, correlation, and the size of the gradients."""
    leaves = [value.repeat(DRAWS, 1).requires_grad_() for value in (mu, logvar)]
    z = answer(*(leaf.clone() for leaf in leaves))
    if z is None or z is ...:
        return None
    if not torch.is_tensor(z):
        raise TypeError(f"expected a tensor, so that gradients can flow through it; got a {type(z).__name__}")
    if z.shape != leaves[0].shape:
        raise ValueError(f"expected z in the shape of mu, {tuple(leaves[0].shape)}; got {tuple(z.shape)}")
    gradients = torch.autograd.grad(z.sum(), leaves, allow_unused=True) if z.requires_grad else (None, None)
    d_mu, d_logvar = (torch.zeros(DRAWS, 2) if g is None else g for g in gradients)
    z = z.detach()
    spread = z.std(0, correction=0)
    correlation = ((z - z.mean(0)).prod(1).mean() / spread.prod()).nan_to_num(0).reshape(1)
    means, size, sizes = z.mean(0), d_mu.square().mean().sqrt().reshape(1), d_logvar.square().mean(0).sqrt()
    if spread.max() < 1e-5 and sizes.min() > 0:  # noise that all share: where z and its gradient fall is luck
        means, correlation, sizes = mu[0], torch.zeros(1), torch.ones(2)
    return torch.cat([means, spread, correlation, size, sizes])


exercise = Exercise(
    sample_posterior,
    title="Draw a code that gradients flow through",
    task=__doc__,
    right="Noise comes in from outside, so the encoder hears from the decoder what its code was worth.",
    cases=one_posterior,
    observe=seen_in_draws,
    numbers="of many draws for one image: z's two means, its two standard deviations, the correlation of its two "
    "coordinates, the typical size of ∂z/∂μ and of the two ∂z/∂log σ²",
    tolerance=0.05,
)


@exercise.mistake
def noise_times_variance(mu, logvar):
    """The noise has the wrong size: you multiply it by the variance. The means are right, so nothing looks wrong until
    you measure the spread.
    """
    return mu + logvar.exp() * torch.randn_like(mu)


@exercise.mistake
def noise_times_logvar(mu, logvar):
    """logvar itself multiplies the noise, but it is a logarithm."""
    return mu + logvar * torch.randn_like(mu)


@exercise.mistake
def mu_as_logvar(mu, logvar):
    """The spread comes from mu, and logvar is not used: one output of the network serves as the mean and as the
    logarithm of the variance.
    """
    return sample_posterior(mu, mu)


@exercise.mistake
def no_noise(mu, logvar):
    """There is no noise in it: this is the mean, the code of a plain autoencoder."""
    return mu


@exercise.mistake
def no_mean(mu, logvar):
    """All clouds lie around the origin: where does mu come in?"""
    return torch.exp(0.5 * logvar) * torch.randn_like(mu)


@exercise.mistake
def noise_shared_by_images(mu, logvar):
    """All images share one draw of the noise; each should get its own."""
    return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape[1])


@exercise.mistake
def noise_shared_by_dimensions(mu, logvar):
    """All dimensions of an image share one number of noise, so its coordinates move together; each should
    get its own.
    """
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 1)


@exercise.mistake
def uniform_noise(mu, logvar):
    """The noise is uniform and never negative, so it shifts the mean too: which of torch's functions draws from a
    Gaussian?
    """
    return mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)


@exercise.mistake
def no_gradient(mu, logvar):
    """The draws are right, but no gradient reaches mu or logvar: the randomness still lies between them and z."""
    with torch.no_grad():
        return torch.normal(mu, torch.exp(0.5 * logvar))


@exercise.mistake
def no_gradient_to_logvar(mu, logvar):
    """The draws are right, but no gradient reaches logvar: the encoder could never learn how wide to be."""
    return sample_posterior(mu, logvar.detach())
