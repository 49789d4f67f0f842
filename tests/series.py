"""The notebooks of this checkout, as tests use them: what a reader changed, what they define, and a copy of it all."""

import ast
import contextlib
import copy
import functools
import os
import shutil
import sys
from pathlib import Path

from vae_helpers.authoring.answers import fill_exercises, part_of_exercise
from vae_helpers.authoring.notebooks import clean, code_cells, read

ROOT = Path(__file__).resolve().parents[1]


@functools.cache
def worked_in(path):
    """Whether a notebook is not as `make notebooks` saved it: a reader or an author has saved it since, or answered.

    Then what is asked of a published notebook is not asked of this one; but in CI, where nobody works, it is.
    """
    notebook = read(path)
    return "CI" not in os.environ and (clean(copy.deepcopy(notebook)) != notebook or bool(fill_exercises(notebook)))


def definitions(path):
    """The names that a notebook's imports, functions and classes define, run without its other code."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)

    names = {}
    for cell in code_cells(read(path)):
        if part_of_exercise(cell) == "exercise":  # which may hold a reader's answer
            continue
        with contextlib.suppress(SyntaxError):  # a reader's own cell, with %timeit in it
            for statement in ast.parse(cell.source).body:
                stand_in = isinstance(statement, ast.Assign) and ".yours_or(" in ast.unparse(statement)
                if isinstance(statement, kinds) or stand_in:
                    with contextlib.suppress(*[NameError] * stand_in):  # one that needs what is not run here
                        exec(compile(ast.Module([statement], type_ignores=[]), str(path), "exec"), names)
    return names


def copy_of_the_series(folder):
    """Copy this checkout into a folder whose name has a space and an umlaut, as people's have; return its path.

    The copy shares this environment, so that make finds everything installed.
    """
    copied = folder / "VAE Kurs ü"
    left_out = (".git", ".venv", "data", "build", "__pycache__", ".ipynb_checkpoints", "*.egg-info", "latent_map.html")
    shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns(*left_out))
    (copied / ".venv").symlink_to(sys.prefix)
    return copied
