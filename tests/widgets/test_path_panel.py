"""PathPanel: paths, films and steps are those between the chosen images, in every model."""

import numpy as np
import pytest
import torch
from panel_tools import film

import vae_helpers as vh
from vae_helpers.widgets import PathPanel
from vae_helpers.widgets.panel import VIEW

KINDS = ["straight", "great circle"]


@pytest.fixture
def panel(two, twenty, shown):
    panel = PathPanel({"conv20": twenty, "vae2": two}, *shown)
    panel.first.value, panel.second.value = 17, 4
    return panel


def expected_codes(panel, name, kind):
    ends = vh.encode_mean(panel.models[name], panel.images[[panel.first.value, panel.second.value]])
    return vh.interpolate(*ends, 11, spherical=kind == "great circle")


def on_the_plane(panel, name, codes):
    if codes.shape[1] == 2:
        return codes
    return vh.LatentPCA().fit(vh.encode_mean(panel.models[name], panel.images)).transform(codes)[:, :2]


def test_each_model_has_a_straight_path_and_a_great_circle_between_the_images_that_are_chosen(panel):
    assert list(panel.paths) == [(name, kind) for name in panel.models for kind in KINDS]
    for (name, kind), path in panel.paths.items():
        codes = expected_codes(panel, name, kind)
        torch.testing.assert_close(path.codes, codes)
        torch.testing.assert_close(path.points, on_the_plane(panel, name, codes), atol=1e-4, rtol=1e-4)
        frames = panel.models[name].decode(codes).detach()
        torch.testing.assert_close(path.film, frames)
        torch.testing.assert_close(path.step_sizes, vh.latent.step_sizes(frames), atol=1e-3, rtol=1e-4)


def test_the_snapshot_has_a_map_films_and_steps_with_the_kinds_told_apart_by_more_than_colour(panel):
    axes = {ax.get_label(): ax for ax in panel.snapshot().axes}
    for (name, kind), path in panel.paths.items():
        order = KINDS.index(kind)
        assert axes[f"{name} map"].get_title() == name
        assert axes[f"{name} {kind}"].get_ylabel().replace("\n", " ") == kind
        (frames,) = axes[f"{name} {kind}"].images
        np.testing.assert_allclose(frames.get_array(), film(panel.models[name], path.codes), atol=1e-5)
        way, steps = axes[f"{name} map"].lines[order], axes[f"{name} steps"].lines[order]
        np.testing.assert_allclose(way.get_xydata(), path.points, atol=1e-5)
        np.testing.assert_allclose(steps.get_xydata(), [*enumerate(path.step_sizes, start=1)], atol=1e-5)
        assert way.get_color() == steps.get_color() == axes[f"{name} {kind}"].yaxis.label.get_color()
        assert way.get_linestyle() == steps.get_linestyle() == ["-", "--"][order]


def test_the_page_gets_every_code_its_digit_and_its_place_most_of_them_within_the_axes(panel, shown):
    for data, (name, model) in zip(panel.stage.data["maps"], panel.models.items(), strict=True):
        assert data["name"] == name
        codes = vh.encode_mean(model, shown[0])
        sent = {key: np.frombuffer(data[key], "<f4") for key in ("codes", "centre", "axes", "points")}
        np.testing.assert_allclose(sent["codes"].reshape(codes.shape), codes, atol=1e-6)
        points = sent["points"].reshape(-1, 2)
        np.testing.assert_allclose(points, on_the_plane(panel, name, codes), atol=1e-4)
        axes = sent["axes"].reshape(2, -1)
        np.testing.assert_allclose(
            (codes.numpy() - sent["centre"]) @ axes.T, points, atol=1e-4
        )  # as the page places a code
        assert list(data["digits"]) == shown[1].tolist()
        (left, right), (bottom, top) = data["x"], data["y"]
        x, y = points.T
        assert ((left < x) & (x < right) & (bottom < y) & (y < top)).mean() > 0.95
        assert right - left < 1.6 * (x.max() - x.min())


def test_it_begins_with_the_lowest_digit_and_the_highest_and_knows_at_most_300_images(two, shown):
    some = torch.isin(shown[1], torch.tensor([2, 7, 8]))
    panel = PathPanel({"vae2": two}, shown[0][some], shown[1][some].tolist())
    assert [panel.labels[end.value] for end in (panel.first, panel.second)] == [2, 8]
    many = PathPanel({"vae2": two}, shown[0].repeat(2, 1, 1, 1), shown[1].repeat(2))
    assert many.first.max == many.second.max == 299
    assert len(many.stage.data["maps"][0]["digits"]) == 300


def test_each_model_travels_with_the_panel_and_one_without_dense_layers_needs_the_kernel(two, twenty, shown):
    dense, conv = (PathPanel({"a": model}, *shown) for model in (two, twenty))
    state = dense.stage.get_state()["decoders"]
    assert state == {"a": f"anywidget:{dense.stage.decoders['a'].model_id}"}
    assert dense.stage.decoders["a"].layers
    assert VIEW not in dense._repr_mimebundle_()[1]
    assert conv._repr_mimebundle_()[1][VIEW] == {"needs_kernel": True}


class Given(vh.VAE):
    """A VAE whose posterior means are given, in the order of the images."""

    def __init__(self, codes):
        super().__init__(codes.shape[1], (8,))
        self.codes = codes

    def encode(self, x):
        return self.codes[: len(x)], torch.zeros(len(x), self.latent_dim)


def test_that_no_great_circle_joins_opposite_codes_is_said(images):
    panel = PathPanel(
        {"a": Given(torch.tensor([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0], [-1.0, -2.0]]))}, images[:4], range(4)
    )
    with pytest.raises(ValueError, match="great circle"):
        _ = panel.paths
    panel.second.value = 1
    assert len(panel.paths) == 2


def test_from_an_image_to_itself_there_is_no_way_to_go(two, shown):
    panel = PathPanel({"vae2": two}, *shown)
    panel.second.value = panel.first.value
    for path in panel.paths.values():
        assert path.step_sizes.max() < 1e-3


LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: PathPanel({}, x, LABELS), "models: expected a dict of models by name, one or more"),
        (lambda x: PathPanel(dict.fromkeys("abc", vh.VAE(2, (8,))), x, LABELS), "got 3"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x[:1], LABELS[:1]), "images: expected two or more, got 1"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x, LABELS[:5]), "6 .*5"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x - 0.5, LABELS), "values from"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x.flatten(1), LABELS), r"\(6, 784\)"),
        (lambda x: PathPanel({"a": vh.VAE(6, (8,))}, x, LABELS), "expected more than 6"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
