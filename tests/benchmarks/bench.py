"""`make bench`: how long training, notebooks, the start and dragging take; writes notebooks/benchmark.md.

PARTS="training panels" measures those alone and leaves the other parts of the report as they are.
"""

import datetime
import importlib.metadata
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from browser_tools import MISSING, Notebook, browser, jupyter_lab
from classroom import class_lines
from contenders import has_fast_bfloat16
from latency import latency_rows
from series import copy_of_the_series
from training_speed import training_lines

import vae_helpers as vh

REPORT = Path(__file__).resolve().parents[2] / "notebooks" / "benchmark.md"


def notebook_lines() -> Iterator[str]:
    """Seconds and peak memory of each notebook, run as `make notebooks` does, in a copy."""
    yield "| notebook | s | peak of its kernel, MiB |"
    yield "|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_of_the_series(Path(folder))
        run = [sys.executable, "-m", "vae_helpers.authoring", "notebooks"]
        said = subprocess.run(run, cwd=copied, check=True, capture_output=True, text=True).stdout
    rows = re.findall(r"^(\w+): ([\d.]+) s, (\d+) MiB", said, re.M)
    for name, seconds, peak in rows:
        yield f"| {name} | {seconds} | {peak} |"
    yield f"| all | {sum(float(seconds) for _, seconds, _ in rows):.0f} | {max(int(peak) for *_, peak in rows)} |"


def start_lines() -> Iterator[str]:
    """Seconds of what a reader waits for first."""
    yield "| wait | s |"
    yield "|---|---|"
    for what, code in {
        "torch": "import torch",
        "vae_helpers, with vh.fit": "import vae_helpers; vae_helpers.fit",
    }.items():
        code = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
        times = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(5)]
        yield f"| import {what} | {statistics.median(times):.2f} |"
    if MISSING:
        yield f"| `make lab` to the first panel: not measured, this machine lacks {' and '.join(MISSING)} | |"
        return
    median = statistics.median(_seconds_to_the_first_panel() for _ in range(3))
    yield f"| `make lab`, warm, and the first cells of 00, to a panel that follows a key | {median:.1f} |"


RUN_TO_THE_PANEL = """async (text) => {
    const { content } = jupyterapp.shell.currentWidget, cells = [...content.model.cells];
    const last = cells.findIndex((cell) => cell.type == "code" && cell.sharedModel.source.includes(text));
    for (let k = 0; k <= last; k++) {
        content.activeCellIndex = k;
        await jupyterapp.commands.execute("notebook:run-cell");
    }
}"""
FOLLOWS = "([slider, before]) => slider.getAttribute('aria-valuenow') != before"


def _seconds_to_the_first_panel():
    """From `make lab` over the first cells of 00 to a panel that has followed a key."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        start = time.perf_counter()
        with jupyter_lab(Path(folder)) as address:
            notebook = Notebook(page, address, "00_start_here.ipynb")
            page.evaluate(RUN_TO_THE_PANEL, "InterpolationPanel(")
            slider = notebook.cell("InterpolationPanel(").locator(".stage [role=slider]").first
            before = slider.get_attribute("aria-valuenow")
            slider.press("ArrowRight")
            page.wait_for_function(FOLLOWS, arg=[slider.element_handle(), before])
            return time.perf_counter() - start


def panel_lines() -> Iterator[str]:
    """What the hand feels."""
    yield "From the time stamp of the browser's event, which waits for its frame, to the changed picture.\n"
    yield "| panel | time | frames |"
    yield "|---|---|---|"
    for row in latency_rows():
        yield f"| {' | '.join(row)} |"


PARTS = {
    "training": ("Training", lambda: training_lines(vh.load_mnist())),
    "notebooks": ("Notebooks", notebook_lines),
    "start": ("Start", start_lines),
    "panels": ("Panels", panel_lines),
    "class": ("Class", class_lines),
}


def machine():
    """The processor, and the versions of what is measured, in words."""
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.processor() or platform.machine()
    bfloat16 = f"with{'' if has_fast_bfloat16(torch.device('cpu')) else 'out'} bfloat16 instructions"
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "torchvision"))
    return f"{name} {bfloat16}, {torch.get_num_threads()} threads, Python {platform.python_version()}, {versions}"


def main(asked):
    """Measure the parts that are asked for, or all, and write them into the report."""
    if unknown := [name for name in asked if name not in PARTS]:
        sys.exit(f"expected parts of {', '.join(PARTS)}; got {', '.join(unknown)}")
    report = REPORT.read_text(encoding="utf-8") if REPORT.is_file() else ""
    kept = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", report, re.M | re.S))
    for name in asked or PARTS:
        title, lines = PARTS[name]
        kept[title] = f"\n{datetime.date.today()}, {machine()}.\n\n" + "\n".join(lines()) + "\n\n"
        print(f"## {title}\n{kept[title]}", flush=True)
    text = "# How fast it is\n\nMeasured by `make bench`.\n\n"
    text += "".join(f"## {title}\n{kept[title]}" for title, _ in PARTS.values() if title in kept)
    REPORT.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
