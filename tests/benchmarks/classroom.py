"""A class on one server: a dozen kernels run notebooks at once, and someone drags in a page; a part of `make bench`."""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from browser_tools import MISSING, browser
from latency import stage_rows
from series import copy_of_the_series

from vae_helpers.authoring.notebooks import NOTEBOOKS

KERNELS = 12
RUN = """
import os, sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": "notebooks"}}).execute()
"""


def class_lines() -> Iterator[str]:
    """Lines of a table: peak memory of each kernel, and of all at once; frames of a panel dragged meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_of_the_series(Path(folder))
        chosen = list(itertools.islice(itertools.cycle(path.name for path in NOTEBOOKS), KERNELS))
        start = time.perf_counter()
        own = os.environ | {"OMP_NUM_THREADS": "1", "VAE_HELPERS_PROGRESS": os.devnull}
        students = [
            subprocess.Popen([sys.executable, "-W", "ignore", "-c", RUN, f"notebooks/{name}"], cwd=copied, env=own)
            for name in chosen
        ]
        watch = _Watch(students)
        frames = _dragged_meanwhile(Path(folder), students)
        status = [student.wait() for student in students]
        minutes = (time.perf_counter() - start) / 60
        watch.join()
    yield f"{KERNELS} kernels at once, one thread each, a notebook each, all of it: {minutes:.0f} minutes.\n"
    yield "| kernel | peak, MiB | |"
    yield "|---|---|---|"
    for name, student, ended in zip(chosen, students, status, strict=True):
        peak, came = watch.peaks[student.pid] / 2**10, "failed" if ended else "ran"
        yield f"| {name.removesuffix('.ipynb')} | {peak:.0f} | {came} |"
    yield f"| all at once | {watch.together / 2**10:.0f} | |"
    yield f"| a page with a panel | {frames} | |"


def _dragged_meanwhile(folder, students):
    """What `latency.py` says of a panel in a page from a file, while the others compute; after half a minute."""
    if MISSING:
        return f"not measured, since this machine lacks {' and '.join(MISSING)}"
    import vae_helpers as vh

    vh.widgets.KLPanel().save(folder / "panel.html")
    time.sleep(30)  # until the first notebooks train
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        page.goto((folder / "panel.html").as_uri())
        _, latency, rate = stage_rows(page, page.locator(".stage"), "KLPanel")
    running = sum(student.poll() is None for student in students)
    return f"{latency}; {rate}; {running} kernels busy"


class _Watch(threading.Thread):
    """Looks at the memory of kernels, the children of `students`, until all have ended: kB by pid, and together."""

    def __init__(self, students):
        super().__init__()
        self.students, self.peaks, self.together = students, {student.pid: 0 for student in students}, 0
        self.start()

    def run(self):
        while any(student.poll() is None for student in self.students):
            together = 0
            for student in self.students:
                for kernel in _children(student.pid):
                    self.peaks[student.pid] = max(self.peaks[student.pid], _kilobytes(kernel, "status", "VmHWM"))
                    together += _kilobytes(kernel, "smaps_rollup", "Pss")  # what is shared counts once
            self.together = max(self.together, together)
            time.sleep(1)


def _children(pid):
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return []


def _kilobytes(pid, file, name):
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


if __name__ == "__main__":
    print("\n".join(class_lines()))
