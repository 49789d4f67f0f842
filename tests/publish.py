"""`make slides` and `make site`: the notebooks as pages that need no server, no kernel and no network.

`python tests/publish.py slides` writes a reveal.js deck of each notebook into build/slides, `site` a page of each into
build/site, and beside them an index and what they load: reveal.js, MathJax, require.js and the parts of Jupyter that
draw widgets, fetched as npm packages while it builds. The latent map and the interpolation work there as in
JupyterLab; of a panel that needs a kernel, its still picture is shown.
"""

import contextlib
import gzip
import html
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import anywidget
from nbconvert import HTMLExporter, SlidesExporter
from nbconvert.filters import markdown2html
from notebook_tools import NOTEBOOKS, VIEW, keep_shown_widgets, read
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).parent / "publish"
TITLE = "Variational autoencoders, hands on"
PACKAGES = {  # from npm: the version, and what of it is kept
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
NOTES = {  # below the table of the index
    "slides": "Space or the arrow keys lead on. F: full screen. O: all slides. S: the speaker's window, with notes.",
    "site": "Maps and interpolations work on these pages; other sliders need JupyterLab.",
}
MADE = ".made"  # the list of the files that a build has made
SKIPPED = ("task", "exercise", "solution")  # tags of cells that are for the reader alone


def main(kind, folder):
    """Write the decks (`slides`) or the pages (`site`) into `folder`.

    They are made beside it and take its place once they are whole, so that a build that fails costs nothing. What
    somebody else has put into the folder stays there.
    """
    folder = folder.resolve()  # where a link leads
    if folder.is_file():
        raise FileExistsError(f"{folder} is a file")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        new = Path(beside) / "new"
        build(kind, new)
        (new / MADE).write_text("\n".join([*files_in(new), MADE]), encoding="utf-8")
        for old in swap(new, folder, Path(beside)):
            made = (old / MADE).read_text(encoding="utf-8").splitlines() if (old / MADE).exists() else []
            for name in files_in(old).difference(made):
                if not (folder / name).exists():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(old / name, folder / name)
    print(f"Open {folder / 'index.html'} in a browser; the folder works from anywhere, with no network.")


def build(kind, folder):
    """Write the decks or the pages into a new folder."""
    folder.mkdir()
    fetch(PACKAGES, folder / "assets")
    shutil.copy(Path(anywidget.__file__).parent / "nbextension/index.js", folder / "anywidget.js")
    for style in ("code.css", f"{kind}.css"):
        shutil.copy(HERE / style, folder / "assets")
    shutil.copytree(ROOT / "notebooks/images", folder / "images")
    for path in NOTEBOOKS:
        notebook = read(path)
        if lost := show_still_what_is_not_alive(notebook):
            print(
                f"{path.stem}: live panels shown as pictures, since their state was not saved with it: {lost}. "
                f"To have them alive: make notebooks NOTEBOOKS={path.stem}"
            )
        page = deck(notebook, path.stem) if kind == "slides" else reading_page(notebook, path.stem)
        (folder / f"{path.stem}.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(index(kind), encoding="utf-8")


def files_in(folder):
    """The files in a folder and its folders, by their paths in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def swap(new, folder, beside):
    """Put the folder `new` in the place of `folder`, and what was there into the folder `beside`; return where that is.

    Of builds at once, one may put its own there between the two steps of another: then that is moved away, too.
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


def fetch(packages, folder):
    """Put npm packages, {name: (version, parts to keep), ...}, into `folder`, a folder each under its bare name.

    An archive from an earlier time is used if it is whole, and else fetched again.
    """
    for name, (version, parts) in packages.items():
        store = ROOT / "build/npm" / f"{name.strip('@').replace('/', '-')}-{version}.tgz"
        target = folder / name.split("/")[-1]
        if store.exists() and unpack(store, parts, target):
            continue
        pack(name, version, store)
        if not unpack(store, parts, target):
            raise SystemExit(f"npm gave a damaged archive of {name} {version}: try again later")


def pack(name, version, store):
    """Fetch a package with npm as the archive `store`, which is put there once it is whole."""
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


def unpack(store, parts, folder):
    """Put the parts of an archive into a folder; False if the archive is damaged."""
    try:
        with tarfile.open(store) as archive:
            for member in archive:
                member.name = member.name.removeprefix("package/")
                if member.name.upper().startswith("LICENSE") or member.name.startswith(tuple(parts)):
                    archive.extract(member, folder, filter="data")
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError):
        return False
    return True


def deck(notebook, name):
    """The slides of a notebook, as a page of reveal.js."""
    config = Config(
        TagRemovePreprocessor={
            "enabled": True,
            "remove_cell_tags": SKIPPED,
            "remove_input_tags": {"hide-code"},
        }
    )
    exporter = SlidesExporter(
        template_file=str(HERE / "slides.html.j2"),
        reveal_url_prefix="assets/reveal.js",
        reveal_theme="white",
        config=config,
        **_offline(),
    )
    return _export(exporter, notebook, name)


def reading_page(notebook, name):
    """A notebook as a page to read, with a way to the page before it and the page after it."""
    exporter = HTMLExporter(template_file=str(HERE / "site.html.j2"), **_offline())
    return _export(exporter, notebook, name)


def _offline():
    return {
        "require_js_url": "assets/requirejs/require.js",
        "mathjax_url": "assets/mathjax/MathJax.js?config=TeX-AMS_CHTML-full",
        "widget_renderer_url": "assets/html-manager/dist/embed-amd.js",
        "exclude_input_prompt": True,
        "exclude_output_prompt": True,
    }


def _export(exporter, notebook, name):
    name_pictures(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.html", cell.source)
    names = [path.stem for path in NOTEBOOKS]
    place = names.index(name)
    resources = {
        "metadata": {"name": title(notebook, name)},
        "series": TITLE,
        "before": names[place - 1] if place else None,
        "after": names[place + 1] if place + 1 < len(names) else None,
    }
    page, _ = exporter.from_notebook_node(notebook, resources)
    return page.replace("<th></th>", "<td></td>")  # an empty header says nothing to those who hear the page


def title(notebook, name):
    """What stands in a notebook's first heading, or else its name."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)", text, re.MULTILINE)
    return heading[1] if heading else name


def show_still_what_is_not_alive(notebook):
    """Drop the live view of each panel that needs a kernel or its state, in place, so that its picture is shown.

    Returns how many could be alive, had their state been saved.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("metadata", {}).get(VIEW, {}).get("needs_kernel"):
                output.data.pop(VIEW, None)
    return keep_shown_widgets(notebook)


def name_pictures(notebook):
    """Give pictures in outputs their text alternatives, in place, which nbconvert leaves out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture and VIEW not in output.data:
                alt = html.escape(output.metadata.get("image/png", {}).get("alt", ""))  # a reader's plot has none
                output.data["text/html"] = f'<img alt="{alt}" src="data:image/png;base64,{picture.strip()}">'


def index(kind):
    """The README's table of notebooks, as a page."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    table = "\n".join(line for line in lines if re.match(r"\|( notebook |---\|| \[)", line))
    table = re.sub(r"\(notebooks/(\w+)\.ipynb\)", r"(\1.html)", table)
    parts = {"TITLE": TITLE, "TABLE": markdown2html(table), "NOTE": NOTES[kind]}
    page = (HERE / "index.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        page = page.replace(f"@{name}@", part)
    return page


if __name__ == "__main__":
    try:
        main(sys.argv[1], ROOT / "build" / sys.argv[1])
    except PermissionError as error:
        sys.exit(f"Nothing was written: {error}. Copy the series to a folder where you may write.")
    except OSError as error:
        sys.exit(f"What was there is left as it was: {error}")
    except KeyboardInterrupt:
        sys.exit("What was there is left as it was: interrupted")
