"""Right answers of many forms, and wrong ones that no exercise lists as a known mistake: a table of each room.

A line of a table is `right | code`, or `wrong | code | what has to be said of it`; the last part is empty where the
checker can only show what was given, returned and expected, and `not: …` is what would be untrue of it.
"""

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
import torch
from sklearn import metrics
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from torch import nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence
from torch.nn import functional as F

import vae_helpers as vh
from vae_helpers.exercises import EXERCISES
from vae_helpers.exercises.what_came_after.conditional_vae import variant

TABLES = sorted(Path(__file__).parent.glob("*.txt"))


def bisect(rate_at, target, steps):
    low, high = 0.01, 100.0
    for _ in range(steps):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if rate_at(middle) > target else (low, middle)
    return math.sqrt(low * high)


def counting_with_dict(contexts, pixels, start=0.5, log=math.log2):
    counters, bits = {}, 0.0
    for context, pixel in zip(contexts.tolist(), pixels.tolist(), strict=True):
        counter = counters.setdefault(context, {0: start, 1: start})
        bits -= log(counter[pixel] / (counter[0] + counter[1]))
        counter[pixel] += 1
    return bits


def fill_by_mask(model, x, seen, rounds, sample=False):
    filled = x.clone()
    filled[:, ~seen] = model.decode(torch.zeros(len(x), model.latent_dim))[:, ~seen]
    for _ in range(rounds):
        mu, logvar = model.encode(filled)
        drawn = model.decode(model.reparameterize(mu, logvar) if sample else mu)
        filled = filled.clone()
        filled[:, ~seen] = drawn[:, ~seen]
    return filled


def asserting_test(kl):
    mu, logvar = torch.randn(100, 3), torch.randn(100, 3)
    found = kl(mu, logvar)
    assert found.shape == (100,)
    np.testing.assert_allclose(found.numpy(), vh.gaussian_kl(mu, logvar).numpy(), atol=1e-3)
    return True


def with_embeddings(VAE):
    """A conditional VAE that adds a vector for each label to the hidden layers, and puts nothing behind anything."""

    class Embedded(VAE):
        def __init__(self, latent_dim=8, hidden_dim=400):
            super().__init__(latent_dim, (hidden_dim,))
            self.above, self.below = nn.Embedding(10, hidden_dim), nn.Embedding(10, hidden_dim)

        def encode(self, x, labels):
            h = torch.relu(self.encoder[:2](x) + self.above(labels))
            return self.to_mu(h), self.to_logvar(h)

        def decode_logits(self, z, labels):
            return self.decoder[2:](torch.relu(self.decoder[0](z) + self.below(labels)))

        def decode(self, z, labels):
            return self.decode_logits(z, labels).sigmoid()

    return Embedded


KNOWN = {
    "asserting_test": asserting_test,
    "Bernoulli": Bernoulli,
    "F": F,
    "Fraction": Fraction,
    "MultivariateNormal": MultivariateNormal,
    "NearestNeighbors": NearestNeighbors,
    "Normal": Normal,
    "PCA": PCA,
    "bisect": bisect,
    "counting_with_dict": counting_with_dict,
    "fill_by_mask": fill_by_mask,
    "kl_divergence": kl_divergence,
    "math": math,
    "metrics": metrics,
    "nn": nn,
    "np": np,
    "sympy": sympy,
    "torch": torch,
    "variant": variant,
    "vh": vh,
    "with_embeddings": with_embeddings,
}


def answers():
    """(the exercise, "right" or "wrong", code, what has to be said) of each line of the tables."""
    for table in TABLES:
        name = ""
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                name = line.strip("[]")
            elif line:
                kind, code, *sentence = f"{line} ".split(" | ")
                yield name, kind, code.strip(), "".join(sentence).strip()


ALL = list(answers())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind", "code", "sentence"), ALL, ids=[f"{a[0]}-{a[1]}" for a in ALL])
def test_right_is_accepted_and_wrong_is_refused_for_its_reason(name, kind, code, sentence, capsys):
    getattr(vh.check, name)(eval(code, dict(KNOWN)))
    said = capsys.readouterr().out
    if kind == "right":
        assert f"✓ {name}: right." in said, f"{code}\n{said}"
    else:
        assert f"✗ {name}: " in said, f"{code}\n{said}"
        untrue = sentence.removeprefix("not: ") if sentence.startswith("not: ") else None
        assert untrue not in said if untrue else sentence in said, f"{code}\n{said}"


def test_each_exercise_has_right_and_wrong_answers_here():
    names = {exercise.name for own in EXERCISES.values() for exercise in own if not exercise.target}
    for kind in ("right", "wrong"):
        assert {name for name, own, *_ in ALL if own == kind} == names


def test_most_of_the_wrong_answers_get_a_telling_sentence():
    sentences = [sentence for _, kind, _, sentence in ALL if kind == "wrong"]
    telling = [sentence for sentence in sentences if sentence and not sentence.startswith(("Wherever yours", "not: "))]
    assert len(telling) >= 0.6 * len(sentences)
