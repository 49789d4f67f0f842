"""The film of a training: how the codes of images come to lie where they lie."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_codes, check_digits, check_images
from ..latent import encode_mean
from .decoder import dots
from .stage import PagePanel


class Snapshots:
    """A loss for `fit` that also keeps the codes of some images, so that TrainingFilm can show how they moved.

    loss: called with (model, x); a number, or a dict with "loss" and named parts. images (N, 1, 28, 28) in [0, 1]:
    those whose codes are kept. count: how many times, the first before the first step, and more often early on, when
    most happens: after a share (k / count)² of the training.

    `codes` is a list of (N, latent_dim); `parts`, a list of the parts of the loss in nats, at the same moments.
    """

    def __init__(self, loss, images: Tensor, count: int = 60):
        check_images(images)
        self.loss, self.images, self.count = loss, images, count
        self._with_progress = "progress" in inspect.signature(loss).parameters
        self.codes: list[Tensor] = []
        self.parts: list[dict[str, float]] = []

    def __call__(self, model: nn.Module, x: Tensor, progress: float):
        """The loss of a batch; on the way, a snapshot if one is due."""
        parts = self.loss(model, x, *([progress] if self._with_progress else []))
        if progress >= (len(self.codes) / self.count) ** 2:
            self.codes.append(encode_mean(model, self.images))
            self.parts.append({name: torch.as_tensor(value).item() for name, value in parts.items() if name != "loss"})
        return parts

    def __repr__(self):
        return repr(self.loss)


class TrainingFilm(PagePanel):
    """The film of a training: the codes of images as dots that move, and the two terms of the loss as curves.

    codes: a list of (N, 2), from the first step to the last. parts: for each of them, {"reconstruction": nats, "kl":
    nats}. labels (N,): the digits. `Snapshots` keeps both. time: the slider; or drag the mark along the curves.

    Raises ValueError for fewer than two snapshots, codes of another width, or labels of another length.
    """

    def __init__(self, codes: Sequence[Tensor], parts: Sequence[Mapping[str, float]], labels: Tensor | Sequence[int]):
        if len(codes) < 2 or len(codes) != len(parts):
            raise ValueError(f"codes: expected two or more, and parts for each, got {len(codes)} and {len(parts)}")
        for shown in codes:
            check_codes(shown, 2)
        check_digits(labels, len(codes[0]))
        self.codes, self.parts, self.labels = torch.stack(list(codes)), list(parts), torch.as_tensor(labels)
        layout = ipywidgets.Layout(width="28em")
        last = len(codes) - 1
        self.time = ipywidgets.IntSlider(last, 0, last, description="moment", layout=layout)
        self.limit = float(self.codes[1:].abs().quantile(0.995)) if self.codes.numel() < 1e7 else 4.0
        moves = (self.codes / self.limit * 8191).round().clamp(-32767, 32767)  # 16 bits are enough for a screen
        data = {
            "moves": moves.numpy().astype("<i2").tobytes(),
            "unit": self.limit / 8191,
            "limit": self.limit,
            "reconstruction": [part["reconstruction"] for part in parts],
            "kl": [part["kl"] for part in parts],
            **dots(self.codes[-1], self.labels),
        }
        super().__init__(["training_film.js"], {"time": self.time}, data)

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "The codes of images at one moment of a training, each as its digit, and both terms of the loss."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 5))
        plots.latent_scatter(self.codes[self.time.value], self.labels, left)
        left.set(xlim=(-self.limit, self.limit), ylim=(-self.limit, self.limit))
        for name, key, colour in [("reconstruction", "reconstruction", plots.GREEN), ("KL", "kl", plots.GREY)]:
            right.plot([part[key] for part in self.parts], color=colour, label=name)
        right.axvline(self.time.value, color="black", ls="--")
        right.set(xlabel="moment (early ones are closer together)", ylabel="nats per image", yscale="log")
        right.legend()
        return figure
