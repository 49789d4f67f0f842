"""Anomaly scores of a VAE, and images that are none of MNIST's, to try them on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .._seeds import generator, seeded
from .._torchvision import import_torchvision
from .._validation import check_images, check_vae, where
from ..data import data_dir
from ..losses import bernoulli_nll, gaussian_kl, pixel_entropy, reparameterize


@torch.no_grad()
def anomaly_scores(model: nn.Module, images: Tensor, seed: int = 0) -> dict[str, Tensor]:
    """Four scores of each image that are said to be high for anomalies: {name: (N,)}, the first three in nats.

    "−ELBO", at one sample of z. "reconstruction − entropy": what the decoder loses beyond the pixels' own entropy,
    at the same sample. "KL". "‖μ‖": how far the posterior mean lies from the prior's.

    Raises ValueError for images of another shape or outside [0, 1], or a model that is no VAE.
    """
    check_vae(model)
    check_images(images)
    parts = []
    with seeded(seed):
        for x in images.to(where(model)).split(1000):
            mu, logvar = model.encode(x)
            loss, kl = bernoulli_nll(model.decode_logits(reparameterize(mu, logvar)), x), gaussian_kl(mu, logvar)
            parts.append(torch.stack([loss + kl, loss - pixel_entropy(x), kl, mu.norm(dim=1)]).cpu())
    return dict(zip(["−ELBO", "reconstruction − entropy", "KL", "‖μ‖"], torch.cat(parts, dim=1), strict=True))


def ood_images(images: Tensor, seed: int = 0) -> dict[str, Tensor]:
    """Out-of-distribution images, none of them from a network: {name: (M, 1, 28, 28) in [0, 1]}.

    Made of `images` (N, 1, 28, 28): the same, turned by 90°; the same, their pixels shuffled, all alike. Printed
    letters, in the fonts that come with matplotlib. Scanned digits of another collection, 8 × 8, from scikit-learn.
    And Fashion-MNIST's test images, if they lie on disk where MNIST does.

    Raises ValueError for images of another shape or outside [0, 1].
    """
    from sklearn.datasets import load_digits

    check_images(images)
    shuffle = torch.randperm(784, generator=generator(seed))
    scanned = torch.tensor(load_digits().images / 16, dtype=torch.float32).unsqueeze(1)
    scanned = torch.nn.functional.interpolate(scanned, size=(20, 20), mode="bilinear")  # 8x8 => 20x20
    sources = {
        "turned digits": torch.rot90(images, dims=(2, 3)),
        "shuffled pixels": images.flatten(1)[:, shuffle].view_as(images),
        "printed letters": _printed_letters(),
        "8 × 8 scans": torch.nn.functional.pad(scanned, (4, 4, 4, 4)),  # => 28x28, with MNIST's margin
    }
    fashion = data_dir() / "FashionMNIST" / "raw" / "t10k-images-idx3-ubyte"
    if fashion.is_file():
        read = import_torchvision().datasets.mnist.read_image_file
        sources["Fashion-MNIST"] = read(fashion).unsqueeze(1) / 255
    return sources


def _printed_letters():
    """A to Z and a to z in each of DejaVu's faces, as large and as centred as MNIST's digits."""
    import matplotlib
    import PIL.Image
    import PIL.ImageDraw
    import PIL.ImageFont

    letters = []
    faces = Path(matplotlib.get_data_path(), "fonts", "ttf").glob("DejaVuS*.ttf")
    for face in sorted(face for face in faces if "Display" not in face.name):  # those two lack most letters
        font = PIL.ImageFont.truetype(face, 40)
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
            left, top, right, bottom = font.getbbox(letter)
            glyph = PIL.Image.new("L", (right - left, bottom - top))
            PIL.ImageDraw.Draw(glyph).text((-left, -top), letter, fill=255, font=font)
            glyph.thumbnail((20, 20))
            image = PIL.Image.new("L", (28, 28))
            image.paste(glyph, ((28 - glyph.width) // 2, (28 - glyph.height) // 2))
            letters.append(np.asarray(image, dtype=np.float32) / 255)
    return torch.from_numpy(np.stack(letters)).unsqueeze(1)
