"""_threads: torch uses no more threads than the process may use processors."""

import os
import subprocess
import sys

import joblib
import pytest
import torch

from vae_helpers._threads import use_allowed_processors


@pytest.fixture
def machine(monkeypatch):
    """Pretend that torch would use `threads` and that `allowed` processors may be used; list the threads it is told."""

    def pretend(threads, allowed):
        told = []
        monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
        monkeypatch.setattr(torch, "set_num_threads", told.append)
        monkeypatch.setattr(joblib, "cpu_count", lambda: allowed)
        return told

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return pretend


@pytest.mark.parametrize(("threads", "allowed"), [(8, 1), (8, 3), (4, 4)])
def test_torch_is_held_to_the_processors_that_are_allowed(machine, threads, allowed):
    told = machine(threads, allowed)
    use_allowed_processors()
    assert told == [allowed]


def test_the_number_of_threads_is_never_raised(machine):
    told = machine(threads=2, allowed=8)
    use_allowed_processors()
    assert set(told) <= {2}


@pytest.mark.parametrize("number", ["1", "6"])
def test_omp_num_threads_has_the_last_word(machine, monkeypatch, number):
    told = machine(threads=8, allowed=2)
    monkeypatch.setenv("OMP_NUM_THREADS", number)
    use_allowed_processors()
    assert told == []


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs Linux and two processors",
)
def test_importing_the_package_on_one_processor_leaves_torch_one_thread():
    # bound between the two imports, since torch heeds the binding if it finds it: a quota it never sees
    script = """
import os, torch
torch.set_num_threads(2)
before = torch.get_num_threads()
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import vae_helpers
print(before, torch.get_num_threads())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "2 1", done.stderr
