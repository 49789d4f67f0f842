"""A headless Firefox, spoken to in WebDriver BiDi: pages are opened, sized, asked, and pointed at."""

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess

import websocket

FIREFOX = next(filter(None, map(shutil.which, ("firefox", "firefox-esr"))), None)


@contextlib.contextmanager
def firefox(folder):
    """Start a Firefox with a new profile in a folder; give a page of it."""
    (folder / "profile").mkdir()
    (folder / "profile/user.js").write_text('user_pref("ui.prefersReducedMotion", 1);\n')
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(folder / "profile"), "--remote-debugging-port=0"]
    environment = {**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)
    try:
        said = iter(process.stderr.readline, "")
        address = next(found[1] for line in said if (found := re.search(r"BiDi listening on (ws://\S+)", line)))
        socket = websocket.create_connection(f"{address}/session", timeout=120, suppress_origin=True)
        with contextlib.closing(socket):
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


class Page:
    """A tab of a Firefox; a new one for each address."""

    def __init__(self, socket):
        self.socket, self.numbers = socket, itertools.count(1)
        self.ask("session.new", capabilities={})
        self.context, self.viewport = self.ask("browsingContext.create", type="tab")["context"], None

    def ask(self, method, **params):
        """Ask the browser for something; return its answer. Raises RuntimeError with what went wrong."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass  # an event
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['message']}")
        return answer["result"]

    def size(self, width, height):
        self.viewport = {"width": width, "height": height}
        self.ask("browsingContext.setViewport", context=self.context, viewport=self.viewport)

    def goto(self, address):
        """Open a page in a new tab, and wait until it is loaded. In the tab of another the wait may end too early,
        and what is asked next is asked of the page before."""
        last, self.context = self.context, self.ask("browsingContext.create", type="tab")["context"]
        self.ask("browsingContext.close", context=last)
        self.ask("browsingContext.setViewport", context=self.context, viewport=self.viewport)
        self.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def evaluate(self, function):
        """What a function of JavaScript returns, by way of JSON; a promise is waited for."""
        source = f"async () => JSON.stringify((await ({function})()) ?? null)"
        options = {"functionDeclaration": source, "target": {"context": self.context}, "awaitPromise": True}
        answer = self.ask("script.callFunction", **options)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def wait_for(self, condition, seconds=60, every=50):
        """Wait until a function of JavaScript, called every so many milliseconds, returns something true."""
        self.evaluate(
            f"""async () => {{
                const end = performance.now() + 1000 * {seconds};
                while (!({condition})()) {{
                    if (performance.now() > end) throw new Error("it did not come");
                    await new Promise((resolve) => setTimeout(resolve, {every}));
                }}
            }}"""
        )

    def press(self, key):
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": actions})

    def drag(self, places):
        """Press the button at the first of some places of the window, and move through the others."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y)} for x, y in places]
        button = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act({"type": "pointer", "id": "mouse", "actions": [moves[0], button[0], *moves[1:], button[1]]})

    def _act(self, source):
        self.ask("input.performActions", context=self.context, actions=[source])
