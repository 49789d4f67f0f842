"""plots: each function gives a Figure that is drawn, labelled and told in words, and puts images where they belong."""

import base64
import io
from itertools import combinations

import matplotlib
import numpy as np
import PIL.Image
import pytest
import scipy.spatial.distance
import torch
from matplotlib.figure import Figure

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.training import Scores

CODES, LABELS = torch.randn(40, 2, generator=torch.Generator().manual_seed(0)), torch.arange(40) % 10
XS, YS = [-1.0, 0.0, 1.0], [-2.0, 2.0]
RUNS = {"weak": Scores(110.0, 80.0, 30.0), "strong": Scores(135.25, 120.0, 15.25), "collapsed": Scores(200, 200, 0)}
FLOOR, NO_CODE = 45.5, 205.75


def drawn(plot):
    """The pixels a notebook shows, (height, width, 3), and the text it shows instead."""
    bundle, metadata = plot._repr_mimebundle_()
    pixels = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGB"))
    assert metadata["image/png"]["alt"] == bundle["text/plain"] == plot.alt
    return pixels, plot.alt


FIGURES = {
    "figure": lambda x: vh.figure("Two empty axes.", 1, 2)[0],
    "image_rows": lambda x: vh.image_rows({"input": x, "output": 1 - x}, titles=list("abcdef")),
    "image_grid": lambda x: vh.image_grid(x, columns=4, title="noise"),
    "latent_scatter": lambda x: vh.latent_scatter(CODES, LABELS),
    "decoded_plane": lambda x: vh.decoded_plane(x, XS, YS),
    "rate_distortion": lambda x: plots.rate_distortion(RUNS, FLOOR, NO_CODE),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_every_figure_is_drawn_and_told_in_words(make, images):
    plot = make(images)
    assert isinstance(plot, Figure)
    pixels, alt = drawn(plot)
    assert pixels.std() > 5  # not blank
    assert len(alt) > 10


def test_the_text_alternatives_count_and_name_what_is_shown(images):
    assert "6 images in each of 2 rows" in FIGURES["image_rows"](images).alt
    assert "input, output" in FIGURES["image_rows"](images).alt
    assert "6 images" in FIGURES["image_grid"](images).alt
    assert "40 images" in FIGURES["latent_scatter"](images).alt
    assert "3 by 2 codes, from z1 = −1.0 to 1.0 and z2 = −2.0 to 2.0" in FIGURES["decoded_plane"](images).alt
    told = FIGURES["rate_distortion"](images).alt
    assert f"{FLOOR:.1f}" in told
    for name, run in RUNS.items():
        assert f"{name}: rate {run.kl:.1f}, distortion {run.reconstruction:.1f}" in told


@pytest.mark.parametrize("name", ["latent_scatter", "decoded_plane"])
def test_the_axes_of_a_plane_are_named(name, images):
    (ax,) = FIGURES[name](images).axes
    assert "z_1" in ax.get_xlabel()
    assert "z_2" in ax.get_ylabel()


def test_a_mosaic_puts_each_image_at_its_row_and_column(images):
    tiles = plots.mosaic(images, columns=4)
    assert tiles.shape == (2 * 28, 4 * 28)
    for k in range(8):
        row, column = divmod(k, 4)
        tile = tiles[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)]
        expected = images[k, 0].numpy() if k < 6 else np.zeros((28, 28))  # black where none
        np.testing.assert_array_equal(tile, expected)


def test_rows_of_images_show_each_image_under_its_title_and_after_its_name(images):
    axes = np.reshape(FIGURES["image_rows"](images).axes, (2, 6))
    for k in range(6):
        np.testing.assert_array_equal(axes[0, k].images[0].get_array(), images[k, 0])
        np.testing.assert_array_equal(axes[1, k].images[0].get_array(), 1 - images[k, 0])
    assert [ax.get_title() for ax in axes[0]] == list("abcdef")
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["input", "output"]


def test_a_decoded_plane_lies_as_its_codes_do():
    # each code is drawn as a tile that is as bright as its place in the grid
    grid = vh.plane_grid(XS, YS)
    order = torch.arange(6) / 6
    (ax,) = vh.decoded_plane(order.reshape(6, 1, 1, 1).expand(6, 1, 28, 28), XS, YS).axes
    ax.figure.canvas.draw()
    assert "-" not in "".join(text.get_text() for text in [*ax.get_xticklabels(), *ax.get_yticklabels()])
    shown = ax.images[0].get_array()
    for (x, y), brightness in zip(grid.tolist(), order.tolist(), strict=True):
        (column,) = (t for t, text in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True) if number(text) == x)
        (row,) = (t for t, text in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True) if number(text) == y)
        assert shown[round(row), round(column)] == pytest.approx(brightness)


def number(text):
    return float(text.get_text().replace("−", "-"))


def test_a_scatter_draws_each_code_as_its_digit_and_no_more_than_asked():
    angles = LABELS[:, None] / 10 * 2 * np.pi
    apart = CODES + 20 * torch.cat([angles.cos(), angles.sin()], 1)
    (ax,) = vh.latent_scatter(apart, LABELS, most=30).axes
    for digit, points in enumerate(ax.collections):
        own = apart[:30][LABELS[:30] == digit]
        np.testing.assert_allclose(points.get_offsets(), own, rtol=1e-6)
        names = [text for text in ax.texts if text.get_text() == str(digit)]
        np.testing.assert_allclose([name.xy for name in names], [np.median(own, axis=0)], rtol=1e-5)
    glyphs = {points.get_paths()[0].vertices.tobytes() for points in ax.collections}
    assert len(glyphs) == 10  # told apart by more than colour
    assert len({tuple(points.get_facecolor()[0]) for points in ax.collections}) == 10


def test_the_large_digits_of_a_scatter_do_not_hide_each_other_and_stand_near_their_medians():
    (ax,) = vh.latent_scatter(CODES, LABELS).axes
    medians = np.array([np.median(CODES[digit == LABELS], axis=0) for digit in range(10)])
    assert smallest_distance(ax, medians) < 10
    shown = np.array([text.xy for text in sorted(ax.texts, key=lambda text: text.get_text())])
    assert smallest_distance(ax, shown) > 15
    moved = np.hypot(*(ax.transData.transform(shown) - ax.transData.transform(medians)).T)
    assert moved.max() < 30 * ax.figure.dpi / 72


def test_the_large_digits_of_one_place_stand_apart_also_where_all_else_lies_near_it():
    (ax,) = vh.latent_scatter(torch.zeros(20, 2), torch.arange(20) // 2).axes
    assert smallest_distance(ax, np.array([text.xy for text in ax.texts])) > 15


def smallest_distance(ax, places):
    """Between two of them, in points."""
    far = scipy.spatial.distance.pdist(ax.transData.transform(places))
    return far.min() * 72 / ax.figure.dpi


def test_the_axes_of_rate_and_distortion_are_named_with_their_unit():
    (ax,) = plots.rate_distortion(RUNS, FLOOR, NO_CODE).axes
    assert "rate" in ax.get_xlabel()
    assert "distortion" in ax.get_ylabel()
    assert "nats" in ax.get_xlabel()
    assert "nats" in ax.get_ylabel()


def lines_by_name(ax):
    """The lines of a rate-distortion figure: the joined runs, and the level that each text stands on."""
    *levels, joined = ax.lines
    heights = {line.get_ydata()[0]: line for line in levels}
    return joined, {text.get_text(): heights[text.xy[1]] for text in ax.texts if text.xy[1] in heights}


def test_runs_lie_at_their_rate_and_distortion_joined_in_order_each_under_its_name():
    (ax,) = plots.rate_distortion(RUNS, FLOOR, NO_CODE).axes
    joined, _ = lines_by_name(ax)
    places = {name: (run.kl, run.reconstruction) for name, run in RUNS.items()}
    np.testing.assert_array_equal(joined.get_xydata(), list(places.values()))
    assert joined.get_marker() == "o"
    assert {text.get_text(): text.xy for text in ax.texts if text.get_text() in RUNS} == places


def test_the_floor_and_the_mean_image_are_levels_that_are_named():
    (ax,) = plots.rate_distortion(RUNS, FLOOR, NO_CODE).axes
    _, levels = lines_by_name(ax)
    found = {name: set(level.get_ydata()) for name, level in levels.items()}
    assert found == {"the pixels' own entropy": {FLOOR}, "mean image, no code": {NO_CODE}}
    assert len({level.get_linestyle() for level in levels.values()}) == 2  # told apart by more than colour


@pytest.mark.parametrize("runs", [RUNS, {"one": Scores(300.0, 60.0, 240.0)}, {"none": Scores(205.75, 205.75, 0.0)}])
def test_all_of_rate_and_distortion_lies_within_the_axes(runs):
    (ax,) = plots.rate_distortion(runs, FLOOR, NO_CODE).axes
    ax.figure.canvas.draw()
    corners = ax.transData.inverted().transform(ax.get_window_extent().corners())
    low, high = corners.min(0), corners.max(0)
    places = [(run.kl, run.reconstruction) for run in runs.values()] + [(0, FLOOR), (0, NO_CODE)]
    assert (np.array(places) > low).all()
    assert (np.array(places) < high).all()


def test_plots_draw_into_axes_that_are_given(images):
    fig, (left, right, curve) = vh.figure("All three.", 1, 3)
    assert vh.latent_scatter(CODES, LABELS, left) is fig
    assert vh.decoded_plane(images, XS, YS, right) is fig
    assert plots.rate_distortion(RUNS, FLOOR, NO_CODE, curve) is fig
    assert left.collections
    assert right.images
    assert curve.lines


# of the sRGB primaries: how bright each is, and where it lies in CIE XYZ, for a white of 1
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
TO_XYZ = np.array([[0.4339, 0.3762, 0.1899], LUMINANCE, [0.0178, 0.1095, 0.8727]])
READERS = {  # linear RGB as they see it: Machado, Oliveira and Fernandes (2009), at severity 1
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
PALETTES = {"digits": plots.DIGIT_COLOURS, "digits on dark": plots.DARK_DIGIT_COLOURS, "lines": plots.LINE_COLOURS}


def linear_rgb(colour):
    encoded = np.array(matplotlib.colors.to_rgb(colour))
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(colour, paper="white"):
    """WCAG 2.1's ratio, from 1 to 21."""
    dark, light = sorted(LUMINANCE @ linear_rgb(one) + 0.05 for one in (colour, paper))
    return light / dark


def lab(colour, reader):
    """The colour in CIELAB, as a reader sees it."""
    xyz = TO_XYZ @ np.clip(READERS[reader] @ linear_rgb(colour), 0, 1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_and_colour_are_measured_as_published():
    assert contrast("#767676") == pytest.approx(4.54, abs=0.005)  # the lightest grey for text, says WebAIM
    np.testing.assert_allclose(lab("#ff0000", "usual"), [53.24, 80.09, 67.20], atol=0.1)
    np.testing.assert_allclose([lab("white", reader) for reader in READERS], [[100, 0, 0]] * 4, atol=0.01)


@pytest.mark.parametrize(
    ("palette", "paper", "least"), [("digits", "white", 3), ("lines", "white", 4.5), ("digits on dark", "#1c1c1c", 3)]
)
def test_every_colour_stands_out_from_its_page(palette, paper, least):
    # 3 is enough for marks and for text of 14 points in bold, as digits are; the lines' colours name them in small text
    assert min(contrast(colour, paper) for colour in PALETTES[palette]) >= least


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("palette", PALETTES)
def test_no_two_colours_fall_together_for_any_reader(palette, reader):
    # side by side a difference of 2.3 is just seen; of thin lines and small glyphs that lie apart it takes much more
    apart = [np.linalg.norm(lab(a, reader) - lab(b, reader)) for a, b in combinations(PALETTES[palette], 2)]
    assert min(apart) >= 20


def show(image):
    return plots.show_image(vh.figure("One image.")[1], image)


def test_images_are_black_to_white_in_every_style():
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        assert show(torch.rand(1, 28, 28)).to_rgba([0.0, 1.0]).tolist() == [[0, 0, 0, 1], [1, 1, 1, 1]]


def test_an_image_is_not_stretched_to_its_own_range():
    assert show(torch.full((1, 28, 28), 0.5)).get_clim() == (0, 1)
