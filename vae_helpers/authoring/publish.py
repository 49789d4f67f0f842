"""Decks and pages that need no server, kernel or network: what `make slides`, `make site` and `make present` do.

A build writes a page of each notebook as it is saved, an index, and what they load; `present` writes one page. Widgets
that are drawn in the page work there as in JupyterLab; of a panel that needs a kernel, its picture is shown. The front
page of the site has a live diagram.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import anywidget

from ..data import load_mnist
from ..pretrained import load_pretrained
from ..widgets import DiagramPanel
from .indexes import PLANS_LEAD, decks_index, framed, site_index
from .notebooks import NOTEBOOKS, ROOT, drop_dead_views, read
from .npm import PACKAGES, fetch
from .pages import TEMPLATES, deck, reading_page, title
from .plans import plans_page
from .talk_frame import whole_talk

FILES = {"slides": ("code.css", "slides.css", "panels.js", "deck.js"), "site": ("code.css", "site.css")}
FILES["present"] = (*FILES["site"], "live.css", "panels.js")
MADE = ".made"  # the list of the files of a build


def publish(kind: str, folder: Path, names: Sequence[str] = ()) -> None:
    """Write the decks (kind "slides"), the pages ("site") or the pages for a projector ("present") into `folder`.

    names: of the notebooks; without any, all.

    They are built beside it and take its place once they are complete, so that a build that fails costs nothing. What
    somebody else has put into the folder stays there. Raises OSError where the folder cannot be written.
    """
    folder = folder.resolve()  # where a link leads
    if folder.is_file():
        raise FileExistsError(f"{folder} is a file")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        new = Path(beside) / "new"
        build(kind, new, names)
        (new / MADE).write_text("\n".join([*files_in(new), MADE]), encoding="utf-8")
        for old in _swap(new, folder, Path(beside)):
            made = (old / MADE).read_text(encoding="utf-8").splitlines() if (old / MADE).exists() else []
            for name in files_in(old).difference(made):
                if not (folder / name).exists():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(old / name, folder / name)
    page = f"{names[0]}.html" if kind == "present" else "index.html"
    print(f"Open {folder / page} in a browser; the folder works from anywhere, with no network.")


def build(kind: str, folder: Path, names: Sequence[str] = ()) -> None:
    """Write the decks or the pages of the notebooks called `names`, or of all, into a new folder."""
    folder.mkdir()
    fetch(PACKAGES, folder / "assets")
    shutil.copy(Path(anywidget.__file__).parent / "nbextension/index.js", folder / "anywidget.js")
    _copy_licence("anywidget", folder / "assets/anywidget")
    _copy_licence("ipywidgets", folder / "assets/html-manager")  # one project; the archive from npm has none
    for file in FILES[kind]:
        shutil.copy(TEMPLATES / file, folder / "assets")
    shutil.copytree(ROOT / "notebooks/images", folder / "images")
    notebooks = {path.stem: read(path) for path in NOTEBOOKS if not names or path.stem in names}
    titles = {name: title(notebook, name) for name, notebook in notebooks.items()}
    talks = {}
    for name, notebook in notebooks.items():
        if lost := drop_dead_views(notebook):
            print(
                f"{name}: live panels shown as pictures, since their state was not saved with it: {lost}. "
                f"To have them alive: make notebooks NOTEBOOKS={name}"
            )
        if kind == "slides":
            talks[name] = whole_talk(notebook, name, [*titles], os.environ.get("BY", ""))
            page = deck(notebook, talks[name], name)
        else:
            page = reading_page(notebook, name, titles, live=kind == "present")
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    if kind == "site":
        _save_diagram(folder / "diagram.html")
        pages = {"index": site_index()}
    elif kind == "present":
        pages = {}
    else:
        pages = {"index": decks_index(talks), "plans": framed("Plans for lectures", PLANS_LEAD + plans_page(talks))}
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")


def _save_diagram(path):
    """Save the live diagram, which the front page shows."""
    with contextlib.redirect_stdout(io.StringIO()):  # it says which images these are
        mnist = load_mnist("sample")
    model = load_pretrained("vae20_beta1")
    panel = DiagramPanel(model, mnist.train.images[:300], mnist.train.labels[:300])
    panel.save(path, "Draw a digit, and follow it through a VAE")


def _copy_licence(package, folder):
    """Copy the licence of an installed package into a folder: it asks to go with each copy."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in importlib.metadata.files(package):
        if "licenses" in file.parts:
            shutil.copy(file.locate(), folder)


def files_in(folder: Path) -> set[str]:
    """The files in a folder and its folders, by their paths in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _swap(new, folder, beside):
    """Put the folder `new` in the place of `folder`, and what was there into `beside`; return where in it.

    Of two builds at once, one may put its folder there between the two steps of the other: then that is moved, too.
    """
    olds = []
    for number in range(100):
        with contextlib.suppress(FileNotFoundError):
            os.replace(folder, beside / f"old-{number}")
            olds.append(beside / f"old-{number}")
        try:
            os.replace(new, folder)
        except OSError:
            continue
        return olds
    if olds:
        os.replace(olds[-1], folder)
    raise OSError(f"{folder} cannot be replaced")
