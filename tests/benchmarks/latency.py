"""How long the page takes to follow the hand, in JupyterLab in a headless Chromium: a part of `make bench`.

The clock of the page itself is read, from the time stamp of the browser's event to the changed pixels.
"""

import math
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path

from browser_tools import MISSING, Notebook, browser, jupyter_lab

SETUP = """
import vae_helpers as vh
vh.setup()
mnist = vh.load_mnist("sample")
images, labels = mnist.test.images, mnist.test.labels
ae2, vae2, vae20 = (vh.load_pretrained(name) for name in ("ae2", "vae2", "vae20"))
betas = {beta: vh.load_pretrained(f"vae20_beta{beta:g}") for beta in (0.1, 0.3, 1, 2, 4, 8)}
"""
PANELS = {
    "DecoderPanel": "vh.widgets.DecoderPanel(vae2, vh.encode_mean(vae2, images), labels)",
    "KLPanel": "vh.widgets.KLPanel()",
    "GapPanel": "vh.widgets.GapPanel()",
    "ReparameterizationPanel": "vh.widgets.ReparameterizationPanel()",
    "BetaPanel": "vh.widgets.BetaPanel(betas, images)",
    "InterpolationPanel": "vh.widgets.InterpolationPanel(vae20, images[0], images[1])",
    "ComponentPanel": "vh.widgets.ComponentPanel(vae20, vh.LatentPCA().fit(vh.encode_mean(vae20, images)))",
    "TraversalPanel": "vh.widgets.TraversalPanel(vae20, images)",
    "ThresholdPanel": "vh.widgets.ThresholdPanel(images, 1 - images, lambda x: x.sum((1, 2, 3)), 'ink')",
    "DiagramPanel": "vh.widgets.DiagramPanel(betas[1], images[:300], labels[:300])",
    "PathPanel": "vh.widgets.PathPanel({'autoencoder': ae2, 'VAE': vae2}, images, labels)",
    "LabelPanel": "vh.widgets.LabelPanel(vh.load_pretrained('cvae8'), images[:300], labels[:300])",
    "CodebookPanel": "vh.widgets.CodebookPanel(vh.load_pretrained('vq'), images[:4].round())",
    "TrainingFilm": """vh.widgets.TrainingFilm(
    [vh.encode_mean(vae2, images[:200]) * k / 60 for k in range(60)],
    [{"reconstruction": 50 - k / 9, "kl": k / 9} for k in range(60)],
    labels[:200],
)""",
}
# what a page takes that only counts the moves: of each panel's time, this is the browser's and the bench's own
BARE = """<div class="stage"><svg width="400" height="300"><g class="handle">
<rect class="target" width="400" height="300" fill="none" pointer-events="all" /></g></svg>
<p class="said">0</p></div>"""
COUNT = """(stage) => stage.addEventListener("pointermove", () => {
    const said = stage.querySelector(".said");
    said.textContent = Number(said.textContent) + 1;
})"""
WATCH_STAGE = """(stage) => { // its text is written last, when all is drawn
    const said = stage.querySelector(".said");
    const handle = stage.querySelector(".handle");
    Object.assign(window, { times: [], own: [] });
    let [moved, heard] = [null, 0];
    const now = (event) => ([moved, heard] = [event.timeStamp, performance.now()]); // not each changes what is shown
    for (const kind of ["keydown", "pointermove"]) stage.addEventListener(kind, now, true);
    new MutationObserver(() => {
        if (moved !== null) {
            times.push(performance.now() - moved);
            own.push(performance.now() - heard); // without what the browser waits for its next frame
        }
        moved = null;
    }).observe(said, { childList: true, characterData: true, subtree: true });
}"""
DRAG_STAGE = """([stage, x, y]) => new Promise((done) => { // with what the mouse holds, a move in every frame
    const plot = stage.querySelector(".handle").closest("svg"), frames = [];
    const frame = (time) => {
        frames.push(time);
        const [clientX, clientY] = [x + 90 * Math.sin(time / 300), y - 40 * Math.sin(time / 200)];
        const moved = { clientX, clientY, pointerId: 1, buttons: 1, bubbles: true };
        plot.dispatchEvent(new PointerEvent("pointermove", moved));
        time - frames[0] > 3000 ? done(frames) : requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})"""
WATCH_MAP = """(cell) => {
    const image = cell.querySelector(".side > .image").getContext("2d");
    const sum = () => image.getImageData(0, 0, 28, 28).data.reduce((sum, value, i) => sum + value * (i + 1), 0);
    Object.assign(window, { times: [], last: sum() });
    cell.querySelector(".marker").addEventListener("pointermove", (event) => { // after the map's own listener
        const now = sum();
        if (now === last) return;
        times.push(performance.now() - event.timeStamp);
        last = now;
    });
}"""
DRAG = """([cell, seconds]) => new Promise((done) => { // a move of the pointer in every frame, and when it was drawn
    const marker = cell.querySelector(".marker"), { left, top } = marker.getBoundingClientRect();
    const image = cell.querySelector(".side > .image").getContext("2d");
    const sum = () => image.getImageData(0, 0, 28, 28).data.reduce((sum, value, i) => sum + value * (i + 1), 0);
    const frames = [];
    let last = sum();
    const frame = (time) => {
        const turn = time / 500, [x, y] = [250 + 150 * Math.cos(turn), 240 + 150 * Math.sin(turn)];
        marker.dispatchEvent(new PointerEvent("pointermove", { clientX: left + x, clientY: top + y }));
        const now = sum();
        if (now !== last) frames.push(time);
        last = now;
        time - frames[0] > 1e3 * seconds ? done(frames) : requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})"""


def summary(times):
    times = sorted(times)
    p95 = times[round(0.95 * (len(times) - 1))]
    return f"median {statistics.median(times):.1f} ms, p95 {p95:.1f} ms", f"{len(times)} events"


def stage_rows(page, stage, name):
    """Drag what can be grabbed in a panel's last plot, to and fro."""
    stage.locator(".said:not(:empty)").wait_for()
    stage.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    box = stage.locator(".handle .target").first.bounding_box()
    stage.evaluate(WATCH_STAGE)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(200):
        page.mouse.move(x + 90 * math.sin(k / 15), y - 40 * math.sin(k / 10))
    times, own = page.evaluate("() => [times, own]")
    frames = page.evaluate(DRAG_STAGE, [stage.element_handle(), x, y])
    page.mouse.up()
    gaps = [after - before for before, after in pairwise(frames)]
    rate = f"{1e3 / statistics.mean(gaps):.0f} frames a second while dragging, p95 {summary(gaps)[0].split('p95 ')[1]}"
    spent = f"{summary(times)[0]}; of it the panel's own {summary(own)[0]}"
    return f"{name}: pointer to new picture", spent, rate


def bare_rows(notebook, chromium):
    """The same of a page that only counts the moves."""
    stage = notebook.show(f"from IPython.display import HTML\nHTML({BARE!r})").locator(".stage")
    stage.evaluate(COUNT)
    yield stage_rows(notebook.page, stage, "a number that counts the moves, in JupyterLab")
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_content(BARE)
    page.locator(".stage").evaluate(COUNT)
    yield stage_rows(page, page.locator(".stage"), "a number that counts the moves, in a page from a file")
    page.close()


def map_rows(notebook, seconds=4):
    """Drag the ring in circles."""
    cell = notebook.show("latent_map = vh.widgets.LatentMap(vae20, images, labels)\nlatent_map")
    cell.locator(".note:not(:empty)").wait_for()
    cell.locator(".marker").scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(1000)
    cell.evaluate(WATCH_MAP)
    corner, mouse = cell.locator(".marker").bounding_box(), notebook.page.mouse
    mouse.move(corner["x"] + 250, corner["y"] + 240)
    mouse.down()
    for k in range(200):
        mouse.move(corner["x"] + 250 + 150 * math.cos(k / 20), corner["y"] + 240 + 150 * math.sin(k / 20))
    yield "latent map: pointer to new image, in the page", *summary(notebook.page.evaluate("() => times"))
    frames = notebook.page.evaluate(DRAG, [cell.element_handle(), seconds])
    mouse.up()
    gaps = [after - before for before, after in pairwise(frames)]
    yield "latent map: new images while dragging", f"{1e3 / statistics.mean(gaps):.0f} a second", summary(gaps)[0]


def latency_rows():
    """Rows of the table of `make bench`: metric, result, note."""
    if MISSING:
        yield f"panels and map: not measured, since this machine lacks {' and '.join(MISSING)}", "", ""
        return
    with tempfile.TemporaryDirectory() as folder, jupyter_lab(Path(folder)) as address, browser() as chromium:
        notebook = Notebook(chromium.new_page(viewport={"width": 1280, "height": 720}), address, "00_start_here.ipynb")
        notebook.run(SETUP)
        yield from bare_rows(notebook, chromium)
        for name, expression in PANELS.items():
            stage = notebook.show(f"panel = {expression}\npanel").locator(".stage")
            yield stage_rows(notebook.page, stage, f"{name} in JupyterLab")
            path = Path(folder) / f"{name}.html"
            notebook.run(f"panel.save({str(path)!r})")
            page = chromium.new_page(viewport={"width": 1280, "height": 720})
            page.goto(path.as_uri())
            yield stage_rows(page, page.locator(".stage"), f"{name} in a page from a file")
            page.close()
        yield from map_rows(notebook)


if __name__ == "__main__":
    for row in latency_rows():
        print(*row, sep=" | ")
