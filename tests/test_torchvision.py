"""_torchvision: a torchvision whose operators do not load is mended, and nothing else is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vae_helpers

pytestmark = pytest.mark.slow
MODULE = Path(vae_helpers.__file__).with_name("_torchvision.py")
LOAD = f"""
import gc, importlib.util, sys, torch
spec = importlib.util.spec_from_file_location("mend", {str(MODULE)!r})
mend = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mend)
"""
# as the real package does: some modules are imported before the operators are looked up
LOOKS_UP_OPERATORS = """
import torch
import torchvision.datasets
for operator in ("nms", "qnms"):
    torch.library.register_fake(f"torchvision::{operator}", lambda dets, scores, iou_threshold: dets)
"""


def run(script, path=""):
    """Run `script` in a fresh Python, where `mend` is the module under test and `path` comes first in imports."""
    return subprocess.run(
        [sys.executable, "-c", LOAD + script],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def fake(tmp_path):
    """Write a package named torchvision with this __init__; return the folder to put on the path."""

    def write(init):
        package = tmp_path / "torchvision"
        package.mkdir()
        (package / "__init__.py").write_text(init)
        (package / "datasets.py").write_text("here = True")
        return tmp_path

    return write


def test_a_torchvision_that_works_is_left_alone(fake):
    done = run("print(mend.import_torchvision().fine, mend._declared)", fake("fine = True"))
    assert done.stdout.split("\n")[0] == "True []", done.stderr


def test_missing_operators_are_declared_and_stay_declared(fake):
    script = """
torchvision = mend.import_torchvision()
gc.collect()
print(torchvision.datasets.here, len(mend._declared), torch.ops.torchvision.nms.default._schema)
assert mend.import_torchvision() is torchvision
"""
    path = fake(LOOKS_UP_OPERATORS)
    plain = run("import torchvision", path)
    assert "operator torchvision::nms does not exist" in plain.stderr  # the fake fails as the real one does
    done = run(script, path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True 1 torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


@pytest.mark.parametrize(
    "error",
    [
        'RuntimeError("out of luck")',
        'ImportError("torchvision:: needs another library")',
        'RuntimeError("operator torchvision::another does not exist")',
    ],
)
def test_any_other_failure_comes_through_unchanged_each_time(fake, error):
    script = """
for attempt in range(2):
    try:
        mend.import_torchvision()
    except Exception as error:
        print(repr(error).replace("'", '"'))
"""
    done = run(script, fake(f"raise {error}"))
    assert done.stdout.splitlines() == [error, error], done.stderr


def test_the_installed_torchvision_gives_datasets_transforms_and_utils():
    script = """
tv = mend.import_torchvision()
assert tv.datasets.MNIST.mirrors
print(tuple(tv.transforms.Resize(14)(torch.rand(1, 28, 28)).shape), tv.utils.make_grid(torch.rand(4, 1, 28, 28)).ndim)
"""
    done = run(script)
    assert done.stdout.strip() == "(1, 14, 14) 3", done.stderr
