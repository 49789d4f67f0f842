"""Take contenders in turn, a short slice of training each, and say how their speeds compare on a noisy machine.

Two slices of one round are seconds apart, so what slows the machine slows both: their ratio is steadier than either
time. Of the ratios of all rounds the median is given, with the interval that holds it with a probability of 95 %,
whatever their distribution (order statistics). As a script it compares the `fit` of two checkouts, for 784-400-20 or
another contender:

    python tests/benchmarks/turns.py OTHER_CHECKOUT ["fit, convolutions"]
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from scipy.stats import binom

CONTENDERS = Path(__file__).with_name("contenders.py")
ROOT = CONTENDERS.parents[2]


class Contender:
    """One way to train, in a process of its own, which sleeps while it is not asked."""

    def __init__(self, name, threads=1, checkout=ROOT):
        paths = os.pathsep.join([str(checkout), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        own = {"PYTHONPATH": paths, "OMP_NUM_THREADS": str(threads)}
        run = [sys.executable, "-W", "ignore", str(CONTENDERS), name, str(threads)]
        self.process = subprocess.Popen(
            run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | own, cwd=checkout,
        )  # fmt: skip

    def slice(self):
        """Seconds an image: on the clock, of the processor, and of the matrix products alone; as a dict."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        while line := self.process.stdout.readline():
            if line.startswith("{"):  # and not what a library prints
                return json.loads(line)
        raise RuntimeError(f"{' '.join(self.process.args)} ended with status {self.process.wait()}")

    def stop(self):
        self.process.kill()
        self.process.wait()


def in_turn(contenders, rounds):
    """`rounds` slices of each, forwards, then backwards, after one that does not count: a list of dicts by name."""
    taken = {name: [] for name in contenders}
    order = list(contenders)
    try:
        for count in range(rounds + 1):
            for name in order:
                taken[name].append(contenders[name].slice())
            order.reverse()
            print(f"\rround {count} of {rounds}", end="", file=sys.stderr, flush=True)
    finally:
        for each in contenders.values():
            each.stop()
    return {name: slices[1:] for name, slices in taken.items()}


def ratio(slow, fast):
    """Median of the ratios of pairs, and the interval that holds the true one with a probability of 95 %."""
    ratios = sorted(a / b for a, b in zip(slow, fast, strict=True))
    outside = int(binom.ppf(0.025, len(ratios), 0.5))  # so many may lie on each side
    return statistics.median(ratios), ratios[max(0, outside - 1)], ratios[min(len(ratios) - 1, len(ratios) - outside)]


def compare(other, name="fit", rounds=41):
    """Say in which of two checkouts a contender is faster, this one or the other."""
    both = {"this": Contender(name), "other": Contender(name, checkout=Path(other).resolve())}
    taken = in_turn(both, rounds)
    for clock in ("wall", "processor"):
        middle, low, high = ratio(*[[one[clock] for one in taken[name]] for name in ("other", "this")])
        verdict = "no difference seen" if low <= 1 <= high else f"{'this' if low > 1 else 'the other'} one is faster"
        print(f"\n{clock} time, other / this: {middle:.3f} ({low:.3f} to {high:.3f}): {verdict}", end="")
    print()


if __name__ == "__main__":
    compare(*sys.argv[1:])
