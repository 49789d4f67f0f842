"""How the shipped models of notebook 10 are trained; `recipes` trains them with the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..data import Split, binarize
from ..losses import bernoulli_nll, reparameterize
from ..pretrained import MODELS, WEIGHTS, load_pretrained
from ..successors.conditional import conditional_elbo
from ..successors.diffusion import denoising_loss
from ..successors.discrete import revive_dead_codes, vq_loss
from ..successors.reader import reading_loss
from ..successors.vampprior import vamp_elbo
from ..training import fit, start_at_mean

Terms = Callable[..., Tensor | dict[str, Tensor]]  # (model, x) or (model, x, labels) => the loss, or its parts


class Successor(NamedTuple):
    """How a shipped model of notebook 10 is made.

    model, arguments, training: its class, what that takes, and what `fit` takes. pixels, shift_prob, binarize_prob: as
    for a Recipe. on: the shipped model whose codes it is trained on, if it is a prior over codes.
    """

    model: str
    arguments: dict[str, Any]
    training: dict[str, float]
    pixels: str = "grey"
    shift_prob: float = 0.0
    binarize_prob: float = 0.0
    on: str = ""

    def train(self, images: Tensor, labels: Tensor, folder: str | Path = WEIGHTS) -> nn.Module:
        """A new model, trained on images (N, 1, 28, 28) and their labels (N,); folder: where the model called `on` is.

        Raises KeyboardInterrupt if the stop button ends it early.
        """
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = MODELS[self.model](**self.arguments)
            begin(model, images)
        settings = {"transform": torch.bernoulli if self.pixels == "binarized" else None, **self.training}
        if self.model in LABELLED:
            settings["labels"] = labels
        if fit(model, images, loss=self.loss(folder), **settings).interrupted:
            raise KeyboardInterrupt
        return model

    def loss(self, folder: str | Path = WEIGHTS) -> Terms:
        """What `fit` minimises."""
        return LOSSES[self.model](load_pretrained(self.on, folder)) if self.on else LOSSES[self.model]

    @torch.no_grad()
    def score(self, model: nn.Module, split: Split, folder: str | Path = WEIGHTS) -> dict[str, float | None]:
        """The parts of the loss on these images, averaged, in nats (a denoiser's is a squared error, a reader's
        also the share of images that it misreads)."""
        images = binarize(split.images) if self.pixels == "binarized" else split.images
        loss, scores = self.loss(folder), []
        with torch.random.fork_rng():
            torch.manual_seed(0)
            for x, labels in zip(images.split(1000), split.labels.split(1000), strict=True):
                parts = loss(model, x, labels) if self.model in LABELLED else loss(model, x)
                scores.append(torch.stack([torch.as_tensor(parts[name]) for name in parts if name != "loss"]))
        means = torch.stack(scores).double().mean(0).tolist()
        names = [name for name in parts if name != "loss"]
        return dict(zip(names, means, strict=True))


def begin(model: nn.Module, images: Tensor) -> None:
    """Where training starts: at the mean image, and pseudo-inputs at images drawn at random."""
    if hasattr(model, "output_bias"):
        start_at_mean(model.output_bias, images)
    if hasattr(model, "start_at"):
        model.start_at(images)


def vq_with_revival(model: nn.Module, x: Tensor, progress: float = 1.0) -> dict[str, Tensor]:
    """The loss of the VQ-VAE; in the first half of training, entries that a batch does not use are moved."""
    if progress < 0.5:
        revive_dead_codes(model, x)
    return vq_loss(model, x)


def code_length(vq: nn.Module) -> Terms:
    """The loss of a prior over the codes of a shipped VQ-VAE: -log p(codes), in nats."""

    def code_nll(prior, x):
        codes = vq.encode(x)
        reconstruction = bernoulli_nll(vq.decode_logits(codes), x).mean()
        kl = prior.nll(codes).mean()  # of a q that is sure of one code, from the prior
        return {"loss": kl, "negative_elbo": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}

    return code_nll


def denoising(vae: nn.Module, repeats: int = 2) -> Terms:
    """The loss of a denoiser of the codes of a shipped VAE; of each code, as many noisy ones as `repeats` says."""

    def denoising_error(denoiser, x):
        with torch.no_grad():
            z = reparameterize(*vae.encode(x))
        error = denoising_loss(denoiser, z.repeat(repeats, 1))
        return {"loss": error, "denoising_error": error}

    return denoising_error


LOSSES = {
    "ConditionalVAE": conditional_elbo,
    "VampVAE": vamp_elbo,
    "VectorQuantizedVAE": vq_with_revival,
    "CodePrior": code_length,
    "Denoiser": denoising,
    "Reader": reading_loss,
}
LABELLED = ("ConditionalVAE", "Reader")  # their losses take labels
SUCCESSORS = {
    "cvae8": Successor("ConditionalVAE", {"latent_dim": 8, "hidden_dim": 400}, {"epochs": 20, "lr": 5e-3}),
    "vamp20": Successor(
        "VampVAE", {"latent_dim": 20, "hidden_dims": [400], "components": 100}, {"epochs": 5, "lr": 5e-3}
    ),
    "vq": Successor(
        "VectorQuantizedVAE", {"entries": 4, "width": 8, "channels": 32}, {"epochs": 8, "lr": 4e-3}, "binarized"
    ),
    "vq_prior": Successor(
        "CodePrior", {"entries": 4, "width": 8, "hidden": 128}, {"epochs": 4, "lr": 4e-3}, "binarized", on="vq"
    ),
    "denoiser20": Successor(
        "Denoiser",
        {"latent_dim": 20, "width": 256, "blocks": 4},
        {"epochs": 12, "lr": 1.5e-3, "batch_size": 256},
        on="vae20",
    ),
    "reader": Successor("Reader", {"hidden_dim": 256}, {"epochs": 8, "lr": 5e-3, "batch_size": 512}),
}
