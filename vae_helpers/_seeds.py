"""What is drawn follows from a seed, and torch's global generator is left as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from ._validation import check_seed


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, torch's global generator draws from `seed`. Raises ValueError for a seed that is no whole number."""
    check_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(int(seed))
        yield


def generator(seed: int) -> torch.Generator:
    """A generator of its own, on the CPU. Raises ValueError for a seed that is no whole number."""
    check_seed(seed)
    return torch.Generator().manual_seed(int(seed))
