"""A notebook as a deck of slides or as a page to read, in HTML that loads nothing from a network."""

from __future__ import annotations

import html
import re
from pathlib import Path

from nbconvert import HTMLExporter, SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from .answers import LEFT_OUT
from .notebooks import VIEW
from .roles import colour_terms
from .slide import Slide
from .slide_cells import talk
from .slide_tables import tidy
from .slide_text import shorten
from .without_exercises import without_exercises

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


def reading_page(notebook: NotebookNode, name: str, titles: dict[str, str], live: bool = False) -> str:
    """The notebook called `name` as a page to read, without its exercises; `titles` of all the pages, by name.

    live: for a projector, without code and with large letters.
    """
    config = Config(TagRemovePreprocessor={"enabled": True, "remove_cell_tags": {*LEFT_OUT}})
    template = str(TEMPLATES / "site.html.j2")
    exporter = HTMLExporter(template_file=template, config=config, exclude_input=live, **OFFLINE)
    page = _export(exporter, without_exercises(notebook), name, titles, live)
    return page.replace("@CONTENTS@", _contents(page, "" if live else "open"), 1)


def _export(exporter, notebook, name, titles=None, live=False):
    add_alt_texts(notebook)
    for data in [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]:
        if "<table" in data.get("text/html", ""):
            data["text/html"] = tidy(data["text/html"])
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.html", cell.source)
            cell.source = colour_terms(cell.source.replace("](../README.md", "](index.html"))
    titles = titles or {name: title(notebook, name)}
    around, place = [*titles.items()], [*titles].index(name)
    own = titles[name]
    resources = {
        "metadata": {"name": own if own == TITLE else f"{own} · {TITLE}"},
        "description": description(notebook),
        "series": TITLE,
        "live": live,
        "before": around[place - 1] if place else None,
        "after": around[place + 1] if place + 1 < len(around) else None,
    }
    page, _ = exporter.from_notebook_node(notebook, resources)
    return page.replace("<th></th>", "<td></td>")  # a screen reader would announce a header and say nothing


def _contents(page, unfolded):
    """The contents of a page: its sections, in a list that can be folded."""
    found = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', page, re.DOTALL)
    points = "".join(f'<li><a href="#{place}">{heading}</a></li>' for place, heading in found)
    folded = f"<details {unfolded}><summary>Contents</summary><ol>{points}</ol></details>"
    return f'<nav class="contents" aria-label="contents">{folded}</nav>'


def title(notebook: NotebookNode, name: str) -> str:
    """The notebook's first heading, or else its name."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)", text, re.MULTILINE)
    return heading[1].strip() if heading else name


def description(notebook: NotebookNode) -> str:
    """What a notebook is about: its first sentences, for search engines and previews."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            text = cell.source.partition("\n")[2].partition("**After")[0]
            text = re.sub(r"\[([^]]*)\]\([^)]*\)|[*`$]", r"\1", text)
            return shorten(" ".join(text.split()), 45)
    return TITLE


def add_alt_texts(notebook: NotebookNode) -> None:
    """Turn pictures in outputs, in place, into HTML with their text alternatives, which nbconvert leaves out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture and VIEW not in output.data:
                alt = html.escape(output.metadata.get("image/png", {}).get("alt", ""))  # a reader's plot has none
                output.data["text/html"] = f'<img alt="{alt}" src="data:image/png;base64,{picture.strip()}">'
