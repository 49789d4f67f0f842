"""latent_panels: what a panel shows of latent space is what its model decodes there, and how far it lies apart."""

import re

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from panel_tools import check_shows, counted, decode, on_the_page, pixels

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.latent_panels import FRAMES, VALUES

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture(scope="module")
def shown(mnist):
    """Images, 200 of them, and their labels."""
    return mnist.test.images[:200], mnist.test.labels[:200]


@pytest.fixture(scope="module")
def two():
    """A model with two latents that tell digits apart."""
    return vh.load_pretrained("vae2")


@pytest.fixture(scope="module")
def twenty():
    """A model with twenty."""
    return vh.load_pretrained("conv20")


def film(model, codes):
    """What codes decode to, side by side: (N, latent_dim) => (28, 28 N)."""
    return torch.cat([decode(model, code) for code in codes], dim=1)


# the principal components


@pytest.fixture
def components(twenty, shown):
    pca = vh.LatentPCA(vh.posterior_means(twenty, shown[0]))
    return vh.ComponentPanel(twenty, pca)


def heights(panel):
    return torch.tensor([bar.get_height() for bar in panel._bars])


def test_the_component_panel_starts_at_the_mean_of_the_codes(components, twenty):
    mean = components.pca.mean
    assert [slider.description for slider in components.components] == [f"{k + 1}" for k in range(20)]
    assert {(slider.min, slider.value, slider.max) for slider in components.components} == {(-3, 0, 3)}
    check_shows(components, decode(twenty, mean))
    torch.testing.assert_close(heights(components), mean)
    assert "no component is moved" in components.text.value


def test_the_component_panel_moves_from_the_code_that_is_given(twenty, components, shown):
    start = vh.posterior_means(twenty, shown[0][:1])[0]
    panel = vh.ComponentPanel(twenty, components.pca, start)
    check_shows(panel, decode(twenty, start))
    panel.components[0].value = 2.0
    expected = start + 2 * panel.pca.explained_variance[0].sqrt() * panel.pca.components[0]
    check_shows(panel, decode(twenty, expected))
    torch.testing.assert_close(heights(panel), expected)
    np.testing.assert_array_equal(panel._began.get_ydata(), start)  # stays


def test_the_component_panel_decodes_as_many_deviations_along_its_components_as_the_sliders_say(components, twenty):
    moves, pca = {1: -2.5, 7: 0.6, 20: 3.0}, components.pca
    expected = pca.mean.clone()
    for k, step in moves.items():
        components.components[k - 1].value = step
        expected += step * pca.explained_variance[k - 1].sqrt() * pca.components[k - 1]
    check_shows(components, decode(twenty, expected))
    torch.testing.assert_close(heights(components), expected)
    told = re.findall(r"(\d+): ([+−][\d.]+) σ", components.text.value)
    assert {int(k): float(step.replace("−", "-")) for k, step in told} == moves


def test_the_component_panel_draws_each_latent_at_its_number(components):
    assert [bar.get_x() + bar.get_width() / 2 for bar in components._bars] == pytest.approx(range(1, 21))
    np.testing.assert_array_equal(components._began.get_xdata(), range(1, 21))
    ticks = components._began.axes.get_xticks()
    assert set(ticks) <= set(range(1, 21))
    assert 5 < len(ticks) <= 10  # as many as can be read


def test_the_start_is_marked_over_the_bars(components):
    components.components[0].value = 3.0
    at = components._began.axes.transData.transform(components._began.get_xydata()).round().astype(int)
    picture = pixels(components)
    marks = picture[picture.shape[0] - 1 - at[:, 1], at[:, 0]] / 255
    np.testing.assert_allclose(marks, np.tile(to_rgb(plots.ORANGE), (20, 1)), atol=0.01)


def test_reset_sets_all_components_to_zero_and_draws_once(components, monkeypatch):
    first, text = pixels(components), components.text.value
    for slider in components.components[1::2]:
        slider.value = 2.0
    assert (pixels(components) != first).any()
    drawn = counted(components, monkeypatch)
    assert components.reset in on_the_page(components)
    components.reset.click()
    assert len(drawn) == 1
    assert {slider.value for slider in components.components} == {0}
    assert components.text.value == text
    np.testing.assert_array_equal(pixels(components), first)


@pytest.mark.parametrize("name", ["ae2", "vae20", "vae20_beta16"])
def test_the_bars_of_one_component_stay_within_the_axes(name, mnist):
    model = vh.load_pretrained(name)
    panel = vh.ComponentPanel(model, vh.LatentPCA(vh.posterior_means(model, mnist.test.images)))
    low, high = panel._began.axes.get_ylim()
    for slider in panel.components:
        for value in (slider.min, slider.max):
            slider.value = value
            assert low < heights(panel).min() < heights(panel).max() < high
        slider.value = 0.0


# each latent


@pytest.fixture
def traversal(twenty, shown):
    return vh.TraversalPanel(twenty, shown[0])


def subscript(number):
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def test_the_traversal_panel_offers_every_latent_the_costliest_first(traversal, twenty, shown):
    cost = vh.kl_of_each_dimension(twenty, shown[0])
    offered = [k for _, k in traversal.latent.options]
    assert sorted(offered) == list(range(20))
    assert (cost[offered].diff() <= 0).all()
    assert [text for text, _ in traversal.latent.options] == [
        f"z{subscript(k + 1)} ({cost[k]:.2f} nats)" for k in offered
    ]
    assert traversal.latent.value == offered[0] == cost.argmax()


@pytest.mark.parametrize(("rank", "value"), [(0, -3.0), (1, 0.7), (19, 3.0)])
def test_the_traversal_panel_decodes_the_first_image_s_code_with_one_latent_set(traversal, twenty, shown, rank, value):
    code = vh.posterior_means(twenty, shown[0][:1])[0]
    traversal.latent.value = k = traversal.latent.options[rank][1]
    traversal.value.value = value
    check_shows(traversal, decode(twenty, vh.traverse(code, k, [value])[0]))
    check_shows(traversal, film(twenty, vh.traverse(code, k, torch.linspace(-3, 3, FRAMES))), traversal._film)
    assert traversal.text.value.startswith(f"z{subscript(k + 1)} = <b>{value:.1f}</b>".replace("-", "−"))
    assert traversal.text.value.endswith(f"the encoder says {code[k]:.1f}".replace("-", "−"))


def test_the_traversal_panel_shows_the_first_image_and_its_reconstruction(traversal, twenty, shown):
    axes = {ax.get_title(): ax for ax in traversal._figure.axes}
    check_shows(traversal, shown[0][0, 0], axes["image"].images[0])
    code = vh.posterior_means(twenty, shown[0][:1])[0]
    check_shows(traversal, decode(twenty, code), axes["reconstruction"].images[0])


@pytest.mark.parametrize("far", [1.0, 40.0])
def test_the_traversal_panel_starts_at_the_image_s_own_value_as_far_as_the_slider_goes(images, far):
    model = vh.VAE(3, (8,))
    with torch.no_grad():
        model.to_mu.bias.copy_(torch.tensor([0.5, -1.23 * far, 0.5]))
    panel = vh.TraversalPanel(model, images)
    code = vh.posterior_means(model, images[:1])[0]
    assert panel.latent.value == 1
    assert panel.value.value == pytest.approx(max(code[1].item(), -3), abs=0.051)
    assert (panel.value.min, panel.value.max) == (-3, 3)


def test_the_frames_of_a_traversal_stand_over_their_values_and_under_the_mark(traversal):
    ax = traversal._film.axes
    for k, (value, tick, text) in enumerate(zip(VALUES, ax.get_xticks(), ax.get_xticklabels(), strict=True)):
        assert float(text.get_text().replace("−", "-")) == pytest.approx(value, abs=0.051)
        assert tick == pytest.approx(28 * k + 13.5)  # the middle of its frame
        traversal.value.value = value
        left, right = traversal._mark.get_xdata()
        assert (left + right) / 2 == pytest.approx(tick)
        assert max(traversal._mark.get_ydata()) < 0  # above the film


def decoded_codes(models, monkeypatch):
    """A list of how many codes the models decode at a time."""
    counts = []
    for model in models:
        decode_all = model.decode
        monkeypatch.setattr(model, "decode", lambda z, decode_all=decode_all: counts.append(len(z)) or decode_all(z))
    return counts


def test_a_traversal_is_decoded_anew_only_for_another_latent(traversal, twenty, monkeypatch):
    counts = decoded_codes([twenty], monkeypatch)
    traversal.value.value = 2.5
    assert counts == [1]
    traversal.latent.value = traversal.latent.options[1][1]
    assert sorted(counts) == [1, 1, FRAMES]


# from image to image


ALPHAS = pytest.mark.parametrize("alpha", [0.0, 0.37, 1.0])


@pytest.fixture
def paths(two, twenty, shown):
    panel = vh.PathPanel({"conv20": twenty, "vae2": two}, *shown)
    panel.first_number.value, panel.second_digit.value = 2, 4
    return panel


def codes_of_ends(panel, way):
    return vh.posterior_means(panel.models[way.name], panel.images[panel.ends()])


def test_there_is_a_straight_way_and_a_great_circle_through_each_model_told_apart_by_more_than_colour(paths):
    assert [(way.name, way.spherical) for way in paths._ways] == [
        (name, spherical) for name in paths.models for spherical in (False, True)
    ]
    for straight, circle in zip(paths._ways[::2], paths._ways[1::2], strict=True):
        assert straight.line.axes is circle.line.axes
        assert straight.line.axes.get_title() == straight.name
        assert straight.line.get_linestyle() != circle.line.get_linestyle()
        assert "straight" in straight.film.axes.get_ylabel()
        assert "circle" in circle.film.axes.get_ylabel()


@ALPHAS
def test_the_path_panel_decodes_films_and_the_image_at_alpha_on_both_ways(paths, alpha):
    paths.alpha.value = alpha
    for way in paths._ways:
        start, end = codes_of_ends(paths, way)
        model = paths.models[way.name]
        check_shows(paths, film(model, vh.interpolate(start, end, FRAMES, way.spherical)), way.film)
        check_shows(paths, decode(model, vh.interpolate(start, end, 101, way.spherical)[round(100 * alpha)]), way.now)
        if not way.spherical:
            np.testing.assert_allclose(way.now.get_array(), decode(model, torch.lerp(start, end, alpha)), atol=1e-4)
        ends = {0.0: way.film.get_array()[:, :28], 1.0: way.film.get_array()[:, -28:]}
        if alpha in ends:
            np.testing.assert_allclose(way.now.get_array(), ends[alpha], atol=1e-5)


@ALPHAS
def test_the_path_panel_draws_the_ways_on_the_plane_and_a_dot_at_alpha(paths, alpha):
    paths.alpha.value = alpha
    for way in paths._ways:
        path = vh.interpolate(*codes_of_ends(paths, way), 101, way.spherical)
        if path.shape[1] > 2:
            pca = vh.LatentPCA(vh.posterior_means(paths.models[way.name], paths.images))
            path = pca.transform(path)[:, :2]
        np.testing.assert_allclose(way.line.get_xydata(), path, atol=1e-5)
        np.testing.assert_allclose(way.dot.get_xydata(), path[[round(100 * alpha)]], atol=1e-5)


def test_the_path_panel_draws_the_codes_of_all_images_as_their_digits_most_of_them_within_the_axes(paths, shown):
    for way in paths._ways[::2]:
        codes, ax = vh.posterior_means(paths.models[way.name], shown[0]), way.line.axes
        points = codes if codes.shape[1] == 2 else vh.LatentPCA(codes).transform(codes)[:, :2]
        for digit, drawn in enumerate(ax.collections):
            np.testing.assert_allclose(drawn.get_offsets(), points[shown[1] == digit], atol=1e-5)
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        x, y = points.T
        within = (left < x) & (x < right) & (bottom < y) & (y < top)
        assert within.float().mean() > 0.95
        assert right - left < 1.6 * (x.max() - x.min())
        assert top - bottom < 1.6 * (y.max() - y.min())


def test_the_path_panel_draws_and_tells_how_far_the_picture_moves_at_each_step(paths):
    told = dict(line.split(": ") for line in paths.text.value.split("<br>"))
    assert list(told) == list(paths.models)
    for way in paths._ways:
        codes = vh.interpolate(*codes_of_ends(paths, way), FRAMES, way.spherical)
        sizes = vh.step_sizes(paths.models[way.name].decode(codes).detach())
        np.testing.assert_allclose(way.sizes.get_xydata(), [*enumerate(sizes, start=1)], atol=1e-3)
        kind = "great circle" if way.spherical else "straight"
        assert f"{kind} {sizes.sum():.1f} pixels long, its largest step {sizes.max():.1f}" in told[way.name]


def test_films_are_decoded_anew_only_for_other_images(paths, monkeypatch):
    counts = decoded_codes(paths.models.values(), monkeypatch)
    paths.alpha.value = 0.25
    assert counts == [1] * 4
    paths.second_number.value = 3
    assert sorted(counts) == [1] * 8 + [FRAMES] * 4


@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0])
def test_the_mark_of_a_film_is_under_the_frame_of_alpha(paths, alpha):
    paths.alpha.value = alpha
    for way in paths._ways:
        assert np.mean(way.mark.get_xdata()) == pytest.approx(28 * alpha * (FRAMES - 1) + 13.5)
        assert min(way.mark.get_ydata()) > 28
        assert way.mark.axes is way.film.axes


def test_the_ends_are_the_images_of_the_digits_and_numbers_that_are_chosen(two, shown):
    images, labels = shown
    panel = vh.PathPanel({"vae2": two}, images, labels)
    assert panel.ends() == [(labels == digit).nonzero()[0].item() for digit in (0, 9)]  # the first and the last digit
    panel.first_digit.value, panel.first_number.value, panel.second_number.value = 3, 5, panel.second_number.max
    first, second = panel.ends()
    assert first == (labels == 3).nonzero()[5].item()
    assert second == (labels == 9).nonzero()[panel.second_number.max].item()
    assert panel.first_number.max == panel.second_number.max == labels.bincount().min() - 1  # every digit has as many


def test_the_path_panel_offers_the_digits_that_there_are(two, shown):
    some = torch.isin(shown[1], torch.tensor([2, 7, 8]))
    panel = vh.PathPanel({"vae2": two}, shown[0][some], shown[1][some].tolist())
    assert panel.first_digit.options == panel.second_digit.options == (2, 7, 8)
    assert (panel.first_digit.value, panel.second_digit.value) == (2, 8)


def drawn_at_random(panel, times):
    """The choices that `random` makes, one after another."""
    choices = [panel.first_digit, panel.first_number, panel.second_digit, panel.second_number]
    for _ in range(times):
        panel.random.click()
        yield tuple(choice.value for choice in choices)


def test_random_draws_two_different_digits_and_any_of_their_images(two, shown):
    panel = vh.PathPanel({"vae2": two}, *shown)
    assert panel.random in on_the_page(panel)
    drawn = list(drawn_at_random(panel, 60))
    assert all(first != second for first, _, second, _ in drawn)
    first_digits, first_numbers, second_digits, second_numbers = map(set, zip(*drawn, strict=True))
    assert first_digits == second_digits == set(range(10))
    assert {0, panel.first_number.max} <= first_numbers
    assert {0, panel.first_number.max} <= second_numbers
    assert any(first != second for _, first, _, second in drawn)


def test_random_draws_the_same_in_every_new_panel_whatever_else_is_random(two, shown):
    first, second = (vh.PathPanel({"vae2": two}, *shown) for _ in range(2))
    drawn = list(drawn_at_random(first, 4))
    torch.manual_seed(1)
    assert list(drawn_at_random(second, 4)) == drawn
    assert len(set(drawn)) == 4


def test_random_draws_the_panel_once(paths, monkeypatch):
    drawn = counted(paths, monkeypatch)
    for k, _ in enumerate(drawn_at_random(paths, 3), start=1):
        assert len(drawn) == k
    for way in paths._ways:
        expected = film(paths.models[way.name], vh.interpolate(*codes_of_ends(paths, way), FRAMES, way.spherical))
        check_shows(paths, expected, way.film)


class Given(vh.VAE):
    """A VAE whose posterior means are given, in the order of the images."""

    def __init__(self, codes):
        super().__init__(codes.shape[1], (8,))
        self.codes = codes

    def encode(self, x):
        return self.codes[: len(x)], torch.zeros(len(x), self.latent_dim)


@pytest.mark.parametrize("back", ["first_number", "second_number"])
def test_that_no_great_circle_joins_opposite_codes_is_raised_and_shown_until_the_next_good_choice(images, back):
    codes = torch.tensor([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0], [-1.0, -2.0]])
    model = Given(codes)
    panel, expected = (vh.PathPanel({"given": model}, images[:4], [0, 0, 1, 1]) for _ in range(2))
    picture = panel.picture.value
    with pytest.raises(ValueError, match="no one great circle"):
        panel.second_number.value = 1
    assert panel.ends() == [0, 3]
    assert "no one great circle joins codes that are opposite" in panel.error.value
    assert panel.picture.value == picture  # the last good one
    choice = getattr(panel, back)
    choice.value = 1 - choice.value
    assert panel.error.value == ""
    expected.first_number.value, expected.second_number.value = panel.first_number.value, panel.second_number.value
    panel.alpha.value = expected.alpha.value = 0.25
    np.testing.assert_array_equal(pixels(panel), pixels(expected))
    assert panel.text.value == expected.text.value


def test_from_an_image_to_itself_there_is_no_way_to_go(two, shown):
    panel = vh.PathPanel({"vae2": two}, *shown)
    panel.second_digit.value = panel.first_digit.value
    assert "straight 0.0 pixels long, its largest step 0.0, great circle 0.0" in panel.text.value


LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda x: vh.ComponentPanel(vh.VAE(2, (8,)), vh.LatentPCA(torch.randn(9, 3))), r"\(N, 2\), got \(1, 3\)"),
        (lambda x: vh.ComponentPanel(vh.VAE(3, (8,)), vh.LatentPCA(torch.randn(9, 3)), torch.zeros(2)), r"\(1, 2\)"),
        (lambda x: vh.ComponentPanel(vh.VAE(3, (8,)), vh.LatentPCA(torch.randn(9, 3)), torch.zeros(1, 3)), "1, 1, 3"),
        (lambda x: vh.ComponentPanel(vh.VAE(3, (8,)), vh.LatentPCA(torch.randn(9, 2)), torch.zeros(3)), r"\(2, 2\)"),
        (lambda x: vh.TraversalPanel(vh.Autoencoder(2, (8,)), x), "needs a VAE"),
        (lambda x: vh.TraversalPanel(vh.VAE(2, (8,)), 2 * x), "values from"),
        (lambda x: vh.TraversalPanel(vh.VAE(2, (8,)), x[0]), r"\(1, 28, 28\)"),
        (lambda x: vh.PathPanel({}, x, LABELS), r"one or two models .*got 0 models and the digits \[0, 1, 2\]"),
        (lambda x: vh.PathPanel(dict.fromkeys("abc", vh.VAE(2, (8,))), x, LABELS), "got 3 models"),
        (lambda x: vh.PathPanel({"a": vh.VAE(2, (8,))}, x, 0 * LABELS), r"two digits or more, .*the digits \[0\]"),
        (lambda x: vh.PathPanel({"a": vh.VAE(2, (8,))}, x, LABELS[:5]), "6 .*5"),
        (lambda x: vh.PathPanel({"a": vh.VAE(2, (8,))}, x - 0.5, LABELS), "values from"),
        (lambda x: vh.PathPanel({"a": vh.VAE(2, (8,))}, x.flatten(1), LABELS), r"\(6, 784\)"),
        (lambda x: vh.PathPanel({"a": vh.VAE(6, (8,))}, x, LABELS), "6 components need more codes"),
    ],
)
def test_wrong_input_is_refused(images, make, named):
    with pytest.raises(ValueError, match=named):
        make(images)
