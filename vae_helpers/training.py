"""One training loop and one evaluation for every model."""

import copy
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from tqdm.auto import tqdm

from ._checks import check_at_least, check_images, check_positive_int
from .data import batches
from .models import ConvVAE
from .objective import gaussian_kl_per_dimension, reconstruction_nll, squared_error


@dataclass
class History:
    """What `fit` saw, one number an epoch: averages over all training images of that epoch, while it ran.

    loss: what was minimised. reconstruction: -log p(x|z) in nats per image, or a plain autoencoder's
    squared error per image. kl: in nats per image, unweighted; zero for a plain autoencoder.
    interrupted: whether the stop button ended the run.
    """

    loss: list[float] = field(default_factory=list)
    reconstruction: list[float] = field(default_factory=list)
    kl: list[float] = field(default_factory=list)
    interrupted: bool = False


class Scores(NamedTuple):
    """Averages over images. For a VAE in nats per image, negative_elbo = reconstruction + kl.

    A plain autoencoder has a squared error per image as its reconstruction, and None for the others.
    """

    negative_elbo: float | None
    reconstruction: float
    kl: float | None


def fit(
    model, images, *, epochs, seed=0, beta=1.0, free_bits=0.0, kl_warmup=None, batch_size=128, lr=None,
    transform=None, progress=True,
):  # fmt: skip
    """Train `model` on `images` (N, 1, 28, 28) in [0, 1] with Adam; return its History.

    The loss is reconstruction + beta * KL, each summed within an image and averaged over the batch once.
    On a first call the decoder's output bias starts at the logit of the mean image, so that the untrained
    model starts close to predicting the mean. The model trains where its parameters lie (CPU or GPU) and is left in
    eval mode. The stop button leaves it usable and returns the history so far.

    epochs: passes over the images.
    seed: of the shuffling and the noise; torch's global generator is left as it was.
    beta: weight of the KL; 1 makes the loss a negative ELBO. Higgins et al., "beta-VAE", ICLR 2017.
    free_bits: nats that each latent dimension may carry for nothing. The loss takes this instead of a dimension's
        KL, averaged over the batch, where the KL is less. Kingma et al. 2016, arXiv:1606.04934.
    kl_warmup: share of the steps over which the weight of the KL rises from 0 to beta; by default 0 for one
        hidden layer and 0.2 for deeper models. Bowman et al. 2015, arXiv:1511.06349.
    lr: highest learning rate; by default 5e-3 for one hidden layer, 2e-3 for more, 4e-3 for a ConvVAE.
    transform: a function that makes of each batch, every time anew, the images to train on, as in
        `transform=torch.bernoulli`, which draws black-and-white pixels (dynamic binarization).
    progress: show a bar, and print a line an epoch.

    Raises ValueError for images of another shape or outside [0, 1], before or after `transform`, epochs or
    batch_size below 1, beta < 0, free_bits < 0, lr <= 0 or kl_warmup outside [0, 1]; FloatingPointError when
    the loss is no longer finite, with the weights put back to the last whole epoch's.
    """
    usual_lr, usual_warmup = usual_settings(model)
    lr = usual_lr if lr is None else lr
    kl_warmup = usual_warmup if kl_warmup is None else kl_warmup
    _check_settings(images, epochs, batch_size, beta, free_bits, kl_warmup, lr)

    images = images.to(next(model.parameters()))  # its device, its kind of number
    _start_output_bias(model, images)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    steps = math.ceil(len(images) / batch_size)  # an epoch
    history = History()
    last_good, terms = copy.deepcopy(model.state_dict()), []
    bar = tqdm(total=epochs * steps, unit="step", leave=False, disable=not progress)
    model.train()
    try:
        with torch.random.fork_rng(), bar:
            torch.manual_seed(seed)
            for epoch in range(epochs):
                last_good = copy.deepcopy(model.state_dict())
                terms, share = [], []  # loss, reconstruction and KL of each step, and its share of the images
                for step, rows in enumerate(batches(len(images), batch_size)):
                    done = (epoch * steps + step) / (epochs * steps)  # 0 at the first step, 1 after the last
                    for group in optimizer.param_groups:
                        group["lr"] = lr * learning_rate_factor(done)

                    x = images[rows]
                    if transform is not None:
                        x = transform(x)
                        if step == 0:  # once an epoch, since it asks a GPU to wait
                            check_images(x, "what transform returns")
                    with _fast_arithmetic(x.device):
                        output = model(x)
                    reconstruction, kl = loss_terms(model, output, x)
                    reconstruction, kl = reconstruction.mean(), kl.mean(0)  # kl: one number a dimension
                    charged = kl.clamp(min=free_bits).sum()
                    loss = reconstruction + beta * kl_factor(done, kl_warmup) * charged

                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    terms.append(torch.stack([loss, reconstruction, kl.sum()]).detach())
                    share.append(len(rows) / len(images))
                    bar.update()
                _stop_if_not_finite(model, terms, epoch, last_good)
                averages = torch.tensor(share) @ torch.stack(terms).cpu()
                _record(history, averages, model, f"epoch {epoch + 1}/{epochs}", progress)
    except KeyboardInterrupt:
        history.interrupted = True
        if terms and not torch.stack(terms).isfinite().all():
            model.load_state_dict(last_good)
        print(f"Interrupted after {len(history.loss)} whole epochs: the model keeps what it has learned.")
    finally:
        model.eval()
    return history


def usual_settings(model):
    """The highest learning rate and the share of KL warm-up that serve this kind of model well on MNIST."""
    if isinstance(model, ConvVAE):
        return 4e-3, 0.2
    deep = len(getattr(model, "hidden_dims", ())) > 1
    return (2e-3, 0.2) if deep else (5e-3, 0.0)


def learning_rate_factor(done):
    """Linear warm-up over the first tenth of training, then a half cosine down to 0; `done` in [0, 1]."""
    if done < 0.1:
        return (done + 0.01) / 0.11  # from just above 0, so that no step is lost
    return 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9))


def kl_factor(done, warmup):
    """The weight of the KL relative to beta: from 0 to 1 over the share `warmup` of training, then 1."""
    return min(1.0, done / warmup) if warmup else 1.0


def loss_terms(model, output, x):
    """Reconstruction (N,) and KL of each latent dimension (N, D) of what `model(x)` returned, in nats.

    For a plain autoencoder the squared error, and a KL of zero.
    """
    if torch.is_tensor(output):  # a plain autoencoder: no distribution over codes
        return squared_error(torch.sigmoid(output.float()), x), torch.zeros(len(x), 1, device=x.device)
    logits, mu, logvar = (part.float() for part in output)
    return reconstruction_nll(model, logits, x), gaussian_kl_per_dimension(mu, logvar)


@torch.no_grad()
def evaluate(model, images, seed=0):
    """Average scores over `images` (N, 1, 28, 28) in [0, 1], as Scores; one sample of z per image.

    The sample keeps the negative ELBO unbiased: scoring at z = mu instead would flatter it. The noise
    comes from `seed`; torch's global generator is left as it was.

    Raises ValueError for images of another shape or outside [0, 1].
    """
    check_images(images)
    was_training = model.training
    model.eval()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        terms = [loss_terms(model, model(x), x) for x in images.to(next(model.parameters())).split(1000)]
    model.train(was_training)
    reconstruction, kl = (torch.cat(term).double() for term in zip(*terms, strict=True))
    reconstruction, kl = reconstruction.mean().item(), kl.sum(1).mean().item()
    if hasattr(model, "likelihood"):
        return Scores(reconstruction + kl, reconstruction, kl)
    return Scores(None, reconstruction, None)


def _check_settings(images, epochs, batch_size, beta, free_bits, kl_warmup, lr):
    check_images(images)
    check_positive_int("epochs", epochs)
    check_positive_int("batch_size", batch_size)
    check_at_least("beta", beta, 0)
    check_at_least("free_bits", free_bits, 0)
    check_at_least("lr", lr, 0)
    if lr == 0:
        raise ValueError("lr must be more than 0, got 0")
    if not 0 <= kl_warmup <= 1:
        raise ValueError(f"kl_warmup must be a share of training in [0, 1], got {kl_warmup}")


@torch.no_grad()
def _start_output_bias(model, images):
    bias = getattr(model, "output_bias", None)
    if bias is not None and not bias.any():  # fresh: a model that has been trained keeps its own
        bias.copy_(images.mean(0).logit(eps=1e-3).view_as(bias))


def _fast_arithmetic(device):
    """bfloat16 matrix products where the processor has them built in; the loss stays in float32."""
    fast = device.type == "cuda" or (device.type == "cpu" and _cpu_has_bf16())
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def _cpu_has_bf16():
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def _stop_if_not_finite(model, terms, epoch, last_good):
    losses = torch.stack(terms)[:, 0]
    bad = (~losses.isfinite()).nonzero()
    if len(bad):
        step = bad[0].item()
        model.load_state_dict(last_good)
        raise FloatingPointError(
            f"the loss became {losses[step].item()} at step {step + 1} of epoch {epoch + 1}. The model has the "
            f"weights it had after {epoch} whole epochs. A smaller lr usually helps."
        )


def _record(history, averages, model, epoch, progress):
    loss, reconstruction, kl = averages.tolist()
    history.loss.append(loss)
    history.reconstruction.append(reconstruction)
    history.kl.append(kl)
    if progress and hasattr(model, "likelihood"):
        print(f"{epoch}: loss {loss:.2f} | reconstruction {reconstruction:.2f} | KL {kl:.2f} nats per image")
    elif progress:
        print(f"{epoch}: squared error {reconstruction:.2f} per image")
