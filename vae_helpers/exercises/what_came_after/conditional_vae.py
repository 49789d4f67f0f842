r"""Make a conditional VAE out of [notebook 03](03_vae.ipynb)'s: model and loss. Its two parts are given, with room for
a label: `encoder` takes $784 + 10$ numbers an image and returns `mu, logvar`; `decoder` takes $L + 10$ numbers and
returns 784 logits. **Both** are told the label, behind the pixels and behind the code, as ten numbers of which one is 1
(`torch.nn.functional.one_hot(labels, 10)`). Return the negative ELBO of $\log p(x \mid y)$ of each image, in nats, at
the sample of $z$ that `noise` makes. The prior of $z$ is $\mathcal N(0, I)$ for every label."""

import torch

from ..exercise import Exercise


def conditional_vae(encoder, decoder, x, labels, noise):  # functions; (N, 1, 28, 28), (N,), (N, L) => (N,)
    label = torch.nn.functional.one_hot(labels, 10)
    mu, logvar = encoder(torch.cat([x.flatten(1), label], 1))
    z = mu + torch.exp(0.5 * logvar) * noise
    logits = decoder(torch.cat([z, label], 1))
    pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="none")
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return pixels.sum(1) + kl.sum(1)


def parts(latents):
    """An encoder and a decoder of one layer each, for codes of so many numbers."""
    to_mu, to_logvar = 0.1 * torch.randn(2, latents, 794)
    to_logits = torch.randn(784, latents + 10)

    def encoder(given):
        return given.float() @ to_mu.T, given.float() @ to_logvar.T

    def decoder(given):
        return given.float() @ to_logits.T

    return {"encoder": encoder, "decoder": decoder}


def labelled_images():
    """Parts for several widths of code, and images, labels and noise."""
    return [
        parts(latents)
        | {
            "x": torch.rand(count, 1, 28, 28),
            "labels": torch.randint(10, (count,)),
            "noise": torch.randn(count, latents),
        }
        for count, latents in [(1, 2), (4, 8), (7, 3)]
    ]


def _terms(encoder, decoder, x, labels, noise):
    """The reconstruction and the KL of each image, (N,) nats each."""
    label = torch.nn.functional.one_hot(labels, 10)
    mu, logvar = encoder(torch.cat([x.flatten(1), label], 1))
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return conditional_vae(encoder, decoder, x, labels, noise) - kl, kl


exercise = Exercise(
    conditional_vae,
    title="Your conditional VAE",
    hints=(
        "`torch.cat` puts the ten numbers behind the flattened pixels, and behind the code.",
        "Between them, 03's lines: z = mu + exp(½ logvar) · noise. Then the Bernoulli term of all pixels, and the KL.",
    ),
    idea="a VAE that is told the label",
    minutes=15,
    difficulty=2,
    task=__doc__,
    right="That is all that changes in 03's model and loss. Below it stands as a class, which `vh.fit` trains.",
    terms={"the reconstruction": lambda *given: _terms(*given)[0], "the KL": lambda *given: _terms(*given)[1]},
    cases=labelled_images,
)


def with_labels(tell_encoder, tell_decoder):
    """The same with other things in the label's place, which the parts are told."""

    def answer(encoder, decoder, x, labels, noise):
        mu, logvar = encoder(tell_encoder(x.flatten(1), labels))
        z = mu + torch.exp(0.5 * logvar) * noise
        logits = decoder(tell_decoder(z, labels))
        pixels = torch.nn.functional.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="none")
        return pixels.sum(1) + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)

    return answer


def behind(values, labels):
    """As it should be."""
    return torch.cat([values, torch.nn.functional.one_hot(labels, 10)], 1)


def before(values, labels):
    """The label first."""
    return torch.cat([torch.nn.functional.one_hot(labels, 10), values], 1)


def nothing(values, labels):
    """Zeros for the label."""
    return torch.cat([values, torch.zeros(len(values), 10)], 1)


@exercise.mistake
def decoder_is_not_told(encoder, decoder, x, labels, noise):
    """The decoder is not told the label: then nobody can ask it for a three."""
    return with_labels(behind, nothing)(encoder, decoder, x, labels, noise)


@exercise.mistake
def encoder_is_not_told(encoder, decoder, x, labels, noise):
    """The encoder is not told the label. That is a bound, too, but a looser one; the task asks for both."""
    return with_labels(nothing, behind)(encoder, decoder, x, labels, noise)


@exercise.mistake
def label_first(encoder, decoder, x, labels, noise):
    """The label comes first here; the parts expect it behind the pixels and behind the code."""
    return with_labels(before, before)(encoder, decoder, x, labels, noise)


@exercise.mistake
def at_the_mean(encoder, decoder, x, labels, noise):
    """Decoded at z = μ: that flatters, and is no bound (notebook 03)."""
    return conditional_vae(encoder, decoder, x, labels, 0 * noise)


@exercise.mistake
def variance_for_sigma(encoder, decoder, x, labels, noise):
    """exp(logvar) is the variance; the noise is multiplied by σ."""
    sigma = torch.exp(0.5 * encoder(behind(x.flatten(1), labels))[1])
    return conditional_vae(encoder, decoder, x, labels, sigma * noise)


@exercise.mistake
def averaged_over_pixels(encoder, decoder, x, labels, noise):
    """The reconstruction is an average over pixels here: next to the KL it would count for nothing."""
    mu, logvar = encoder(behind(x.flatten(1), labels))
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return (conditional_vae(encoder, decoder, x, labels, noise) - kl) / 784 + kl


@exercise.mistake
def batch_mean(encoder, decoder, x, labels, noise):
    """One number for the batch; expected one for each image."""
    return conditional_vae(encoder, decoder, x, labels, noise).mean()


@exercise.mistake
def label_cost_added(encoder, decoder, x, labels, noise):
    """log 10 is what the label costs under p(y): that is the bound on log p(x, y). Here the label is given."""
    return conditional_vae(encoder, decoder, x, labels, noise) + torch.log(torch.tensor(10.0))
