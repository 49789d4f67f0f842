r"""A trained model is evaluated for two purposes. For a gallery you want one reconstruction of each
image, the same every time. For a score you want pixel probabilities of which the average over many calls gives the
reconstruction term of its ELBO, an expectation over $q(z \mid x)$. Which code must each be decoded from? `model` has
`encode`, `reparameterize` and `decode`, like `vh.VAE`."""

import torch

from ..checker import Exercise

DRAWS = 40_000  # of an answer that draws at random


def show_and_score(model, x):
    mu, logvar = model.encode(x)
    shown = model.decode(mu)
    scored = model.decode(model.reparameterize(mu, logvar))
    return shown, scored


def unsolved(model, x):  # model.encode(x) => mu, logvar
    shown = model.decode(...)
    scored = model.decode(...)
    return shown, scored


class SmallVAE:
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


def models():
    """A small VAE and an image."""
    return [{"model": SmallVAE(logvar), "x": torch.rand(1, 3)} for logvar in (-0.5, 0.0, 0.5)]


def shown_and_scored(answer, model, x):
    """Of the pixels to show and those to score, drawn often: means of the three, and how much they scatter."""
    found = answer(model, x.repeat(DRAWS, 1))
    if found is None or found is ...:
        return None
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise TypeError(f"expected two things, what to show and what to score; got a {type(found).__name__}")
    if any(pixels is None or pixels is ... for pixels in found):
        return None
    seen = [torch.as_tensor(pixels).detach().double() for pixels in found]
    if any(pixels.shape != (DRAWS, 3) for pixels in seen):
        raise ValueError(f"expected pixels of shape {(DRAWS, 3)}; got {[tuple(pixels.shape) for pixels in seen]}")
    return torch.cat([values for pixels in seen for values in (pixels.mean(0), pixels.std(0).mean().reshape(1))])


exercise = Exercise(
    show_and_score,
    title="One code to show, one to score",
    task=__doc__,
    right="The mean is for the eye, a sample for the score: an average over q cannot be read off at its centre.",
    cases=models,
    observe=shown_and_scored,
    numbers="of many calls for one image of three pixels: the shown pixels' means and how much they scatter, then the "
    "same for the scored ones",
    tolerance=0.02,
    unsolved=unsolved,
)


def _of_mean(model, x):
    """What is decoded from the posterior's mean."""
    return model.decode(model.encode(x)[0])


def _of_sample(model, x):
    """What is decoded from a sample of the posterior."""
    return model.decode(model.reparameterize(*model.encode(x)))


@exercise.mistake
def scored_at_mean(model, x):
    """The score is taken at z = μ. That is no estimate of an ELBO, which has an expectation over q: this flatters the
    model.
    """
    return _of_mean(model, x), _of_mean(model, x)


@exercise.mistake
def shown_from_sample(model, x):
    """The reconstruction that is shown changes from call to call: it is sampled at evaluation. Which code of the image
    stays the same?
    """
    return _of_sample(model, x), _of_sample(model, x)


@exercise.mistake
def swapped(model, x):
    """The two are swapped: noise in the gallery, and none in the score."""
    return _of_sample(model, x), _of_mean(model, x)


@exercise.mistake
def scored_from_prior(model, x):
    """What you score is decoded from a code of the prior, which knows nothing of this image; the ELBO's expectation is
    over q.
    """
    mu, _ = model.encode(x)
    return model.decode(mu), model.decode(torch.randn_like(mu))
