"""A notebook as a deck of slides or as a page to read, in HTML that loads nothing from a network."""

from __future__ import annotations

import html
import re
from pathlib import Path

from nbconvert import HTMLExporter, SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from .notebooks import NOTEBOOKS, VIEW
from .talks import Slide, talk

TEMPLATES = Path(__file__).parent / "templates"
TITLE = "Variational autoencoders, hands on"
OFFLINE = {  # what pages load, from the folder that they are in
    "require_js_url": "assets/requirejs/require.js",
    "mathjax_url": "assets/mathjax/MathJax.js?config=TeX-AMS_CHTML-full",
    "widget_renderer_url": "assets/html-manager/dist/embed-amd.js",
    "exclude_input_prompt": True,
    "exclude_output_prompt": True,
}


def deck(notebook: NotebookNode, slides: list[Slide], name: str) -> str:
    """These slides, of the notebook called `name`, as a page of reveal.js."""
    exporter = SlidesExporter(
        template_file=str(TEMPLATES / "slides.html.j2"),
        reveal_url_prefix="assets/reveal.js",
        reveal_theme="white",
        config=Config(TagRemovePreprocessor={"enabled": True, "remove_input_tags": {"hide-code"}}),
        **OFFLINE,
    )
    page = _export(exporter, talk(notebook, slides), name)
    return re.sub(r'(<h[1-3]) id="[^"]*"', r"\1", page)  # the heading of a continued slide is the same again


def reading_page(notebook: NotebookNode, name: str) -> str:
    """The notebook called `name` as a page to read, with links to the pages before and after it."""
    return _export(HTMLExporter(template_file=str(TEMPLATES / "site.html.j2"), **OFFLINE), notebook, name)


def _export(exporter, notebook, name):
    add_alt_texts(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.html", cell.source)
    names = [path.stem for path in NOTEBOOKS]
    place = names.index(name)
    resources = {
        "metadata": {"name": _title(notebook, name)},
        "series": TITLE,
        "before": names[place - 1] if place else None,
        "after": names[place + 1] if place + 1 < len(names) else None,
    }
    page, _ = exporter.from_notebook_node(notebook, resources)
    return page.replace("<th></th>", "<td></td>")  # a screen reader would announce a header and say nothing


def _title(notebook, name):
    """The notebook's first heading, or else its name."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)", text, re.MULTILINE)
    return heading[1] if heading else name


def add_alt_texts(notebook: NotebookNode) -> None:
    """Turn pictures in outputs, in place, into HTML with their text alternatives, which nbconvert leaves out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture and VIEW not in output.data:
                alt = html.escape(output.metadata.get("image/png", {}).get("alt", ""))  # a reader's plot has none
                output.data["text/html"] = f'<img alt="{alt}" src="data:image/png;base64,{picture.strip()}">'
