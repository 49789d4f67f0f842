"""A case, what was expected of it, and what an answer made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .values import Numbers, differences

CLOSE = 1e-3  # relative; a fact may be seen less sharply than a difference


@dataclass(frozen=True)
class Trial:
    """A case, what was expected of it, and what an answer made of it: numbers, or a sentence on how it failed."""

    case: dict[str, Any]
    expected: np.ndarray
    tolerance: float | np.ndarray
    labels: tuple[str, ...] = ()
    found: Numbers | None = None
    failure: str = ""

    @property
    def yours(self) -> np.ndarray:
        return self.found.values

    @property
    def differ(self) -> np.ndarray:
        return differences(self.found, self.expected, self.tolerance)

    @property
    def right(self) -> bool:
        return not self.failure and self.yours.shape == self.expected.shape and not self.differ.any()


def equal(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two arrays have one shape and, nearly, the same numbers."""
    left, right = np.asarray(left), np.asarray(right)
    scale = np.abs(right).max(initial=0)
    return left.shape == right.shape and np.allclose(left, right, rtol=CLOSE, atol=CLOSE * scale + 1e-12)
