"""PathPanel: paths, films and steps are those between the chosen images, in every model."""

import numpy as np
import pytest
import torch
from panel_tools import check_shows, counted, decode, decoded_codes, film, on_the_page, pixels

import vae_helpers as vh
from vae_helpers.widgets import PathPanel
from vae_helpers.widgets.film import FRAMES

ALPHAS = pytest.mark.parametrize("alpha", [0.0, 0.37, 1.0])
KINDS = ["straight", "great circle"]


@pytest.fixture(scope="module")
def panel(two, twenty, shown):
    panel = PathPanel({"conv20": twenty, "vae2": two}, *shown)
    panel.first_number.value, panel.second_digit.value = 2, 4
    return panel


@pytest.fixture
def new(two, shown):
    """A new panel of one model."""
    return PathPanel({"vae2": two}, *shown)


def expected_codes(panel, name, kind, steps):
    ends = vh.encode_mean(panel.models[name], panel.images[panel.ends()])
    return vh.interpolate(*ends, steps, spherical=kind == "great circle")


def check_films(panel):
    for name, kind in panel.paths:
        expected = film(panel.models[name], expected_codes(panel, name, kind, FRAMES))
        check_shows(panel, expected, f"{name} {kind} film")


def test_each_model_has_a_straight_path_and_a_great_circle_told_apart_by_more_than_colour(panel):
    assert list(panel.paths) == [(name, kind) for name in panel.models for kind in KINDS]
    for name in panel.models:
        ax = panel.axes[f"{name} map"]
        straight, _, circle, _ = ax.lines
        assert ax.get_title() == name
        assert straight.get_linestyle() != circle.get_linestyle()
        for kind in KINDS:
            assert panel.axes[f"{name} {kind} film"].get_ylabel().replace("\n", " ") == kind


@ALPHAS
def test_it_decodes_films_and_the_image_at_alpha_on_every_path(panel, alpha):
    panel.alpha.value = alpha
    check_films(panel)
    for (name, kind), path in panel.paths.items():
        code = expected_codes(panel, name, kind, 101)[round(100 * alpha)]
        torch.testing.assert_close(path.codes[round(100 * alpha)], code)
        check_shows(panel, decode(panel.models[name], code), f"{name} {kind} image")
        if alpha in (0, 1):
            check_shows(panel, path.film[-int(alpha), 0], f"{name} {kind} image")


@ALPHAS
def test_it_draws_the_paths_on_the_plane_and_a_dot_at_alpha(panel, alpha):
    panel.alpha.value = alpha
    for name, model in panel.models.items():
        lines = panel.axes[f"{name} map"].lines
        for kind, line, dot in zip(KINDS, lines[::2], lines[1::2], strict=True):
            points = expected_codes(panel, name, kind, 101)
            if points.shape[1] > 2:
                points = vh.LatentPCA().fit(vh.encode_mean(model, panel.images)).transform(points)[:, :2]
            np.testing.assert_allclose(line.get_xydata(), points, atol=1e-5)
            np.testing.assert_allclose(dot.get_xydata(), points[[round(100 * alpha)]], atol=1e-5)


def test_it_draws_the_codes_of_all_images_as_their_digits_most_of_them_within_the_axes(panel, shown):
    for name, model in panel.models.items():
        codes, ax = vh.encode_mean(model, shown[0]), panel.axes[f"{name} map"]
        points = codes if codes.shape[1] == 2 else vh.LatentPCA().fit(codes).transform(codes)[:, :2]
        for digit, drawn in enumerate(ax.collections):
            np.testing.assert_allclose(drawn.get_offsets(), points[shown[1] == digit], atol=1e-5)
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        x, y = points.T
        within = (left < x) & (x < right) & (bottom < y) & (y < top)
        assert within.float().mean() > 0.95
        assert right - left < 1.6 * (x.max() - x.min())
        assert top - bottom < 1.6 * (y.max() - y.min())


def test_it_draws_and_says_how_far_the_picture_moves_at_each_step(panel):
    said = dict(line.split(": ") for line in panel.text.value.split("<br>"))
    assert list(said) == list(panel.models)
    for name, model in panel.models.items():
        for kind, line in zip(KINDS, panel.axes[f"{name} steps"].lines, strict=True):
            sizes = vh.latent.step_sizes(model.decode(expected_codes(panel, name, kind, FRAMES)).detach())
            np.testing.assert_allclose(line.get_xydata(), [*enumerate(sizes, start=1)], atol=1e-3)
            assert f"{kind} {sizes.sum():.1f} pixels long, its largest step {sizes.max():.1f}" in said[name]


@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0])
def test_the_mark_of_a_film_is_under_the_frame_of_alpha(panel, alpha):
    panel.alpha.value = alpha
    for name, kind in panel.paths:
        (mark,) = panel.axes[f"{name} {kind} film"].lines
        assert np.mean(mark.get_xdata()) == pytest.approx(28 * alpha * (FRAMES - 1) + 13.5)
        assert min(mark.get_ydata()) > 28


def test_films_are_decoded_only_for_other_images(new, monkeypatch):
    counts = decoded_codes(new.models.values(), monkeypatch)
    new.alpha.value = 0.25
    assert counts == [1] * 2
    new.second_number.value = 3
    assert sorted(counts) == [1] * 4 + [FRAMES] * 2


def test_the_ends_are_the_images_of_the_digits_and_numbers_that_are_chosen(new, shown):
    labels = shown[1]
    assert new.ends() == [(labels == digit).nonzero()[0].item() for digit in (0, 9)]  # the first and the last digit
    last = new.second_number.max
    new.set_values({new.first_digit: 3, new.first_number: 5, new.second_number: last})
    assert new.ends() == [(labels == 3).nonzero()[5].item(), (labels == 9).nonzero()[last].item()]
    assert new.first_number.max == last == labels.bincount().min() - 1  # every digit has as many


def test_it_offers_the_digits_that_there_are(two, shown):
    some = torch.isin(shown[1], torch.tensor([2, 7, 8]))
    panel = PathPanel({"vae2": two}, shown[0][some], shown[1][some].tolist())
    assert panel.first_digit.options == panel.second_digit.options == (2, 7, 8)
    assert (panel.first_digit.value, panel.second_digit.value) == (2, 8)


def random_choices(panel, times):
    """The choices that `random` makes, one after another."""
    choices = [panel.first_digit, panel.first_number, panel.second_digit, panel.second_number]
    for _ in range(times):
        panel.random.click()
        yield tuple(choice.value for choice in choices)


def test_random_draws_two_different_digits_and_any_of_their_images(new, monkeypatch):
    assert new.random in on_the_page(new)
    updates = counted(new, monkeypatch)
    choices = list(random_choices(new, 60))
    assert len(updates) == 60  # one each
    check_films(new)
    assert all(first != second for first, _, second, _ in choices)
    first_digits, first_numbers, second_digits, second_numbers = map(set, zip(*choices, strict=True))
    assert first_digits == second_digits == set(range(10))
    assert {0, new.first_number.max} <= first_numbers
    assert {0, new.first_number.max} <= second_numbers
    assert any(first != second for _, first, _, second in choices)


def test_random_draws_the_same_in_every_new_panel_whatever_else_is_random(two, shown):
    first, second = (PathPanel({"vae2": two}, *shown) for _ in range(2))
    choices = list(random_choices(first, 4))
    torch.manual_seed(1)
    assert list(random_choices(second, 4)) == choices
    assert len(set(choices)) == 4


class Given(vh.VAE):
    """A VAE whose posterior means are given, in the order of the images."""

    def __init__(self, codes):
        super().__init__(codes.shape[1], (8,))
        self.codes = codes

    def encode(self, x):
        return self.codes[: len(x)], torch.zeros(len(x), self.latent_dim)


@pytest.mark.parametrize("back", ["first_number", "second_number"])
def test_that_no_great_circle_joins_opposite_codes_is_shown_until_the_next_good_choice(images, back):
    model = Given(torch.tensor([[1.0, 2.0], [2.0, 0.0], [0.0, 1.0], [-1.0, -2.0]]))
    panel, expected = (PathPanel({"given": model}, images[:4], [0, 0, 1, 1]) for _ in range(2))
    picture = panel.picture.value
    with pytest.raises(ValueError, match="great circle"):
        panel.second_number.value = 1
    assert panel.ends() == [0, 3]
    assert "great circle" in panel.error.value
    assert panel.picture.value == picture  # the last good one
    choice = getattr(panel, back)
    choice.value = 1 - choice.value
    assert panel.error.value == ""
    expected.first_number.value, expected.second_number.value = panel.first_number.value, panel.second_number.value
    panel.alpha.value = expected.alpha.value = 0.25
    np.testing.assert_array_equal(pixels(panel), pixels(expected))
    assert panel.text.value == expected.text.value


def test_from_an_image_to_itself_there_is_no_way_to_go(new):
    new.second_digit.value = new.first_digit.value
    assert "straight 0.0 pixels long, its largest step 0.0, great circle 0.0" in new.text.value


LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: PathPanel({}, x, LABELS), "models: expected one or two, got 0"),
        (lambda x: PathPanel(dict.fromkeys("abc", vh.VAE(2, (8,))), x, LABELS), "got 3"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x, 0 * LABELS), r"two digits or more, got only \[0\]"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x, LABELS[:5]), "6 .*5"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x - 0.5, LABELS), "values from"),
        (lambda x: PathPanel({"a": vh.VAE(2, (8,))}, x.flatten(1), LABELS), r"\(6, 784\)"),
        (lambda x: PathPanel({"a": vh.VAE(6, (8,))}, x, LABELS), "expected more than 6"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
