"""A decoder for the page: its dense layers, quantized to 8 bits by row, so that no kernel is needed to decode.

`vae20`'s takes half a megabyte. Of a model that is no stack of dense layers, the kernel decodes.
"""

from __future__ import annotations

import hashlib
import weakref
import zlib
from collections.abc import Callable
from typing import ClassVar, NamedTuple

import anywidget
import numpy as np
import torch
import traitlets
from torch import Tensor, nn

from .._validation import where
from ..latent import decode

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {  # network.js has the same
    "none": lambda x: x,
    "relu": torch.relu,
    "silu": nn.functional.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}


class Dense(NamedTuple):
    """A dense layer and the name of the activation that follows it."""

    weight: Tensor  # (rows, columns)
    bias: Tensor  # (rows,)
    activation: str


@torch.no_grad()
def dense_layers(model: nn.Module, function: Callable[[Tensor], Tensor], example: Tensor) -> list[Dense]:
    """The dense layers that `function` of a model amounts to, found by running it on an example (N, ...); else [].

    Any class will do: what each Linear took in and put out is noted, and followed from the output back to the input.
    """
    calls, hooks = [], []
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            hooks.append(layer.register_forward_hook(lambda layer, given, made: calls.append((layer, given[0], made))))
    try:
        value = function(example).flatten(1)
    finally:
        for hook in hooks:
            hook.remove()
    found, start = [], example.flatten(1)
    while value.shape != start.shape or not torch.equal(value, start):
        follows = [
            (layer, given, name)
            for layer, given, made in reversed(calls[: len(calls) - len(found)])
            for name, activation in ACTIVATIONS.items()
            if made.numel() == value.numel() and torch.allclose(activation(made).view_as(value), value, atol=1e-6)
        ]
        if not follows:
            return []
        layer, given, name = follows[0]
        bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias
        found.insert(0, Dense(layer.weight.detach().cpu().float(), bias.detach().cpu().float(), name))
        value = given.flatten(1)
    return found


def pack(layers: list[Dense]) -> tuple[bytes, bytes]:
    """Dense layers as bytes: 8-bit weights, column by column, deflated; then a scale and a bias for each row."""
    weights, rows = [], []
    for layer in layers:
        scale = layer.weight.abs().amax(1).clamp(min=1e-12) / 127
        weights.append((layer.weight / scale[:, None]).round().to(torch.int8).numpy().T.tobytes())
        rows += [scale.numpy(), layer.bias.numpy()]
    numbers = np.concatenate(rows or [np.zeros(0)]).astype("<f4")
    return zlib.compress(b"".join(weights), 9), numbers.tobytes()


class PageNetwork(anywidget.AnyWidget):
    """A part of a model, for the page. `of` gives the same one for equal weights: it travels once, whoever uses it."""

    _esm = "export default { render() {} }"
    _made: ClassVar = weakref.WeakValueDictionary()  # by what they hold

    layers = traitlets.List(traitlets.Dict()).tag(sync=True)  # rows, columns, activation; none where there is no way
    weights = traitlets.Bytes().tag(sync=True)
    rows = traitlets.Bytes().tag(sync=True)

    @classmethod
    def of_layers(cls, layers: list[Dense], otherwise: nn.Module | None = None) -> PageNetwork:
        """The one of these layers, or where there are none, the one of the model `otherwise`."""
        weights, numbers = pack(layers)
        shapes = [(*layer.weight.shape, layer.activation) for layer in layers]
        key = hashlib.sha256(weights + numbers + str(shapes).encode()).hexdigest() if layers else id(otherwise)
        if key not in cls._made:
            named = [{"rows": rows, "columns": columns, "activation": name} for rows, columns, name in shapes]
            made = cls(layers=named, weights=weights, rows=numbers)
            made.model = None if layers else otherwise
            cls._made[key] = made
        return cls._made[key]


class PageDecoder(PageNetwork):
    """A model's decoder, codes => pixels, for the page. If it is no stack of dense layers, the kernel decodes."""

    @classmethod
    def of(cls, model: nn.Module) -> PageDecoder:
        """The decoder of a model, as it is now."""
        example = torch.randn(4, model.latent_dim, generator=torch.Generator().manual_seed(0)).to(where(model))
        return cls.of_layers(dense_layers(model, model.decode, example), model)

    def __init__(self, **options):
        super().__init__(**options)
        self.on_msg(self._answer)

    def _answer(self, widget, content, buffers):
        """Decode a code for the page."""
        pixels = decode(self.model, torch.tensor([content["code"]]))
        self.send({"number": content["number"]}, [pixels.flatten().numpy().astype("<f4").tobytes()])


class PageEncoder(PageNetwork):
    """A VAE's encoder, pixels => mu and logvar in one row, for the page."""

    @classmethod
    def of(cls, model: nn.Module) -> PageEncoder:
        """The encoder of a VAE, as it is now. Raises ValueError for one that is no stack of dense layers."""
        example = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0)).to(where(model))
        heads = [dense_layers(model, lambda x, k=k: model.encode(x)[k], example) for k in (0, 1)]
        shared = [head[:-1] for head in heads]
        same = len(shared[0]) == len(shared[1]) and all(
            torch.equal(one.weight, other.weight) for one, other in zip(*shared, strict=True)
        )
        if not all(heads) or not same:
            raise ValueError("model: expected an encoder of dense layers with a head for mu and one for logvar")
        weight, bias = (torch.cat([head[-1][part] for head in heads]) for part in (0, 1))
        return cls.of_layers([*shared[0], Dense(weight, bias, "none")], model)
