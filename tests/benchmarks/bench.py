"""`make bench`: how long training, decoding, importing and moving a slider take; writes notebooks/benchmark.md."""

import datetime
import importlib.metadata
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import torch
from latency import latency_rows
from training_speed import BATCH, ROUNDS, new_model, seconds, training_rows

import vae_helpers as vh
from vae_helpers._precision import has_fast_bfloat16

REPORT = Path(__file__).resolve().parents[2] / "notebooks" / "benchmark.md"


def in_a_new_python(code):
    """What `code` prints, as a number, in a fresh Python: the median of three."""
    run = [sys.executable, "-c", code]
    return statistics.median(float(subprocess.check_output(run, text=True).split()[-1]) for _ in range(3))


@torch.no_grad()
def other_rows(mnist):
    model = new_model().eval()
    for count in (1, 10_000):
        x = torch.rand(count, 1, 28, 28)
        z = torch.randn(count, 20)
        for name, function, argument in [("encode", model.encode, x), ("decode", model.decode, z)]:
            median = statistics.median(seconds(lambda f=function, a=argument: f(a)) for _ in range(50))
            yield f"{name}, {count:,} image{'s' * (count > 1)}", f"{1e3 * median:.2f} ms", ""
    clock = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
    for what, code in {
        "torch": "import torch",
        "vae_helpers, with vh.fit": "import vae_helpers; vae_helpers.fit",
    }.items():
        yield f"import {what}", f"{in_a_new_python(clock.format(code)):.2f} s", ""
    train = "import vae_helpers as vh; images = vh.load_mnist().train.images; "
    train += "vh.fit(vh.VAE(), images, epochs=1, lr=5e-3, progress=False)"
    memory = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)"
    yield "peak memory of a training run", f"{in_a_new_python(train + memory):.0f} MiB", ""


def main():
    mnist = vh.load_mnist()
    lines = [
        "# How fast it is",
        "",
        f"`make bench` on {datetime.date.today()}: 784-400-20 in batches of {BATCH}, "
        f"{len(mnist.train.images):,} training images ({mnist.source}), medians of {ROUNDS} rounds in turn.",
        "",
        f"{processor()}, {torch.get_num_threads()} threads, {platform.system()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "torchvision")),
        "",
        "| metric | result | note |",
        "|---|---|---|",
    ]
    for row in [*training_rows(mnist), *other_rows(mnist), *latency_rows()]:
        lines.append(f"| {' | '.join(row)} |")
    print("\n".join(lines))
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def processor():
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.processor() or platform.machine()
    return f"{name} with {'' if has_fast_bfloat16(torch.device('cpu')) else 'no '}bfloat16 instructions"


if __name__ == "__main__":
    main()
