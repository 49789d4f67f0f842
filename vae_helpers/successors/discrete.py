"""A VAE with discrete codes: each of 7 x 7 places holds one entry of a codebook; and a prior over such codes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .._validation import check_dtype, check_positive_int, check_shape, shown
from ..losses import bernoulli_nll
from ..models import PixelBias

SIDE = 7  # of the grid of codes
REACH = 3  # how many places of the grid the prior looks up, left and right


class VectorQuantizedVAE(nn.Module):
    """Images => 7x7 features => at each place the nearest of `entries` vectors of a codebook => images.

    width: numbers in an entry. channels: features inside. Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete
    Representation Learning", 2017, arXiv:1711.00937.

    Raises ValueError for a size below 1.
    """

    def __init__(self, entries: int = 4, width: int = 8, channels: int = 32):
        super().__init__()
        for name, size in {"entries": entries, "width": width, "channels": channels}.items():
            check_positive_int(name, size)
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, kernel_size=8, stride=4, padding=2),  # 1x28x28 => channels x 7x7
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(channels, width, 1),  # => width x 7x7
        )
        self.codebook = nn.Parameter(0.5 * torch.randn(entries, width))
        self.decoder = nn.Sequential(
            nn.Conv2d(width, channels, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(channels, 1, kernel_size=8, stride=4, padding=2, bias=False),  # => 1x28x28
            PixelBias(),
        )

    @property
    def output_bias(self) -> nn.Parameter:
        """The decoder's last layer, one number a pixel: what `start_at_mean` takes."""
        return self.decoder[-1].bias

    def nearest(self, features: Tensor) -> Tensor:
        """Features (N, width, 7, 7) => the number of the nearest entry at each place, (N, 7, 7)."""
        vectors = features.movedim(1, 3)  # width last
        return torch.cdist(vectors.flatten(0, 2), self.codebook).argmin(1).view(vectors.shape[:3])

    def look_up(self, codes: Tensor) -> Tensor:
        """Numbers of entries (N, 7, 7) => the entries, (N, width, 7, 7). Raises ValueError for other codes."""
        _check_grid(codes, len(self.codebook))
        return self.codebook[codes].movedim(3, 1)

    def encode(self, x: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) => codes, whole numbers (N, 7, 7). Raises ValueError for another shape."""
        check_shape(x)
        check_dtype(x, self, "images")
        return self.nearest(self.encoder(x))

    def decode_logits(self, codes: Tensor) -> Tensor:
        """Codes, whole numbers (N, 7, 7) => logits (N, 1, 28, 28). Raises ValueError for other codes."""
        return self.decoder(self.look_up(codes))

    def decode(self, codes: Tensor) -> Tensor:
        """Codes, whole numbers (N, 7, 7) => pixels (N, 1, 28, 28) in [0, 1]. Raises ValueError for other codes."""
        return torch.sigmoid(self.decode_logits(codes))


def vq_loss(model: VectorQuantizedVAE, x: Tensor) -> dict[str, Tensor]:
    """The loss of a batch: -log p(x|codes) in nats, and two squared errors that tie features and entries together.

    Decoding passes the gradient straight through the choice of an entry. No ELBO: the two errors are no nats. Raises
    ValueError for images of another shape.
    """
    check_shape(x)
    features = model.encoder(x)
    entries = model.look_up(model.nearest(features))
    straight = features + (entries - features).detach()  # forward the entry, backward the feature
    reconstruction = bernoulli_nll(model.decoder(straight), x).mean()
    to_features = (entries - features.detach()).square().flatten(1).sum(1).mean()  # moves the codebook
    to_entries = (features - entries.detach()).square().flatten(1).sum(1).mean()  # moves the encoder
    return {"loss": reconstruction + to_features + 0.25 * to_entries, "reconstruction": reconstruction}


@torch.no_grad()
def revive_dead_codes(model: VectorQuantizedVAE, x: Tensor) -> int:
    """Move each entry that no place of the images (N, 1, 28, 28) uses to a feature of theirs; return how many.

    Raises ValueError for images of another shape.
    """
    check_shape(x)
    features = model.encoder(x)
    used = torch.bincount(model.nearest(features).flatten(), minlength=len(model.codebook))
    dead = (used == 0).nonzero().flatten()
    vectors = features.movedim(1, 3).flatten(0, 2)
    model.codebook[dead] = vectors[torch.randint(len(vectors), (len(dead),))]
    return len(dead)


class CodePrior(nn.Module):
    """A prior over 7 x 7 codes that writes them one by one, in reading order: p(c) = product of p(c_i | before i).

    Each is predicted from the 24 places within three rows and columns that were written before it, and from where it
    stands. entries: of the codebook. width, hidden: numbers for each neighbour, and in the hidden layers. The idea of
    PixelCNN (van den Oord et al., 2016), on codes.

    Raises ValueError for a size below 1.
    """

    def __init__(self, entries: int = 4, width: int = 8, hidden: int = 128):
        super().__init__()
        for name, size in {"entries": entries, "width": width, "hidden": hidden}.items():
            check_positive_int(name, size)
        self.entries, self.before = entries, REACH * (2 * REACH + 1) + REACH
        self.embedding = nn.Embedding(entries + 1, width)  # one more, for what lies outside the grid
        self.place = nn.Parameter(torch.zeros(SIDE * SIDE, hidden))
        self.first = nn.Linear(self.before * width, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, entries)

    def neighbours(self, codes: Tensor) -> Tensor:
        """Codes (N, 7, 7) => what stands around each place and was written before it, (N, 49, 24)."""
        padded = functional.pad(codes, (REACH, REACH, REACH, 0), value=self.entries)
        windows = padded.unfold(1, REACH + 1, 1).unfold(2, 2 * REACH + 1, 1)  # N x 7x7 x 4x7
        return windows.flatten(3)[..., : self.before].flatten(1, 2)

    def forward(self, codes: Tensor) -> Tensor:
        """Codes (N, 7, 7) => logits of each place's entry, given those before it, (N, 49, entries).

        Places that are not written yet may hold `entries`, one more than the last. Raises ValueError for other codes.
        """
        _check_grid(codes, self.entries + 1)
        h = functional.silu(self.first(self.embedding(self.neighbours(codes)).flatten(2)) + self.place)
        return self.last(h + functional.silu(self.second(h)))

    def nll(self, codes: Tensor) -> Tensor:
        """-log p of codes (N, 7, 7): (N,) nats. Raises ValueError for other codes."""
        _check_grid(codes, self.entries)
        logits = self(codes).movedim(2, 1)  # entries second, as cross_entropy has it
        return functional.cross_entropy(logits, codes.flatten(1), reduction="none").sum(1)

    @torch.no_grad()
    def sample(self, count: int) -> Tensor:
        """Codes drawn place by place, (count, 7, 7); from torch's global generator. Raises ValueError for count < 1."""
        check_positive_int("count", count)
        codes = torch.full((count, SIDE, SIDE), self.entries)
        for place in range(SIDE * SIDE):
            odds = self(codes)[:, place].softmax(1)
            codes[:, place // SIDE, place % SIDE] = torch.multinomial(odds, 1)[:, 0]
        return codes


def _check_grid(codes, entries):
    """Raise ValueError unless `codes` holds numbers of entries, 0 to entries - 1, in grids (N, 7, 7)."""
    if not torch.is_tensor(codes) or codes.dtype != torch.int64 or codes.shape[1:] != (SIDE, SIDE) or not len(codes):
        kind = f" of {codes.dtype}" if torch.is_tensor(codes) else ""
        raise ValueError(f"codes: expected whole numbers (N, {SIDE}, {SIDE}), torch.int64, got {shown(codes)}{kind}")
    low, high = (bound.item() for bound in codes.aminmax())
    if low < 0 or high >= entries:
        raise ValueError(f"codes: expected numbers from 0 to {entries - 1}, got {low} to {high}")
