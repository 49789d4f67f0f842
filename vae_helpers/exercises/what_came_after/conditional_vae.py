r"""Make a conditional VAE out of [notebook 03](03_vae.ipynb)'s. Your function gets its class, `VAE`, and returns one
that extends it. **Both** nets are told the label, as ten numbers of which one is 1
(`torch.nn.functional.one_hot(labels, 10)`): `encode` puts them behind the 784 pixels, `decode_logits` behind the code.
So both need a first layer with room for ten more. In `VAE` those are `self.encoder[1]`, from 784 to `hidden_dim`
(number 0 flattens the image), and `self.decoder[0]`, from $L$ to `hidden_dim`. The prior stays $\mathcal N(0, I)$."""

import torch

from ...losses import bernoulli_nll, gaussian_kl, reparameterize
from ...models import VAE as BASE
from ..exercise import Exercise, Unfit


def conditional_vae(VAE):  # 03's class => a class that extends it
    class ConditionalVAE(VAE):
        def __init__(self, latent_dim=8, hidden_dim=400):
            super().__init__(latent_dim, (hidden_dim,))
            self.encoder[1] = torch.nn.Linear(784 + 10, hidden_dim)
            self.decoder[0] = torch.nn.Linear(latent_dim + 10, hidden_dim)

        def encode(self, x, labels):
            label = torch.nn.functional.one_hot(labels, 10)
            h = self.encoder(torch.cat([x.flatten(1), label], 1))
            return self.to_mu(h), self.to_logvar(h)

        def decode_logits(self, z, labels):
            label = torch.nn.functional.one_hot(labels, 10)
            return self.decoder(torch.cat([z, label], 1))

        def decode(self, z, labels):
            return torch.sigmoid(self.decode_logits(z, labels))

    return ConditionalVAE


def unsolved(VAE):  # 03's class => a class that extends it
    class ConditionalVAE(VAE):
        def __init__(self, latent_dim=8, hidden_dim=400):
            super().__init__(latent_dim, (hidden_dim,))
            ...  # new first layers, with room for the label

        def encode(self, x, labels):  # (N, 1, 28, 28), (N,) => mu, logvar, (N, latent_dim) each
            return ...

        def decode_logits(self, z, labels):  # (N, latent_dim), (N,) => logits (N, 1, 28, 28)
            return ...

        def decode(self, z, labels):
            return torch.sigmoid(self.decode_logits(z, labels))

    return ConditionalVAE


COUNT = 12  # images that a class is tried with
FACTS = [  # what is observed, and expected of every conditional VAE
    "μ depends on the label",
    "μ depends on the image",
    "log σ² depends on the label",
    "log σ² is negative somewhere",
    "the logits depend on the label",
    "the logits depend on the code",
    "some logits are negative",
    "each image has its own label",
    "labels are told apart, not counted",
    "gradients reach all weights",
    "decode gives the sigmoid of the logits",
]


def facts(answer, given_class):
    """What can be said of a class without a look at its layers: 1 or 0 for each of FACTS. Raises Unfit."""
    made = answer(given_class)
    if not isinstance(made, type):
        raise Unfit(f"expected a class, got {type(made).__name__}: return ConditionalVAE, without brackets")
    if not issubclass(made, torch.nn.Module):
        raise Unfit(f"{made.__name__} is no torch.nn.Module: expected a class that extends VAE")
    found = []
    for latent_dim, hidden_dim in [(8, 40), (2, 30)]:
        model = made(latent_dim=latent_dim, hidden_dim=hidden_dim)
        if not isinstance(model, torch.nn.Module):
            raise Unfit("expected a class")
        found.append(_facts_of(model, latent_dim))
    return torch.stack(found).amin(0)  # true of both


def _facts_of(model, latent_dim):
    x, labels, others = torch.rand(COUNT, 1, 28, 28), torch.arange(COUNT) % 10, (torch.arange(COUNT) + 3) % 10
    z = torch.randn(COUNT, latent_dim)
    mu, logvar = _pair(model, x, labels, latent_dim)
    mu_other, logvar_other = _pair(model, x, others, latent_dim)
    logits = _logits(model, z, labels)
    alone = _logits(model, z[:1], labels[:1]), _pair(model, x[:1], labels[:1], latent_dim)[0]
    single = torch.allclose(alone[0], logits[:1], atol=1e-5) and torch.allclose(alone[1], mu[:1], atol=1e-5)
    first_alone = torch.cat([labels[:1], others[1:]])  # all labels change but the first
    single = single and not torch.allclose(mu[1:], _pair(model, x, first_alone, latent_dim)[0][1:])
    single = single and not torch.allclose(logits[1:], _logits(model, z, first_alone)[1:])
    far = torch.pdist(_logits(model, z[:1].expand(10, -1), torch.arange(10)).flatten(1))
    counted = bool(far.max() > 1e-3 and far.max() > 4 * far.min())  # 9 moves it farther than 1
    drawn = reparameterize(mu, logvar)
    loss = (bernoulli_nll(_logits(model, drawn, labels), x) + gaussian_kl(mu, logvar)).mean()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    grads = torch.autograd.grad(loss, weights, allow_unused=True) if loss.requires_grad else [None]
    pixels = model.decode(z, labels)
    return torch.tensor(
        [
            not torch.allclose(mu, mu_other),
            not torch.allclose(mu, _pair(model, x.flip(0), labels, latent_dim)[0]),
            not torch.allclose(logvar, logvar_other),
            bool((logvar < 0).any()),
            not torch.allclose(logits, _logits(model, z, others)),
            not torch.allclose(logits, _logits(model, z.flip(0), labels)),
            bool((logits < 0).any()),
            single,
            not counted,
            all(grad is not None and bool(grad.any()) for grad in grads),
            torch.is_tensor(pixels) and torch.allclose(pixels, torch.sigmoid(logits), atol=1e-5),
        ]
    ).long()


def _pair(model, x, labels, latent_dim):
    """mu and logvar, of the right shapes. Raises Unfit."""
    found = model.encode(x, labels)
    if not isinstance(found, tuple) or len(found) != 2 or not all(map(torch.is_tensor, found)):
        raise Unfit(f"encode returned {_what(found)}; expected the pair mu, logvar")
    for name, part in zip(("mu", "logvar"), found, strict=True):
        if part.shape != (len(x), latent_dim):
            raise Unfit(f"encode: {name} has shape {tuple(part.shape)}; expected {(len(x), latent_dim)}")
    return found


def _logits(model, z, labels):
    """The logits, of the right shape. Raises Unfit."""
    found = model.decode_logits(z, labels)
    if not torch.is_tensor(found) or found.shape != (len(z), 1, 28, 28):
        raise Unfit(f"decode_logits returned {_what(found)}; expected logits {(len(z), 1, 28, 28)}")
    return found


def _what(found):
    if found is ...:
        return "`...`: put what you return in its place"
    if found is None:
        return "None: did you forget `return`?"
    return f"shape {tuple(found.shape)}" if torch.is_tensor(found) else f"a {type(found).__name__}"


exercise = Exercise(
    conditional_vae,
    title="Your conditional VAE",
    unsolved=unsolved,
    hints=(
        "`torch.cat([..., label], 1)` puts the ten numbers behind the flattened pixels, and behind the code.",
        "In __init__, replace the two first layers: `self.encoder[1] = torch.nn.Linear(784 + 10, hidden_dim)`, and "
        "`self.decoder[0]` likewise.",
        "`encode` ends like 03's: the features through `self.to_mu` and through `self.to_logvar`.",
    ),
    idea="a VAE that is told the label",
    minutes=15,
    difficulty=3,
    task=__doc__,
    right="That is all that changes in 03's model. Below, `vh.fit` trains it.",
    cases=lambda: [{"VAE": BASE}, {"VAE": BASE}],
    observe=facts,
    labels=tuple(f"{fact} (1 for yes)" for fact in FACTS),
    tolerance=0,
)


def variant(VAE, **methods):
    """The solution with other methods: a class."""
    return type("ConditionalVAE", (conditional_vae(VAE),), methods)


def label_of(labels):
    return torch.nn.functional.one_hot(labels, 10)


@exercise.mistake
def decoder_alone(VAE):
    """The encoder is not told the label: then z has to leave room for every digit that the image could be."""

    def encode(self, x, labels):
        return conditional_vae(VAE).encode(self, x, 0 * labels)

    return variant(VAE, encode=encode)


@exercise.mistake
def encoder_alone(VAE):
    """The decoder is not told the label. It cannot draw the digit that it is asked for."""

    def decode_logits(self, z, labels):
        return self.decoder(torch.cat([z, 0 * label_of(labels)], 1))

    return variant(VAE, decode_logits=decode_logits)


@exercise.mistake
def pixels_for_logits(VAE):
    """decode_logits returns pixels: leave the sigmoid to decode."""

    def decode_logits(self, z, labels):
        return torch.sigmoid(self.decoder(torch.cat([z, label_of(labels)], 1)))

    return variant(VAE, decode_logits=decode_logits)


@exercise.mistake
def sigma_for_logvar(VAE):
    """The second output of encode is never negative, as a variance or a σ; expected its logarithm, which may be."""

    def encode(self, x, labels):
        h = self.encoder(torch.cat([x.flatten(1), label_of(labels)], 1))
        return self.to_mu(h), self.to_logvar(h).exp()

    return variant(VAE, encode=encode)


@exercise.mistake
def label_as_a_number(VAE):
    """The label is a number here, so that 9 counts nine times as much as 1. Use ten numbers, of which one is 1."""

    def as_number(labels):
        return labels[:, None] * torch.eye(10)[:1]

    def encode(self, x, labels):
        h = self.encoder(torch.cat([x.flatten(1), as_number(labels)], 1))
        return self.to_mu(h), self.to_logvar(h)

    def decode_logits(self, z, labels):
        return self.decoder(torch.cat([z, as_number(labels)], 1))

    return variant(VAE, encode=encode, decode_logits=decode_logits)


@exercise.mistake
def one_label_for_all(VAE):
    """The whole batch gets the label of its first image."""

    def encode(self, x, labels):
        return conditional_vae(VAE).encode(self, x, labels[:1].expand(len(x)))

    def decode_logits(self, z, labels):
        return self.decoder(torch.cat([z, label_of(labels[:1].expand(len(z)))], 1))

    return variant(VAE, encode=encode, decode_logits=decode_logits)
