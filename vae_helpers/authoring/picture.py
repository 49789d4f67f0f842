"""The picture of the README and of link previews, taken from the decks as they are.

It keeps a checksum of what it shows, so that a test can tell when it is older than that.
"""

from __future__ import annotations

import io
import json
import zlib
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .handout import READY, browser
from .notebooks import NOTEBOOKS, ROOT, STATE, VIEW, keep_shown_widgets, read
from .pages import TEMPLATES
from .slide import Slide
from .talk_frame import whole_talk

SHOTS = (  # decks; the slide: its panel's first words, or "" for the title; and where it goes: left, top, width
    ("06_latent_space", "A latent map", 0, 0, 600),
    ("00_start_here", "An image, the", 604, 0, 596),
    ("02_elbo_and_kl", "The prior, the", 0, 341, 600),
    ("01_autoencoder", "", 604, 341, 596),
)
SIZE = 1200, 676
CARD = ROOT / "notebooks/images/card.png"
SOURCES = "sources"  # the name of the checksums in the PNG


def chosen(talk: list[Slide], words: str) -> int:
    """The number, from 0, of the slide that is shown. Raises LookupError if the deck has none."""
    for number, slide in enumerate(talk):
        texts = [part.cell.outputs[0].data["text/plain"] for part in slide.of("panel")]
        if slide.kind == "title" if not words else any(text.startswith(words) for text in texts):
            return number
    raise LookupError(f"no slide has a panel whose words begin with {words!r}: mend SHOTS in authoring/picture.py")


def sources(talks: dict[str, list[Slide]]) -> dict[str, str]:
    """A checksum for each deck, of what its slide in the picture is made of.

    That is the slide's heading, text and outputs, the state and the code of its panel, and the style of slides on a
    screen; and nothing else of the notebook.
    """
    style = (TEMPLATES / "slides.css").read_text(encoding="utf-8").partition("/* On paper")[0]
    found = {}
    for deck, words, *_ in SHOTS:
        slide = talks[deck][chosen(talks[deck], words)]
        seen = [slide.heading, slide.topic, style]
        for part in slide.parts:
            seen += [part.cell.source, *[_without_ids(output) for output in part.cell.get("outputs", [])]]
            seen += [_state(deck, output.data[VIEW]) for output in part.cell.get("outputs", []) if VIEW in output.data]
        found[deck] = f"{zlib.crc32(json.dumps(seen, sort_keys=True).encode()):08x}"
    return found


def _without_ids(output):
    return {kind: data for kind, data in output.get("data", {}).items() if kind != VIEW}


def _state(deck, view):
    """The state of a widget and its parts, whatever the other widgets of its notebook are."""
    notebook = read(ROOT / f"notebooks/{deck}.ipynb")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("data", {}).get(VIEW) == view]
    keep_shown_widgets(notebook)  # under ids that are counted from 0
    return notebook.metadata.get("widgets", {}).get(STATE)


def stale(card: Path, talks: dict[str, list[Slide]]) -> list[str]:
    """The decks of which the picture `card` shows something that is no more."""
    kept = json.loads(Image.open(card).info.get(SOURCES, "{}"))
    return [deck for deck, checksum in sources(talks).items() if kept.get(deck) != checksum]


def take(decks: Path, target: Path, talks: dict[str, list[Slide]]) -> None:
    """Take pictures of slides in the folder `decks`, and save them as one. Raises SystemExit without a browser."""
    card = Image.new("RGB", SIZE, "#0b3d62")
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        for deck, words, left, top, width in SHOTS:
            page.goto((decks / f"{deck}.html").resolve().as_uri())
            page.wait_for_function(READY, timeout=120_000)
            page.wait_for_timeout(1500)  # panels are drawn in the frames after they have come
            page.evaluate(
                """(number) => {
                    const slides = document.querySelectorAll("section[data-kind]:not(:has(> section))");
                    Reveal.slide(...Object.values(Reveal.getIndices(slides[number])));
                }""",
                chosen(talks[deck], words),
            )
            page.wait_for_timeout(300)
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            card.paste(shot.resize((width, width * 9 // 16), Image.Resampling.LANCZOS), (left, top))
    made_of = PngInfo()
    made_of.add_text(SOURCES, json.dumps(sources(talks)))
    card.quantize(256, method=Image.Quantize.FASTOCTREE).save(target, optimize=True, pnginfo=made_of)


def run() -> None:
    """Write notebooks/images/card.png from the decks in build/slides."""
    names = [path.stem for path in NOTEBOOKS]
    decks = {deck for deck, *_ in SHOTS}
    talks = {path.stem: whole_talk(read(path), path.stem, names) for path in NOTEBOOKS if path.stem in decks}
    take(ROOT / "build/slides", CARD, talks)
    print(f"{CARD}: {CARD.stat().st_size / 1e3:.0f} kB")
