"""Files that are whole at any time: an interrupt or a full disk leaves the old one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text file that takes the place of the old one once it is whole. Raises OSError where it cannot."""
    path = path.resolve()  # where a link leads
    if path.exists() and not path.is_file():  # /dev/null is no file to replace
        path.write_text(text, encoding="utf-8")
        return
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as beside:
        unfinished = Path(beside) / path.name
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
