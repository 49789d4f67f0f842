"""How many threads torch computes with.

torch counts the processors of the machine, or those the process is bound to. A container or a JupyterHub often
allows less: a share of time, the cgroup's quota. Two threads on the time of one processor wait for each
other, and a step of training takes twenty times as long. joblib knows both limits.
"""

import os

import joblib
import torch


def use_allowed_processors():
    """Let torch use no more threads than this process may use processors, unless OMP_NUM_THREADS says how many."""
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(torch.get_num_threads(), joblib.cpu_count()))
