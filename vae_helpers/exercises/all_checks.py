"""`vh.check`: the checkers of all exercises, by their names, and `progress`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .checker import Checker
from .exercise import Exercise
from .record import RIGHT, TRIED, Record
from .target import TargetChecker


class Check:
    """`vh.check`: a checker for each exercise, by its name, and `progress`."""

    def __init__(
        self,
        exercises: dict[str, list[Exercise]],
        record: Record | None = None,
        cases: Callable[[str], list] = lambda name: [],
    ):
        self._notebooks, self._record = exercises, record or Record()
        for notebook in exercises.values():
            for exercise in notebook:
                kind = TargetChecker if exercise.target else Checker
                setattr(self, exercise.name, kind(exercise, self._record, cases))

    def __getattr__(self, name: str) -> Any:  # called for unknown names alone
        if name.startswith("_"):  # copying asks for some before there is anything
            raise AttributeError(name)
        names = ", ".join(known for known in vars(self) if not known.startswith("_"))
        raise AttributeError(f"no exercise is called {name!r}; there are {names}")

    def progress(self) -> None:
        """Print which exercises of the series are right (✓), tried (✗) and untouched (○).

        They are kept in the file .vae_progress.json beside the notebooks. Nothing is sent anywhere.
        """
        marks = self._record.read()
        for notebook, exercises in self._notebooks.items():
            names = [exercise.name for exercise in exercises]
            signs = [{RIGHT: "✓", TRIED: "✗"}.get(marks.get(name), "○") for name in names]
            listed = "  ".join(f"{sign} {name}" for sign, name in zip(signs, names, strict=True))
            print(f"{notebook}: {signs.count('✓')} of {len(names)}   {listed}")
