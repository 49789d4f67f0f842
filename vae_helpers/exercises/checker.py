"""The checker of one exercise: what a reader calls as `vh.check.NAME(answer)`, `vh.check.NAME.hint()` and so on."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable, Mapping
from typing import Any

from .exercise import Case, Exercise
from .judging import NotAttempted, Wrong, all_cases, judge
from .record import RIGHT, TRIED, Record
from .running import by_position, own_copies, seeded
from .using import in_the_form_of


class NoCases(Exception):
    """A teacher's cases cannot be used; the text says why."""


def cases_of_a_teacher(name: str) -> list[dict[str, Any]]:
    """More cases of an exercise, from the file that VAE_HELPERS_CASES names: its functions are called as exercises are.

    Each returns a list of inputs, as an exercise's own `cases` does. Raises NoCases for a file that is not there, or
    that raises.
    """
    path = os.environ.get("VAE_HELPERS_CASES")
    if not path:
        return []
    try:
        with seeded(0):
            make = runpy.run_path(path).get(name)
            return [] if make is None else list(make())
    except (Exception, SystemExit) as error:
        raise NoCases(f"VAE_HELPERS_CASES names {path}: {type(error).__name__}: {error}") from None


USED, STANDS_IN = "✓ this runs your", "○ your"  # how the lines begin that pages and decks leave out


class Text(str):
    """Markdown that a notebook shows as such, and everything else as it is."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


class Checker:
    """The checker of one exercise."""

    def __init__(self, exercise: Exercise, record: Record, cases: Callable[[str], list] = lambda name: []):
        self._exercise, self._record, self._cases = exercise, record, cases
        self._answer: Callable | None = None  # the reader's, while it is right
        self._hints = 0
        name = exercise.name
        self.__doc__ = (
            f"{exercise.title}.\n\n{exercise.task.strip()}\n\n"
            f"vh.check.{name}({name}) checks your answer, vh.check.{name}.hint() gives the next hint, and\n"
            f"vh.check.{name}.solution() the solution and how to get there."
        )

    def __repr__(self) -> str:
        return f"vh.check.{self._exercise.name}: {self._exercise.title}"

    def __call__(self, answer: Callable) -> None:
        """Print a tick, or what is wrong, or that the exercise was not attempted yet."""
        name, self._answer = self._exercise.name, None
        try:
            judge(self._exercise, answer, self._more_cases())
        except NotAttempted:
            print(f"○ {name}: not attempted yet")
        except NoCases as error:
            print(f"✗ {name}: not checked. {error}")
        except Wrong as wrong:
            self._record.note(name, TRIED)
            print(f"✗ {name}: {wrong}")
        else:
            self._answer = in_the_form_of(self._solved(), by_position(answer, self._exercise.arguments))
            self._record.note(name, RIGHT)
            print(f"✓ {name}: right. {self._exercise.right}")

    def _more_cases(self):
        """A teacher's own cases, with their values in the order of the arguments."""
        cases, names = self._cases(self._exercise.name), self._exercise.arguments
        for case in cases:
            if not isinstance(case, Mapping):
                raise NoCases(f"A case of the teacher's file: expected a dict of {', '.join(names)}, got {case!r:.60}")
            if {*case} != {*names}:
                raise NoCases(
                    f"A case of the teacher's file has {', '.join(map(str, case))}; expected {', '.join(names)}"
                )
            try:
                with seeded(0):
                    self._exercise.solve(*own_copies([case[name] for name in names]))
            except Exception as error:
                said = " ".join(f"{type(error).__name__}: {error}".split())
                raise NoCases(f"A case of the teacher's file does not fit, since the solution raises {said}") from None
        return [Case(getattr(case, "about", ""), **{name: case[name] for name in names}) for case in cases]

    def _solved(self):
        """What the solution returns of the first case."""
        with seeded(0):
            return self._exercise.solve(*own_copies([*all_cases(self._exercise)[0].values()]))

    def yours_or(self, stand_in: Callable | None = None) -> Callable:
        """Your function if it was right when it was last checked, else `stand_in`, or else the solution.

        Prints which of them it is. Yours returns what the solution would, in its form: see `using.py`.
        """
        name = self._exercise.name
        other = f"`{stand_in.__name__}`" if getattr(stand_in, "__name__", "<lambda>") != "<lambda>" else "ours"
        right, not_yet = f"{USED} {name}", f"{STANDS_IN} {name} is not there yet: {other} stands in for it"
        print(not_yet if self._answer is None else right)
        return self._answer or stand_in or self._exercise.solve

    def hint(self) -> None:
        """Print the next hint."""
        name, hints = self._exercise.name, self._exercise.hints
        if self._hints < len(hints):
            self._hints += 1
            print(f"Hint {self._hints} of {len(hints)}: {' '.join(hints[self._hints - 1].split())}")
        else:
            more = f" vh.check.{name}.solution() shows a solution." if self._exercise.solution else ""
            print(f"Those were all {len(hints)} hints.{more}")
            self._hints = 0

    def solution(self) -> Text:
        """A solution, and how to get there."""
        exercise = self._exercise
        if not exercise.solution:
            return Text("This is the students' edition of the series: your teacher has the solutions.")
        code = f"```python\n{exercise.solution.strip()}\n```"
        return Text("\n\n".join(filter(None, [exercise.derivation.strip(), code])))
