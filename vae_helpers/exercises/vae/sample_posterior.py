r"""Draw one $z$ for each image from $\mathcal N(\mu, \operatorname{diag}\,\sigma^2)$, with the
reparameterization trick, in torch. You get `mu` and `logvar` $= \log\sigma^2$."""

import torch

from ..exercise import Exercise, Unfit

DRAWS = 2000  # of an answer that draws at random


def sample_posterior(mu, logvar):  # (N, latent_dim), (N, latent_dim) => (N, latent_dim)
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)


def one_posterior():
    """The mean and log-variance of one image, in three dimensions and in four."""
    values = [([0.5, -1, 0], [-2, 0.6, 1]), ([2, 0, 0.3, -4], [-4, -1, 0.4, -6]), ([-0.7, 1.5, 3], [0.8, -3, -0.5])]
    return [{"mu": torch.tensor([mu]).float(), "logvar": torch.tensor([logvar]).float()} for mu, logvar in values]


def drawn(answer, mu, logvar):
    """z of many images alike, (DRAWS, latent_dim)."""
    z = answer(mu.repeat(DRAWS, 1), logvar.repeat(DRAWS, 1))
    if not torch.is_tensor(z):
        raise Unfit(f"a {type(z).__name__}: it should be a tensor, so that gradients can flow through it")
    if z.shape != (DRAWS, mu.shape[1]):
        raise Unfit(f"z of shape {tuple(z.shape)} for {DRAWS} images; expected the shape of mu, {(DRAWS, mu.shape[1])}")
    return z


def seen_in_draws(answer, mu, logvar):
    """What `known_of_draws` lists, as measured."""
    leaves = [value.repeat(DRAWS, 1).requires_grad_() for value in (mu, logvar)]
    copies = [leaf.clone() for leaf in leaves]
    z = answer(*copies)
    for name, copy, leaf in zip(["mu", "logvar"], copies, leaves, strict=True):
        if not torch.equal(copy, leaf):
            raise Unfit(f"changed `{name}` itself, which whoever calls it may still need. Work on a copy")
    again = drawn(answer, mu, logvar).detach()
    gradients = torch.autograd.grad(z.sum(), leaves, allow_unused=True) if z.requires_grad else (None, None)
    d_mu, d_logvar = (torch.zeros_like(z) if g is None else g for g in gradients)
    z, sigma = z.detach(), torch.exp(0.5 * logvar)
    noise = (z - z.mean(0)) / z.std(0)
    latents = (noise.T @ noise / DRAWS).fill_diagonal_(0)
    numbers = [*z.std(0), *z.mean(0), latents.flatten()[latents.abs().argmax()], noise.pow(4).mean()]
    numbers += [(noise * (again - again.mean(0)) / again.std(0)).mean(), (noise[1:] * noise[:-1]).mean()]
    numbers += [(noise[: DRAWS // 2] * noise[DRAWS // 2 :]).mean(), d_mu.mean()]
    d_sigma = 2 * d_logvar / sigma  # by σ: the noise itself
    return torch.stack([*numbers, d_sigma.square().mean().sqrt(), (d_sigma * noise).mean()])


def known_of_draws(mu, logvar):
    """The numbers that are measured: what each is, its true value, and the difference that is forgiven."""
    means, sigmas = mu[0].tolist(), torch.exp(0.5 * logvar[0]).tolist()
    return [
        *((f"the standard deviation of z{k + 1}", s, 0.09 * s) for k, s in enumerate(sigmas)),
        *((f"the mean of z{k + 1}", m, 0.11 * s) for k, (m, s) in enumerate(zip(means, sigmas, strict=True))),
        ("the largest correlation of two latents", 0.0, 0.11),
        ("the fourth moment of the noise, at variance 1", 3.0, 0.28),
        ("the correlation of the noise in two calls", 0.0, 0.11),
        ("the correlation of the noise of neighbouring images", 0.0, 0.11),
        ("the correlation of the noise of images half a batch apart", 0.0, 0.11),
        ("the gradient of z by μ", 1.0, 0.02),
        ("the gradient of z by log σ², on average, divided by ½σ", 1.0, 0.08),
        ("the same gradient times the noise of z, on average", 1.0, 0.08),
    ]


def notice(answer):
    """What is strange about the noise, if it is that."""
    mu, logvar = torch.tensor([[0.5, 0.7, -1.0]]), torch.zeros(1, 3)
    try:
        z, again = (drawn(answer, mu, logvar).detach() - mu for _ in range(2))  # at σ = 1, the noise
        wider = drawn(answer, mu, logvar + 0.8).detach()
    except Exception:
        return None
    if (z.std(0) < 1e-5).all():
        if not torch.equal(z, again):
            return "All images share one draw of the noise; each should get its own."
        if (wider.std(0) < 1e-5).all():
            return "There is no noise in it: a second call gives the same."
        return "At σ = 1, where logvar is 0, there is no noise in it: a second call gives the same."
    if torch.equal(z, again):
        return "A second call draws the same noise. A seed inside a function makes every call the same."
    if (z[:, 0] - z[:, 1]).std() < 1e-5:
        return "All dimensions of an image share one number of noise; each should get its own."
    kurtosis = ((z - z.mean(0)) / z.std(0)).pow(4).mean().item()
    if abs(kurtosis - 3) > 0.28:
        return f"At σ = 1 the noise has the fourth moment {kurtosis:.2f}, a Gaussian has 3: is it one?"
    if abs(z.std() - 1) > 0.08:
        return f"At σ = 1 your z spreads by {z.std():.2f}."
    return None


exercise = Exercise(
    sample_posterior,
    title="Draw a code that gradients flow through",
    hints=(
        "Which numbers are random, and do they depend on μ or σ? Draw those first: `torch.randn_like(mu)`.",
        "Shift them by μ and stretch them by σ. `logvar` is log σ²; what is σ?",
    ),
    idea="the reparameterization trick",
    minutes=4,
    difficulty=1,
    task=__doc__,
    right="Noise comes in from outside, so the encoder hears from the decoder what its code was worth.",
    cases=one_posterior,
    observe=seen_in_draws,
    known=known_of_draws,
    notice=notice,
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
