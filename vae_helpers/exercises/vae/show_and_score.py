r"""A trained model is evaluated for two purposes. For a gallery you want one reconstruction of each
image, the same every time. For a score you want pixel probabilities whose loss, averaged
over many calls, is the reconstruction term of its ELBO, an expectation over $q(z \mid x)$. Which code must each be
decoded from? `model` is a VAE like the one above."""

import math

import numpy as np
import torch
from torch import nn

from ..exercise import Exercise, Unfit

DRAWS = 2000  # of an answer that draws at random
PIXELS = [100, 400, 700]  # of which the numbers are taken


def show_and_score(model, x):
    mu, logvar = model.encode(x)
    shown = model.decode(mu)
    scored = model.decode(model.reparameterize(mu, logvar))
    return shown, scored


def unsolved(model, x):  # model.encode(x) => mu, logvar
    shown = model.decode(...)
    scored = model.decode(...)
    return shown, scored


class SmallVAE(nn.Module):
    """A VAE with three latents and straight lines for networks, with what all models of the series have."""

    latent_dim = 3

    def __init__(self, logvar):
        super().__init__()
        self.to_mu, self.to_logits, self.logvar = nn.Linear(784, 3), nn.Linear(3, 784), logvar
        nn.init.normal_(self.to_mu.weight, std=0.05)
        nn.init.normal_(self.to_logits.weight, std=1.5)

    def encode(self, x):
        mu = self.to_mu(x.flatten(1))
        return mu, torch.full_like(mu, self.logvar)

    def reparameterize(self, mu, logvar):
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    def decode_logits(self, z):
        return self.to_logits(z).unflatten(1, (1, 28, 28))

    def decode(self, z):
        return torch.sigmoid(self.decode_logits(z))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode_logits(self.reparameterize(mu, logvar)), mu, logvar


def models():
    """A small VAE and an image."""
    return [{"model": SmallVAE(logvar).eval(), "x": torch.rand(1, 1, 28, 28)} for logvar in (-0.5, 0.0, 0.5)]


def shown_and_scored(answer, model, x):
    """What `known_of_pixels` lists, as measured on DRAWS copies of the image."""
    copies = x.expand(DRAWS, 1, 28, 28)
    with torch.no_grad():
        shown, scored = _pair(answer(model, copies))
        _, again = _pair(answer(model, copies))
    return torch.stack(
        [
            *shown.mean(0)[PIXELS],
            shown.std(0).mean(),
            *scored.mean(0)[PIXELS],
            *scored.std(0)[PIXELS],
            torch.corrcoef(torch.stack([scored[:, PIXELS[0]], again[:, PIXELS[0]]]))[0, 1].nan_to_num(1.0),
        ]
    )


def _pair(found):
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Unfit(f"a {type(found).__name__}; expected two things, what to show and what to score")
    both = [torch.as_tensor(pixels).detach().float() for pixels in found]
    if any(pixels.shape != (DRAWS, 1, 28, 28) for pixels in both):
        raise Unfit(f"shapes {[tuple(pixels.shape) for pixels in both]}; expected images, {(DRAWS, 1, 28, 28)}")
    return [pixels.flatten(1) for pixels in both]


@torch.no_grad()
def known_of_pixels(model, x):
    """The numbers that are measured: what each is, its true value, and the difference that is forgiven."""
    mu, _ = model.encode(x)
    logits = model.decode_logits(mu).flatten()[PIXELS].double()
    # the logit of a pixel is Gaussian, and its sigmoid is averaged by quadrature
    spread = math.exp(0.5 * model.logvar) * model.to_logits.weight[PIXELS].double().norm(dim=1)
    places, weights = (torch.tensor(part) for part in np.polynomial.hermite_e.hermegauss(60))
    values = torch.sigmoid(logits[:, None] + spread[:, None] * places)
    weights = weights / weights.sum()
    mean = values @ weights
    std = ((values - mean[:, None]) ** 2 @ weights).sqrt()
    return [
        *((f"shown: pixel {k}", value.item(), 1e-4) for k, value in zip(PIXELS, torch.sigmoid(logits), strict=True)),
        ("shown: how much it changes from call to call", 0.0, 1e-4),
        *((f"scored: the average of pixel {k}", value.item(), 0.03) for k, value in zip(PIXELS, mean, strict=True)),
        *((f"scored: the spread of pixel {k}", value.item(), 0.03) for k, value in zip(PIXELS, std, strict=True)),
        ("scored: the correlation of two calls", 0.0, 0.12),
    ]


def notice(answer):
    """What is strange about what is shown, or scored, if it is that."""
    x, model = torch.rand(1, 1, 28, 28), SmallVAE(0.0).eval()
    copies = x.expand(DRAWS, 1, 28, 28)
    with torch.no_grad():
        (shown, scored), (_, again) = (_pair(answer(model, copies)) for _ in range(2))
        mu, logvar = model.encode(copies)
        due = model.decode(model.reparameterize(mu, logvar)).flatten(1)
    for name, pixels in {"shown": shown, "scored": scored}.items():
        if pixels.min() < 0 or pixels.max() > 1:
            return (
                f"What is {name} goes from {pixels.min():.2g} to {pixels.max():.2g}: pixel probabilities are expected."
            )
        if torch.equal(pixels, copies.flatten(1)):
            return f"What is {name} is the image itself, and nothing that was decoded."
        if ((pixels == 0) | (pixels == 1)).all():
            return f"What is {name} has nothing but zeros and ones: expected are probabilities, not rounded, not drawn."
    if scored.std(0).max() < 1e-5:
        if (scored - again).abs().max() > 1e-5:
            return "All images share one draw of the noise; each should get its own."
        return "What is scored has no noise in it: it is the same for each call, and the average over q is lost."
    if shown.std(0).max() > 1e-5:
        return "What is shown changes from call to call."
    spread = (scored.logit(1e-6).std(0) / due.logit(1e-6).std(0)).median().item()
    if abs(spread - 1) > 0.1:
        return f"At σ = 1 the logits of what you score spread {spread:.2f} times as far as those of codes from q."
    return None


exercise = Exercise(
    show_and_score,
    title="One code to show, one to score",
    hints=(
        "Which code of an image is the same every time?",
        "An average over q needs draws from q: `model.reparameterize(mu, logvar)`.",
    ),
    idea="the mean is for the eye, a sample for the score",
    minutes=5,
    difficulty=2,
    task=__doc__,
    right="The mean is for the eye, a sample for the score: an average over q cannot be read off at its centre.",
    cases=models,
    observe=shown_and_scored,
    known=known_of_pixels,
    notice=notice,
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
