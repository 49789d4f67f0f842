"""bfloat16 for the layers that gain from it, on processors that are built for it."""

import contextlib

import torch
from torch import nn

from ._validation import where


@contextlib.contextmanager
def bfloat16_layers(model):
    """Compute dense and convolutional layers in bfloat16 where the processor is built for it.

    What comes out of a layer is float32 again, so that a loss loses no digits.
    """
    device = where(model).device
    kinds = (nn.Linear, nn.modules.conv._ConvNd)
    layers = [layer for layer in model.modules() if isinstance(layer, kinds)] if has_fast_bfloat16(device) else []
    for layer in layers:
        layer.forward = _in_bfloat16(layer.forward, device.type)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _in_bfloat16(forward, device_type):
    def fast_forward(x, *args):
        with torch.autocast(device_type, torch.bfloat16):
            return forward(x, *args).to(x.dtype)

    return fast_forward


def has_fast_bfloat16(device):
    if device.type == "cpu":
        has = torch.cpu.get_capabilities()
        return bool(has.get("avx512_bf16") or has.get("amx_bf16"))
    return device.type == "cuda"
