"""A widget as one page that needs neither a kernel nor a network nor any other file."""

from __future__ import annotations

import base64
import errno
import html
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets

from .frontend import load

OF_ALL = ("layout", "style", "tabbable", "comm", "_esm", "_css", "_anywidget_id")


def save_page(
    path: str | Path,
    title: str,
    words: str,
    widget: anywidget.AnyWidget,
    parts: Sequence[ipywidgets.Widget] = (),
    controls: Sequence[ipywidgets.Widget] = (),
) -> Path:
    """Write a widget as a page, with a title and a sentence over it; return its path.

    parts: the widgets that it refers to; of these, the page shows the controls as sliders.

    In a folder that cannot be written to, as a course's on a server often is, the page goes to a temporary one instead,
    and a line says where.
    """
    states: dict[str, Mapping[str, Any]] = {"widget": _state(widget)}
    states |= {f"anywidget:{part.model_id}": _state(part) for part in parts}
    parts_of_page = {
        "TITLE": html.escape(title),
        "WORDS": html.escape(words),
        "STYLE": widget._css,
        "SOURCE": widget._esm,
        "STATES": json.dumps(states, default=_packed).replace("<", "\\u003c"),
        "CONTROLS": json.dumps([f"anywidget:{control.model_id}" for control in controls]),
    }
    page = re.sub("@([A-Z]+)@", lambda match: parts_of_page[match[1]], load("page.html"))
    return _write(Path(path), page)


def _state(widget):
    """What the page is told of a widget: what is its own."""
    return widget.get_state([name for name in widget.keys if name not in OF_ALL])


def _packed(value):
    return {"base64": base64.b64encode(value).decode()}


def _write(path, page):
    """Write a page, to a temporary folder if its own cannot be written to; return where it is."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        path = Path(tempfile.mkdtemp()) / path.name
        path.write_text(page, encoding="utf-8")
        print(f"Cannot write to this folder ({error.strerror}). The page is {path}")
    return path
