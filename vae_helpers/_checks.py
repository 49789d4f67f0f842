"""What every public function asks of its arguments: one clear error, naming what came and what is wanted."""

from numbers import Integral

import torch


def check_shape(images, name="images"):
    """Raise ValueError unless `images` is a float tensor of shape (N, 1, 28, 28) with N >= 1."""
    if not torch.is_tensor(images):
        raise ValueError(f"{name} must be a torch tensor of shape (N, 1, 28, 28), got a {type(images).__name__}")
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise ValueError(f"{name} must have shape (N, 1, 28, 28) with N >= 1, got {tuple(images.shape)}")
    if not images.is_floating_point():
        raise ValueError(f"{name} must be floats in [0, 1], got {images.dtype}: divide 8-bit pixels by 255")


def check_images(images, name="images"):
    """Raise ValueError unless `images` is a float tensor of shape (N, 1, 28, 28) with pixels in [0, 1]."""
    check_shape(images, name)
    low, high = (bound.item() for bound in images.aminmax())
    if not (low >= 0 and high <= 1):  # written so that NaN fails too
        raise ValueError(f"{name} must have pixels in [0, 1], got values from {low:g} to {high:g}")


def check_latent(z, latent_dim):
    """Raise ValueError unless `z` is a tensor of shape (N, latent_dim)."""
    shape = tuple(z.shape) if torch.is_tensor(z) else f"a {type(z).__name__}"
    if shape[1:] != (latent_dim,):
        raise ValueError(f"the latent must be a tensor of shape (N, {latent_dim}), got {shape}")


def check_codes(codes):
    """Raise ValueError unless `codes` is a float tensor of shape (N, latent_dim), N >= 1, all of it finite."""
    shape = tuple(codes.shape) if torch.is_tensor(codes) else f"a {type(codes).__name__}"
    if not torch.is_tensor(codes) or len(shape) != 2 or 0 in shape or not codes.is_floating_point():
        raise ValueError(f"codes must be a float tensor of shape (N, latent_dim) with N >= 1, got {shape}")
    if not codes.isfinite().all():
        raise ValueError("codes must be finite, got NaN or infinity among them")


def check_labels(labels, count):
    """Raise ValueError unless there is one label for each of `count` codes or images."""
    if len(labels) != count:
        raise ValueError(f"labels must have one entry for each of the {count} items, got {len(labels)}")


def check_vae(model):
    """Raise ValueError unless `model` has a distribution over its codes and a likelihood."""
    if not hasattr(model, "likelihood"):
        raise ValueError(f"a KL or an ELBO needs a VAE, got a model of class {type(model).__name__}")


def check_at_least(name, value, least):
    """Raise ValueError unless the number `value` is finite and at least `least`."""
    if not least <= value < float("inf"):
        raise ValueError(f"{name} must be a number, {least} or more, got {value}")


def check_positive_int(name, value):
    """Raise ValueError unless `value` is a whole number, 1 or more."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, got {value!r}")
