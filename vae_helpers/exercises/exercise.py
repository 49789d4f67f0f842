"""What an exercise is: its task, its solution, the inputs it is tried with, and the wrong answers that are known."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

KINDS = ("write", "derive", "write a test", "mend", "reach a target")


class Unfit(Exception):
    """What an answer returned cannot be observed; the text says what it is and what is expected."""


class Case(dict):
    """Inputs, by the names of a function's arguments. `about` says what is special about them: "a negative t"."""

    def __init__(self, about: str, **values: Any):
        super().__init__(values)
        self.about = about


def passes(test: Callable, function: Callable) -> bool:
    """Whether a reader's test passes a function. An assertion that fails counts like a False."""
    try:
        return bool(test(function))
    except AssertionError:
        return False


def _returned(answer: Callable, *values) -> Any:
    return answer(*values)


@dataclass(frozen=True)
class Exercise:
    """One exercise: a function that the reader writes.

    solve: the right answer, a function that needs no other names than `torch`, `np` and `math`; its source is shown to
    the reader, and a comment behind its `def` gives the shapes. title, task: what is asked, in Markdown. right: what a
    right answer means for what comes next. cases: makes a list of inputs, each a dict (or a `Case`) from the names of
    the function's arguments to values; as many and as different as it takes to tell every wrong answer from a right
    one. It runs after `torch.manual_seed`, so it may draw at random.

    observe: makes numbers from an answer and the values of one case; by default they are what it returns. known: for an
    answer that draws at random, of each of these numbers what it is, its true value and the difference that is
    forgiven. tolerance: the difference that is forgiven, relative to the largest number of a case; 0 for whole numbers,
    which must be exact. labels: what each of the numbers is, for a message. trains: the arguments that gradients have
    to reach, for what goes into a loss. terms: what the right answer adds up, by name, so that a wrong answer is told
    which of them is off. notice: looks at a wrong answer and gives one sentence about it, or None; for exercises where
    the general looks of `facts.py` see too little.

    target: for an exercise that is not compared with the solution: calls the reader's function, and gives its score,
    its seconds, and what is enough of both. unsolved: the code that the reader starts from, for an exercise that gives
    more than the `def` line. derivation: how one gets to the solution, in Markdown, where that is the work. hints:
    steps on the way, from a nudge to nearly all.
    idea, kind (one of KINDS), minutes, difficulty (1 to 3): for the teacher's table.
    """

    solve: Callable
    _: KW_ONLY
    title: str
    task: str
    right: str
    cases: Callable[[], list[dict[str, Any]]]
    hints: tuple[str, ...]
    idea: str
    minutes: int
    difficulty: int
    kind: str = "write"
    observe: Callable = _returned
    known: Callable[..., list[tuple[str, float, float]]] | None = None
    tolerance: float = 1e-4
    labels: tuple[str, ...] = ()
    trains: tuple[str, ...] = ()
    terms: dict[str, Callable] = field(default_factory=dict)
    notice: Callable[[Callable], str | None] | None = None
    target: Callable[[Callable], tuple] | None = None
    unsolved: Callable | None = None
    derivation: str = ""
    mistakes: list[Callable] = field(default_factory=list, init=False)

    def mistake(self, answer: Callable) -> Callable:
        """Decorate a wrong answer that readers give. Its docstring says what is wrong, without the solution."""
        self.mistakes.append(answer)
        return answer

    @property
    def name(self) -> str:
        return self.solve.__name__

    @property
    def arguments(self) -> list[str]:
        return list(inspect.signature(self.solve).parameters)

    @property
    def stub(self) -> str:
        """The code that the reader completes."""
        if hasattr(self.solve, "stub"):  # sealed
            return self.solve.stub
        if self.unsolved is None:
            return f"{inspect.getsource(self.solve).splitlines()[0]}\n    return ...\n"
        return inspect.getsource(self.unsolved).replace(self.unsolved.__name__, self.name, 1)

    @property
    def solution(self) -> str:
        """The code of the right answer. It leaves the shapes to the stub. Empty if the exercise is sealed."""
        if hasattr(self.solve, "stub"):
            return ""
        head, _, body = inspect.getsource(self.solve).partition("\n")
        return f"{head.partition('  #')[0]}\n{body}"
