"""Exercises whose source is packed, for students: `make student` puts the rooms into this form.

A checker needs the solutions, so they have to be there; but nobody reads them by accident. (They are packed, not
encrypted: who is determined to read them will.)
"""

from __future__ import annotations

import base64
import json
import sys
import types
import zlib

from .exercise import Exercise


def seal(modules: dict[str, str], stubs: dict[str, str]) -> str:
    """The sources of modules by their names, and the stubs of their exercises, as one line of letters."""
    return base64.b85encode(zlib.compress(json.dumps([modules, stubs]).encode(), 9)).decode()


def unseal(package: str, packed: str) -> list[Exercise]:
    """The exercises of a room called `package`, from what `seal` made of it."""
    modules, stubs = json.loads(zlib.decompress(base64.b85decode(packed)))
    exercises = []
    for name, source in modules.items():
        module = types.ModuleType(f"{package}.{name}")
        module.__package__ = package
        sys.modules[module.__name__] = module
        exec(compile(source, "<sealed>", "exec"), vars(module))
        module.exercise.solve.stub = stubs[name]
        object.__setattr__(module.exercise, "derivation", "")
        exercises.append(module.exercise)
    return exercises
