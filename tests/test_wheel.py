"""The package as others install it: its wheel holds all that is no Python, too, and works outside of the course."""

import os
import subprocess
import sys
import zipfile

import pytest
from series import ROOT, copy_of_the_series

PROGRAM = """
import vae_helpers as vh
from pathlib import Path

assert Path(vh.__file__).is_relative_to(Path({folder!r})), vh.__file__
mnist = vh.load_mnist("sample")
model = vh.load_pretrained("vae2")
images, labels = mnist.test.images[:60], mnist.test.labels[:60]
vh.widgets.DecoderPanel(model, vh.encode_mean(model, images), labels).save("panel.html")
vh.widgets.LatentMap(model, images, labels).save("map.html")
assert "createPlot" in Path("panel.html").read_text(encoding="utf-8")
vh.check.kl(lambda mu, logvar: vh.gaussian_kl(mu, logvar))
"""


@pytest.mark.slow
def test_the_wheel_is_whole_and_works_where_there_is_no_course(tmp_path):
    copied = copy_of_the_series(tmp_path)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, copied]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("vae_helpers-*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("vae_helpers/")}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "vae_helpers").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shipped == expected
    folder = tmp_path / "elsewhere"
    subprocess.run([*pip, "install", "--no-deps", "--target", folder, wheel], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    program = PROGRAM.format(folder=str(folder))
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "✓ kl" in run.stdout
