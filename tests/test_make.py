"""The Makefile: what its targets do in folders, on machines and beside files as people have them."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from browser_tools import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make on this machine")


def make(folder, *arguments, **options):
    """Run make in a folder; return what came of it."""
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, **options)


def files_in(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_make_clean_deletes_what_was_built_and_nothing_else(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    kept = [
        "notebooks/02_vae.ipynb",
        "notebooks/.ipynb_checkpoints/02_vae-checkpoint.ipynb",  # what JupyterLab can go back to
        "notebooks copy/02_vae.ipynb",
        "notebooks copy/.ipynb_checkpoints/02_vae-checkpoint.ipynb",
        "my notes/build/draft.txt",
        "data/MNIST/raw/train-images-idx3-ubyte",
        "Makefile",
    ]
    built = [".venv/bin/python", "build/slides/index.html", "vae_helpers.egg-info/PKG-INFO", ".ruff_cache/x"]
    built += ["vae_helpers/__pycache__/data.pyc", "my tools/__pycache__/tool.pyc"]
    for name in kept[:-1] + built:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    made = make(tmp_path, "clean")
    assert made.returncode == 0, made.stderr
    assert files_in(tmp_path) == set(kept)


def test_the_kernel_is_that_of_the_environment_also_if_somebody_else_owns_it(tmp_path):
    own = tmp_path / "data/kernels/python3"
    own.mkdir(parents=True)
    (own / "kernel.json").write_text(json.dumps({"argv": ["another", "python"], "display_name": "", "language": ""}))
    script = """
import jupyter_core.paths
jupyter_core.paths._do_i_own = lambda path: False
from jupyter_client.kernelspec import KernelSpecManager
print(KernelSpecManager().get_kernel_spec("python3").argv[0])
"""
    (tmp_path / "jupyter").write_text(script)
    recipe = f"kernel: ; @'{sys.executable}' '{tmp_path / 'jupyter'}'"
    home = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    home.pop("JUPYTER_PREFER_ENV_PATH", None)
    made = make(ROOT, "--eval", recipe, "kernel", env=home)
    assert "another" not in made.stdout, made.stdout + made.stderr
    assert "python" in made.stdout
