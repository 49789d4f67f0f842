"""A right answer as the notebook needs it that uses it: in the form of the solution, whatever form the reader chose."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from .values import as_numbers, stacked


def in_the_form_of(ours: Any, answer: Callable) -> Callable:
    """The answer, returning what the solution would: `ours` is what it returned once.

    Lists and arrays become tensors, in the precision of the inputs; one number becomes a number, or a tensor of no
    axes. Gradients flow through. What is no number, such as a pair or an expression, stays as it is.
    """

    @functools.wraps(answer)
    def used(*values, **named):
        found = answer(*values, **named)
        if isinstance(ours, (bool, int, float)):
            return type(ours)(as_numbers(found).values.item())
        return _as_tensor(ours, found, [*values, *named.values()]) if torch.is_tensor(ours) else found

    return used


def _as_tensor(ours, found, inputs):
    found = stacked(found)
    if not torch.is_tensor(found):
        found = torch.from_numpy(as_numbers(found).values)
    if ours.is_floating_point():
        precisions = [value.dtype for value in inputs if torch.is_tensor(value) and value.is_floating_point()]
        found = found.to(next(iter(precisions), ours.dtype))
    return found.reshape(()) if ours.ndim == 0 and found.numel() == 1 else found
