"""The scoreboard of notebook 09: our models scored as papers do, beside the values that papers report.

`python -m vae_helpers.authoring scoreboard` measures the models and writes `weights/scoreboard.json`;
`vh.pretrained.load_scoreboard()` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .._files import write_whole
from ..data import binarize, load_mnist
from ..importance import iwae_bound
from ..pretrained import WEIGHTS, load_pretrained, model_card

SHIPPED = {  # what a reader calls each of the shipped models, and the samples for each test image
    "vae20_binarized": ("VAE, 784-512-512", 500),
    "conv20_binarized": ("VAE, convolutional", 500),
    "vae20_iwae": ("IWAE, k = 16", 5000),  # as many as in Burda et al.
    "vae20_mixture": ("IWAE, mixture as prior", 5000),
}


class Published(NamedTuple):
    """A reported value: log p(x) of MNIST's test images in nats, and where it was read.

    drawing: "dynamic", new pixels for each step, or "fixed", the file of Larochelle and Murray 2011. source: the paper.
    read_in: where the number was looked up, if not in the paper itself.
    """

    model: str
    drawing: str
    nats: float
    source: str
    read_in: str


IWAE = "Burda et al. 2016, arXiv:1509.00519"
TIGHTER = "Rainforth et al. 2018, arXiv:1802.04537"
BIVA = "Maaløe et al. 2019, arXiv:1902.02102"
VAMP = "Tomczak and Welling 2018, arXiv:1705.07120"
SHALLOW = "Xu et al. 2019, arXiv:1905.13452"
LOSSY, ITS_TABLE = "Chen et al. 2017, arXiv:1611.02731", "table 2 of Chen et al. 2017"
NBIP, PYTHAE = "github.com/nbip/IWAE", "huggingface.co/clementchadebec/reproduced_"
NOTES = "a summary of Xu et al.'s table, on GitHub"
PUBLISHED = [
    Published("VAE, one layer, 50 latents", "dynamic", -86.76, IWAE, NBIP),
    Published("IWAE, one layer, k = 5", "dynamic", -85.54, IWAE, NBIP),
    Published("IWAE, one layer, k = 50", "dynamic", -84.78, IWAE, NBIP),
    Published("PIWAE, one layer, M = K = 8", "dynamic", -84.46, TIGHTER, f"{PYTHAE}piwae"),
    Published("VAE, two stochastic layers", "dynamic", -85.33, IWAE, NBIP),
    Published("IWAE, two stochastic layers, k = 50", "dynamic", -82.90, IWAE, NBIP),
    Published("ladder VAE", "dynamic", -81.74, "Sønderby et al. 2016, arXiv:1602.02282", ITS_TABLE),
    Published("VAE with an IAF posterior", "dynamic", -79.10, "Kingma et al. 2016, arXiv:1606.04934", ITS_TABLE),
    Published("VLAE, an autoregressive decoder", "dynamic", -78.53, LOSSY, ""),
    Published("ResNet VAE, prior a RealNVP flow", "dynamic", -78.49, SHALLOW, NOTES),
    Published("BIVA, a deep hierarchy", "dynamic", -78.41, BIVA, NOTES),
    Published("VAE, one layer, 50 latents", "fixed", -88.71, IWAE, NBIP),
    Published("IWAE, one layer, k = 50", "fixed", -87.10, IWAE, NBIP),
    Published("VAE, one layer, VampPrior", "fixed", -85.57, VAMP, f"{PYTHAE}vamp"),
    Published("convolutional HVAE, VampPrior", "fixed", -81.09, VAMP, NOTES),
    Published(
        "VAE with an IAF posterior",
        "fixed",
        -79.88,
        "Kingma et al. 2016, arXiv:1606.04934",
        "table 1 of Chen et al. 2017",
    ),
    Published("PixelHVAE, VampPrior", "fixed", -79.78, VAMP, NOTES),
    Published(
        "PixelRNN, no latents",
        "fixed",
        -79.20,
        "van den Oord et al. 2016, arXiv:1601.06759",
        "table 1 of Chen et al. 2017",
    ),
    Published("VLAE, an autoregressive decoder", "fixed", -79.03, LOSSY, ""),
    Published("BIVA, a deep hierarchy", "fixed", -78.59, BIVA, NOTES),
]


def run_scoreboard(names: Sequence[str] = (), folder: str | Path = WEIGHTS) -> None:
    """Measure the models called `names`, or all, on MNIST's test images, and write the scoreboard.

    All take an hour and a half on one core. Raises ValueError for another name, RuntimeError if full MNIST is not
    available.
    """
    unknown = [name for name in names if name not in SHIPPED]
    if unknown:
        raise ValueError(f"nothing on the scoreboard is called {', '.join(unknown)}; there are {', '.join(SHIPPED)}")
    file, images = Path(folder) / "scoreboard.json", load_mnist("full").test.images
    for name in names or SHIPPED:
        row = _facts(name, folder) | score(load_pretrained(name, folder), images, SHIPPED[name][1])
        print(name, row)
        measured = json.loads(file.read_text(encoding="utf-8"))["ours"] if file.exists() else {}
        measured[name] = row
        board = {
            "ours": {name: measured[name] for name in SHIPPED if name in measured},
            "published": [value._asdict() for value in PUBLISHED],
        }
        write_whole(file, json.dumps(board, indent=1, ensure_ascii=False) + "\n")


def score(model: nn.Module, images: Tensor, samples: int = 5000) -> dict[str, float]:
    """The importance-weighted bound on test images (N, 1, 28, 28), binarized with seed 0, in nats per image.

    `nats`, its mean, and `se`, the standard error of that.
    """
    bound = iwae_bound(model, binarize(images), samples, prior=model.log_prior, likelihood=_bernoulli_nll).double()
    return {"nats": bound.mean().item(), "se": bound.std().item() / len(bound) ** 0.5, "samples": samples}


def _bernoulli_nll(logits, x):
    """`bernoulli_nll`, three times as fast: x log pi + (1 - x) log(1 - pi) is x * logit - log(1 + exp(logit))."""
    return (torch.nn.functional.softplus(logits) - x * logits).flatten(1).sum(1)


def _facts(name, folder):
    """What the board says about how a shipped model was trained, with the models that it started from."""
    card = model_card(name, folder)
    epochs, minutes, start = card["training"]["epochs"], card["minutes"], card["start"]
    while start:
        before = model_card(start, folder)
        epochs, minutes, start = epochs + before["training"]["epochs"], minutes + before["minutes"], before["start"]
    return {
        "model": SHIPPED[name][0],
        "drawing": "dynamic",
        "epochs": epochs,
        "augmentation": f"{card['shift_prob']:.0%} shifted by a pixel",
        "minutes": round(minutes, 1),
        "nats_500": model_card(name, folder)["scores"]["full"]["iwae_bound_500"],
    }
