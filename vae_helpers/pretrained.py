"""The weights that ship: load a trained model, list what there is, and train all of it anew.

A file of weights is in the safetensors format, which holds numbers and text and can run no code. The text
says which model it is, how and on what it was trained, and what it scores.
"""

import hashlib
import json
import os
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import torch

from .data import binarize, load_mnist
from .models import VAE, Autoencoder, ConvVAE
from .objective import importance_bound
from .training import evaluate, fit

WEIGHTS = Path(__file__).parent / "weights"
MODELS = {model.__name__: model for model in (Autoencoder, VAE, ConvVAE)}


class Recipe(NamedTuple):
    """How a shipped model comes about: its class, its arguments, those of `fit`, and the pixels it is for."""

    model: str
    arguments: dict
    training: dict
    pixels: str = "grey"  # or "binarized": black and white, drawn anew at each step of training


RECIPES = {
    "ae2": Recipe("Autoencoder", {"latent_dim": 2, "hidden_dims": [512, 512]}, {"epochs": 60}),
    "vae2": Recipe("VAE", {"latent_dim": 2, "hidden_dims": [512, 512]}, {"epochs": 60}),
    "vae20": Recipe("VAE", {"latent_dim": 20, "hidden_dims": [512, 512]}, {"epochs": 60}),
    "vae20_binarized": Recipe("VAE", {"latent_dim": 20, "hidden_dims": [512, 512]}, {"epochs": 60}, "binarized"),
    "conv20": Recipe("ConvVAE", {"latent_dim": 20, "channels": 64}, {"epochs": 40}),
    **{
        f"vae20_beta{beta:g}": Recipe("VAE", {"latent_dim": 20, "hidden_dims": [128]}, {"epochs": 20, "beta": beta})
        for beta in (0.1, 0.3, 1, 2, 4, 8, 16, 32)
    },
}


def load_pretrained(name, folder=WEIGHTS):
    """The shipped model called `name`, in eval mode; `pretrained` lists the names.

    Raises ValueError for a name that is not there, and for a file that is damaged or holds anything else.
    """
    facts, weights = _read(name, Path(folder))
    model = MODELS[facts["model"]](**facts["arguments"])
    try:
        model.load_state_dict({key: weight.float() for key, weight in weights.items()})
    except RuntimeError as error:
        raise ValueError(f"the weights called {name!r} do not fit a {facts['model']}: {error}") from error
    return model.eval()


def pretrained(folder=WEIGHTS):
    """A table (pandas) of the shipped models, with their scores in nats on MNIST's 10,000 test images.

    For the plain autoencoder, which has no ELBO, `reconstruction` is the squared error per image.
    """
    import pandas as pd

    rows = {}
    for name in _names(Path(folder)):
        facts = pretrained_facts(name, folder)
        rows[name] = {
            "model": facts["model"],
            **facts["arguments"],
            "beta": facts["training"].get("beta", 1.0),
            "pixels": facts["pixels"],
            "epochs": facts["training"]["epochs"],
            **{f"{score}": value for score, value in facts["scores"]["full"].items()},
        }
    return pd.DataFrame.from_dict(rows, orient="index").fillna("")


def pretrained_facts(name, folder=WEIGHTS):
    """What the file of the model called `name` says of itself, as a dict.

    Scores are in nats per image (a plain autoencoder's: squared error), on MNIST's test images ("full") and on the
    1,000 test images of the sample ("sample"). Raises as `load_pretrained` does.
    """
    return _read(name, Path(folder))[0]


def train_pretrained(names=(), folder=WEIGHTS):
    """Train the models called `names`, or all, on full MNIST, and write their files. About half an hour for all.

    The sample's 1,000 test images come from MNIST's training set: they are left out here, so that a score on
    the sample is an honest one, too. Raises RuntimeError if full MNIST cannot be had.
    """
    full, sample = load_mnist("full"), load_mnist("sample")
    images = _without(full.train.images, sample.test.images)
    for name in names or RECIPES:
        recipe = RECIPES[name]
        torch.manual_seed(0)
        model = MODELS[recipe.model](**recipe.arguments)
        start = time.perf_counter()
        fit(model, images, transform=torch.bernoulli if recipe.pixels == "binarized" else None, **recipe.training)
        seconds = time.perf_counter() - start
        weights = {key: weight.half() for key, weight in model.state_dict().items()}
        model.load_state_dict({key: weight.float() for key, weight in weights.items()})  # what a reader will load
        facts = {
            **recipe._asdict(),
            "data": f"{len(images):,} of MNIST's training images: all but those the sample tests on",
            "seed": 0,
            "minutes": round(seconds / 60, 1),
            "versions": {package: version(package) for package in ("vae_helpers", "torch")},
            "scores": {
                mnist.source: measured(model, mnist.test.images, recipe.pixels)._asdict() for mnist in (full, sample)
            },
        }
        if recipe.pixels == "binarized":
            bound = importance_bound(model, binarize(full.test.images), samples=500)
            facts["scores"]["full"]["importance_bound_500"] = bound.mean().item()
        _write(name, Path(folder), facts, weights)
        print(name, facts["minutes"], "minutes", facts["scores"])


def measured(model, images, pixels):
    """A shipped model's scores on test images (N, 1, 28, 28); those are binarized first if `pixels` says so."""
    return evaluate(model, binarize(images) if pixels == "binarized" else images)


def _without(images, others):
    """`images` but for those that are among `others`, pixel by pixel."""
    known = {image.numpy().tobytes() for image in others.mul(255).round().byte()}
    keep = [image.numpy().tobytes() not in known for image in images.mul(255).round().byte()]
    return images[torch.tensor(keep)]


def _names(folder):
    return sorted(file.stem for file in folder.glob("*.safetensors"))


def _checksum(weights):
    numbers = hashlib.sha256()
    for key in sorted(weights):
        numbers.update(key.encode() + weights[key].numpy().tobytes())
    return numbers.hexdigest()


def _write(name, folder, facts, weights):
    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    unfinished = folder / f"{name}.unfinished"
    text = json.dumps({**facts, "checksum": _checksum(weights)})
    save_file(weights, unfinished, metadata={"vae_helpers": text})
    os.replace(unfinished, folder / f"{name}.safetensors")  # so that an interrupt leaves the old file or the new


def _read(name, folder):
    from safetensors import SafetensorError, safe_open

    if name not in _names(folder):
        raise ValueError(f"no weights are called {name!r}; there are {', '.join(_names(folder)) or 'none'}")
    file = folder / f"{name}.safetensors"
    again = f"Get it anew, as with `git checkout -- {file.name}` in {folder}, or train it: `make pretrained`."
    try:
        with safe_open(file, "pt") as opened:
            text = (opened.metadata() or {}).get("vae_helpers")
            weights = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{file} is damaged: {error}. {again}") from error
    if text is None:
        raise ValueError(f"{file} holds weights of something else: it does not say which model of vae_helpers. {again}")
    facts = json.loads(text)
    if facts["checksum"] != _checksum(weights):
        raise ValueError(f"{file} is damaged: its numbers do not add up to its checksum. {again}")
    return facts, weights
