"""A classifier that says which digit an image shows, and how sure it is: it judges what models draw."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .._validation import check_dtype, check_positive_int, check_shape


class Reader(nn.Module):
    """784 pixels => hidden_dim => 10 logits, one for each digit.

    Raises ValueError for a size below 1.
    """

    def __init__(self, hidden_dim: int = 256):
        super().__init__()
        check_positive_int("hidden_dim", hidden_dim)
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) => logits (N, 10). Raises ValueError for another shape."""
        check_shape(x)
        check_dtype(x, self, "images")
        return self.layers(x)

    @torch.no_grad()
    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 1, 28, 28) => the digit that it sees, and how sure it is, from 0 to 1: (N,) each."""
        sure, digit = self(x).softmax(1).max(1)
        return digit, sure


def reading_loss(model: Reader, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The cross entropy, -log p(label|x), in nats, averaged over the batch; and the share that is misread."""
    logits = model(x)
    cross_entropy = functional.cross_entropy(logits, labels)
    return {
        "loss": cross_entropy,
        "cross_entropy": cross_entropy,
        "misread": (logits.argmax(1) != labels).float().mean(),
    }
