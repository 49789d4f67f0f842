"""_setup: a notebook's first call sets the look of figures and the number of threads; importing sets nothing."""

import os
import platform
import subprocess
import sys

import joblib
import matplotlib
import pytest
import torch

import vae_helpers as vh


@pytest.fixture
def machine(monkeypatch):
    """Pretend that torch would use `threads` and may use `allowed` processors; list the threads that are set."""

    def pretend(threads, allowed):
        threads_set = []
        monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
        monkeypatch.setattr(torch, "set_num_threads", threads_set.append)
        monkeypatch.setattr(joblib, "cpu_count", lambda: allowed)
        return threads_set

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return pretend


@pytest.mark.parametrize(("threads", "allowed"), [(8, 1), (8, 3), (4, 4)])
def test_torch_is_held_to_the_processors_that_are_allowed(machine, threads, allowed):
    threads_set = machine(threads, allowed)
    vh.setup()
    assert threads_set == [allowed]


def test_the_number_of_threads_is_never_raised(machine):
    threads_set = machine(threads=2, allowed=8)
    vh.setup()
    assert set(threads_set) <= {2}


@pytest.mark.parametrize("number", ["1", "6"])
def test_omp_num_threads_has_the_last_word(machine, monkeypatch, number):
    threads_set = machine(threads=8, allowed=2)
    monkeypatch.setenv("OMP_NUM_THREADS", number)
    vh.setup()
    assert threads_set == []


@pytest.mark.parametrize("text", ["", " ", "abc"])
def test_omp_num_threads_without_a_number_decides_nothing(machine, monkeypatch, text):
    threads_set = machine(threads=8, allowed=2)
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    vh.setup()
    assert threads_set == [2]


@pytest.fixture(autouse=True)
def _rc_of_one_test():
    with matplotlib.rc_context():
        yield


def test_figures_get_the_look_of_the_series():
    vh.setup()
    assert matplotlib.rcParams["lines.linewidth"] == vh.plots.STYLE["lines.linewidth"]


SCRIPT = """
import os, sys, torch
torch.set_num_threads(2)
before = torch.get_num_threads()
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import vae_helpers as vh
loaded = [name for name in ("matplotlib", "ipywidgets", "anywidget", "sklearn", "pandas") if name in sys.modules]
after_import = torch.get_num_threads()
vh.setup()
print(before, after_import, torch.get_num_threads(), loaded)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs Linux and two processors",
)
def test_importing_changes_nothing_and_loads_little_and_setup_on_one_processor_leaves_one_thread():
    # bound after torch, since torch heeds the binding if it finds it: a quota it never sees
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "2 2 1 []", done.stderr


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told what memory to keep")
def test_large_tensors_are_given_back():
    code = """
import pathlib, torch
import vae_helpers as vh
vh.setup()
def megabytes():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
def errors(size):
    logits = torch.zeros(size, 1, 28, 28)
    return torch.stack([vh.bernoulli_nll(logits, torch.rand(1, 1, 28, 28).expand_as(logits)) for _ in range(10)])
errors(10)
before = megabytes()
kept = [errors(size) for size in range(1000, 6001, 1000)]
print(megabytes() - before)
"""
    grown = float(subprocess.check_output([sys.executable, "-W", "ignore", "-c", code], text=True).split()[-1])
    assert grown < 60
