"""_files, and a reader's progress: an interrupt or a full disk leaves the old file, and devices are no files."""

import json
import os
from pathlib import Path

import pytest

from vae_helpers._files import write_whole
from vae_helpers.exercises.record import Record


def test_a_file_is_written_and_replaced(tmp_path):
    for text in ("σ = 1", "σ = 2"):
        write_whole(tmp_path / "file.json", text)
        assert (tmp_path / "file.json").read_text(encoding="utf-8") == text
    assert os.listdir(tmp_path) == ["file.json"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_what_stops_a_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, stop):
    def stopped(self, text, **settings):
        self.write_bytes(text.encode()[:5])
        raise stop

    write_whole(tmp_path / "file.json", "the old text")
    monkeypatch.setattr(Path, "write_text", stopped)
    with pytest.raises(stop):
        write_whole(tmp_path / "file.json", "the new text")
    assert (tmp_path / "file.json").read_bytes() == b"the old text"
    assert os.listdir(tmp_path) == ["file.json"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_whole(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "text"


@pytest.mark.skipif(os.name == "nt", reason="no device that is a path")
def test_a_device_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", "text")
    assert os.read(reader, 10) == b"text"
    assert (tmp_path / "pipe").is_fifo()
    os.close(reader)


def test_a_full_disk_costs_a_reader_no_progress(tmp_path):
    resource = pytest.importorskip("resource", reason="no limits on the size of a file")
    record = Record(tmp_path / "progress.json")
    record.note("kl", "right")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        record.note("elbo", "right")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert json.loads((tmp_path / "progress.json").read_text()) == {"kl": "right"}
    assert record.read() == {"kl": "right", "elbo": "right"}  # until the kernel ends
    assert os.listdir(tmp_path) == ["progress.json"]
