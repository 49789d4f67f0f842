"""What the tests of pretrained models share: recipes that train in a moment, and comparisons."""

import pytest
import torch

from vae_helpers.authoring.recipes import Recipe

MLP = {"latent_dim": 2, "hidden_dims": [8]}
TINY = {
    "plain": Recipe("Autoencoder", MLP, {"epochs": 1, "lr": 1e-3}),
    "grey": Recipe("VAE", MLP, {"epochs": 2, "lr": 2e-3, "kl_warmup": 0.5, "beta": 4}),
    "black_and_white": Recipe("VAE", MLP, {"epochs": 1, "lr": 3e-3, "kl_warmup": 0.0, "beta": 1.0}, "binarized"),
    "weighted": Recipe("VAE", MLP, {"epochs": 1, "lr": 1e-3, "samples": 3}, "binarized", start="black_and_white"),
    "mixed": Recipe(
        "MixtureVAE",
        {**MLP, "components": 3},
        {"epochs": 1, "lr": 1e-3, "samples": 3},
        "binarized",
        start="weighted",
    ),
    "conv": Recipe(
        "ConvVAE",
        {"latent_dim": 2, "channels": 2, "layers": 2},
        {"epochs": 1, "lr": 4e-3, "kl_warmup": 0.2, "beta": 1.0},
    ),
}


def nearly(scores, **tolerance):
    """Scores to compare with, to a tolerance where there is a number."""
    return {name: value if value is None else pytest.approx(value, **tolerance) for name, value in scores.items()}


def names_in(folder):
    return {file.name for file in folder.iterdir()}


def same_weights(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)
