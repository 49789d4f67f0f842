"""LatentMap: what it sends to its page is true of the model, and its place and its code go together.

What the page makes of it, latent_map.js, is tested in a browser.
"""

import numpy as np
import pytest
import torch
import traitlets
from map_tools import MODELS, code_at, points_of
from panel_tools import images_of

import vae_helpers as vh
from vae_helpers.widgets import LatentMap
from vae_helpers.widgets import latent_map as module
from vae_helpers.widgets.panel import VIEW

# the place and its code


def test_the_ring_begins_at_a_code_and_its_place_is_known(latent_map):
    place = torch.tensor([[latent_map.x, latent_map.y]])
    assert torch.cdist(place, latent_map.points).min() < 1e-4 or place.tolist() == [latent_map.centre]
    assert latent_map.latent == pytest.approx(code_at(latent_map, latent_map.x, latent_map.y).tolist(), abs=1e-5)
    assert (latent_map.selected, latent_map.hidden, latent_map.glyphs, latent_map.hover) == (None, [], True, False)


@torch.no_grad()
def test_it_opens_on_a_clear_digit_among_codes_of_that_digit(mnist):
    latent_map = LatentMap(vh.load_pretrained("vae20"), mnist.test.images[:300], mnist.test.labels[:300])
    images = latent_map.model.decode(latent_map.to_latent(latent_map.points)).flatten(1)
    here = latent_map.model.decode(torch.tensor([latent_map.latent])).flatten()
    grey = (images * (1 - images)).sum(1) / images.sum(1)
    assert (here * (1 - here)).sum() / here.sum() < grey.quantile(0.25)
    near = (latent_map.points - torch.tensor([latent_map.x, latent_map.y])).norm(dim=1) < latent_map.radius
    assert latent_map.labels[near].bincount().max() > 0.8 * near.sum()


def test_the_code_follows_the_ring(latent_map):
    seen = []
    latent_map.observe(lambda change: seen.append(change.new), "latent")
    y = latent_map.y
    latent_map.x = 0.75
    latent_map.y = -1.5
    latent_map.set_state({"x": 3.0, "y": 0.5})  # as from the page
    for left, up in [(0.75, y), (0.75, -1.5), (3.0, 0.5)]:
        place = code_at(latent_map, left, up).tolist()
        assert place in [pytest.approx(code, abs=1e-5) for code in seen]
    assert seen[-1] == latent_map.latent
    assert latent_map.latent == pytest.approx(latent_map.to_latent(torch.tensor([[3.0, 0.5]]))[0].tolist())


def test_places_become_codes_many_at_a_time(latent_map):
    places = torch.randn(7, 2)
    expected = torch.stack([code_at(latent_map, *place) for place in places])
    torch.testing.assert_close(latent_map.to_latent(places), expected)


def test_a_ring_in_the_middle_of_codes_around_zero_has_a_code(sixty):
    class Around(vh.Autoencoder):
        def encode(self, x):
            return torch.tensor([[1.0, 1.0], [-1.0, -1.0]]).repeat(2, 1)[: len(x)]

    latent_map = LatentMap(Around(2, (8,)), sixty[0][:2], sixty[1][:2])
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
        broken.setattr(deep.pca, "inverse_transform", lambda coordinates: 1 / 0)
        for axis in ("x", "y"):
            with pytest.raises(ZeroDivisionError):
                setattr(deep, axis, 2.0)
            assert deep.error == "ZeroDivisionError: division by zero"
            assert deep.latent == latent
    deep.y = 0.5
    assert deep.error == ""
    assert deep.latent == pytest.approx(code_at(deep, 2.0, 0.5).tolist(), abs=1e-5)


# what the page gets


def test_the_dots_are_the_codes_and_the_labels_of_the_images(latent_map, sixty):
    dots = np.frombuffer(latent_map.dots, "<f4").reshape(-1, 2)
    np.testing.assert_allclose(dots, points_of(latent_map), atol=1e-5)
    assert np.frombuffer(latent_map.digits, "u1").tolist() == sixty[1].tolist()
    torch.testing.assert_close(latent_map.codes, vh.encode_mean(latent_map.model, sixty[0]))


def test_the_square_holds_the_codes_with_some_air_and_equal_units(latent_map):
    points, centre, half = points_of(latent_map), torch.tensor(latent_map.centre), latent_map.half
    low, high = points.quantile(0.005, dim=0), points.quantile(0.995, dim=0)
    torch.testing.assert_close(centre, (low + high) / 2)
    assert (high - low).max().item() == pytest.approx(2 * half / 1.1)
    assert ((points - centre).abs() <= half).all(1).float().mean() > 0.95
    assert latent_map.radius == pytest.approx(half / 12)


def test_the_page_knows_how_many_codes_are_near_each_place(latent_map):
    near = np.frombuffer(latent_map.near, "<u2")
    side = round(len(near) ** 0.5)
    assert side**2 == len(near)
    xs, ys = (c + latent_map.half * torch.linspace(-1, 1, side) for c in latent_map.centre)
    places, points = vh.plane_grid(xs, ys), points_of(latent_map)
    distances = (places[:, None] - points).norm(dim=2)
    sure = ((distances - latent_map.radius).abs() > 1e-4).all(1)  # no code at the radius, to rounding
    assert near[sure].tolist() == (distances <= latent_map.radius).sum(1)[sure].tolist()
    assert 0 in near
    assert sure.float().mean() > 0.9


def test_the_page_knows_the_code_of_each_place(latent_map):
    origin, right, up = map(torch.tensor, latent_map.plane)
    for x, y in [(0.0, 0.0), (0.75, -1.5), tuple(latent_map.centre)]:
        torch.testing.assert_close(origin + x * right + y * up, code_at(latent_map, x, y))


def test_the_page_has_every_image_and_its_whole_code(latent_map, sixty):
    images = images_of(latent_map.images_png)
    np.testing.assert_allclose(images[:60], sixty[0][:, 0], atol=0.51 / 15)
    assert not images[60:].any()
    assert latent_map.images_png[24] == 4  # bits a pixel, as the PNG's header says
    codes = np.frombuffer(latent_map.whole_codes, "<f4").reshape(60, -1)
    np.testing.assert_allclose(codes, vh.encode_mean(latent_map.model, sixty[0]), atol=1e-6)


def test_a_map_that_only_the_kernel_can_decode_says_so(latent_map):
    _, metadata = latent_map._repr_mimebundle_()
    needs_kernel = metadata.get(VIEW, {}).get("needs_kernel", False)
    assert needs_kernel == isinstance(latent_map.model, vh.ConvVAE)


def test_axes_are_latents_or_components_with_their_share_of_the_variance(latent_map):
    if latent_map.model.latent_dim == 2:
        assert latent_map.axis_names == ["latent z₁", "latent z₂"]
    else:
        shares = vh.LatentPCA().fit(latent_map.codes).explained_variance_ratio_
        for k, name in enumerate(latent_map.axis_names):
            assert name == f"principal component {k + 1} ({shares[k]:.0%} of the variance)"


# components


@pytest.mark.parametrize("given", [None, vh.LatentPCA().fit(torch.randn(9, 2))])
def test_two_latents_are_the_plane_themselves_whatever_components_are_given(sixty, given):
    latent_map = LatentMap(MODELS["VAE"](), sixty[0][:2], sixty[1][:2], pca=given)  # too few images for components
    np.testing.assert_array_equal(np.frombuffer(latent_map.dots, "<f4").reshape(2, 2), latent_map.codes)
    assert latent_map.latent == pytest.approx([latent_map.x, latent_map.y])
    assert latent_map.axis_names == ["latent z₁", "latent z₂"]


def test_components_are_those_of_the_images_if_none_are_given(deep):
    own = vh.LatentPCA().fit(deep.codes)
    torch.testing.assert_close(deep.pca.components_, own.components_)
    torch.testing.assert_close(deep.pca.mean_, own.mean_)


def test_components_that_are_given_are_those_of_the_map(sixty, deep):
    pca = vh.LatentPCA().fit(torch.randn(50, 5) + 1)
    latent_map = LatentMap(deep.model, *sixty, pca=pca)
    assert latent_map.pca is pca
    dots = np.frombuffer(latent_map.dots, "<f4").reshape(-1, 2)
    np.testing.assert_allclose(dots, pca.transform(latent_map.codes)[:, :2], atol=1e-5)
    latent_map.x, latent_map.y = 1.0, 2.0
    assert latent_map.latent == pytest.approx(pca.inverse_transform(torch.tensor([[1.0, 2.0]]))[0].tolist())
    assert f"({pca.explained_variance_ratio_[0]:.0%} of the variance)" in latent_map.axis_names[0]


# what is refused


def test_a_map_holds_so_many_images_and_no_more(sixty, monkeypatch):
    monkeypatch.setattr(module, "MOST_IMAGES", 59)
    with pytest.raises(ValueError, match="at most 59, got 60: pass some of them"):
        LatentMap(vh.VAE(2, (8,)), *sixty)
    assert len(LatentMap(vh.VAE(2, (8,)), sixty[0][:59], sixty[1][:59]).images) == 59


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda a: a | {"images": torch.zeros(10_001, 1, 28, 28), "labels": [0] * 10_001},
            "at most 10,000, got 10,001",
        ),
        (lambda a: a | {"images": 2 * a["images"]}, "values from"),
        (lambda a: a | {"images": a["images"].flatten(1)}, r"\(60, 784\)"),
        (lambda a: a | {"images": a["images"].numpy()}, "torch tensor.* got a ndarray"),
        (lambda a: a | {"labels": a["labels"][1:]}, "60 .*59"),
        (lambda a: a | {"labels": a["labels"] + 1}, r"digits from 0 to 9, got \[10\]"),
        (lambda a: a | {"labels": a["labels"] - 1}, r"digits from 0 to 9, got \[-1"),
        (lambda a: a | {"labels": a["labels"] / 2}, r"digits from 0 to 9, got \[.*0\.5"),
        (lambda a: a | {"model": vh.VAE(1, (8,))}, "two latents or more, got latent_dim 1"),
        (lambda a: a | {"model": vh.VAE(60, (8,))}, "more than 60 .*got 60"),
        (
            lambda a: a | {"model": vh.VAE(3, (8,)), "pca": vh.LatentPCA().fit(torch.randn(9, 4))},
            r"\(N, 4\), got \(60, 3\)",
        ),
    ],
)
def test_wrong_input_is_refused(sixty, change, named):
    arguments = {"model": vh.VAE(2, (8,)), "images": sixty[0], "labels": sixty[1], "pca": None}
    LatentMap(**arguments)
    with pytest.raises(ValueError, match=named):
        LatentMap(**change(arguments))


def test_labels_may_be_a_list(sixty):
    latent_map = LatentMap(vh.VAE(2, (8,)), sixty[0], sixty[1].tolist())
    assert np.frombuffer(latent_map.digits, "u1").tolist() == sixty[1].tolist()


# where no kernel runs


def test_the_snapshot_shows_the_map_the_ring_and_what_is_decoded_there(latent_map):
    x, y = latent_map.centre[0] + 0.5 * latent_map.half, latent_map.centre[1] - 0.25 * latent_map.half
    latent_map.x, latent_map.y = x, y
    left, right = latent_map.snapshot().axes
    expected = latent_map.model.decode(code_at(latent_map, x, y).unsqueeze(0)).detach()[0, 0]
    np.testing.assert_allclose(right.images[0].get_array(), expected, atol=1e-5)
    for ring in left.lines:
        np.testing.assert_allclose(ring.get_xydata(), [[x, y]])
        assert ring.get_markerfacecolor() == "none"
    assert len({ring.get_markeredgecolor() for ring in left.lines}) == 2  # seen on any ground
    points = points_of(latent_map)
    for digit, dots in enumerate(left.collections):
        np.testing.assert_allclose(dots.get_offsets(), points[latent_map.labels == digit], atol=1e-5)
    assert [left.get_xlabel(), left.get_ylabel()] == latent_map.axis_names
    edges = [(c - latent_map.half, c + latent_map.half) for c in latent_map.centre]
    assert [left.get_xlim(), left.get_ylim()] == [pytest.approx(edge) for edge in edges]
    assert left.get_aspect() == 1
    alt = latent_map.snapshot().alt
    place = f"({x:.2f}, {y:.2f})".replace("-", "−")
    assert all(part in alt for part in (*latent_map.axis_names, place, "60 images"))


def test_a_notebook_shows_the_live_map_or_the_snapshot_in_its_place(deep):
    deep.x = 0.3
    bundle, metadata = deep._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == deep.model_id
    snapshot, its_metadata = deep.snapshot()._repr_mimebundle_()
    assert bundle["image/png"] == snapshot["image/png"]
    assert metadata["image/png"]["alt"] == its_metadata["image/png"]["alt"] == deep.snapshot().alt
    assert bundle["text/plain"] == repr(deep)
    assert "60 images" in repr(deep)
