"""The files of MNIST on disk and on the network: what is wrong with those that are there, how to get the others."""

from __future__ import annotations

import concurrent.futures
import hashlib
import http.client
import logging
import math
import os
import ssl
import struct
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

from ._torchvision import import_torchvision

# MD5 of the four files of MNIST, unpacked: a file that differs is never used
FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
CONNECT_SECONDS = 4  # how long a network may take to answer at all
STALL_SECONDS = 10  # how long a download may send nothing
DOWNLOAD_SECONDS = 300  # how long it may take in all: its 12 MB, at 40 kB a second


def problem_on_disk(raw: Path) -> str | None:
    """What keeps the full set in the folder `raw` from being used, in words; None if it is there and whole."""
    problems = {}
    for name, md5 in FILES.items():
        problem = _problem_of_file(raw / name, md5)
        problems.setdefault(problem, []).append(name)
    problems.pop(None, None)
    if not problems:
        return None
    found = [
        f"{'all four files' if len(names) == len(FILES) else ', '.join(names)} {problem}"
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


def download(folder: Path) -> list[str]:
    """Download the full set and move it into `folder` only once it is whole.

    Returns the names under which it keeps damaged files; raises RuntimeError rather than replace anything else.
    """
    raw = folder / "MNIST" / "raw"
    if folder.exists() and not folder.is_dir():
        raise RuntimeError(f"{folder} is no folder")
    for place in (folder, folder / "raw", folder / "MNIST"):
        if any(place.glob("t*ubyte*")):
            raise RuntimeError(f"the files are in {place}; they belong in MNIST/raw under what VAE_HELPERS_DATA names")
    problems = {name: _problem_of_file(raw / name, md5) for name, md5 in FILES.items() if (raw / name).exists()}
    kept = [name for name, problem in problems.items() if problem not in (None, "damaged")]
    if kept:
        raise RuntimeError(f"{', '.join(kept)} would be replaced: move what is there, or name another folder")

    mnist = import_torchvision().datasets.MNIST  # knows the mirrors
    _check_network(mnist.mirrors)
    raw.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as unfinished:
        _in_time(DOWNLOAD_SECONDS, lambda: _fetch_all(mnist, Path(unfinished)))
        if problem := problem_on_disk(Path(unfinished)):
            raise RuntimeError(problem)
        damaged = [name for name, problem in problems.items() if problem]
        for name in damaged:
            os.replace(raw / name, raw / f"{name}.damaged")
        for name in FILES:
            os.replace(Path(unfinished) / name, raw / name)
    return [f"{name}.damaged" for name in damaged]


def _in_time(seconds, work):
    """Run `work`, and raise TimeoutError if it takes longer: with a limit on each silence alone, a network may drip.

    In a thread, since nothing else ends a wait for the network. One that is given up goes on for a while, unheard.
    """
    outcome = concurrent.futures.Future()

    def run():
        try:
            outcome.set_result(work())
        except BaseException as error:  # an interrupt, too, is to reach who waits
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        outcome.result(seconds)
    except concurrent.futures.TimeoutError:
        if outcome.done():  # of the work itself
            raise
        raise TimeoutError(f"the download took more than {seconds:g} seconds") from None


def _fetch_all(mnist, folder):
    """Download the four files into `folder` and unpack them there."""
    for archive, md5 in mnist.resources:
        _fetch([mirror + archive for mirror in mnist.mirrors], md5, folder)


def _fetch(urls, md5, folder):
    """Download a packed file from the first address that has it whole, and unpack it into `folder`."""
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)  # it prints each download otherwise
    for url in urls:
        name = url.rsplit("/", 1)[1]
        try:
            pooch.retrieve(
                url,
                known_hash=f"md5:{md5}",
                fname=name,
                path=folder,
                processor=pooch.Decompress(name=name.removesuffix(".gz")),
                downloader=pooch.HTTPDownloader(timeout=STALL_SECONDS),
            )
            return
        except (OSError, ValueError):  # what requests raises, and another hash
            if url == urls[-1]:
                raise


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
        except (OSError, http.client.HTTPException) as error:
            if not isinstance(getattr(error, "reason", None), ssl.SSLError):  # which is an answer, too: on macOS this
                return  # Python may know no certificates, and what downloads brings its own
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
