"""The front pages of the decks and of the site, from the README's table of notebooks."""

from __future__ import annotations

import html
import re

from nbconvert.filters import markdown2html

from .notebooks import ROOT
from .pages import TEMPLATES, TITLE
from .plans import deck_row
from .slide import Slide

KEYS = """<p>Space, an arrow key or any clicker: next slide. F: full screen. O: overview. S: speaker window with notes
and minutes. Escape: give the keys back after touching a panel. The name on a title slide can be typed there; it is the
same on all decks. <a href="plans.html">Plans for lectures</a> of 45 and 90 minutes say which slides to take.</p>"""
PLANS_LEAD = """<p>The minutes are for talking and for the panels, with time left for questions. Each section opens on a
click. <a href="index.html">All decks</a></p>"""
COLOURS = """<p>In formulas as in panels, purple is the encoder's, blue the code, green the decoder's, orange the
prior's, and grey the KL.</p>"""
FRONT = """<p>Build variational autoencoders, train them in seconds, and see why each formula is what it is. All panels
work on these pages. Draw a digit here, and follow it through a VAE:</p>
<iframe src="diagram.html" title="Draw a digit, and follow it through a VAE"></iframe>
<script>
const frame = document.querySelector("iframe");
addEventListener("message", ({ data }) => data.height && (frame.style.height = `${data.height + 2}px`));
</script>"""


def _rows():
    """The rows of the README's table: (name of the notebook, as one says it, the question it answers)."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| \[([^]]+)\]\(notebooks/(\w+)\.ipynb\) \| (.+) \|$", text, re.MULTILINE)


def decks_index(talks: dict[str, list[Slide]]) -> str:
    """The index of the decks: what each asks, its slides and its minutes."""
    table = ["| deck | the question it answers | slides | minutes |", "|---|---|---|---|"]
    for said, name, question in _rows():
        if name in talks:
            slides, minutes = deck_row(talks[name])
            table.append(f"| [{said}]({name}.html) | {question} | {slides} | {minutes} |")
    return framed(TITLE, markdown2html("\n".join(table)) + KEYS + COLOURS)


def site_index() -> str:
    """The front page of the site: the table, and a live panel."""
    table = ["| notebook | the question it answers |", "|---|---|"]
    table += [f"| [{said}]({name}.html) | {question} |" for said, name, question in _rows()]
    return framed(TITLE, FRONT + markdown2html("\n".join(table)) + COLOURS)


def framed(title: str, body: str) -> str:
    """A page of this title."""
    page = (TEMPLATES / "index.html").read_text(encoding="utf-8")
    return page.replace("@TITLE@", html.escape(title)).replace("@BODY@", body)
