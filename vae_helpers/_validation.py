"""What public functions ask of their arguments: one sentence that says what was expected and what came."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import torch
from torch import nn

INTERFACE = ("encode", "decode_logits", "decode", "latent_dim")
_variational: weakref.WeakKeyDictionary[nn.Module, bool] = weakref.WeakKeyDictionary()  # the models seen so far


def where(model: nn.Module) -> torch.Tensor:
    """A parameter of the model, if it has one: `images.to(where(model))` has its device and kind of number."""
    return next(model.parameters(), torch.empty(0))


def check_model(model: nn.Module) -> bool:
    """Whether `model` is a VAE rather than a plain autoencoder: `encode` returns mu and logvar, or z alone.

    Raises ValueError unless it has the interface that `models.py` describes. Tried once per model, on four images of
    noise.
    """
    name = type(model).__name__
    if not isinstance(model, nn.Module):
        raise ValueError(f"model: expected a torch module, got {_kind(model)}")
    if model not in _variational:
        missing = [part for part in INTERFACE if not hasattr(model, part)]
        if missing:
            raise ValueError(f"model: expected {', '.join(INTERFACE)}; {name} has no {', no '.join(missing)}")
        _variational[model] = _probe(model, name)
    return _variational[model]


def check_vae(model: nn.Module) -> None:
    """Raise ValueError unless `model` has the interface, and its `encode` returns mu and logvar."""
    if not check_model(model):
        name = type(model).__name__
        raise ValueError(f"model: expected a VAE, whose encode returns mu and logvar; {name}'s returns one tensor")


@torch.no_grad()
def _probe(model, name):
    """Encode and decode noise, and compare what comes back with the interface."""
    noise = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0)).to(where(model))
    was_training = model.training
    model.eval()
    try:
        with torch.random.fork_rng():
            code = model.encode(noise)
            variational = isinstance(code, (tuple, list))
            expected = (4, model.latent_dim)
            parts = tuple(code) if variational else (code,)
            shapes = [tuple(part.shape) if torch.is_tensor(part) else _kind(part) for part in parts]
            if shapes not in ([expected], [expected] * 2):
                raise ValueError(
                    f"model: expected encode to return mu and logvar, or z alone, each (N, {model.latent_dim}) for N "
                    f"images; {name}'s returns {shapes} for 4"
                )
            z = parts[0].nan_to_num()
            logits, pixels = model.decode_logits(z), model.decode(z)
    finally:
        model.train(was_training)
    for method, images in {"decode_logits": logits, "decode": pixels}.items():
        if not torch.is_tensor(images) or tuple(images.shape) != (4, 1, 28, 28):
            came = tuple(images.shape) if torch.is_tensor(images) else _kind(images)
            raise ValueError(f"model: expected {method} to return (N, 1, 28, 28); {name}'s returns {came} for 4 codes")
    check_logits(logits, f"{name}.decode_logits")
    if not torch.allclose(pixels, torch.sigmoid(logits), atol=1e-4, equal_nan=True):
        raise ValueError(f"model: expected decode to return sigmoid(decode_logits(z)), pixels; {name}'s returns others")
    return variational


def check_logits(logits: torch.Tensor, name: str) -> None:
    """Raise ValueError if the decoder's output looks like pixels: all in [0, 1], and not all alike."""
    low, high = (bound.item() for bound in logits.aminmax())
    if 0 <= low < high <= 1:
        raise ValueError(
            f"{name}: expected logits, any real numbers, got only values from {low:.3g} to {high:.3g}, as pixels have: "
            "leave the sigmoid to decode"
        )


def check_shape(images: torch.Tensor, name: str = "images") -> None:
    """Raise ValueError unless `images` is a float tensor of shape (N, 1, 28, 28) with N >= 1."""
    if not torch.is_tensor(images):
        raise ValueError(f"{name}: expected a torch tensor of shape (N, 1, 28, 28), got {_kind(images)}")
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise ValueError(f"{name}: expected shape (N, 1, 28, 28) with N >= 1, got {tuple(images.shape)}")
    if images.layout != torch.strided or images.is_meta:
        raise ValueError(f"{name}: expected a dense tensor, got one whose numbers are not there: {images.layout}")
    if not images.is_floating_point():
        raise ValueError(f"{name}: expected floats in [0, 1], got {images.dtype}: divide 8-bit pixels by 255")


def check_images(images: torch.Tensor, name: str = "images") -> None:
    """Raise ValueError unless `images` is a float tensor of shape (N, 1, 28, 28) with pixels in [0, 1]."""
    check_shape(images, name)
    low, high = (bound.item() for bound in images.aminmax())
    if not (low >= 0 and high <= 1):  # written so that NaN fails too
        raise ValueError(f"{name}: expected pixels in [0, 1], got values from {low:g} to {high:g}")


def check_latent(z: torch.Tensor, latent_dim: int) -> None:
    """Raise ValueError unless `z` is a tensor of shape (N, latent_dim)."""
    shape = tuple(z.shape) if torch.is_tensor(z) else _kind(z)
    if shape[1:] != (latent_dim,):
        raise ValueError(f"latent: expected a tensor of shape (N, {latent_dim}), got {shape}")


def check_codes(codes: torch.Tensor, latent_dim: int | None = None, name: str = "codes") -> None:
    """Raise ValueError unless `codes` is a finite float tensor (N, latent_dim), N >= 1; of that width, if given."""
    shape = tuple(codes.shape) if torch.is_tensor(codes) else _kind(codes)
    width = "latent_dim" if latent_dim is None else latent_dim
    fits = torch.is_tensor(codes) and codes.ndim == 2 and 0 not in shape and codes.is_floating_point()
    if not fits or latent_dim not in (None, shape[1]):
        raise ValueError(f"{name}: expected a float tensor of shape (N, {width}) with N >= 1, got {shape}")
    if not codes.isfinite().all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity among them")


def check_code(code: torch.Tensor, name: str) -> None:
    """Raise ValueError unless `code` is one code, a float tensor of shape (latent_dim,)."""
    shape = tuple(code.shape) if torch.is_tensor(code) else _kind(code)
    if not torch.is_tensor(code) or code.ndim != 1 or not code.is_floating_point():
        kind = f" of {code.dtype}" if torch.is_tensor(code) else ""
        raise ValueError(f"{name}: expected a float tensor of shape (latent_dim,), got {shape}{kind}")


def check_labels(labels, count: int) -> None:
    """Raise ValueError unless there is one label for each of `count` codes or images."""
    found = len(labels) if hasattr(labels, "__len__") and np.ndim(labels) else _kind(labels)
    if found != count:
        raise ValueError(f"labels: expected one for each of the {count} items, got {found}")


def check_digits(labels, count: int) -> None:
    """Raise ValueError unless `labels` holds one digit, 0 to 9, for each of `count` codes or images."""
    check_labels(labels, count)
    try:
        digits = torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError):  # words, lists of different lengths
        raise ValueError(f"labels: expected digits from 0 to 9, got {shown(labels)}") from None
    if digits.ndim != 1:
        raise ValueError(f"labels: expected one digit for each, shape ({count},), got shape {tuple(digits.shape)}")
    strays = sorted(set(digits.tolist()) - set(range(10)))
    if strays:
        raise ValueError(f"labels: expected digits from 0 to 9, got {strays[:20]}")


def check_at_least(name: str, value: float, least: float) -> None:
    """Raise ValueError unless the number `value` is finite and at least `least`."""
    try:
        fits = bool(least <= value < float("inf"))
    except (TypeError, ValueError, RuntimeError):  # of a word, of an array, of a tensor
        fits = False
    if not fits:
        raise ValueError(f"{name}: expected a number, {least} or more, got {shown(value)}")


def check_positive_int(name: str, value: int, least: int = 1) -> None:
    """Raise ValueError unless `value` is a whole number, `least` or more."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number, {least} or more, got {shown(value)}")


def check_seed(seed: int) -> None:
    """Raise ValueError unless `seed` is a whole number that torch takes."""
    check_positive_int("seed", seed, 0)
    if seed >= 2**64:
        raise ValueError(f"seed: expected a whole number below 2**64, got {shown(seed)}")


def check_dtype(values: torch.Tensor, model: nn.Module, name: str) -> None:
    """Raise ValueError unless `values` holds the kind of number that the model's weights are."""
    dtype = where(model).dtype
    if values.dtype != dtype:
        raise ValueError(f"{name}: expected {dtype}, as the model's weights are, got {values.dtype}")


def check_named(name: str, value: Mapping[str, Any], what: str) -> None:
    """Raise ValueError unless `value` is a dict of one or more."""
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{name}: expected a dict of {what}, one or more, got {shown(value)}")


def as_row(name: str, values: Any) -> torch.Tensor:
    """Numbers in a row, as floats (M,). Raises ValueError for anything else, and for none."""
    try:
        row = torch.as_tensor(values, dtype=torch.get_default_dtype())
    except (TypeError, ValueError, RuntimeError):  # words, None, lists of different lengths
        row = torch.empty(0)
    if row.ndim != 1 or len(row) == 0:
        raise ValueError(f"{name}: expected numbers in a row, one or more, got {shown(values)}")
    return row


def as_numbers(name: str, value: Any, like: torch.Tensor) -> torch.Tensor:
    """A number, or a tensor that broadcasts to the shape of `like`, as a tensor of its kind, where it is.

    Raises ValueError for anything else.
    """
    try:
        numbers = torch.as_tensor(value, dtype=like.dtype, device=like.device)
        fits = torch.broadcast_shapes(numbers.shape, like.shape) == like.shape
    except (TypeError, ValueError, RuntimeError):
        fits = False
    if not fits:
        shape = tuple(like.shape)
        raise ValueError(f"{name}: expected a number or a tensor for values of shape {shape}, got {shown(value)}")
    return numbers


def shown(value: Any) -> str:
    """A value in an error: as it is written if that is short and one line, a tensor by its shape, else by its type."""
    if torch.is_tensor(value) or isinstance(value, np.ndarray):
        return f"{_kind(value)} of shape {tuple(value.shape)}"
    written = repr(value)
    return written if len(written) <= 60 and "\n" not in written else _kind(value)


def _kind(value):
    return f"a {type(value).__name__}"
