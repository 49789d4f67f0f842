r"""Replace each feature by the nearest entry of a codebook (in squared distance), so that a gradient still finds its
way: forward, the result **is** the entry; backward, the gradient of the result is handed to the feature **as it is**,
as if nothing had been replaced, and the codebook gets none. (`.detach()` gives a value without its history.)"""

import torch

from ..exercise import Exercise


def straight_through(features, codebook):  # (N, width), (M, width) => (N, width)
    nearest = ((features[:, None] - codebook) ** 2).sum(2).argmin(1)
    return features + (codebook[nearest] - features).detach()


def features_and_codebooks():
    """Features, and codebooks with fewer and with more entries."""
    return [
        {"features": torch.randn(n, d), "codebook": torch.randn(m, d)} for n, m, d in [(1, 3, 2), (6, 2, 4), (5, 8, 3)]
    ]


exercise = Exercise(
    straight_through,
    title="Straight through",
    hints=(
        "First the look-up: squared distances to all entries, `argmin` over the entries.",
        "Forward the entry, backward the feature: add the difference to the feature, without its history.",
    ),
    idea="a gradient past a step that has none",
    minutes=8,
    difficulty=2,
    task=__doc__,
    right="It is a gradient of something else than what was computed: biased, simple, and it works.",
    cases=features_and_codebooks,
    trains=("features", "codebook"),
)


@exercise.mistake
def not_replaced(features, codebook):
    """Forward, the result should be the entry; this is still the feature."""
    return features + 0 * codebook.detach().sum()


@exercise.mistake
def farthest(features, codebook):
    """That is the farthest entry."""
    farthest = ((features[:, None] - codebook) ** 2).sum(2).argmax(1)
    return features + (codebook[farthest] - features).detach()


@exercise.mistake
def by_inner_product(features, codebook):
    """The largest inner product is not the nearest entry: long entries would win."""
    chosen = (features @ codebook.T).argmax(1)
    return features + (codebook[chosen] - features).detach()


@exercise.mistake
def number_of_the_entry(features, codebook):
    """That is which entry is the nearest, its number; the decoder gets the entry itself."""
    return ((features[:, None] - codebook) ** 2).sum(2).argmin(1)
