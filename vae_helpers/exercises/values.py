"""What an answer returns, as numbers to compare; and values as words for a message."""

from __future__ import annotations

import inspect
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

SHOWN = 8  # numbers of an array that a message still lists


class NoNumbers(Exception):
    """What an answer returned is nothing to compare; the text says what it is."""


@dataclass(frozen=True)
class Numbers:
    """Numbers that were returned. precision: the smallest relative difference that their type can express."""

    values: np.ndarray
    precision: float = 0.0


def as_numbers(found: Any) -> Numbers:
    """What was returned, in float64. Raises NoNumbers for text, complex numbers and whatever else is no number."""
    if found is None:
        raise NoNumbers("None: did you forget `return`?")
    if torch.is_tensor(found):
        if found.is_complex():
            raise NoNumbers("complex numbers")
        precision = torch.finfo(found.dtype).eps if found.is_floating_point() else 0.0
        return Numbers(found.detach().cpu().double().numpy(), precision)
    if isinstance(found, (list, tuple)):
        parts = [as_numbers(part) for part in found]
        if len({part.values.shape for part in parts}) > 1:
            raise NoNumbers(f"{with_article(found)} of things that differ in shape")
        precision = max((part.precision for part in parts), default=0.0)
        return Numbers(np.array([part.values for part in parts], dtype=np.float64), precision)
    if isinstance(found, np.ndarray) and found.dtype == object:
        return Numbers(as_numbers(found.ravel().tolist()).values.reshape(found.shape))
    if isinstance(found, numbers.Complex) and not isinstance(found, numbers.Real):
        raise NoNumbers("a complex number")
    if isinstance(found, (str, bytes)):
        raise NoNumbers(f"{with_article(found)}, {found!r:.40}")
    try:
        array = np.asarray(found)
        if array.dtype == object:  # such as a Fraction, or an expression of SymPy that is a number
            array = np.asarray(float(found))
    except (TypeError, ValueError):
        raise NoNumbers(with_article(found)) from None
    if array.dtype.kind not in "biuf":
        raise NoNumbers("complex numbers" if array.dtype.kind == "c" else f"{with_article(found)}, no numbers")
    return Numbers(array.astype(np.float64), np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0.0)


def stacked(found: Any) -> Any:
    """A list of tensors as one tensor, through which gradients still flow; and anything else as it is."""
    if isinstance(found, (list, tuple)) and found:
        parts = [stacked(part) for part in found]
        if all(torch.is_tensor(part) and part.shape == parts[0].shape for part in parts):
            return torch.stack(parts)
    return found


def differences(found: Numbers, expected: np.ndarray, tolerance: float | np.ndarray) -> np.ndarray:
    """Which of the numbers differ, of two arrays of one shape.

    tolerance: relative to the largest number; 0 for whole numbers, which must be exact; or of each number, absolute.
    """
    if isinstance(tolerance, np.ndarray):
        allowed = tolerance
    elif tolerance == 0:
        return found.values != expected
    else:
        coarse = 4 * found.precision if found.precision > 1e-6 else 0  # half and bfloat16
        scale = np.abs(expected).max(initial=0)
        allowed = max(tolerance, coarse) * (scale if scale > 0 else 1)
    with np.errstate(invalid="ignore"):
        return ~(np.abs(found.values - expected) <= allowed)


def given(case: dict[str, Any]) -> str:
    """The inputs of a case, for a message."""
    return ", ".join(f"{name} = {in_words(value)}" for name, value in case.items())


def pair_in_words(found: np.ndarray, expected: np.ndarray, differ: np.ndarray, labels: tuple) -> tuple[str, str]:
    """Two arrays of one shape, for a message: both if they are small, else the first place where they differ."""
    place = tuple(int(index) for index in np.argwhere(differ)[0])
    if labels:
        label = labels[place[0] if place else 0]
        return tuple(f"{label}: {number(array[place])}" for array in (found, expected))
    if found.size <= SHOWN:
        return in_words(found), in_words(expected)
    count = f"{differ.sum()} of {differ.size} numbers differ"
    where = f"[{', '.join(str(index) for index in place)}]"
    return f"at {where} {number(found[place])}", f"at {where} {number(expected[place])} (the first of {count})"


def labelled(values: np.ndarray, labels: tuple) -> str:
    """What is expected, for a message: the first of several numbers that have labels."""
    return f"{labels[0]}: {number(values.flat[0])}" if labels else in_words(values)


def in_words(value: Any) -> str:
    """A value, short enough for a line."""
    if isinstance(value, nn.Module):
        return "a small network"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if torch.is_tensor(value):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        if value.size > SHOWN:
            return f"an array of shape {value.shape}"
        if value.size == 1:
            return f"{'[' * value.ndim}{number(value.item())}{']' * value.ndim}"
        text = np.array2string(value, formatter={"float_kind": number}, separator=", ", max_line_width=1000)
        return " ".join(text.split())
    if isinstance(value, (float, np.floating)):
        return number(value)
    if inspect.isroutine(value):
        return value.__name__
    return str(value)


def number(value: float) -> str:
    """A number with four or five digits: 804864, 1.5, -0.0123."""
    value = float(value)
    if value == int(value) if np.isfinite(value) else False:
        return str(int(value))
    return f"{value:.5g}"


def with_article(value: Any) -> str:
    """The kind of a value: "an int", "a Tensor"."""
    kind = type(value).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
