"""Write the negative ELBO, in nats, as a single number: both terms summed within each image, over pixels
and over latent dimensions, and then averaged over the N images, once; in torch, since
training will differentiate it. The decoder gives `logits`; `x` has pixels in
[0, 1]. (PyTorch's `binary_cross_entropy_with_logits` is imported; mind its `reduction`.)"""

import torch

from ..exercise import Case, Exercise


def vae_loss(logits, x, mu, logvar):  # (N, 1, 28, 28) twice, (N, latent_dim) twice => one number
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return (pixels.flatten(1).sum(1) + kl.sum(1)).mean()


def batches():
    """What a VAE puts out, and the images that went in."""
    drawn = [
        {
            "logits": 2 * torch.randn(count, 1, 28, 28),
            "x": torch.rand(count, 1, 28, 28),
            "mu": torch.randn(count, dim),
            "logvar": torch.randn(count, dim),
        }
        for count, dim in [(2, 2), (3, 20), (5, 4), (8, 3)]
    ]
    at_prior = Case(
        "codes at the prior, where the KL is 0", **drawn[0] | {"mu": torch.zeros(2, 2), "logvar": torch.zeros(2, 2)}
    )
    return [*drawn, at_prior]


def _pixels(logits, x):
    """The reconstruction term of each pixel, (N, 784) nats."""
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1)


def _kl(mu, logvar):
    """The KL of each dimension, (N, latent_dim) nats."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


exercise = Exercise(
    vae_loss,
    title="The number that training makes small",
    hints=(
        "Two terms, each of N numbers; the average comes last.",
        '`reduction="none"` keeps the pixels apart; `.flatten(1).sum(1)` adds them up within each image.',
        "The KL is that of notebook 02: ½ (μ² + σ² − 1 − log σ²), summed over the latents.",
    ),
    idea="the negative ELBO and its reductions",
    minutes=5,
    difficulty=2,
    trains=("logits", "mu", "logvar"),
    terms={
        "the reconstruction": lambda logits, x, mu, logvar: _pixels(logits, x).sum(1).mean(),
        "the KL": lambda logits, x, mu, logvar: _kl(mu, logvar).sum(1).mean(),
    },
    task=__doc__,
    right="With these reductions a nat is a nat in both terms, and the batch size does not change what is learned.",
    cases=batches,
)


@exercise.mistake
def mean_over_pixels(logits, x, mu, logvar):
    """The reconstruction is averaged over the pixels, next to a KL that is summed: the KL weighs 784 times too much,
    and a model trained like this will send nothing through its code.
    """
    return _pixels(logits, x).mean() + _kl(mu, logvar).sum(1).mean()


@exercise.mistake
def means_everywhere(logits, x, mu, logvar):
    """Averages everywhere, over pixels and over latent dimensions: neither term is in nats per image."""
    return _pixels(logits, x).mean() + _kl(mu, logvar).mean()


@exercise.mistake
def mean_over_dimensions(logits, x, mu, logvar):
    """The KL is averaged over the latent dimensions, next to a reconstruction that is summed over pixels: the KL weighs
    too little.
    """
    return _pixels(logits, x).sum(1).mean() + _kl(mu, logvar).mean()


@exercise.mistake
def kl_of_batch(logits, x, mu, logvar):
    """The KL is summed over the images as well, while the reconstruction is averaged over them: its weight now depends
    on the batch size.
    """
    return _pixels(logits, x).sum(1).mean() + _kl(mu, logvar).sum()


@exercise.mistake
def sum_of_batch(logits, x, mu, logvar):
    """Both terms are right, for the batch as a whole: the average over the images is still missing."""
    return _pixels(logits, x).sum() + _kl(mu, logvar).sum()


@exercise.mistake
def subtracted_kl(logits, x, mu, logvar):
    """The KL is subtracted, so training would reward clouds far from the prior. The ELBO subtracts it, but this is the
    negative ELBO.
    """
    return (_pixels(logits, x).sum(1) - _kl(mu, logvar).sum(1)).mean()


@exercise.mistake
def swapped(logits, x, mu, logvar):
    """The decoder's logits and the image are swapped in the cross-entropy."""
    return vae_loss(x, logits, mu, logvar)


@exercise.mistake
def kl_without_half(logits, x, mu, logvar):
    """The KL lacks its ½ here."""
    return (_pixels(logits, x).sum(1) + 2 * _kl(mu, logvar).sum(1)).mean()


@exercise.mistake
def sigmoid_twice(logits, x, mu, logvar):
    """The sigmoid was taken twice: this loss expects logits and takes the sigmoid itself."""
    return vae_loss(torch.sigmoid(logits), x, mu, logvar)


@exercise.mistake
def the_elbo_itself(logits, x, mu, logvar):
    """This is the ELBO: training makes its loss small, so turn the sign."""
    return -vae_loss(logits, x, mu, logvar)


@exercise.mistake
def free_bits(logits, x, mu, logvar):
    """Some of the KL is not charged here: a floor or a threshold under it makes another loss, that of notebook 04."""
    return (_pixels(logits, x).sum(1) + _kl(mu, logvar).clamp(min=0.25).sum(1)).mean()


@exercise.mistake
def sum_beside_mean(logits, x, mu, logvar):
    """The reconstruction is summed over the batch, next to a KL that is averaged over it: average both over images."""
    return _pixels(logits, x).sum() + _kl(mu, logvar).sum(1).mean()
