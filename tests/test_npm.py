"""What decks and pages load is fetched with npm: once, whole, and with a clear word where that cannot be."""

import os
import tarfile

import pytest

from vae_helpers.authoring import npm


@pytest.fixture
def fake_npm(tmp_path, monkeypatch):
    """The folder of an npm of our own: it copies whole.tgz or, with a file `away` there, fails; it counts its calls."""
    home = tmp_path / "npm"
    (home / "package/dist").mkdir(parents=True)
    (home / "package/dist/reveal.js").write_text("whole")
    with tarfile.open(home / "whole.tgz", "w:gz") as archive:
        archive.add(home / "package", "package")
    script = f"""#!/bin/sh
echo called >> '{home}/calls'
[ -f '{home}/away' ] && {{ echo no network >&2; exit 1; }}
for folder; do :; done  # the last of its arguments
cp '{home}/whole.tgz' "$folder/reveal.js-4.6.1.tgz"
"""
    (home / "npm").write_text(script)
    (home / "npm").chmod(0o755)
    monkeypatch.setattr(npm, "ROOT", tmp_path / "root")
    monkeypatch.setenv("PATH", str(home), prepend=os.pathsep)
    return home


REVEAL = {"reveal.js": ("4.6.1", ["dist/"])}


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_a_package_is_fetched_once_and_again_if_its_archive_is_broken(tmp_path, fake_npm):
    store = tmp_path / "root/build/npm/reveal.js-4.6.1.tgz"
    whole = (fake_npm / "whole.tgz").read_bytes()
    damaged = [whole[:-20], b"", b"<html>", whole[:60] + bytes(20) + whole[80:]]
    for number, content in enumerate([None, whole, *damaged]):
        if content is not None:
            store.write_bytes(content)
        npm.fetch(REVEAL, tmp_path / f"assets{number}")
        assert (tmp_path / f"assets{number}/reveal.js/dist/reveal.js").read_text() == "whole"
        assert store.read_bytes() == whole
    assert (fake_npm / "calls").read_text().count("called") == 1 + len(damaged)
    assert [path.name for path in store.parent.iterdir()] == [store.name]


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_what_was_fetched_before_needs_no_npm(tmp_path, fake_npm, monkeypatch):
    npm.fetch(REVEAL, tmp_path / "first")
    monkeypatch.setenv("PATH", "")
    npm.fetch(REVEAL, tmp_path / "second")
    assert (tmp_path / "second/reveal.js/dist/reveal.js").read_text() == "whole"


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_no_npm_no_network_and_a_damaged_package_are_named(tmp_path, fake_npm, monkeypatch):
    (fake_npm / "whole.tgz").write_bytes(b"damaged")
    with pytest.raises(SystemExit, match=r"npm gave a damaged archive of reveal\.js 4\.6\.1"):
        npm.fetch(REVEAL, tmp_path / "assets")
    (fake_npm / "away").touch()
    with pytest.raises(SystemExit, match=r"npm could not fetch reveal\.js 4\.6\.1:\nno network"):
        npm.fetch(REVEAL, tmp_path / "assets")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="npm is needed"):
        npm.fetch(REVEAL, tmp_path / "assets")
