"""Missing pixels, filled in by a VAE in three ways.

A mask of pixels is one boolean tensor (1, 28, 28) for all images, True where a pixel is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from .._seeds import seeded
from .._validation import check_images, check_positive_int, check_vae, where
from ..losses import Likelihood, bernoulli_nll, gaussian_kl, nll_per_image, reparameterize


@torch.no_grad()
def inpaint_pseudo_gibbs(model: nn.Module, images: Tensor, seen: Tensor, steps: int = 50, seed: int = 0) -> Tensor:
    """Fill in missing pixels by encoding and decoding in turn: (N, 1, 28, 28) => the same shape.

    Each step draws a code from q(z|x), where x has the seen pixels and the last guess of the others, and decodes the
    next guess from it. Starts from the decoder's image at z = 0; returns the average guess of the second half of the
    steps. Rezende, Mohamed and Wierstra, "Stochastic Backpropagation and Approximate Inference in Deep Generative
    Models", 2014, arXiv:1401.4082.

    Raises ValueError for images of another shape or outside [0, 1], a mask that is not as `seen` must be, fewer
    than one step, or a plain autoencoder.
    """
    x, seen = _checked_task(model, images, seen, steps)
    guess = model.decode(torch.zeros(len(x), model.latent_dim).to(x))
    total, kept = torch.zeros_like(x), steps - steps // 2
    with seeded(seed):
        for step in range(steps):
            guess = model.decode(reparameterize(*model.encode(torch.where(seen, x, guess))))
            if step >= steps // 2:
                total += guess / kept
    return torch.where(seen, x, total).cpu()


def inpaint_map(
    model: nn.Module, images: Tensor, seen: Tensor, steps: int = 100, likelihood: Likelihood = bernoulli_nll
) -> Tensor:
    """Fill in missing pixels by decoding the most probable code: (N, 1, 28, 28) => the same shape.

    The code minimises −log p(seen pixels | z) − log p(z), found by Adam from z = 0. The encoder is not used: it
    has never seen an image with pixels missing. likelihood: -log p of pixels, a function (logits, x) => (N,) nats.

    Raises ValueError as `inpaint_pseudo_gibbs` does.
    """
    x, seen = _checked_task(model, images, seen, steps)
    z = torch.zeros(len(x), model.latent_dim).to(x).requires_grad_()
    _minimise(lambda: _seen_nll(model, z, x, seen, likelihood) + 0.5 * z.square().sum(1), [z], steps)
    with torch.no_grad():
        return torch.where(seen, x, model.decode(z)).cpu()


def plausible_completions(
    model: nn.Module,
    images: Tensor,
    seen: Tensor,
    count: int = 6,
    steps: int = 100,
    seed: int = 0,
    likelihood: Likelihood = bernoulli_nll,
) -> Tensor:
    """Several ways to fill in missing pixels: (N, 1, 28, 28) => (count, N, 1, 28, 28).

    Each starts at a random code, fits a Gaussian q(z) of its own to the seen pixels by their ELBO, and decodes one
    sample of it. So they differ where the seen pixels leave a choice: from mode to mode, and within one.

    Raises ValueError as `inpaint_pseudo_gibbs` does, and for count < 1.
    """
    check_positive_int("count", count)
    x, seen = _checked_task(model, images, seen, steps)
    with seeded(seed):
        everyone = x.repeat(count, 1, 1, 1)
        mu = torch.randn(len(everyone), model.latent_dim).to(x).requires_grad_()
        logvar = torch.full_like(mu, -2.0).requires_grad_()  # a narrow start, so that the seen pixels are heard

        def negative_elbo():
            return _seen_nll(model, reparameterize(mu, logvar), everyone, seen, likelihood) + gaussian_kl(mu, logvar)

        _minimise(negative_elbo, [mu, logvar], steps)
        with torch.no_grad():
            filled = torch.where(seen, everyone, model.decode(reparameterize(mu, logvar)))
    return filled.cpu().unflatten(0, (count, len(x)))


def _minimise(loss: Callable[[], Tensor], parameters: Sequence[Tensor], steps: int) -> None:
    """Adam on the sum of `loss()`: each image has its own parameters, so that each gets its own minimum."""
    optimizer = torch.optim.Adam(parameters, lr=0.1)
    for _ in range(steps):
        gradients = torch.autograd.grad(loss().sum(), parameters)  # of these only, and not of the model's weights
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()


def _seen_nll(model, z, x, seen, likelihood):
    """-log p(seen pixels | z): pixels are independent given z, so the others are just left out. (N,) nats."""
    return nll_per_image(likelihood, model.decode_logits(z)[:, seen], x[:, seen])


def _checked_task(model, images, seen, steps):
    """The images and the mask where the model is, once all is as it should be."""
    check_vae(model)
    check_images(images)
    check_positive_int("steps", steps)
    if not torch.is_tensor(seen) or seen.dtype != torch.bool or seen.shape != (1, 28, 28):
        what = f"{seen.dtype} of shape {tuple(seen.shape)}" if torch.is_tensor(seen) else f"a {type(seen).__name__}"
        raise ValueError(f"seen: expected one boolean mask of shape (1, 28, 28) for all images, got {what}")
    if seen.all() or not seen.any():
        raise ValueError(f"seen: expected some pixels seen and some missing, got {int(seen.sum())} of 784 seen")
    x = images.to(where(model))
    return x, seen.to(x.device)
