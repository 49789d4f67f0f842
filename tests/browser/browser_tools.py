"""A real browser on the JupyterLab that `make lab` starts: what the browser tests and the latency bench share."""

import base64
import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

import nbformat
import numpy as np
import PIL.Image
from series import copy_of_the_series, worked_in

from vae_helpers.authoring.notebooks import NOTEBOOKS, read

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = [name for name, path in {"Chromium": CHROMIUM, "make": shutil.which("make")}.items() if path is None]
STILL = {"reduced_motion": "reduce"}  # what jumps does not glide, so that tests see the end at once


@contextlib.contextmanager
def jupyter_lab(folder):
    """Start `make lab` in a copy of the series in `folder`, apart from the user's own settings; give its address.

    The address is of a file to come: it ends in `/lab/tree/`, with {} where the file goes and the token after it.
    """
    copy = copy_of_the_series(folder)
    for path in filter(worked_in, NOTEBOOKS):  # a reader's answers are not what is tried
        notebook = read(path)
        for cell in notebook.cells:
            cell.source = "" if "exercise" in cell.metadata.get("tags", []) else cell.source
        nbformat.write(notebook, copy / "notebooks" / path.name)
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")
    own = {f"JUPYTER{'_' * (not place.startswith('LAB'))}{place}": str(folder / place) for place in places}
    (folder / "CONFIG_DIR").mkdir()  # as on a hub, whose settings name other folders
    hub = f'c.ServerApp.root_dir = c.FileContentsManager.preferred_dir = "{folder.as_posix()}"'
    (folder / "CONFIG_DIR/jupyter_server_config.py").write_text(hub)
    options = "--no-browser --port=0 --expose-app-in-browser"
    log = (folder / "lab.log").open("w")
    lab = subprocess.Popen(
        ["make", "--old-file=.venv/ready", "lab", f"OPTIONS={options}"],
        cwd=copy, env={**os.environ, **own}, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(600):
            if lab.poll() is not None:
                break
            with contextlib.suppress(OSError, StopIteration, ValueError):
                server = json.loads(next((folder / "RUNTIME_DIR").glob("jpserver-*.json")).read_text())
                urllib.request.urlopen(f"{server['url']}api/status?token={server['token']}", timeout=5)
                yield f"{server['url']}lab/tree/notebooks/{{}}?reset&token={server['token']}"
                return
            time.sleep(0.1)
        raise RuntimeError(f"make lab did not start:\n{(folder / 'lab.log').read_text()}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(30)
        log.close()


@contextlib.contextmanager
def browser():
    """Start a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def pages(chromium):
    """What `open_page` is, for as long as the fixture of a module needs it."""
    wrong = []
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True, has_touch=True, **STILL)
    context.set_default_timeout(120_000)  # on a busy machine half a minute is not enough for a page with formulas

    def open_page(path):
        page = context.new_page()
        wrong.append(watch(page))
        page.goto(path.as_uri())
        page.wait_for_function(
            """() => [...document.querySelectorAll("script[type*=widget-view]")].every(
                (view) => view.parentElement.querySelector(".jupyter-widgets, .latent-map, .prediction")
            ) && (!window.Reveal || document.documentElement.dataset.laidOut)
              && (!window.MathJax || (MathJax.isReady && !MathJax.Hub.queue.pending && !MathJax.Hub.queue.running))"""
        )
        return page

    yield open_page
    context.close()
    assert [problem for page in wrong for problem in page] == []


@contextlib.contextmanager
def new_pages(chromium):
    """What the fixture `new_page` is, for as long as the fixture of a module needs it."""
    problems, contexts = [], []

    def new_page(**options):
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 1000}, **STILL | options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(f"{request.url}: {request.failure}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert [problem for problem in problems if "ERR_ABORTED" not in problem] == []  # a closed page stops loading


def watch(page):
    """A list that grows with each failed or outward request, exception and error of the console."""
    wrong = []
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:200]}"))
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("request", lambda it: None if it.url.startswith(LOCAL) else wrong.append(f"asked: {it.url}"))
    return wrong


LOCAL = ("file:", "data:", "blob:")


class Notebook:
    """A notebook open in JupyterLab, in a page of the browser."""

    def __init__(self, page, address, name):
        self.page = page
        page.goto(address.format(name))
        self.wait_for_kernel()

    def open(self, name):
        """Open another notebook beside this one, on the same kernel."""
        self.page.evaluate(
            """async (path) => {
                const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
                const { id, name } = kernel;
                await jupyterapp.commands.execute("docmanager:open", { path, kernel: { id, name } });
            }""",
            f"notebooks/{name}",
        )
        self.page.wait_for_function("(name) => jupyterapp.shell.currentWidget?.context?.path.endsWith(name)", arg=name)
        self.wait_for_kernel()

    def wait_for_kernel(self):
        """Wait until the kernel is there and idle."""
        self.page.wait_for_function(
            """() => {
                const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
                const runs = window.jupyterapp?.commands.hasCommand("notebook:run-all-cells");
                return runs && context?.isReady && context.session?.kernel?.status == "idle";
            }""",
            timeout=60_000,
        )

    def run_all(self):
        """Run all cells; return what went wrong, as text."""
        self.page.evaluate(
            "() => void jupyterapp.commands.execute('notebook:run-all-cells').then(() => (window.allHaveRun = true))"
        )
        self.page.wait_for_function("() => window.allHaveRun", timeout=240_000)
        return self.page.evaluate(
            """() => [...jupyterapp.shell.currentWidget.content.model.cells]
                .flatMap((cell) => cell.outputs?.toJSON() ?? [])
                .filter((output) => output.output_type == "error")
                .map((output) => `${output.ename}: ${output.evalue}`)"""
        )

    def restart_kernel(self):
        """Restart the kernel, and wait for it."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        self.wait_for_kernel()

    def cell(self, containing):
        """The cell whose source contains a text, scrolled into view, as a locator."""
        self.page.evaluate(
            """async (text) => {
                const { content } = jupyterapp.shell.currentWidget;
                const index = [...content.model.cells].findIndex(
                    (cell) => cell.type == "code" && cell.sharedModel.source.includes(text)
                );
                document.querySelectorAll("[data-found]").forEach((cell) => delete cell.dataset.found);
                content.widgets[index].node.dataset.found = true;
                await content.scrollToItem(index, "start");
            }""",
            containing,
        )
        cell = self.page.locator(".jp-Cell[data-found]")
        cell.wait_for()
        cell.locator(".jp-OutputArea-output").first.scroll_into_view_if_needed()
        return cell

    def show(self, code):
        """Put a cell on top, run it, and return it as a locator."""
        self.page.evaluate(
            """async (code) => {
                const { content } = jupyterapp.shell.currentWidget;
                content.model.sharedModel.insertCell(0, { cell_type: "code", source: code });
                content.activeCellIndex = 0;
                await jupyterapp.commands.execute("notebook:run-cell");
            }""",
            code,
        )
        return self.cell(code)

    def run(self, code):
        """Run code in the notebook's kernel, beside its cells; return what it prints."""
        return self.page.evaluate(
            """async (code) => {
                const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
                const future = kernel.requestExecute({ code });
                let printed = "";
                future.onIOPub = ({ content: { text, ename, evalue } }) => {
                    printed += text ?? (ename ? `${ename}: ${evalue}` : "");
                };
                await future.done;
                return printed;
            }""",
            code,
        )


def pixels(locator):
    """What an element looks like on the screen: (height, width, 3)."""
    return np.asarray(PIL.Image.open(io.BytesIO(locator.screenshot())).convert("RGB")).astype(int)


def canvas_greys(locator):
    """The grey values that a canvas holds: (height, width), 0 to 255."""
    return canvas_colours(locator)[..., 0]


def canvas_colours(locator):
    """The red, green, blue and alpha that a canvas holds: (height, width, 4), 0 to 255."""
    png = locator.evaluate("(canvas) => canvas.toDataURL()").partition(",")[2]  # much faster than a list of numbers
    return np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")).astype(int)


def decoded(part):
    """What the image beside a map shows: (28, 28), 0 to 255."""
    return canvas_greys(part.locator(".side > .image"))


def wait_until(page, condition):
    """Wait until a condition in Python holds."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page did not get there within ten seconds")


def drag(page, element, start, end, steps=8):
    """Drag from one place of an element to another."""
    corner = element.bounding_box()
    page.mouse.move(corner["x"] + start[0], corner["y"] + start[1])
    page.mouse.down()
    page.mouse.move(corner["x"] + end[0], corner["y"] + end[1], steps=steps)
    page.mouse.up()
