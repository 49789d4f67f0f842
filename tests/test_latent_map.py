"""latent_map: what LatentMap tells its page is true of the model, its place and its code go together, and a page of
its own needs nothing else. The page part, latent_map.js, is tested in a browser."""

import base64
import errno
import html
import io
import json
import os
import re
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch
import traitlets

import vae_helpers as vh
from vae_helpers import latent_map as module
from vae_helpers import plots


def vivid(model):
    """A new model with weights four times as large, so that what it decodes differs from place to place."""
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(4)
    return model


MODELS = {
    "VAE": lambda: vivid(vh.VAE(2, (8,))),
    "deep VAE": lambda: vivid(vh.VAE(5, (8,))),
    "autoencoder": lambda: vivid(vh.Autoencoder(2, (8,))),
    "deep autoencoder": lambda: vivid(vh.Autoencoder(5, (8,))),
    "convolutional": lambda: vivid(vh.ConvVAE(3, 4)),
}
SOURCE = (Path(vh.__file__).parent / "latent_map.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown(mnist):
    """Images, 60 of them, and their labels."""
    return mnist.test.images[:60], mnist.test.labels[:60]


@pytest.fixture(params=MODELS)
def latent_map(request, shown):
    return vh.LatentMap(MODELS[request.param](), *shown)


@pytest.fixture
def deep(shown):
    return vh.LatentMap(MODELS["deep VAE"](), *shown)


def points_of(latent_map):
    """Where the dots are to be: the codes themselves, or their first two principal components."""
    codes = vh.posterior_means(latent_map.model, latent_map.images)
    return codes if latent_map.model.latent_dim == 2 else vh.LatentPCA(codes).transform(codes)[:, :2]


def code_at(latent_map, x, y):
    """The code of a place of the plane, by the map's own components."""
    if latent_map.model.latent_dim == 2:
        return torch.tensor([x, y])
    return latent_map.pca.mean + x * latent_map.pca.components[0] + y * latent_map.pca.components[1]


def decoded(png, columns):
    """A PNG of images side by side, in [0, 1]: (N, 28, 28)."""
    picture = np.asarray(PIL.Image.open(io.BytesIO(png)).convert("L")) / 255
    assert picture.shape[1] == 28 * columns
    return picture.reshape(-1, 28, columns, 28).swapaxes(1, 2).reshape(-1, 28, 28)


# the place and its code


def test_the_ring_begins_in_the_middle_and_its_code_is_known(latent_map):
    assert [latent_map.x, latent_map.y] == pytest.approx(latent_map._centre)
    assert latent_map.latent == pytest.approx(code_at(latent_map, *latent_map._centre).tolist(), abs=1e-5)
    assert (latent_map.selected, latent_map.hidden, latent_map.glyphs, latent_map.hover) == (None, [], False, False)


def test_the_code_follows_the_ring(latent_map):
    seen = []
    latent_map.observe(lambda change: seen.append(change.new), "latent")
    latent_map.x = 0.75
    latent_map.y = -1.5
    latent_map.set_state({"x": 3.0, "y": 0.5})  # as from the page
    for x, y in [(0.75, latent_map._centre[1]), (0.75, -1.5), (3.0, 0.5)]:
        place = code_at(latent_map, x, y).tolist()
        assert place in [pytest.approx(code, abs=1e-5) for code in seen]
    assert seen[-1] == latent_map.latent
    assert latent_map.latent == pytest.approx(latent_map.to_latent(torch.tensor([[3.0, 0.5]]))[0].tolist())


def test_places_become_codes_many_at_a_time(latent_map):
    places = torch.randn(7, 2)
    expected = torch.stack([code_at(latent_map, *place) for place in places])
    torch.testing.assert_close(latent_map.to_latent(places), expected)


def test_a_ring_in_the_middle_of_codes_around_zero_has_a_code(shown):
    class Around(vh.Autoencoder):
        def encode(self, x):
            return torch.tensor([[1.0, 1.0], [-1.0, -1.0]])

    latent_map = vh.LatentMap(Around(2, (8,)), shown[0][:2], shown[1][:2])
    assert (latent_map.x, latent_map.y) == (0, 0)
    assert latent_map.latent == [0, 0]


def test_the_code_is_read_and_not_set(deep):
    with pytest.raises(traitlets.TraitError, match="latent"):
        deep.latent = [0.0] * 5


@pytest.mark.parametrize("wrong", [-1, 60, 1.5, "three"])
def test_a_selection_out_of_range_is_refused_and_the_last_one_stays(deep, wrong):
    for chosen in (0, 59, None, 7):
        deep.selected = chosen
        with pytest.raises(traitlets.TraitError, match=f"selected.*{wrong}"):
            deep.selected = wrong
        assert deep.selected == chosen


def test_an_error_is_raised_and_shown_until_the_next_good_move(deep, monkeypatch):
    deep.x = 1.0
    latent = deep.latent
    with monkeypatch.context() as broken:
        broken.setattr(deep.pca, "inverse", lambda coordinates: 1 / 0)
        for axis in ("x", "y"):
            with pytest.raises(ZeroDivisionError):
                setattr(deep, axis, 2.0)
            assert deep.error == "ZeroDivisionError: division by zero"
            assert deep.latent == latent
    deep.y = 0.5
    assert deep.error == ""
    assert deep.latent == pytest.approx(code_at(deep, 2.0, 0.5).tolist(), abs=1e-5)


# what the page is told


def test_the_page_finds_every_trait_that_it_asks_for(deep):
    asked = set(re.findall(r'(?:model\.get|model\.on)\("(\w+)"', SOURCE)) | {"_atlas", "_images", "_reconstructions"}
    assert asked
    assert asked | {"latent"} <= set(deep.get_state()) == set(deep.keys)


def test_the_dots_are_the_codes_and_the_labels_of_the_images(latent_map, shown):
    dots = np.frombuffer(latent_map._codes, "<f4").reshape(-1, 2)
    np.testing.assert_allclose(dots, points_of(latent_map), atol=1e-5)
    assert np.frombuffer(latent_map._labels, "u1").tolist() == shown[1].tolist()
    torch.testing.assert_close(latent_map.codes, vh.posterior_means(latent_map.model, shown[0]))
    assert latent_map._colours == list(plots.DIGIT_COLOURS)


def test_the_square_holds_the_codes_with_some_air_and_equal_units(latent_map):
    points, centre, half = points_of(latent_map), torch.tensor(latent_map._centre), latent_map._half
    low, high = points.quantile(0.005, dim=0), points.quantile(0.995, dim=0)
    torch.testing.assert_close(centre, (low + high) / 2)
    assert (high - low).max().item() == pytest.approx(2 * half / 1.1)
    assert ((points - centre).abs() <= half).all(1).float().mean() > 0.95
    assert latent_map._radius == pytest.approx(half / 12)


def test_the_page_knows_how_many_codes_are_near_each_place(latent_map):
    near = np.frombuffer(latent_map._near, "<u2")
    side = round(len(near) ** 0.5)
    assert side**2 == len(near)
    xs, ys = (c + latent_map._half * torch.linspace(-1, 1, side) for c in latent_map._centre)
    places, points = vh.plane_grid(xs, ys), points_of(latent_map)
    distances = (places[:, None] - points).norm(dim=2)
    sure = ((distances - latent_map._radius).abs() > 1e-4).all(1)  # no code at the radius, to rounding
    assert near[sure].tolist() == (distances <= latent_map._radius).sum(1)[sure].tolist()
    assert 0 in near
    assert sure.float().mean() > 0.9


def test_the_atlas_is_what_a_grid_of_places_decodes_to(latent_map):
    images = decoded(latent_map._atlas, latent_map._steps)
    assert len(images) == latent_map._steps**2
    xs, ys = (c + latent_map._half * torch.linspace(-1, 1, latent_map._steps) for c in latent_map._centre)
    codes = torch.stack([code_at(latent_map, x, y) for x, y in vh.plane_grid(xs, ys)])
    expected = latent_map.model.decode(codes).detach()[:, 0]
    np.testing.assert_allclose(images, expected, atol=0.51 / 255)


def test_two_latents_have_a_finer_atlas_as_they_hold_more_on_less_room(latent_map):
    assert latent_map._steps == (41 if latent_map.model.latent_dim == 2 else 25)


def test_the_page_has_every_image_and_its_reconstruction_from_the_whole_code(latent_map, shown):
    codes = vh.posterior_means(latent_map.model, shown[0])
    reconstructions = latent_map.model.decode(codes).detach()
    for sheet, expected in [(latent_map._images, shown[0]), (latent_map._reconstructions, reconstructions)]:
        images = decoded(sheet, columns=50)
        np.testing.assert_allclose(images[: len(expected)], expected[:, 0], atol=0.51 / 15)
        assert not images[len(expected) :].any()
        assert sheet[24] == 4  # bits a pixel, as the PNG's header says


def test_axes_are_latents_or_components_with_their_share_of_the_variance(latent_map):
    if latent_map.model.latent_dim == 2:
        assert latent_map._axes == ["latent z₁", "latent z₂"]
    else:
        shares = vh.LatentPCA(latent_map.codes).explained_variance_ratio
        for k, name in enumerate(latent_map._axes):
            assert name == f"principal component {k + 1} ({shares[k]:.0%} of the variance)"


def test_the_page_has_as_many_reconstructions_as_images_also_of_more_than_are_decoded_at_a_time(mnist):
    images, model = mnist.train.images[:1003], MODELS["VAE"]()
    latent_map = vh.LatentMap(model, images, mnist.train.labels[:1003])
    reconstructions = model.decode(latent_map.codes).detach()
    np.testing.assert_allclose(
        decoded(latent_map._reconstructions, columns=50)[:1003], reconstructions[:, 0], atol=0.51 / 15
    )


@pytest.mark.parametrize("name", ["vae2", "vae20", "conv20"])
def test_between_the_places_of_its_grid_the_atlas_is_within_a_grey_of_the_decoder(name, shown):
    latent_map = vh.LatentMap(vh.load_pretrained(name), *shown)
    places = torch.tensor(latent_map._centre) + latent_map._half * (2 * torch.rand(300, 2) - 1)
    blended = torch.stack([latent_map.atlas.blend(*place) for place in places.tolist()])
    expected = latent_map.model.decode(latent_map.to_latent(places)).detach()
    assert (blended - expected).abs().mean() < 1 / 255  # on average


# components


@pytest.mark.parametrize("given", [None, vh.LatentPCA(torch.randn(9, 2))])
def test_two_latents_are_the_plane_themselves_whatever_components_are_given(shown, given):
    latent_map = vh.LatentMap(MODELS["VAE"](), shown[0][:2], shown[1][:2], pca=given)  # too few images for components
    np.testing.assert_array_equal(np.frombuffer(latent_map._codes, "<f4").reshape(2, 2), latent_map.codes)
    assert latent_map.latent == pytest.approx([latent_map.x, latent_map.y])
    assert latent_map._axes == ["latent z₁", "latent z₂"]


def test_components_are_those_of_the_images_if_none_are_given(deep):
    own = vh.LatentPCA(deep.codes)
    torch.testing.assert_close(deep.pca.components, own.components)
    torch.testing.assert_close(deep.pca.mean, own.mean)


def test_components_that_are_given_are_those_of_the_map(shown, deep):
    pca = vh.LatentPCA(torch.randn(50, 5) + 1)
    latent_map = vh.LatentMap(deep.model, *shown, pca=pca)
    assert latent_map.pca is pca
    dots = np.frombuffer(latent_map._codes, "<f4").reshape(-1, 2)
    np.testing.assert_allclose(dots, pca.transform(latent_map.codes)[:, :2], atol=1e-5)
    latent_map.x, latent_map.y = 1.0, 2.0
    assert latent_map.latent == pytest.approx(pca.inverse(torch.tensor([[1.0, 2.0]]))[0].tolist())
    assert f"({pca.explained_variance_ratio[0]:.0%} of the variance)" in latent_map._axes[0]


# what is refused


def test_a_map_holds_so_many_images_and_no_more(shown, monkeypatch):
    monkeypatch.setattr(module, "MOST_IMAGES", 59)
    with pytest.raises(ValueError, match="at most 59 images, got 60: pass some of them"):
        vh.LatentMap(vh.VAE(2, (8,)), *shown)
    assert len(vh.LatentMap(vh.VAE(2, (8,)), shown[0][:59], shown[1][:59]).images) == 59


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda a: a | {"images": torch.zeros(10_001, 1, 28, 28), "labels": [0] * 10_001}, "10,000 images, got 10,001"),
        (lambda a: a | {"images": 2 * a["images"]}, "values from"),
        (lambda a: a | {"images": a["images"].flatten(1)}, r"\(60, 784\)"),
        (lambda a: a | {"images": a["images"].numpy()}, "torch tensor.* got a ndarray"),
        (lambda a: a | {"labels": a["labels"][1:]}, "60 .*59"),
        (lambda a: a | {"labels": a["labels"] + 1}, r"digits from 0 to 9, got \[1, .*, 10\]"),
        (lambda a: a | {"labels": a["labels"] - 1}, r"digits from 0 to 9, got \[-1"),
        (lambda a: a | {"labels": a["labels"] / 2}, r"digits from 0 to 9, got \[.*0\.5"),
        (lambda a: a | {"model": vh.VAE(1, (8,))}, "two latents or more, got latent_dim 1"),
        (lambda a: a | {"model": vh.VAE(60, (8,))}, "60 components need more codes than that, got 60"),
        (lambda a: a | {"model": vh.VAE(3, (8,)), "pca": vh.LatentPCA(torch.randn(9, 4))}, r"\(N, 4\), got \(60, 3\)"),
    ],
)
def test_wrong_input_is_refused(shown, change, named):
    arguments = {"model": vh.VAE(2, (8,)), "images": shown[0], "labels": shown[1], "pca": None}
    vh.LatentMap(**arguments)
    with pytest.raises(ValueError, match=named):
        vh.LatentMap(**change(arguments))


def test_labels_may_be_a_list(shown):
    latent_map = vh.LatentMap(vh.VAE(2, (8,)), shown[0], shown[1].tolist())
    assert np.frombuffer(latent_map._labels, "u1").tolist() == shown[1].tolist()


# where no kernel runs


@pytest.mark.usefixtures("style")
def test_the_still_figure_shows_the_map_the_ring_and_what_is_decoded_there(latent_map):
    x, y = latent_map._centre[0] + 0.5 * latent_map._half, latent_map._centre[1] - 0.25 * latent_map._half
    latent_map.x, latent_map.y = x, y
    left, right = latent_map.still().axes
    expected = latent_map.model.decode(code_at(latent_map, x, y).unsqueeze(0)).detach()[0, 0]
    np.testing.assert_allclose(right.images[0].get_array(), expected, atol=1e-5)
    for ring in left.lines:
        np.testing.assert_allclose(ring.get_xydata(), [[x, y]])
        assert ring.get_markerfacecolor() == "none"
    assert len({ring.get_markeredgecolor() for ring in left.lines}) == 2  # seen on any ground
    points = points_of(latent_map)
    for digit, dots in enumerate(left.collections):
        np.testing.assert_allclose(dots.get_offsets(), points[latent_map.labels == digit], atol=1e-5)
    assert [left.get_xlabel(), left.get_ylabel()] == latent_map._axes
    edges = [(c - latent_map._half, c + latent_map._half) for c in latent_map._centre]
    assert [left.get_xlim(), left.get_ylim()] == [pytest.approx(edge) for edge in edges]
    assert left.get_aspect() == 1
    alt = latent_map.still().alt
    assert all(told in alt for told in (*latent_map._axes, f"({x:.2f}, {y:.2f})", "60 images"))


@pytest.mark.usefixtures("style")
def test_a_notebook_shows_the_live_map_or_the_still_figure_in_its_place(deep):
    deep.x = 0.3
    bundle, metadata = deep._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == deep.model_id
    still, its_metadata = deep.still()._repr_mimebundle_()
    assert bundle["image/png"] == still["image/png"]
    assert metadata["image/png"]["alt"] == its_metadata["image/png"]["alt"] == deep.still().alt
    assert bundle["text/plain"] == repr(deep)
    assert "60 images" in repr(deep)


# a page of its own


def exported(latent_map, path, **options):
    """The page of a map, and the state that it holds."""
    page = vh.export_html(latent_map, path, **options).read_text(encoding="utf-8")
    (state,) = re.findall(r"^const state = (\{.*\});$", page, re.MULTILINE)
    return page, json.loads(state)


def test_a_page_holds_the_source_and_every_trait_of_the_map(latent_map, tmp_path):
    latent_map.x, latent_map.selected, latent_map.hidden, latent_map.glyphs = 0.25, 3, [1, 7], True
    page, state = exported(latent_map, tmp_path / "map.html")
    assert SOURCE in page
    assert {*re.findall(r'model\.get\("(\w+)"', SOURCE), "_atlas", "_images", "_reconstructions"} <= set(state)
    expected = {name: getattr(latent_map, name) for name in state}
    binary = [name for name, value in expected.items() if isinstance(value, bytes)]
    assert len(binary) == 6
    for name in binary:
        state[name] = base64.b64decode(state[name])
    assert state == expected
    (listed,) = re.findall(r"for \(const name of (\[.*?\])\)", page)
    assert sorted(json.loads(listed)) == sorted(binary)  # those the page turns back into bytes


@pytest.mark.parametrize("convert", [str, Path])
def test_a_page_is_one_file_that_needs_no_network_and_its_path_comes_back(deep, tmp_path, convert):
    path = vh.export_html(deep, convert(tmp_path / "map.html"))
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
    path = vh.export_html(vh.LatentMap(vh.load_pretrained(name), images, labels), tmp_path / "map.html")
    assert path.stat().st_size < 1.5e6


def test_a_page_holds_the_first_images_of_a_larger_map_in_the_same_plane(deep, tmp_path, monkeypatch):
    deep.x, deep.y = 0.25, -0.125
    assert module.MOST_EXPORTED == 2_000
    monkeypatch.setattr(module, "MOST_EXPORTED", 40)
    _, state = exported(deep, tmp_path / "map.html")
    bytes_of = {name: base64.b64decode(state[name]) for name in ("_codes", "_labels", "_images", "_reconstructions")}
    dots = np.frombuffer(bytes_of["_codes"], "<f4").reshape(-1, 2)
    np.testing.assert_allclose(dots, points_of(deep)[:40], atol=1e-5)
    assert list(bytes_of["_labels"]) == deep.labels[:40].tolist()
    for name, images in [("_images", deep.images), ("_reconstructions", deep.model.decode(deep.codes).detach())]:
        np.testing.assert_allclose(decoded(bytes_of[name], 50)[:40], images[:40, 0], atol=0.51 / 15)
        assert not decoded(bytes_of[name], 50)[40:].any()
    assert (state["x"], state["y"]) == (0.25, -0.125)
    assert state["latent"] == pytest.approx(deep.latent, abs=1e-5)


def test_a_page_of_as_many_images_as_it_holds_is_the_map_itself(deep, tmp_path, monkeypatch):
    deep.selected = 59
    monkeypatch.setattr(module, "MOST_EXPORTED", 60)
    assert exported(deep, tmp_path / "map.html")[1]["selected"] == 59


def test_a_page_takes_no_text_for_a_tag(deep, tmp_path):
    deep.error = "</script><script>alert(1)</script>"
    page, state = exported(deep, tmp_path / "map.html", title='<b>"Nine" & four')
    assert state["error"] == deep.error
    assert page.count("<script") == page.count("</script") == 1
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
    path = vh.export_html(deep, tmp_path / "map.html")
    assert path.name == "map.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert f"cannot be written to ({os.strerror(number)}). The page is {path}" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_page_for_a_folder_that_is_not_there_is_an_error(deep, tmp_path):
    with pytest.raises(FileNotFoundError):
        vh.export_html(deep, tmp_path / "nowhere/map.html")


@pytest.mark.parametrize("wrong", [None, "map", 3])
def test_only_a_map_becomes_a_page(wrong, tmp_path):
    with pytest.raises(ValueError, match=f"a LatentMap is wanted, got a {type(wrong).__name__}"):
        vh.export_html(wrong, tmp_path / "map.html")
    assert not list(tmp_path.iterdir())
