"""The still pictures of panels: names, legends and bars belong to what they stand beside."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba

import vae_helpers as vh
from vae_helpers import plots, widgets


def axis_names(ax):
    return ax.get_xlabel(), ax.get_ylabel()


def by_label(ax):
    """What a legend names."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def moments(line):
    """Mean and standard deviation of a density that is drawn as a line."""
    z, density = line.get_data()
    mean = np.average(z, weights=density)
    return mean, np.average((z - mean) ** 2, weights=density) ** 0.5


def test_the_densities_of_the_kl_are_those_of_the_legend_and_the_contours_those_of_the_formula():
    panel = widgets.KLPanel()
    left, right = panel.snapshot().axes
    lines = by_label(left)
    assert moments(lines["q = N(μ, σ²)"]) == pytest.approx((1.5, 0.5), abs=0.01)
    assert moments(lines["p = N(0, 1)"]) == pytest.approx((0, 1), abs=0.01)
    assert (axis_names(left), axis_names(right)) == (("z", "density"), ("μ", "σ"))
    places = {line.get_marker(): line.get_xydata()[0].tolist() for line in right.lines}
    assert places == {"+": [0, 1], "o": [1.5, 0.5]}
    (contours,) = [one for one in right.collections if hasattr(one, "levels")]
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        mu, sigma = torch.tensor(path.vertices).T[..., None]
        np.testing.assert_allclose(vh.gaussian_kl(mu, 2 * sigma.log()), level, atol=0.05)


def test_the_prior_the_posterior_and_q_of_the_gap_are_those_of_the_legend_and_the_gap_stands_on_the_elbo():
    panel = widgets.GapPanel(1.5)
    panel.mu.value, panel.sigma.value = 1.0, 0.4
    left, right = panel.snapshot().axes
    lines = by_label(left)
    for name, expected in {"prior": (0, 1), "posterior p(z|x)": (0.75, 0.5**0.5), "q": (1.0, 0.4)}.items():
        assert moments(lines[name]) == pytest.approx(expected, abs=0.03)
    elbo, gap = right.patches
    assert [tick.get_text() for tick in right.get_xticklabels()] == ["ELBO", "gap"]
    assert (elbo.get_y(), elbo.get_height()) == pytest.approx((0, panel.elbo))
    assert (gap.get_y(), gap.get_y() + gap.get_height()) == pytest.approx((panel.elbo, panel.log_p))
    assert (axis_names(left), right.get_ylabel()) == (("z", "density"), "nats")


def test_the_terms_of_the_film_are_those_of_the_legend():
    parts = [{"reconstruction": 50.0 - k, "kl": 1.0 + k} for k in range(4)]
    _, right = widgets.TrainingFilm([torch.randn(9, 2)] * 4, parts, torch.arange(9)).snapshot().axes
    drawn = {name: line.get_ydata().tolist() for name, line in by_label(right).items()}
    assert drawn == {
        name: [part[key] for part in parts] for name, key in [("reconstruction", "reconstruction"), ("KL", "kl")]
    }
    assert axis_names(right) == ("moment (early ones are closer together)", "nats per image")


def test_the_bars_of_the_diagram_are_its_terms_and_the_whiskers_its_standard_deviations(sixty):
    panel = widgets.DiagramPanel(vh.load_pretrained("vae20_beta1"), *sixty)
    _, code, _, loss = panel.snapshot().axes
    names = [tick.get_text() for tick in loss.get_xticklabels()]
    heights = dict(zip(names, [bar.get_height() for bar in loss.patches], strict=True))
    assert heights == pytest.approx({"reconstruction": panel.reconstruction, "KL": panel.kl})
    whiskers, steps = (np.array([segment[:, 1] for segment in lines.get_segments()]) for lines in code.collections)
    np.testing.assert_allclose(steps, torch.stack([panel.mu, panel.z], 1), rtol=1e-4)
    np.testing.assert_allclose(whiskers, torch.stack([panel.mu - panel.sigma, panel.mu + panel.sigma], 1), rtol=1e-4)
    np.testing.assert_allclose(by_label(code)["z"].get_ydata(), panel.z, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:__array_wrap__")  # matplotlib, of a tensor
def test_the_bars_of_the_components_are_the_steps_and_those_below_the_code(two, shown):
    panel = widgets.ComponentPanel(two, vh.LatentPCA().fit(vh.encode_mean(two, shown[0])))
    panel.components[1].value = 2.0
    axes = {ax.get_label(): ax for ax in panel.snapshot().axes}
    heights = {name: [bar.get_height() for bar in axes[name].patches] for name in ("components", "code")}
    assert heights["components"] == [0.0, 2.0]
    assert heights["code"] == pytest.approx(panel.code.tolist())
    assert axis_names(axes["components"]) == ("component", "steps of σ")
    assert axis_names(axes["code"]) == ("latent", "its value")


def test_each_line_of_the_trick_leads_from_its_noise_to_its_z():
    panel = widgets.ReparameterizationPanel(draws=5)
    (ax,) = panel.snapshot().axes
    marks = by_label(ax)
    assert set(marks["ε, drawn once"].get_ydata()) == {1}
    assert set(marks["z = μ + σ ε"].get_ydata()) == {0}
    for line, epsilon, z in zip(ax.lines, panel.epsilon.tolist(), panel.z.tolist(), strict=False):
        assert line.get_xydata().tolist() == [[epsilon, 1], [z, 0]]


def test_the_histograms_are_those_of_the_legend(shown):
    dark, bright = shown[0][:50] * 0.3, shown[0][:80]
    ax = widgets.ThresholdPanel(dark, bright, lambda x: x.sum((1, 2, 3)), "ink").snapshot().axes[0]
    named = by_label(ax)
    assert sum(bar.get_height() for bar in ax.patches if bar.get_facecolor() == named["normal"].get_facecolor()) == 50
    assert to_rgba(plots.ORANGE) == named["anomalous"].get_edgecolor() != named["normal"].get_edgecolor()
    assert axis_names(ax) == ("ink", "images")


def test_the_steps_of_a_path_are_drawn_over_their_number(two, shown):
    panel = widgets.PathPanel({"vae2": two}, *shown)
    (steps,) = [ax for ax in panel.snapshot().axes if ax.get_label() == "vae2 steps"]
    assert axis_names(steps) == ("step", "pixels")
    for line, path in zip(steps.lines, panel.paths.values(), strict=True):
        assert line.get_xdata().tolist() == list(range(1, 11))
        np.testing.assert_allclose(line.get_ydata(), path.step_sizes)


def test_the_values_under_a_traversal_rise_from_left_to_right(two, shown):
    film = widgets.TraversalPanel(two, shown[0]).snapshot().axes[0]
    values = [float(tick.get_text().replace("−", "-")) for tick in film.get_xticklabels()]
    np.testing.assert_allclose(values, np.linspace(-3, 3, 11), atol=0.051)


def test_maps_have_the_names_and_limits_of_their_axes(two, twenty, shown):
    decoder = widgets.DecoderPanel(two, vh.encode_mean(two, shown[0]), shown[1])
    codes = decoder.snapshot().axes[0]
    np.testing.assert_allclose([codes.get_xlim(), codes.get_ylim()], decoder._edges)
    for model in (two, twenty):
        latent_map = widgets.LatentMap(model, *shown)
        assert axis_names(latent_map.snapshot().axes[0]) == tuple(latent_map.axis_names)


def test_the_landmarks_of_rate_and_distortion_have_the_colours_of_their_names():
    runs = {"one": vh.training.Scores(110.0, 80.0, 30.0)}
    (ax,) = plots.rate_distortion(runs, 45.5, 205.75).axes
    colours = {line.get_ydata()[0]: line.get_color() for line in ax.lines[:2]}
    assert {text.xy[1]: text.get_color() for text in ax.texts[:2]} == colours
    assert axis_names(ax) == ("rate: KL (nats per image)", "distortion: −log p(x|z) (nats)")


def test_names_of_rows_stand_left_of_their_images_and_are_told_from_top_to_bottom(images):
    figure = vh.image_rows({"input": images, "output": 1 - images})
    figure.canvas.draw()
    first = figure.axes[0]
    assert first.yaxis.label.get_window_extent().x1 <= first.get_window_extent().x0
    assert "from top to bottom: input, output" in figure.alt


def test_pixels_are_drawn_as_squares(images):
    assert plots.show_image(vh.figure("One image.")[1], images[0]).get_interpolation() == "nearest"
