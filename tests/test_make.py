"""The Makefile: what its targets do in folders, on machines and beside files as people have them."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from series import ROOT

from vae_helpers.authoring.notebooks import NOTEBOOKS

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make on this machine")


def make(folder, *arguments, **options):
    """Run make in a folder; return what came of it."""
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, **options)


def files_in(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def clone(tmp_path):
    """A folder with no environment yet, and nothing to install into it."""
    for name in ("Makefile", "pyproject.toml", "vae_helpers/authoring/install.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


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
    (tmp_path / "which").write_text(script)
    (tmp_path / "more.mk").write_text(f"kernel: ; @'{sys.executable}' '{tmp_path / 'which'}'\n")
    home = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    home.pop("JUPYTER_PREFER_ENV_PATH", None)
    made = make(ROOT, "-f", "Makefile", "-f", tmp_path / "more.mk", "kernel", env=home)
    assert "another" not in made.stdout, made.stdout + made.stderr
    assert "python" in made.stdout


@pytest.mark.slow
def test_make_present_of_no_notebook_names_those_there_are():
    present = ["make", "--old-file=.venv/ready", "present", "NOTEBOOK=07"]
    said = subprocess.run(present, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode != 0
    assert [word for word in ("called 07;", *(path.stem for path in NOTEBOOKS)) if word not in said.stderr] == []


# the install


@pytest.mark.slow
def test_of_two_installs_at_once_the_second_waits_and_finds_all_done(clone):
    both = [
        subprocess.Popen(
            ["make", f"PYTHON={sys.executable}", ".venv/ready"],
            cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    first, second = sorted((one.communicate()[0] for one in both), key=lambda said: "waiting" in said)
    assert [one.returncode for one in both] == [0, 0]
    assert "pip install" in first
    assert "waiting for it" in second
    assert "pip install" not in second
    assert "up to date" in make(clone, ".venv/ready").stdout


BACKEND = """
import zipfile
def build_editable(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/here-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("here.pth", __import__("os").getcwd())
        wheel.writestr("here-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: here\\nVersion: 1\\n")
        wheel.writestr("here-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("here-1.dist-info/RECORD", "")
    return "here-1-py3-none-any.whl"
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [shutil.move, lambda old, new: shutil.copytree(old, new, symlinks=True)])
def test_a_folder_that_was_moved_or_copied_works_and_is_its_own(clone, tmp_path_factory, how):
    (clone / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "here"\nversion = "1"\n'
    )
    (clone / "backend.py").write_text(BACKEND)
    (clone / "requirements.txt").write_text("-e .\n")
    made = make(clone, f"PYTHON={sys.executable}", ".venv/ready")
    assert made.returncode == 0, made.stdout + made.stderr
    moved = tmp_path_factory.mktemp("elsewhere") / "VAE Kurs ü"
    how(clone, moved)
    made = make(moved, f"PYTHON={sys.executable}", ".venv/ready")
    assert made.returncode == 0, made.stdout + made.stderr
    script = "import backend, sys; print(backend.__file__, sys.prefix)"
    found = subprocess.run([moved / ".venv/bin/python", "-c", script], cwd=moved.parent, capture_output=True, text=True)
    assert found.stdout.strip() == f"{moved / 'backend.py'} {moved / '.venv'}", found.stderr
    assert "up to date" in make(moved, ".venv/ready").stdout


@pytest.mark.slow
def test_an_install_that_fails_is_not_taken_for_done(clone):
    (clone / "requirements.txt").write_text("-e ./nowhere\n")
    for _ in range(2):
        made = make(clone, f"PYTHON={sys.executable}", ".venv/ready")
        assert made.returncode != 0
        assert "nowhere" in made.stdout + made.stderr
        assert "Traceback" not in made.stderr
    assert not (clone / ".venv/ready").exists()


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 15, 0), (3, 16, 0)])
def test_a_python_without_wheels_of_torch_is_refused_by_one_sentence(clone, version):
    other = clone / "my python"
    text = ".".join(map(str, version))
    pretend = f"import runpy, sys; sys.version_info, sys.version = {(*version, 'final', 0)}, '{text} (main)'; "
    other.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c \"{pretend}runpy.run_path('$1', run_name='__main__')\"\n")
    other.chmod(0o755)
    made = make(clone, "PYTHON=./my python", "lab")
    assert made.returncode != 0
    assert f"Python 3.11 to 3.14 is needed, this is {text}." in made.stderr
    assert "Traceback" not in made.stderr
    assert not (clone / ".venv").exists()


def test_a_folder_that_cannot_be_written_to_is_refused_by_one_sentence(clone):
    (clone / ".venv").write_text("no folder can be made here")
    made = make(clone, f"PYTHON={sys.executable}", "lab")
    assert made.returncode != 0
    assert "Cannot install into this folder" in made.stderr
    assert "Traceback" not in made.stderr
