r"""Write the first way: pseudo-Gibbs. `x` (N, 1, 28, 28) holds images and `seen` (1, 28, 28) is `True` where a pixel
is seen; what stands in `x` elsewhere must not matter. Start with the decoder's image at $z = 0$ in the missing pixels.
Then, `rounds` times: encode the images, decode the **mean** of the code, and put what it draws into the missing pixels.
Return the images, with the seen pixels as they were. `model` is a VAE as always."""

import torch
from torch import nn

from ..exercise import Case, Exercise


def fill_in(model, x, seen, rounds):  # a VAE, (N, 1, 28, 28), (1, 28, 28), a number => (N, 1, 28, 28)
    filled = torch.where(seen, x, model.decode(torch.zeros(len(x), model.latent_dim)))
    for _ in range(rounds):
        mu, _ = model.encode(filled)
        filled = torch.where(seen, x, model.decode(mu))
    return filled


class SmallVAE(nn.Module):
    """A VAE with three latents and straight lines for networks, with what all models of the series have."""

    latent_dim = 3

    def __init__(self):
        super().__init__()
        self.to_mu, self.to_logvar, self.to_logits = nn.Linear(784, 3), nn.Linear(784, 3), nn.Linear(3, 784)
        nn.init.normal_(self.to_mu.weight, std=0.1)
        nn.init.normal_(self.to_logits.weight, std=1.0)
        self.requires_grad_(False).eval()

    def encode(self, x):
        return self.to_mu(x.flatten(1)), self.to_logvar(x.flatten(1))

    def reparameterize(self, mu, logvar):
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    def decode_logits(self, z):
        return self.to_logits(z).unflatten(1, (1, 28, 28))

    def decode(self, z):
        return torch.sigmoid(self.decode_logits(z))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode_logits(self.reparameterize(mu, logvar)), mu, logvar


def tasks():
    """Images, masks and numbers of rounds; the last one hides its missing pixels behind NaN."""
    half = (torch.arange(784) < 392).view(1, 28, 28)
    scattered = torch.rand(1, 28, 28) < 0.4
    model = SmallVAE()
    hidden = torch.where(half, torch.rand(2, 1, 28, 28), torch.nan)
    return [
        Case("a single round", model=model, x=torch.rand(1, 1, 28, 28), seen=half, rounds=1),
        Case("several rounds", model=model, x=torch.rand(3, 1, 28, 28), seen=scattered, rounds=4),
        Case("no round at all", model=model, x=torch.rand(2, 1, 28, 28), seen=half, rounds=0),
        Case("images that are NaN where nothing is seen", model=model, x=hidden, seen=half, rounds=2),
    ]


exercise = Exercise(
    fill_in,
    title="Fill in what is missing",
    hints=(
        "`torch.where(seen, x, guess)` keeps the seen pixels and takes the others from `guess`.",
        "The first guess is `model.decode(torch.zeros(len(x), model.latent_dim))`.",
        "In each round: `mu, logvar = model.encode(filled)`, then `model.decode(mu)`, then `where` once more.",
    ),
    idea="pseudo-Gibbs: encode and decode in turn",
    minutes=10,
    difficulty=2,
    task=__doc__,
    right="Below, it is one of the methods that are compared, and it fills the masks of the panel.",
    cases=tasks,
)


def _rounds(model, x, seen, rounds, first=None, keep=True, end=True):
    filled = torch.where(seen, x, model.decode(torch.zeros(len(x), 3)) if first is None else first)
    for turn in range(rounds):
        drawn = model.decode(model.encode(filled)[0])
        filled = torch.where(seen, x, drawn) if keep and (end or turn < rounds - 1) else drawn
    return filled


@exercise.mistake
def one_round(model, x, seen, rounds):
    """One round only, whatever `rounds` says."""
    return _rounds(model, x, seen, min(rounds, 1))


@exercise.mistake
def seen_pixels_drawn_over(model, x, seen, rounds):
    """The seen pixels are drawn over: after each round, put them back."""
    return _rounds(model, x, seen, rounds, keep=False)


@exercise.mistake
def seen_pixels_not_put_back_at_the_end(model, x, seen, rounds):
    """In the last round the seen pixels are not put back."""
    return _rounds(model, x, seen, rounds, end=False)


@exercise.mistake
def missing_pixels_taken_from_x(model, x, seen, rounds):
    """The first guess contains the missing pixels of `x`: nobody has seen them."""
    return _rounds(model, x, seen, rounds, first=x)


@exercise.mistake
def black_at_first(model, x, seen, rounds):
    """You start with black in the missing pixels. The task starts with the decoder's image at z = 0."""
    return _rounds(model, x, seen, rounds, first=torch.zeros_like(x))


@exercise.mistake
def mask_inverted(model, x, seen, rounds):
    """The mask is inverted: you keep what is missing, and draw what was seen."""
    return _rounds(model, x, ~seen, rounds)


@exercise.mistake
def one_round_too_many(model, x, seen, rounds):
    """One round too many: the decoder's image at z = 0 is the start, and no round."""
    return _rounds(model, x, seen, rounds + 1)
