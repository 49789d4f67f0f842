"""`make present`: a notebook live and without code."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request

from series import copy_of_the_series


@contextlib.contextmanager
def presented(stem, log):
    """The address of a notebook that `make present` shows."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with log.open("w") as out:
        command = [
            "make",
            "--old-file=.venv/ready",
            "present",
            f"NOTEBOOK={stem}",
            f"OPTIONS=--no-browser --port={port}",
        ]
        copy = copy_of_the_series(log.parent)
        voila = subprocess.Popen(command, cwd=copy, stdout=out, stderr=out, start_new_session=True)
        try:
            for _ in range(300):
                if voila.poll() is not None:
                    raise RuntimeError(f"make present did not start:\n{log.read_text()}")
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://localhost:{port}/voila/static/voila.js", timeout=5)
                    break
                time.sleep(0.1)
            yield f"http://localhost:{port}/"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(voila.pid, signal.SIGTERM)
            voila.wait(30)


def test_make_present_shows_a_notebook_live_and_without_code_and_asks_no_network(chromium, tmp_path):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with presented("00_start_here", tmp_path / "log") as address:
        page.goto(address, timeout=120_000)
        film = page.locator(".stage").first
        film.wait_for(timeout=120_000)
        page.locator(".noUi-handle").first.press("Home")
        film.get_by_role("img", name="decoded at alpha 0.00").wait_for()
        assert page.get_by_text("load_pretrained(").count() == 0  # code
        assert page.get_by_text("Your turn").count() == 0
    page.close()
    assert [url for url in asked if not re.match(r"(https?|wss?)://localhost:|data:|blob:", url)] == []
