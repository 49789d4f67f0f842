"""What a reader has done so far, in a small file beside the notebooks. It is the reader's own, and git ignores it."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from .._files import write_whole

FILE = ".vae_progress.json"
RIGHT, TRIED = "right", "tried"


class Record:
    """Which exercises were answered, right or not yet. An exercise that was right once stays so.

    Where the file cannot be written, such as in a folder that one may only read, it is kept until the kernel ends.
    VAE_HELPERS_PROGRESS names another file.
    """

    def __init__(self, path: Path | None = None):
        self.path = path or Path(os.environ.get("VAE_HELPERS_PROGRESS") or FILE).absolute()
        self._here: dict[str, str] = {}

    def read(self) -> dict[str, str]:
        """The marks by the names of exercises, those of other notebooks too."""
        kept = {}
        with contextlib.suppress(OSError, ValueError):
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        kept = kept if isinstance(kept, dict) else {}  # somebody's own file, or half of one
        return {**kept, **{name: mark for name, mark in self._here.items() if kept.get(name) != RIGHT}}

    def note(self, name: str, mark: str) -> None:
        if self.read().get(name) == RIGHT:
            return
        self._here[name] = mark
        with contextlib.suppress(OSError):
            write_whole(self.path, json.dumps(self.read(), indent=0, sort_keys=True))
