"""The exercises of notebook 02."""

import torch

from .checker import Exercise

DRAWS = 40_000  # of an answer that draws at random


def _posteriors():
    """Means and log-variances of several shapes, some of them extreme."""
    return [{"mu": 2 * torch.randn(shape), "logvar": torch.randn(shape)} for shape in [(1, 1), (3, 2), (5, 20)]]


def _one_posterior():
    """The mean and log-variance of one image, in two dimensions."""
    values = [([0.5, -1.0], [-2.0, 0.6]), ([2.0, 0.0], [-4.0, -1.0]), ([-0.7, 1.5], [0.8, -3.0])]
    return [{"mu": torch.tensor([mu]), "logvar": torch.tensor([logvar])} for mu, logvar in values]


def _seen_in_draws(answer, mu, logvar):
    """Of z = answer(mu, logvar), drawn often: means, spreads, correlation, and the size of the gradients."""
    leaves = [value.repeat(DRAWS, 1).requires_grad_() for value in (mu, logvar)]
    z = answer(*(leaf.clone() for leaf in leaves))
    if z is None or z is ...:
        return None
    if not torch.is_tensor(z):
        raise TypeError(f"a tensor is wanted, so that gradients can flow through it; this is a {type(z).__name__}")
    if z.shape != leaves[0].shape:
        raise ValueError(f"z should have the shape of mu, {tuple(leaves[0].shape)}; this has {tuple(z.shape)}")
    gradients = torch.autograd.grad(z.sum(), leaves, allow_unused=True) if z.requires_grad else (None, None)
    d_mu, d_logvar = (torch.zeros(DRAWS, 2) if g is None else g for g in gradients)
    z = z.detach()
    spread = z.std(0, correction=0)
    correlation = ((z - z.mean(0)).prod(1).mean() / spread.prod()).nan_to_num(0).reshape(1)
    means, size, sizes = z.mean(0), d_mu.square().mean().sqrt().reshape(1), d_logvar.square().mean(0).sqrt()
    if spread.max() < 1e-5 and sizes.min() > 0:  # noise that all share: where z and its gradient fall is luck
        means, correlation, sizes = mu[0], torch.zeros(1), torch.ones(2)
    return torch.cat([means, spread, correlation, size, sizes])


def _batches():
    """What a VAE puts out, and the images that went in."""
    return [
        {
            "logits": 2 * torch.randn(count, 1, 28, 28),
            "x": torch.rand(count, 1, 28, 28),
            "mu": torch.randn(count, dim),
            "logvar": torch.randn(count, dim),
        }
        for count, dim in [(2, 2), (3, 20), (5, 4)]
    ]


class _SmallVAE:
    """A stand-in for a VAE with two latents and images of three pixels."""

    def __init__(self, logvar):
        self.to_mu, self.to_pixels, self.logvar = 2 * torch.randn(3, 2), 3 * torch.randn(2, 3), logvar

    def __str__(self):
        return "a small VAE"

    def encode(self, x):
        mu = x @ self.to_mu
        return mu, torch.full_like(mu, self.logvar)

    def reparameterize(self, mu, logvar):
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    def decode(self, z):
        if z is ...:  # a gap of the stub
            raise NotImplementedError
        return torch.sigmoid(z @ self.to_pixels)


def _models():
    """A small VAE and an image."""
    return [{"model": _SmallVAE(logvar), "x": torch.rand(1, 3)} for logvar in (-0.5, 0.0, 0.5)]


def _shown_and_scored(answer, model, x):
    """Of the pixels to show and those to score, drawn often: means of the three, and how much they scatter."""
    found = answer(model, x.repeat(DRAWS, 1))
    if found is None or found is ...:
        return None
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise TypeError(
            f"two things should be returned, what to show and what to score; this is a {type(found).__name__}"
        )
    if any(pixels is None or pixels is ... for pixels in found):
        return None
    seen = [torch.as_tensor(pixels).detach().double() for pixels in found]
    if any(pixels.shape != (DRAWS, 3) for pixels in seen):
        raise ValueError(
            f"pixels for each image are wanted, {(DRAWS, 3)}; got {[tuple(pixels.shape) for pixels in seen]}"
        )
    return torch.cat([values for pixels in seen for values in (pixels.mean(0), pixels.std(0).mean().reshape(1))])


def _gaussian_pixels():
    """Images, the means that a decoder gives them, and a variance."""
    shapes_and_variances = [((1, 1, 2, 2), 0.5), ((3, 1, 28, 28), 0.1), ((2, 1, 28, 28), 2.0)]
    return [
        {"x": torch.rand(shape), "mean": torch.rand(shape), "variance": variance}
        for shape, variance in shapes_and_variances
    ]


EXERCISES = [
    Exercise(
        name="kl",
        title="The KL of one image",
        task=r"""Write the KL divergence of $q = \mathcal N(\mu, \operatorname{diag}\,\sigma^2)$ from $\mathcal N(0,
I)$, in nats, one number for each image. You get `mu` and `logvar` $= \log\sigma^2$.""",
        stub="""
def kl(mu, logvar):  # (N, latent_dim), (N, latent_dim) => (N,)
    ...
""",
        solution="""
def kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
""",
        right="This is the rate: what the code costs, in nats per image.",
        cases=_posteriors,
        mistakes=(
            (
                "twice as much as it should be: is there a factor in front?",
                """
def kl(mu, logvar):
    return (mu**2 + logvar.exp() - 1 - logvar).sum(1)
""",
            ),
            (
                "logvar is log σ² and not log σ. What is σ² then, and what is log σ²?",
                """
def kl(mu, logvar):
    return 0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).sum(1)
""",
            ),
            (
                "only half of the logarithm's term: what stands in the formula is log σ², not log σ",
                """
def kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - 0.5 * logvar).sum(1)
""",
            ),
            (
                "the halves are lost in front of the squares, but not in front of the logarithm. Is this zero where q"
                " is the prior?",
                """
def kl(mu, logvar):
    return (mu**2 + logvar.exp() - 0.5 - 0.5 * logvar).sum(1)
""",
            ),
            (
                "the sign is turned: a KL is never negative",
                """
def kl(mu, logvar):
    return -0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
""",
            ),
            (
                "an average over the dimensions, but the KLs of independent dimensions add",
                """
def kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(1)
""",
            ),
            (
                "the dimensions are right, but the images were put together as well: one number for each is wanted",
                """
def kl(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()
""",
            ),
        ),
    ),
    Exercise(
        name="sample_posterior",
        title="Draw a code that gradients flow through",
        task=r"""Draw one $z$ for each image from $\mathcal N(\mu, \operatorname{diag}\,\sigma^2)$, with the
reparameterization trick, in torch. You get `mu` and `logvar` $= \log\sigma^2$. The checker draws many times for one
image with two latents, and lists eight numbers: the two means of $z$, its two standard deviations, the correlation of
its two coordinates, and the typical size of $\partial z / \partial\mu$ and of the two $\partial z /
\partial\log\sigma^2$.""",
        stub="""
def sample_posterior(mu, logvar):  # (N, latent_dim), (N, latent_dim) => (N, latent_dim)
    ...
""",
        solution="""
def sample_posterior(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
""",
        right="Noise comes in from outside, so the encoder hears from the decoder what its code was worth.",
        cases=_one_posterior,
        observe=_seen_in_draws,
        tolerance=0.05,
        mistakes=(
            (
                "the noise has the wrong size: you multiply it by the variance. The means are right, so nothing looks"
                " amiss until you measure the spread",
                """
def sample_posterior(mu, logvar):
    return mu + logvar.exp() * torch.randn_like(mu)
""",
            ),
            (
                "logvar itself multiplies the noise, but it is a logarithm",
                """
def sample_posterior(mu, logvar):
    return mu + logvar * torch.randn_like(mu)
""",
            ),
            (
                "the spread comes from mu, and logvar is not used: one output of the network serves as the mean and"
                " as the logarithm of the variance",
                """
def sample_posterior(mu, logvar):
    return mu + torch.exp(0.5 * mu) * torch.randn_like(mu)
""",
            ),
            (
                "there is no noise in it: this is the mean, the code of a plain autoencoder",
                """
def sample_posterior(mu, logvar):
    return mu
""",
            ),
            (
                "all clouds lie around the origin: where does mu come in?",
                """
def sample_posterior(mu, logvar):
    return torch.exp(0.5 * logvar) * torch.randn_like(mu)
""",
            ),
            (
                "all images share one draw of the noise; each should get its own",
                """
def sample_posterior(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape[1])
""",
            ),
            (
                "all dimensions of an image share one number of noise, so its coordinates move together; each should"
                " get its own",
                """
def sample_posterior(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn(len(mu), 1)
""",
            ),
            (
                "the noise is uniform and never negative, so it shifts the mean too: which of torch's functions draws"
                " from a Gaussian?",
                """
def sample_posterior(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)
""",
            ),
            (
                "the draws are right, but no gradient reaches mu or logvar: the randomness still stands between them"
                " and z",
                """
def sample_posterior(mu, logvar):
    with torch.no_grad():
        return torch.normal(mu, torch.exp(0.5 * logvar))
""",
            ),
            (
                "the draws are right, but no gradient reaches logvar: the encoder could never learn how wide to be",
                """
def sample_posterior(mu, logvar):
    return mu + torch.exp(0.5 * logvar.detach()) * torch.randn_like(mu)
""",
            ),
        ),
    ),
    Exercise(
        name="vae_loss",
        title="The number that training makes small",
        task=r"""Write the negative ELBO, in nats, as a single number: both terms summed within each image, over pixels
and over latent dimensions, and then averaged over the N images, once. The decoder gives `logits`; `x` has pixels in
[0, 1]. (PyTorch's `binary_cross_entropy_with_logits` is imported; mind its `reduction`.)""",
        stub="""
def vae_loss(logits, x, mu, logvar):  # (N, 1, 28, 28) twice, (N, latent_dim) twice => one number
    ...
""",
        solution="""
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return (pixels.flatten(1).sum(1) + kl.sum(1)).mean()
""",
        right="With these reductions a nat is a nat in both terms, and the batch size does not change what is learned.",
        cases=_batches,
        mistakes=(
            (
                "the reconstruction is averaged over the pixels, beside a KL that is summed: the KL weighs 784 times"
                " too much, and a model trained like this will send nothing through its code",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x)
    return pixels + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()
""",
            ),
            (
                "averages everywhere, over pixels and over latent dimensions: neither term is in nats per image",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x)
    return pixels + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()
""",
            ),
            (
                "the KL is averaged over the latent dimensions, beside a reconstruction that is summed over pixels:"
                " the KL weighs too little",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return pixels.flatten(1).sum(1).mean() + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()
""",
            ),
            (
                "the KL is summed over the images as well, while the reconstruction is averaged over them: its weight"
                " now depends on the batch size",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return pixels.flatten(1).sum(1).mean() + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum()
""",
            ),
            (
                "both terms are right, for the batch as a whole: nothing was averaged over the images yet",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return pixels + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum()
""",
            ),
            (
                "the KL is subtracted: so training would be paid for clouds far from the prior. The ELBO subtracts"
                " it, but this is the negative ELBO",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (pixels.flatten(1).sum(1) - 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)).mean()
""",
            ),
            (
                "the decoder's logits and the image have changed places in the cross-entropy",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(x, logits, reduction="none")
    return (pixels.flatten(1).sum(1) + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)).mean()
""",
            ),
            (
                "the KL lacks its ½ here",
                """
def vae_loss(logits, x, mu, logvar):
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (pixels.flatten(1).sum(1) + (mu**2 + logvar.exp() - 1 - logvar).sum(1)).mean()
""",
            ),
            (
                "the sigmoid was taken twice: this loss expects logits and takes it by itself",
                """
def vae_loss(logits, x, mu, logvar):
    p = torch.sigmoid(logits)
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(p, x, reduction="none")
    return (pixels.flatten(1).sum(1) + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)).mean()
""",
            ),
        ),
    ),
    Exercise(
        name="show_and_score",
        title="One code to show, one to score",
        task=r"""A trained model is evaluated for two purposes. For a gallery you want one reconstruction of each
image, the same every time. For a score you want pixel probabilities that make the reconstruction term of its ELBO come
out right on average. Fill in which code each is decoded from; `model` has `encode`, `reparameterize` and `decode`,
like `vh.VAE`. (The checker uses a small model with three pixels, calls it often for one image, and lists eight
numbers: the three pixels that are shown, on average, and how much they scatter from call to call; then the same for
those that are scored.)""",
        stub="""
def show_and_score(model, x):  # model.encode(x) => mu, logvar
    shown = model.decode(...)
    scored = model.decode(...)
    return shown, scored
""",
        solution="""
def show_and_score(model, x):
    mu, logvar = model.encode(x)
    shown = model.decode(mu)
    scored = model.decode(model.reparameterize(mu, logvar))
    return shown, scored
""",
        right="The mean is for the eye, a sample for the score: an average over q cannot be read off at its centre.",
        cases=_models,
        observe=_shown_and_scored,
        tolerance=0.02,
        mistakes=(
            (
                "the score is taken at z = μ. That is no estimate of an ELBO: an expectation over q is wanted, and"
                " this flatters the model",
                """
def show_and_score(model, x):
    mu, logvar = model.encode(x)
    return model.decode(mu), model.decode(mu)
""",
            ),
            (
                "the reconstruction that is shown changes from call to call: it is sampled at evaluation. Which code"
                " of the image stays the same?",
                """
def show_and_score(model, x):
    mu, logvar = model.encode(x)
    return model.decode(model.reparameterize(mu, logvar)), model.decode(model.reparameterize(mu, logvar))
""",
            ),
            (
                "the two have changed places: noise in the gallery, and none in the score",
                """
def show_and_score(model, x):
    mu, logvar = model.encode(x)
    return model.decode(model.reparameterize(mu, logvar)), model.decode(mu)
""",
            ),
            (
                "what you score is decoded from a code of the prior, which knows nothing of this image; the ELBO's"
                " expectation is over q",
                """
def show_and_score(model, x):
    mu, logvar = model.encode(x)
    return model.decode(mu), model.decode(torch.randn_like(mu))
""",
            ),
        ),
    ),
    Exercise(
        name="pixel_nll",
        title="The whole Gaussian",
        task=r"""Write this formula: $-\log p(x \mid z)$ in nats, one number for each image, when each pixel is
Gaussian with the decoder's `mean` and one `variance` $= \sigma_x^2$ for all. All of it, the constant too: it should be
a density.""",
        stub="""
def pixel_nll(x, mean, variance):  # (N, 1, 28, 28), (N, 1, 28, 28), a number => (N,)
    ...
""",
        solution="""
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2 / (2 * variance) + 0.5 * math.log(2 * math.pi * variance)).flatten(1).sum(1)
""",
        right="With its constant it can be compared across variances, and a variance can be learned (notebook 03).",
        cases=_gaussian_pixels,
        mistakes=(
            (
                "½ log 2π is missing, for each pixel. Training wouldn't notice a constant; whoever compares nats will",
                """
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2 / (2 * variance) + 0.5 * math.log(variance)).flatten(1).sum(1)
""",
            ),
            (
                "this is only the fraction. The rest depends on the variance, and keeps it from growing without bound"
                " if it is learned",
                """
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2 / (2 * variance)).flatten(1).sum(1)
""",
            ),
            (
                "this is the squared error; where does the variance come in?",
                """
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2).flatten(1).sum(1)
""",
            ),
            (
                "twice as much as it should be: there is a ½ in front of both terms",
                """
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2 / variance + math.log(2 * math.pi * variance)).flatten(1).sum(1)
""",
            ),
            (
                "the constant is there once an image, but it belongs to each pixel",
                """
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2 / (2 * variance)).flatten(1).sum(1) + 0.5 * math.log(2 * math.pi * variance)
""",
            ),
            (
                "the variance was squared once more, as if it were a standard deviation",
                """
def pixel_nll(x, mean, variance):
    constant = 0.5 * math.log(2 * math.pi * variance**2)
    return ((x - mean) ** 2 / (2 * variance**2) + constant).flatten(1).sum(1)
""",
            ),
            (
                "an average over the pixels; the logarithm of a product is a sum",
                """
def pixel_nll(x, mean, variance):
    return ((x - mean) ** 2 / (2 * variance) + 0.5 * math.log(2 * math.pi * variance)).flatten(1).mean(1)
""",
            ),
            (
                "the sign is turned: this is log p, and its negative is wanted",
                """
def pixel_nll(x, mean, variance):
    return -((x - mean) ** 2 / (2 * variance) + 0.5 * math.log(2 * math.pi * variance)).flatten(1).sum(1)
""",
            ),
        ),
    ),
]
