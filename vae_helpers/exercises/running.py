"""Call somebody's function: for a limited time, with inputs of its own, and whatever it does."""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import linecache
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

SECONDS = 10.0  # that an answer may take
LETTERS = 120  # of what an answer raised


class TooSlow(Exception):
    """The answer took too long."""


class _Stop(BaseException):
    """Ends an answer in its thread. No `Exception`, so that an answer does not catch it by chance.

    It is made in that thread, at the moment when it is raised there. An answer with a bare `except:` catches even this;
    so the next line that it runs raises once more, one in its `except:` included.
    """

    def __init__(self):
        frame = sys._getframe(1)
        while frame:
            frame.f_trace = _once_more
            frame = frame.f_back
        sys.settrace(_once_more)  # of this thread


def _once_more(frame, event, argument):
    if event == "line" and frame.f_globals.get("__name__") not in (__name__, "threading"):
        raise _Stop
    return _once_more


def within_limit(call: Callable[[], Any], seconds: float | None = None) -> Any:
    """What `call()` returns, or raises. Raises TooSlow after so many seconds, by default SECONDS.

    On a busy machine, where others take the processor, it waits for up to three times as long.

    The call gets a thread of its own: another process would not know what was defined in a notebook, and a signal's
    alarm does not exist on Windows. Python has no public way to stop a thread, so _Stop is raised in it from outside,
    at its next step, again and again. A thread that is stuck in a single long call of C is left behind.
    """
    done = {}

    def work():
        try:
            done["found"] = call()
        except BaseException as error:
            done["error"] = error

    worker = threading.Thread(target=work, daemon=True)
    limit, start, used = seconds or SECONDS, time.monotonic(), time.process_time()
    worker.start()
    try:
        worker.join(limit)
        while worker.is_alive() and time.process_time() - used < limit and time.monotonic() - start < 3 * limit:
            worker.join(0.05)
        late = worker.is_alive()
    finally:  # also when the stop button is pressed
        for _ in range(100):
            if not worker.is_alive():
                break
            thread = ctypes.c_ulong(worker.ident)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(_Stop))
            worker.join(0.02)
    if late:  # whatever it made of that
        raise TooSlow
    if "error" in done:
        raise done["error"]
    return done["found"]


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random numbers that are the same each time, in torch and NumPy; those of the notebook go on undisturbed."""
    state = np.random.get_state()  # noqa: NPY002 (what readers use)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed writes out the stack for each kind of device
        np.random.seed(seed)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002


def own_copies(values: list) -> list:
    """Copies of inputs that an answer may not spoil for others."""
    return [
        value.clone() if torch.is_tensor(value) else list(value) if isinstance(value, list) else value
        for value in values
    ]


def unchanged(value: Any, before: Any) -> bool:
    """Whether an input still is what it was."""
    if torch.is_tensor(before):
        return value.shape == before.shape and torch.equal(value.nan_to_num(), before.nan_to_num())
    return value == before if isinstance(before, list) else True


def weights(value: Any) -> list[torch.Tensor]:
    """Copies of the weights of an input that is a module."""
    return [weight.clone() for weight in value.state_dict().values()] if isinstance(value, nn.Module) else []


def by_position(answer: Callable, names: list[str]) -> Callable:
    """The answer as a function of values in the order of `names`, also where it takes them by name alone."""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # a function of C
        return answer
    with contextlib.suppress(TypeError):
        signature.bind(*names)
        return answer
    with contextlib.suppress(TypeError):
        signature.bind(**dict.fromkeys(names))
        return lambda *values: answer(**dict(zip(names, values, strict=True)))
    return answer


def in_another_order(answer: Callable, names: list[str]) -> str | None:
    """A sentence on an answer whose arguments have the names that are expected, and another order."""
    try:
        own = list(inspect.signature(answer).parameters)
    except (TypeError, ValueError):
        return None
    if own == names or sorted(own) != sorted(names):
        return None
    return f"Your function takes {', '.join(own)}; it is called with {', '.join(names)}, in this order."


def raised_in_words(answer: Callable, error: BaseException) -> str:
    """What an answer raised, and in which of its lines."""
    first, *_ = [*str(error).strip().splitlines(), ""]
    text = f"raised {type(error).__name__}: {first if len(first) <= LETTERS else f'{first[:LETTERS]}…'}".rstrip(": ")
    code = getattr(inspect.unwrap(answer), "__code__", None)
    own = [line for frame, line in traceback.walk_tb(error.__traceback__) if code and frame.f_code is code]
    source = linecache.getline(code.co_filename, own[-1]).strip() if own else ""
    if code and ... in code.co_consts:
        text += " (is there still a `...` in it?)"
    return f"{text}, in the line `{source}`" if source else text
