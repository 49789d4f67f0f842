"""The picture of the README and of link previews, taken from the decks as they are: so it cannot go stale."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from .handout import READY, browser
from .notebooks import ROOT

SHOTS = (  # decks, the element whose slide is shown, and where it goes: left, top, width
    ("06_latent_space", ".latent-map", 0, 0, 600),
    ("00_start_here", ".stage .code", 604, 0, 596),
    ("02_elbo_and_kl", ".stage", 0, 341, 600),
    ("01_autoencoder", "[data-kind=title]", 604, 341, 596),
)
SIZE = 1200, 676


def take(decks: Path, target: Path) -> None:
    """Take pictures of slides in the folder `decks`, and save them as one. Raises SystemExit without a browser."""
    card = Image.new("RGB", SIZE, "#0b3d62")
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        for deck, selector, left, top, width in SHOTS:
            page.goto((decks / f"{deck}.html").resolve().as_uri())
            page.wait_for_function(READY, timeout=120_000)
            page.wait_for_selector(selector, state="attached")
            page.wait_for_timeout(1500)  # panels are drawn in the frames after they have come
            page.evaluate(
                """(selector) => {
                    const slide = document.querySelector(selector);
                    const inner = slide.closest("section section") ?? slide.querySelector("section");
                    Reveal.slide(...Object.values(Reveal.getIndices(inner)));
                }""",
                selector,
            )
            page.wait_for_timeout(300)
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            card.paste(shot.resize((width, width * 9 // 16), Image.Resampling.LANCZOS), (left, top))
    card.quantize(256, method=Image.Quantize.MAXCOVERAGE).save(target, optimize=True)


def run() -> None:
    """Write notebooks/images/card.png from the decks in build/slides."""
    target = ROOT / "notebooks/images/card.png"
    take(ROOT / "build/slides", target)
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")
