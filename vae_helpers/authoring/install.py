"""What every target of make needs first: .venv, with all that requirements.txt names.

The Makefile runs this file in the repository's folder, with the Python that .venv is to have, before anything is
installed: it uses the standard library alone. An install that was interrupted is continued by the next. Of two at once
the second waits, since two pips in one environment break each other.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

VENV, SOURCES = Path(".venv"), (Path("requirements.txt"), Path("pyproject.toml"))


def install():
    """Make .venv unless it is complete.

    It is complete once .venv/ready is newer than the files that say what to install, and names this folder: in a folder
    that was moved, or copied with its .venv, vae_helpers is still that of the old place.
    """
    if not (3, 11) <= sys.version_info < (3, 15):
        found = sys.version.split()[0]
        sys.exit(f"Python 3.11 to 3.14 is needed, this is {found}. Name one, as in: make PYTHON=python3.12 lab")
    ready, python = VENV / "ready", VENV / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if is_complete(ready) and not os.access(VENV, os.W_OK):  # somebody else's, under another path
        return
    with alone():
        if is_complete(ready) and ready.read_text(encoding="utf-8") == str(Path.cwd()):
            return
        if is_complete(ready):  # this needs no network
            run(python, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--editable", ".")
        else:
            run(sys.executable, "-m", "venv", VENV)
            run(python, "-m", "pip", "install", "--requirement", "requirements.txt")
        ready.write_text(str(Path.cwd()), encoding="utf-8")


def is_complete(ready):
    """Whether everything was installed after the last change of what to install."""
    return ready.exists() and all(ready.stat().st_mtime >= source.stat().st_mtime for source in SOURCES)


@contextlib.contextmanager
def alone():
    """Wait until no other process installs here. However a process ends, its lock ends with it."""
    try:
        import fcntl
    except ImportError:  # on Windows
        yield
        return
    try:
        VENV.mkdir(exist_ok=True)
        lock = (VENV / "lock").open("w")
    except OSError as error:
        sys.exit(f"Cannot install into this folder ({error}). Copy it to a place where you may write.")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is installing into .venv: waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            pass  # some network drives have no locks
        yield


def run(*command):
    """Run a command; if it fails, end with its exit status."""
    print(*command, flush=True)
    code = subprocess.call([str(word) for word in command])
    if code:
        sys.exit(code)


if __name__ == "__main__":
    try:
        install()
    except KeyboardInterrupt:
        sys.exit("Interrupted. Run the same command again to continue.")
