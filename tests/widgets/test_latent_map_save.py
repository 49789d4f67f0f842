"""LatentMap.save: a page that needs nothing else. What it does is tested in a browser."""

import base64
import errno
import html
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from map_tools import points_of
from panel_tools import images_of

import vae_helpers as vh
from vae_helpers.widgets import LatentMap
from vae_helpers.widgets import latent_map as module


def saved(latent_map, path, **options):
    """The page of a map, and the state of the map that it holds, with its bytes unpacked."""
    page = latent_map.save(path, **options).read_text(encoding="utf-8")
    (states,) = re.findall(r'id="states">(\{.*\})</script>', page)
    return page, json.loads(states, object_hook=lambda it: base64.b64decode(it["base64"]) if "base64" in it else it)


def test_a_page_holds_every_trait_of_the_map_and_its_decoder(latent_map, tmp_path):
    latent_map.x, latent_map.selected, latent_map.hidden, latent_map.glyphs = 0.25, 3, [1, 7], False
    _, states = saved(latent_map, tmp_path / "map.html")
    for name in LatentMap.class_own_traits(sync=True):
        if name != "decoder":
            assert states["widget"][name] == getattr(latent_map, name)
    decoder = states[states["widget"]["decoder"]]
    assert (decoder["layers"], decoder["weights"]) == (latent_map.decoder.layers, latent_map.decoder.weights)


@pytest.mark.parametrize("convert", [str, Path])
def test_a_page_is_one_file_that_needs_no_network_and_its_path_comes_back(deep, tmp_path, convert):
    path = deep.save(convert(tmp_path / "map.html"))
    assert path == tmp_path / "map.html"
    assert list(tmp_path.iterdir()) == [path]
    page = path.read_text(encoding="utf-8")
    for outside in ("http", "src=", "href=", "import ", "url(", "fetch("):
        assert outside not in page
    assert not re.findall("@[A-Z]+@", page)  # every part is filled in
    assert page.startswith("<!doctype html>")
    assert page.count("<title>A map of latent space</title>") == page.count(">A map of latent space</h1>") == 1


@pytest.mark.parametrize("name", ["ae2", "vae2"])  # the largest
def test_a_page_stays_small(name, mnist, tmp_path):
    images, labels = mnist.train.images[:2000], mnist.train.labels[:2000]
    path = LatentMap(vh.load_pretrained(name), images, labels).save(tmp_path / "map.html")
    assert path.stat().st_size < 1.5e6


def test_a_page_holds_the_first_images_of_a_larger_map_in_the_same_plane(deep, tmp_path, monkeypatch):
    deep.x, deep.y = 0.25, -0.125
    assert module.MOST_SAVED == 2_000
    monkeypatch.setattr(module, "MOST_SAVED", 40)
    state = saved(deep, tmp_path / "map.html")[1]["widget"]
    dots = np.frombuffer(state["dots"], "<f4").reshape(-1, 2)
    np.testing.assert_allclose(dots, points_of(deep)[:40], atol=1e-5)
    assert list(state["digits"]) == deep.labels[:40].tolist()
    np.testing.assert_allclose(images_of(state["images_png"])[:40], deep.images[:40, 0], atol=0.51 / 15)
    codes = np.frombuffer(state["whole_codes"], "<f4").reshape(40, -1)
    np.testing.assert_allclose(codes, deep.codes[:40], atol=1e-6)
    assert (state["x"], state["y"]) == (0.25, -0.125)
    assert state["latent"] == pytest.approx(deep.latent, abs=1e-5)


def test_a_page_of_as_many_images_as_it_holds_is_the_map_itself(deep, tmp_path, monkeypatch):
    deep.selected = 59
    monkeypatch.setattr(module, "MOST_SAVED", 60)
    assert saved(deep, tmp_path / "map.html")[1]["widget"]["selected"] == 59


def test_a_page_takes_no_text_for_a_tag(deep, tmp_path):
    deep.error = "</script><script>alert(1)</script>"
    page, states = saved(deep, tmp_path / "map.html", title='<b>"Nine" & four')
    assert states["widget"]["error"] == deep.error
    assert page.count("<script") == page.count("</script") == 3
    assert "<b>" not in page
    assert page.count(html.escape('<b>"Nine" & four')) == 2


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_in_a_folder_that_cannot_be_written_to_a_page_goes_elsewhere_and_a_line_says_where(
    deep, tmp_path, monkeypatch, capsys, number
):
    write_text = Path.write_text

    def write_elsewhere(path, *arguments, **options):
        if path.parent == tmp_path:
            raise OSError(number, os.strerror(number))
        return write_text(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", write_elsewhere)
    path = deep.save(tmp_path / "map.html")
    assert path.name == "map.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert f"Cannot write to this folder ({os.strerror(number)}). The page is {path}" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_page_for_a_folder_that_is_not_there_is_an_error(deep, tmp_path):
    with pytest.raises(FileNotFoundError):
        deep.save(tmp_path / "nowhere/map.html")
