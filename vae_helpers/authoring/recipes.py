"""How each shipped model is trained: the recipes, and what `make pretrained` does with them."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .._files import write_whole
from ..data import Split, binarize, load_mnist
from ..importance import ImportanceWeighted, iwae_bound
from ..latent import aggregate_posterior
from ..losses import NegativeELBO, SquaredError
from ..models import VAE, ConvVAE, MixtureVAE
from ..pretrained import MODELS, WEIGHTS, checksum, load_pretrained
from ..training import Scores, evaluate, fit, start_at_mean
from .successor_recipes import SUCCESSORS


class Recipe(NamedTuple):
    """How a shipped model is made.

    model, arguments: its class and what that takes. training: epochs and lr; for a VAE also the kl_warmup and beta of
    NegativeELBO, or the samples of ImportanceWeighted. A plain autoencoder is trained on the squared error.
    pixels: "grey", or "binarized" for black-and-white pixels, drawn afresh at each step of training.
    shift_prob: probability that an image is shifted by up to a pixel, against overfitting.
    binarize_prob: probability that a grey image is binarized anyway. A Bernoulli's score is linear in the pixels, so on
        average the decoder's target stays the same.
    start: the shipped model whose weights it starts from; without one, seed 0 and the mean image. Where the new model
        has a prior to learn, that starts as a mixture fitted to codes of the training images.
    """

    model: str
    arguments: dict[str, Any]
    training: dict[str, float]
    pixels: str = "grey"
    shift_prob: float = 0.0
    binarize_prob: float = 0.0
    start: str = ""

    def transform(self, images: Tensor) -> Tensor:
        """What training sees of a batch, drawn afresh at each call: (N, 1, 28, 28) => the same shape."""
        images = random_apply(random_shift, self.shift_prob, images)
        return random_apply(torch.bernoulli, 1.0 if self.pixels == "binarized" else self.binarize_prob, images)

    def train(self, images: Tensor, labels: Tensor | None = None, folder: str | Path = WEIGHTS) -> nn.Module:
        """A new model, trained on images (N, 1, 28, 28). Raises KeyboardInterrupt if the stop button ends it early.

        labels: what the recipes of conditional models need. folder: where the model called `start` is.
        """
        settings = dict(self.training)
        model = self._begin(images, folder)
        loss = SquaredError()
        if "samples" in settings:
            loss = ImportanceWeighted(settings.pop("samples"), prior=model.log_prior)
        elif self.model != "Autoencoder":
            loss = NegativeELBO(beta=settings.pop("beta"), kl_warmup=settings.pop("kl_warmup"))
        return _train(model, images, loss, transform=self.transform, **settings)

    def _begin(self, images, folder):
        """The model before training."""
        model = _fresh(lambda: MODELS[self.model](**self.arguments))
        if not self.start:
            start_at_mean(model.output_bias, images)
            return model
        start = load_pretrained(self.start, folder)
        model.load_state_dict(start.state_dict(), strict=False)  # all but a prior that is new
        if isinstance(model, MixtureVAE) and not isinstance(start, MixtureVAE):
            binary = binarize(images)
            model.fit_prior(aggregate_posterior(start, binary, len(binary)))
        return model

    def score(self, model: nn.Module, split: Split, folder: str | Path = WEIGHTS) -> dict[str, float | None]:
        """The scores of a shipped model on a set's test images; `folder` is for recipes that need other models."""
        return score(model, split.images, self.pixels)


def random_apply(change: Callable[[Tensor], Tensor], probability: float, images: Tensor) -> Tensor:
    """The images (N, ...), with `change` applied to each with this probability."""
    if probability == 0:
        return images
    chosen = (torch.rand(len(images), device=images.device) < probability).nonzero().flatten()
    return images.index_copy(0, chosen, change(images[chosen]))


def random_shift(images: Tensor) -> Tensor:
    """Each image (N, 1, 28, 28) shifted by -1, 0 or 1 pixels along each axis; what comes in at the border is black."""
    down, right = torch.randint(3, (2, len(images), 1, 1), device=images.device)
    rows, columns = torch.arange(28, device=images.device).view(28, 1), torch.arange(28, device=images.device)
    padded = torch.nn.functional.pad(images[:, 0], (1, 1, 1, 1))
    image = torch.arange(len(images), device=images.device).view(-1, 1, 1)
    return padded[image, rows + down, columns + right].unsqueeze(1)


MLP2 = {"latent_dim": 2, "hidden_dims": [512, 512]}
MLP20 = {"latent_dim": 20, "hidden_dims": [512, 512]}
SMALL20 = {"latent_dim": 20, "hidden_dims": [128]}
CONV20 = {"latent_dim": 20, "channels": 48, "layers": 2}
DEEP = {"lr": 2e-3, "kl_warmup": 0.2, "beta": 1.0}
RECIPES = {
    "ae2": Recipe("Autoencoder", MLP2, {"epochs": 80, "lr": 2e-3}, binarize_prob=0.5),
    "vae2": Recipe("VAE", MLP2, {"epochs": 80, **DEEP}, binarize_prob=0.5),
    "vae20": Recipe("VAE", MLP20, {"epochs": 100, **DEEP}, shift_prob=0.3),
    "vae20_binarized": Recipe("VAE", MLP20, {"epochs": 150, **DEEP}, pixels="binarized", shift_prob=0.2),
    "vae20_iwae": Recipe(
        "VAE", MLP20, {"epochs": 36, "lr": 2e-3, "samples": 16}, "binarized", shift_prob=0.2, start="vae20_binarized"
    ),
    "vae20_mixture": Recipe(
        "MixtureVAE",
        {**MLP20, "components": 50},
        {"epochs": 26, "lr": 1e-3, "samples": 8},
        "binarized",
        shift_prob=0.2,
        start="vae20_iwae",
    ),
    "conv20": Recipe("ConvVAE", CONV20, {"epochs": 25, "lr": 4e-3, "kl_warmup": 0.2, "beta": 1.0}),
    "conv20_binarized": Recipe(
        "ConvVAE", CONV20, {"epochs": 12, "lr": 2e-3, "kl_warmup": 0.0, "beta": 1.0}, "binarized", start="conv20"
    ),
    **{
        f"vae20_beta{beta:g}": Recipe("VAE", SMALL20, {"epochs": 20, "lr": 5e-3, "kl_warmup": 0.0, "beta": beta})
        for beta in (0.1, 0.3, 1, 2, 4, 8, 16, 32)
    },
    **SUCCESSORS,
}
COMPARED = {  # what makes each model of the comparison, and how it is trained
    "MLP 400": (lambda: VAE(20, (400,)), {"lr": 5e-3, "kl_warmup": 0.0}),
    "MLP 512-512": (lambda: VAE(20, (512, 512)), {"lr": 2e-3, "kl_warmup": 0.2}),
    "conv": (lambda: ConvVAE(20), {"lr": 4e-3, "kl_warmup": 0.2}),
}
FEW, MANY = (5, 15, 50, 150), (1, 3, 10)  # epochs on few images and on many


def train_pretrained(names: Sequence[str] = (), folder: str | Path = WEIGHTS) -> None:
    """Train the models called `names`, or all, on full MNIST, and write their files. All take three hours on one core.

    The sample's 1,000 test images come from MNIST's training set: they are left out here, so that a score on the
    sample is an honest one, too. Raises ValueError for another name, RuntimeError if full MNIST is not available.
    """
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        raise ValueError(f"no recipe is called {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    full, sample = load_mnist("full"), load_mnist("sample")
    keep = unlike(full.train.images, sample.test.images)
    images, labels = full.train.images[keep], full.train.labels[keep]
    for name in names or RECIPES:
        recipe = RECIPES[name]
        start = time.perf_counter()
        model = recipe.train(images, labels, folder)
        minutes = round((time.perf_counter() - start) / 60, 1)
        weights = {key: weight.half() for key, weight in model.state_dict().items()}
        model.load_state_dict({key: weight.float() for key, weight in weights.items()})  # what a reader will load
        card = {
            **recipe._asdict(),
            "data": f"{len(images):,} of MNIST's training images: all but those the sample tests on",
            "seed": 0,
            "minutes": minutes,
            "versions": {package: version(package) for package in ("vae_helpers", "torch")},
            "scores": {mnist.source: recipe.score(model, mnist.test, folder) for mnist in (full, sample)},
        }
        if recipe.pixels == "binarized" and name not in SUCCESSORS:
            bound = iwae_bound(model, binarize(full.test.images), samples=500, prior=model.log_prior)
            card["scores"]["full"]["iwae_bound_500"] = bound.mean().item()
        _write(name, Path(folder), card, weights)
        print(name, minutes, "minutes", card["scores"])


def run_comparison(folder: str | Path = WEIGHTS) -> None:
    """Train the models of `load_comparison` and write its table. Takes some minutes.

    Raises RuntimeError if full MNIST is not available.
    """
    import pandas as pd

    full, sample = load_mnist("full"), load_mnist("sample")
    rows = []
    for images, budgets in ((sample.train.images, FEW), (full.train.images, MANY)):
        for epochs in budgets:
            for name, (make_model, settings) in COMPARED.items():
                start = time.perf_counter()
                loss = NegativeELBO(kl_warmup=settings["kl_warmup"])
                model = _fresh(make_model)
                start_at_mean(model.output_bias, images)
                _train(model, images, loss, epochs=epochs, lr=settings["lr"], progress=False)
                row = {"images": len(images), "model": name}
                row["parameters"] = sum(parameter.numel() for parameter in model.parameters())
                row |= {"epochs": epochs, **settings, "seconds": round(time.perf_counter() - start, 1)}
                row["test"] = round(evaluate(model, full.test.images).negative_elbo, 2)
                row["train"] = round(evaluate(model, images[:10_000]).negative_elbo, 2)
                rows.append(row)
                print(row)
    write_whole(Path(folder) / "comparison.json", pd.DataFrame(rows).to_json(orient="table", index=False, indent=1))


def score(model: nn.Module, images: Tensor, pixels: str) -> dict[str, float | None]:
    """The Scores of a shipped model on test images (N, 1, 28, 28), binarized first if `pixels` says so, as a dict.

    The KL from a learned prior has no closed form: it is estimated at the same sample as the reconstruction.
    """
    images = binarize(images) if pixels == "binarized" else images
    scores: Scores = evaluate(model, images)
    if isinstance(model, MixtureVAE):
        negative_elbo = -iwae_bound(model, images, samples=1, prior=model.log_prior).double().mean().item()
        scores = Scores(negative_elbo, scores.reconstruction, negative_elbo - scores.reconstruction)
    return scores._asdict()


def exclude(images: Tensor, others: Tensor) -> Tensor:
    """`images` without those that are among `others`, pixel by pixel in 256 greys; in their order."""
    return images[unlike(images, others)]


def unlike(images: Tensor, others: Tensor) -> Tensor:
    """Which of `images` are not among `others`: (N,) True or False."""
    known = {image.numpy().tobytes() for image in others.mul(255).round().byte()}
    return torch.tensor([image.numpy().tobytes() not in known for image in images.mul(255).round().byte()])


def _fresh(make_model):
    """A new model from seed 0."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make_model()


def _train(model, images, loss, **settings):
    """The model, trained to the end."""
    if fit(model, images, loss=loss, **settings).interrupted:
        raise KeyboardInterrupt  # the stop button: nothing half-trained replaces a file
    return model


def _write(name, folder, card, weights):
    """Write a file of weights, which appears once it is whole."""
    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    text = json.dumps(card)
    with tempfile.TemporaryDirectory(prefix=".", dir=folder) as beside:  # of this run alone
        unfinished = Path(beside) / name
        save_file(weights, unfinished, metadata={"vae_helpers": text, "checksum": checksum(text, weights)})
        unfinished.chmod(0o644)  # safetensors lets nobody else read it
        os.replace(unfinished, folder / f"{name}.safetensors")  # so that an interrupt leaves the old file or the new
