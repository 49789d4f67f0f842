"""The kinds of arguments that public functions take: of each a good value, and the bad ones that must be refused."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn

import vae_helpers as vh


class Own(nn.Module):
    """A reader's own VAE: the interface of `models.py`, and nothing else."""

    latent_dim = 2

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(0.05 * torch.randn(784, 2, generator=torch.Generator().manual_seed(0)))

    def encode(self, x):
        mu = x.flatten(1) @ self.weight
        return mu, torch.full_like(mu, -1.0)

    def decode_logits(self, z):
        return (z @ self.weight.T).view(-1, 1, 28, 28) - 1

    def decode(self, z):
        return self.decode_logits(z).sigmoid()


def own(**changes):
    """The same with some of its parts replaced; None takes a part away."""
    gone = property(lambda model: model._gone)  # raises AttributeError
    return type("Own", (Own,), {name: gone if part is None else part for name, part in changes.items()})()


class Kind(NamedTuple):
    """One kind of argument: a good value, and bad ones by what is wrong with them."""

    good: Any
    bad: dict[str, Any] = {}  # noqa: RUF012

    def also(self, **bad):
        """The same with more bad values."""
        return Kind(self.good, self.bad | bad)

    def only(self, *named):
        """The same with some of its bad values."""
        return Kind(self.good, {what: self.bad[what] for what in named})

    def named(self, other):
        """Values of this kind under names, each before `other`."""
        bad = {what: {"first": value, "second": other} for what, value in self.bad.items()}
        return Kind({"first": self.good, "second": other}, {**bad, "none": {}})


def autoencoder():
    """A reader's own plain autoencoder."""
    return own(encode=lambda model, x: x.flatten(1) @ model.weight)


MODEL = Kind(
    Own(),
    {
        "a function": lambda x: x,
        "a class": Own,
        "no encode": own(encode=None),
        "no decode": own(decode=None),
        "no decode_logits": own(decode_logits=None),
        "no latent_dim": own(latent_dim=None),
        "another latent_dim": own(latent_dim=3),
        "one code for all": own(encode=lambda model, x: Own.encode(model, x.mean(0, keepdim=True))),
        "three codes": own(encode=lambda model, x: (*Own.encode(model, x), x)),
        "logits in a row": own(decode_logits=lambda model, z: Own.decode_logits(model, z).flatten(1)),
        "pixels for logits": own(decode_logits=lambda model, z: Own.decode_logits(model, z).sigmoid()),
        "logits for pixels": own(decode=Own.decode_logits),
    },
)
VAE = Kind(MODEL.good, {**MODEL.bad, "an autoencoder": autoencoder()})
AUTOENCODER = Kind(autoencoder(), {**MODEL.bad, "a VAE": Own()})

X = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(1))
PICTURES = Kind(  # shape and type only: what a model makes need not be in [0, 1]
    X,
    {
        "no channel": X[:, 0],
        "three channels": X.expand(8, 3, 28, 28),
        "in a row": X.flatten(1),
        "32 x 32": torch.zeros(8, 1, 32, 32),
        "8 bits": X.mul(255).byte(),
        "none": X[:0],
        "an array": X.numpy(),
        "a list": X.tolist(),
        "nothing": None,
    },
)
IMAGES = Kind(X, {**PICTURES.bad, "above 1": 255 * X, "below 0": 2 * X - 1, "NaN": X.masked_fill(X > 0.9, torch.nan)})
BINARY = Kind(X.round(), {**IMAGES.bad, "grey": X})
IMAGE = Kind(X[0], {"two": X[:2], "no channel": X[0, 0], "above 1": 2 * X[0], "NaN": X[0] * torch.nan, "nothing": None})
TENSOR = Kind(
    X,
    {
        "one for all": X[:1],
        "pixels in a row": X.flatten(1),
        "a list": X.tolist(),
        "nothing": None,
        "8 bits": X.mul(255).byte(),
        "booleans": X > 0.5,
    },
)
LOGITS = Kind(4 * X - 2, TENSOR.bad)

CODES = Kind(
    6 * X[:, 0, 0, :2] - 3,
    {
        "too wide": X[:, 0, 0, :3],
        "one code": X[0, 0, 0, :2],
        "NaN": torch.full((8, 2), torch.nan),
        "infinite": torch.full((8, 2), torch.inf),
        "a stack": torch.zeros(1, 8, 2),
        "no width": torch.zeros(8, 0),
        "integers": torch.ones(8, 2, dtype=torch.int64),
        "none": torch.zeros(0, 2),
        "a list": [[0.0, 1.0]] * 8,
        "nothing": None,
    },
)
# of any numbers: training must not wait for a check
LATENT = CODES.only("too wide", "one code", "a stack", "a list", "nothing")
CODE = Kind(torch.tensor([1.0, 2.0]), {"two": torch.ones(2, 2), "integers": torch.tensor([1, 2]), "a list": [1.0, 2.0]})
LABELS = Kind([3, 1, 4, 1, 5, 9, 2, 6], {"too few": [3, 1], "too many": [1] * 9, "a number": 3, "words": ["a"] * 8})
DIGITS = Kind(LABELS.good, {**LABELS.bad, "one-hot": [[0, 1]] * 8, "ten": [10] * 8})
POINTS = Kind(
    torch.randn(40, 3, generator=torch.Generator().manual_seed(2)),
    {
        "numbers": torch.rand(40),
        "too few": torch.rand(1, 3),
        "none": torch.rand(0, 3),
        "no width": torch.rand(40, 0),
        "all alike": torch.ones(40, 3),
        "NaN": torch.full((40, 3), torch.nan),
        "infinite": torch.rand(40, 3) / 0,
        "words": ["one", "two"],
        "nothing": None,
    },
)
MASK = Kind(
    torch.arange(28).view(1, 28, 1).expand(1, 28, 28) < 14,
    {
        "no channel": torch.ones(28, 28) > 0,
        "one an image": X > 0.5,
        "floats": torch.ones(1, 28, 28),
        "all seen": torch.ones(1, 28, 28) > 0,
        "none seen": torch.ones(1, 28, 28) < 0,
        "words": "the upper half",
    },
)
COUNT = Kind(
    2,
    {
        "0": 0,
        "negative": -1,
        "a float": 2.5,
        "whole float": 2.0,
        "a bool": True,
        "a word": "two",
        "None": None,
        "a tensor": X,
        "a long list": [1] * 99,
    },
)
TWO_OR_MORE = Kind(3, {**COUNT.bad, "1": 1})
NOT_NEGATIVE = {"negative": -1.0, "NaN": torch.nan, "infinite": torch.inf, "a word": "two"}
NOT_NEGATIVE |= {"an array": X.numpy(), "a tensor": X, "a list": [0.5, 0.5], "None": None}
WEIGHT = Kind(0.5, NOT_NEGATIVE)
POSITIVE = Kind(0.01, {**NOT_NEGATIVE, "0": 0})
SHARE = Kind(0.2, {**NOT_NEGATIVE, "above 1": 1.5})
VARIANCE = Kind(0.5, {"0": 0.0, "negative": -1.0, "NaN": torch.nan, "one of two": torch.tensor([0.5, 0.0])})
VARIANCE = VARIANCE.also(a_word="two", none=None, one_a_pixel=X)
NUMBERS = Kind(0.5, {"a word": "two", "None": None, "a list": [0.5, 0.5, 0.5], "another width": X[:, 0, 0, :3]})
LIKELIHOOD = Kind(
    vh.bernoulli_nll, {"a sum": lambda logits, x: vh.bernoulli_nll(logits, x).sum(), "a word": "gaussian"}
)
TRANSFORM = Kind(
    None,
    {
        "to -1": lambda x: 2 * x - 1,
        "in a row": lambda x: x.flatten(1),
        "8 bits": lambda x: x.mul(255).byte(),
        "nothing": lambda x: None,
        "a word": "flip",
    },
)
LOSS = Kind(
    None,
    {
        "a word": "elbo",
        "one an image": lambda model, x: -vh.elbo(model, x),
        "no loss": lambda model, x: {"kl": x.mean()},
        "no gradient": lambda model, x: x.mean(),
        "NaN": lambda model, x: model.weight.sum() * torch.nan,
        "of labels": lambda model, x, labels: model.weight.sum(),
    },
)
BIAS = Kind(nn.Parameter(torch.zeros(784)), {"too short": nn.Parameter(torch.zeros(1)), "a list": [0.0] * 784})
SEED = Kind(0, {"negative": -1, "a float": 0.5, "a bool": True, "a word": "two", "None": None, "too large": 2**64})
NAME = Kind("vae2", {"another": "vae7", "a number": 2})
NO_ROW = {"a number": 1.5, "a word": "two", "words": ["a", "b"], "None": None, "none": [], "a plane": torch.ones(2, 2)}
AXIS = Kind([0.0, 1.0, 2.0], NO_ROW)
NOT_NAMED = {"a list": [X], "a tensor": X, "a word": "two", "a number": 1, "None": None, "none": {}}
AXES = Kind(None, {"a figure": vh.figure("a line")[0], "an array": vh.figure("two", 2)[1], "a word": "left"})


WIDTHS = Kind((8,), {"none": (), "a number": 400, "one of two": (8, -1), "a float": (2.5,), "a word": "wide"})
SCORES = Kind(
    {"one": vh.training.Scores(100.0, 80.0, 20.0)},
    {"none": {}, "of an autoencoder": {"one": vh.training.Scores(None, 30.0, None)}},
)
PCA = Kind(
    vh.LatentPCA().fit(CODES.good),
    {"of another width": vh.LatentPCA().fit(POINTS.good), "not fitted": vh.LatentPCA(), "a word": "pca"},
)
