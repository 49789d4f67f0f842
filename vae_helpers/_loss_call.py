"""How `fit` calls a loss, and what it refuses before the first step."""

import inspect

import torch

from ._seeds import seeded
from ._validation import check_images, shown


def bind(loss, model, images, labels, transform):
    """The loss as a function of the numbers of the batch's images and of the progress: a dict, "loss" first."""
    if not callable(loss):
        raise ValueError(f"loss: expected a function loss(model, x), got a {type(loss).__name__}")
    if transform is not None and not callable(transform):
        raise ValueError(f"transform: expected a function of a batch of images, got a {type(transform).__name__}")
    named = inspect.signature(loss).parameters
    if "labels" in named and labels is None:
        raise ValueError("labels: expected one for each image, since the loss takes labels; got None")
    if labels is not None:
        if "labels" not in named:
            raise ValueError("loss: expected an argument called labels, since labels are given; it has none")
        try:
            labels = torch.as_tensor(labels).to(images.device)
        except (TypeError, ValueError, RuntimeError):  # words, lists of different lengths
            raise ValueError(f"labels: expected a number for each image, got {shown(labels)}") from None

    def compute(rows, progress):
        x = images[rows]
        if transform is not None:
            x = transform(x)
            if progress == 0:  # once, since it asks a GPU to wait
                check_images(x, "what transform returns")
        chosen = {"labels": None if labels is None else labels[rows], "progress": progress}
        parts = loss(model, x, **{name: chosen[name] for name in chosen if name in named})
        return {"loss": parts["loss"], **parts} if isinstance(parts, dict) else {"loss": parts}

    return compute


def try_once(compute, model, rows, seed):
    """Raise an error that says what is wrong unless the loss of a first batch is one finite number with a gradient."""
    was_training = model.training
    model.eval()  # so that a batch norm sees no image twice
    try:
        with seeded(seed):
            parts = compute(rows, 0.0)
    except KeyError as error:
        raise ValueError(f'loss: expected a number, or a dict with "loss" in it; {error} is missing') from error
    except AttributeError as error:
        raise ValueError(f"loss: could not be computed on a first batch: {error}") from error
    finally:
        model.train(was_training)
    for name, part in parts.items():
        if not torch.is_tensor(part) or part.ndim:
            came = f"shape {tuple(part.shape)}" if torch.is_tensor(part) else f"a {type(part).__name__}"
            raise ValueError(f"{name}: expected one number, a tensor of shape (), got {came}")
    if not parts["loss"].isfinite():
        raise FloatingPointError(f"loss: expected a finite number, got {parts['loss'].item()} before the first step")
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    has_gradient = parts["loss"].requires_grad and weights
    gradients = torch.autograd.grad(parts["loss"], weights, allow_unused=True) if has_gradient else ()
    if all(gradient is None for gradient in gradients):
        raise ValueError("loss: expected a number with a gradient, got one that depends on no weight of the model")
