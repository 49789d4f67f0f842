"""The first call of every notebook: the look of the figures, and how many threads torch computes with.

torch counts the processors of the machine, or those the process is bound to. A container or a JupyterHub often allows
less: a share of time, the cgroup's quota. Two threads on the time of one processor wait for each other, and a step of
training takes twenty times as long. joblib knows both limits.
"""

import os

import torch


def setup() -> None:
    """Give figures the look of the series, and let torch use no more threads than this process has processors.

    `OMP_NUM_THREADS`, if it is set to a number, decides on the threads. May be called again.
    """
    import joblib

    from .plots import use_style

    use_style()
    if not os.environ.get("OMP_NUM_THREADS", "").strip().isdigit():
        torch.set_num_threads(min(torch.get_num_threads(), joblib.cpu_count()))
