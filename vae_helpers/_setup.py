"""The first call of every notebook: the look of the figures, how many threads torch uses, and what memory it keeps.

torch counts the processors of the machine, or those the process is bound to. A container or a JupyterHub often allows
less: a share of time, the cgroup's quota. Two threads on the time of one processor wait for each other, and a step of
training takes twenty times as long. joblib knows both limits.

glibc keeps memory that is freed, in blocks of up to 32 MB once such have been freed, and what is allocated later in
between holds the rest of it: the kernel of notebook 03 grew to 1.1 GB on the way. With a fixed limit of 4 MiB larger
tensors go back at once; those of a training step are smaller and stay as fast as they were.
"""

import contextlib
import ctypes
import os

import torch


def setup() -> None:
    """Give figures the look of the series; limit torch's threads to this process's processors, and what glibc keeps.

    `OMP_NUM_THREADS`, if it is set to a number, decides on the threads. May be called again.
    """
    import joblib

    from .plots import use_style

    use_style()
    _give_large_tensors_back()
    if not os.environ.get("OMP_NUM_THREADS", "").strip().isdigit():
        torch.set_num_threads(min(torch.get_num_threads(), joblib.cpu_count()))


def _give_large_tensors_back():
    with contextlib.suppress(AttributeError, OSError, TypeError):  # no glibc; TypeError is what Windows raises
        mmap_threshold, trim_threshold = -3, -1  # names of malloc.h
        ctypes.CDLL(None).mallopt(mmap_threshold, 4 * 2**20)
        ctypes.CDLL(None).mallopt(trim_threshold, 32 * 2**20)
