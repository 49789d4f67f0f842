"""Fetch what decks and pages load: reveal.js, MathJax, require.js and the parts of Jupyter that draw widgets."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from .notebooks import ROOT

PACKAGES = {  # the version of each, and the parts that are kept
    "reveal.js": ("4.6.1", ["dist/", "plugin/notes/"]),
    "requirejs": ("2.3.8", ["require.js"]),
    "mathjax": (
        "2.7.9",
        [
            "MathJax.js",
            "config/TeX-AMS_CHTML-full.js",
            "extensions/",
            "jax/element/",
            "jax/output/CommonHTML/",
            "fonts/HTML-CSS/TeX/woff/",
        ],
    ),
    "@jupyter-widgets/html-manager": ("1.0.15", ["dist/embed-amd.js"]),
}


def fetch(packages: dict[str, tuple[str, Sequence[str]]], folder: Path) -> None:
    """Put npm packages, {name: (version, parts to keep)}, into `folder`, each in a folder of its bare name.

    An archive that was fetched before is used if it is whole. Raises SystemExit where npm or the network is missing.
    """
    for name, (version, parts) in packages.items():
        store = ROOT / "build/npm" / f"{name.strip('@').replace('/', '-')}-{version}.tgz"
        target = folder / name.split("/")[-1]
        if store.exists() and _unpack(store, parts, target):
            continue
        _pack(name, version, store)
        if not _unpack(store, parts, target):
            raise SystemExit(f"npm gave a damaged archive of {name} {version}: try again later")


def _pack(name, version, store):
    """Fetch a package with npm as the archive `store`, which appears once it is whole."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch reveal.js and MathJax: install Node.js, or on Debian the package npm")
    store.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=store.parent) as unfinished:
        command = [npm, "pack", f"{name}@{version}", "--silent", "--pack-destination", unfinished]
        packed = subprocess.run(command, capture_output=True, text=True)
        archive = Path(unfinished) / store.name
        if packed.returncode or not archive.exists():
            raise SystemExit(f"npm could not fetch {name} {version}:\n{packed.stderr.strip()}")
        os.replace(archive, store)


def _unpack(store, parts, folder):
    """Put the parts of an archive, and its licence, into a folder; False if the archive is damaged."""
    try:
        whole = gzip.decompress(store.read_bytes())  # to its end, where the checksum is; tarfile stops before it
        with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.2, Debian's, has none
            for member in archive:
                member.name = member.name.removeprefix("package/")
                if member.name.upper().startswith("LICENSE") or member.name.startswith(tuple(parts)):
                    archive.extract(member, folder)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError):
        return False
    return True
