"""The decks on paper: a PDF of each, and one of all, with the speaker's notes or without.

Chromium (or Chrome, or Edge) prints them; what it needs besides is Playwright, which the tests use, too.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .notebooks import NOTEBOOKS, ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READY = """() => document.documentElement.dataset.laidOut
    && [...document.querySelectorAll("script[type*=widget-view]")].every(
        (view) => view.parentElement.querySelector(".jupyter-widgets, .latent-map, .prediction"))"""
KINDS = ("", "-notes")
AT_ONCE = 8  # slides


def write(decks: Path, folder: Path) -> None:
    """Write decks.pdf, decks-notes.pdf and both for each deck into `folder`, in the place of the old one.

    Raises SystemExit where there is no browser.
    """
    from pypdf import PdfReader, PdfWriter

    unfinished = folder.with_name(f".{folder.name}-new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        whole = {kind: PdfWriter() for kind in KINDS}
        with browser() as chromium:
            for stem in [path.stem for path in NOTEBOOKS]:
                slides = _print(chromium, decks / f"{stem}.html", unfinished)
                for kind in KINDS:
                    found = PdfReader(unfinished / f"{stem}{kind}.pdf")
                    if len(found.pages) != slides:
                        raise SystemExit(
                            f"{stem} has {slides} slides, but {len(found.pages)} pages: nothing was written"
                        )
                    whole[kind].append(found, outline_item=stem)
        for kind in KINDS:
            whole[kind].write(unfinished / f"decks{kind}.pdf")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"{folder / 'decks.pdf'}, with notes {folder / 'decks-notes.pdf'}, and both for each deck")


def _print(chromium, deck, folder):
    """Print a deck into a folder once it is laid out, without notes and with them; return how many slides it has."""
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{deck.resolve().as_uri()}?handout")
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_timeout(500)  # panels are drawn in the frames after they have come
    slides = page.evaluate("() => slides.length")
    for kind in KINDS:
        if kind:
            page.evaluate("() => addNotes()")
        printed(page, slides).write(folder / f"{deck.stem}{kind}.pdf")
    page.close()
    return slides


def printed(page, slides: int):
    """The PDF of a deck that is open in `page` and has so many slides, printed a few at a time, as a PdfWriter."""
    from pypdf import PdfWriter

    whole = PdfWriter()
    for start in range(0, slides, AT_ONCE):
        page.evaluate("(first) => showOnly(...first)", [start, min(slides, start + AT_ONCE)])
        whole.append(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    page.evaluate("() => showOnly(0, slides.length)")
    whole.compress_identical_objects()  # each few have brought the same fonts
    return whole


@contextlib.contextmanager
def browser() -> Iterator:
    """A Chromium without a window. Raises SystemExit if none is found."""
    from playwright.sync_api import Error, sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        for options in [{"executable_path": path}] if path else [{"channel": "chrome"}, {"channel": "msedge"}, {}]:
            try:
                chromium = playwright.chromium.launch(args=FLAGS, **options)
            except Error:
                continue
            yield chromium
            chromium.close()
            return
    sys.exit("make handout needs Chromium, Chrome or Edge: install one of them (on Debian the package chromium)")


def run() -> None:
    """Write the handouts of the decks in build/slides into build/handout."""
    write(ROOT / "build/slides", ROOT / "build/handout")
