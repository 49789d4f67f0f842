"""What the panels of the page draw is what their words say: names of axes, titles, landmarks, bars, marks and ticks."""

import re

import numpy as np
import pytest
import torch
from browser_tools import canvas_colours, canvas_greys
from drawn_tools import names, place, points, ticks, to_data, word_of

import vae_helpers as vh
from vae_helpers import plots, widgets

PLANE = ("latent z₁", "latent z₂")
NAMES = {  # of the plots of each panel: title and axes; then the titles of its pictures
    "kl": ([("", "z", "density"), ("KL in nats: drag the point", "μ", "σ")], []),
    "gap": ([("", "z", "density"), ("", "", "nats")], []),
    "reparameterization": ([("", "", "")], []),
    "beta": (
        [("drag the ring along the curve", "rate: KL (nats per image)", "distortion: −log p(x|z) (nats)")],
        ["test images", "reconstructed", "samples of the prior"],
    ),
    "threshold": (
        [("drag the dashed line", "ink", "images")],
        ["anomalies that pass, closest below", "false alarms, closest above"],
    ),
    "components": (
        [
            ("drag these: the principal components", "component", "steps of σ"),
            ("the code that they make", "latent", "its value"),
        ],
        ["decoded"],
    ),
    "traversal": ([("",)], ["image", "reconstruction", "with the latent at the mark"]),
    "interpolation": ([("",)], ["first image", "decoded", "second image"]),
    "paths": (
        [("vae2: drag the rings",), ("",), ("",), ("size of each step", "step", "pixels")],
        ["straight", "great circle"],
    ),
    "film": ([("", *PLANE), ("drag the mark", "moment (early ones are closer together)", "nats per image")], []),
    "decoder": ([("drag the ring", *PLANE)], ["decoded"]),
    "diagram": (
        [
            ("from μ the noise σε leads to z", "latent", "μ ± σ, and z"),
            ("z on its map: drag it", "component 1", "component 2"),
            ("rec.", "", "nats"),
        ],
        ["the image x: draw here", "decoded: probabilities", "nearest known image"],
    ),
}


@pytest.fixture(scope="module")
def known():
    mnist = vh.load_mnist("sample")
    return mnist.test.images[:60], mnist.test.labels[:60]


@pytest.fixture(scope="module")
def make(known):
    """Makes a panel by its name."""
    images, labels = known
    vae2 = vh.load_pretrained("vae2")
    codes = vh.encode_mean(vae2, images)
    film = [torch.randn(60, 2, generator=torch.Generator().manual_seed(k)) for k in range(3)]
    terms = [{"reconstruction": 9.0 - k, "kl": 1.0 + k} for k in range(3)]
    kinds = {
        "kl": widgets.KLPanel,
        "gap": lambda: widgets.GapPanel(1.5),
        "reparameterization": lambda: widgets.ReparameterizationPanel(draws=5),
        "beta": lambda: widgets.BetaPanel({b: vh.load_pretrained(f"vae20_beta{b}") for b in (0.1, 1, 8)}, images),
        "threshold": lambda: widgets.ThresholdPanel(images * 0.3, images, lambda x: x.sum((1, 2, 3)), "ink"),
        "components": lambda: widgets.ComponentPanel(vae2, vh.LatentPCA().fit(codes)),
        "traversal": lambda: widgets.TraversalPanel(vae2, images),
        "interpolation": lambda: widgets.InterpolationPanel(vae2, images[0], images[1]),
        "paths": lambda: widgets.PathPanel({"vae2": vae2}, images, labels),
        "film": lambda: widgets.TrainingFilm(film, terms, labels),
        "decoder": lambda: widgets.DecoderPanel(vae2, codes, labels),
        "diagram": lambda: widgets.DiagramPanel(vh.load_pretrained("vae20_beta1"), images, labels),
    }
    return lambda name: kinds[name]()


@pytest.fixture
def show(new_page, tmp_path, make):
    """Opens a panel's page, offline; gives it and the panel."""

    def show(name):
        panel, page = make(name), new_page(offline=True)
        page.goto(panel.save(tmp_path / "panel.html").as_uri())
        page.locator(".said:not(:empty)").wait_for()
        check_names(name, page)
        return page, panel

    return show


def check_names(name, page):
    """Assert that plots and pictures have the names they should, and ticks that rise within their axes."""
    plots_of_it, pictures = NAMES[name]
    assert names(page) == plots_of_it
    captions = page.locator("figcaption").all_text_contents()
    assert [caption.partition(":")[0] if name == "paths" else caption for caption in captions] == pictures
    for svg in page.locator(".plot svg").filter(has=page.locator(".axis")).all():
        left, top, bottom, right = map(float, re.findall(r"-?[\d.]+", svg.locator(".axis").get_attribute("d")))
        for axis, (low, high) in {"x": (left, right), "y": (top, bottom)}.items():
            at, values = ticks(svg, axis)
            assert ((at >= low - 0.5) & (at <= high + 0.5)).all()
            assert (np.diff(at) * (1 if axis == "x" else -1) > 0).all()
            assert (np.diff(values) > 0).all()


def test_downhill_leads_downhill_and_the_prior_is_marked_where_it_is(show):
    page, _ = show("kl")
    plane = page.locator("svg").nth(1)
    mark = to_data(plane, place(word_of(plane, "+")) - np.array([0, 5]))
    np.testing.assert_allclose(mark, [[0, 1]], atol=0.12)
    start, end = to_data(plane, points(plane.locator(".curve").get_attribute("d")))
    kl = [vh.gaussian_kl(torch.tensor([[mu]]), 2 * torch.tensor([[sigma]]).log()).item() for mu, sigma in (start, end)]
    assert kl[1] < kl[0] - 0.3
    assert page.locator("svg").first.locator(".word").last.text_content().startswith("q log(q/p)")


def test_the_dashed_line_of_the_gap_is_log_p(show):
    page, panel = show("gap")
    bars = page.locator("svg").nth(1)
    line = to_data(bars, points(bars.locator(".curve.dashed").get_attribute("d")))
    np.testing.assert_allclose(line[:, 1], panel.log_p, atol=0.03)
    assert page.locator("svg").first.locator(".word").all_text_contents()[:2] == ["prior p(z)", "posterior p(z|x)"]


def test_the_landmarks_and_models_of_the_curve_are_those_of_their_names(show):
    page, panel = show("beta")
    plot = page.locator("svg").first
    for name, height in {"mean image, no code": panel.no_code, "the pixels' own entropy": panel.floor}.items():
        assert to_data(plot, place(word_of(plot, name)) + np.array([0, 5]))[0, 1] == pytest.approx(height, abs=1)
    for beta, scores in panel.scores.items():
        found = to_data(plot, place(word_of(plot, f"β = {beta:g}")))
        assert found[0, 0] == pytest.approx(scores.kl, abs=0.5)


def test_the_bars_of_the_histogram_count_the_scores_under_them(show):
    page, panel = show("threshold")
    plot = page.locator("svg").first
    for group, path in zip(("normal", "anomalous"), plot.locator("path.fill").all(), strict=True):
        corners = to_data(plot, points(path.get_attribute("d")))[1:-1]
        heights = corners[::2, 1].round()
        scores = panel.scores[group].clamp(panel._low, panel._high).numpy()
        counts, edges = np.histogram(scores, np.linspace(panel._low, panel._high, 41))
        np.testing.assert_allclose(corners[::2, 0], edges[:-1], atol=0.3 * np.diff(edges)[0])
        np.testing.assert_allclose(heights, counts, atol=1)


def test_a_traversal_begins_with_its_image_and_goes_up_from_left_to_right(show):
    page, panel = show("traversal")
    shown = [canvas_greys(canvas) / 255 for canvas in page.locator("figure canvas").all()]
    np.testing.assert_allclose(shown[0], panel.original[0], atol=0.01)
    film = page.locator(".film-strip")
    np.testing.assert_allclose(ticks(film.locator("svg"), "x")[1], np.linspace(-3, 3, 11), atol=0.051)
    strip = canvas_greys(film.locator("canvas.image")) / 255
    assert np.abs(strip - plots.mosaic(panel.film, 11)).mean() < 0.02
    show("components")
    show("decoder")


def test_a_walk_begins_at_its_first_image(show):
    page, panel = show("interpolation")
    shown = [canvas_greys(canvas) / 255 for canvas in page.locator("figure canvas").all()]
    for found, expected in zip((shown[0], shown[2]), panel.ends, strict=True):
        np.testing.assert_allclose(found, expected[0], atol=0.01)
    said = page.locator(".said").text_content()
    assert said.startswith("The decoder at (1 − α) · first code + α · second code, α = 0.50")


def test_the_rings_of_a_path_are_numbered_as_its_ends_are(show):
    page, panel = show("paths")
    for number, end in enumerate(["first", "second"], 1):
        ring = page.get_by_role("slider", name=f"{end} image, on the map of the vae2")
        assert ring.locator("text").text_content() == f"{number}"
    first, second = (f"image {i}, a {panel.labels[i]}" for i in (panel.first.value, panel.second.value))
    expected = f"From {first}, to {second}: the decoders at α = 0.50 of the way"
    assert page.locator(".said").text_content() == expected


def test_the_codes_of_the_film_lie_where_they_are(show):
    page, panel = show("film")
    last = panel.codes[-1].numpy()
    ink = canvas_colours(page.locator(".plot canvas").first)[..., 3]
    unit = ink.shape[1] / 380
    left, top, right, bottom = (unit * side for side in (54, 24, 370, 316))

    def is_drawn_at(code):
        across, up = (code / panel.limit + 1) / 2
        column, row, reach = int(left + across * (right - left)), int(bottom - up * (bottom - top)), int(6 * unit)
        return (ink[row - reach : row + reach, column - reach : column + reach] > 50).any()

    inside = last[np.abs(last).max(1) < 0.9 * panel.limit]
    alone = np.linalg.norm(inside[:, None, ::-1] - last, axis=2).min(1)  # how far its mirror image is from any code
    assert is_drawn_at(inside[alone.argmax()])
    assert not is_drawn_at(inside[alone.argmax(), ::-1])


def test_the_whiskers_of_the_diagram_are_standard_deviations_and_its_code_is_right(show):
    page, panel = show("diagram")
    code = page.locator(".plot svg").first
    paths = [one.get_attribute("d") for one in code.locator(".curve.encoder").all()]
    whiskers = [points(path.replace("V", ",0 0,").replace("M", " ")) for path in paths]
    for k, one in enumerate(whiskers):
        ends = to_data(code, [[0, one[0, 1]], [0, one[1, 1]]])[:, 1]
        np.testing.assert_allclose(ends, [panel.mu[k] - panel.sigma[k], panel.mu[k] + panel.sigma[k]], atol=0.06)
        dot = to_data(code, place(code.locator("circle.fill").nth(k)))
        np.testing.assert_allclose(dot[0], [k + 1, panel.z[k]], atol=0.06)
    words = page.locator(".plot svg").nth(2).locator("text.title").all_text_contents()
    assert words == ["rec.", "KL"]
    assert page.locator(".formula").text_content() == "−Ez ~ q log p(x|z) + KL(q(z|x) ‖ p(z)) = −ELBO"
    names = {"model": panel.model, "torch": torch, "images": panel.images}
    torch.manual_seed(0)
    with torch.no_grad():
        exec("\n".join(page.locator(".code code").all_text_contents()), names)
    mu, logvar = panel.model.encode(panel.images[:1])
    p = names["p"]
    torch.testing.assert_close(names["kl"], vh.gaussian_kl(mu, logvar)[0])
    torch.testing.assert_close(
        names["reconstruction"], vh.bernoulli_nll(p.logit(), panel.images[:1])[0], rtol=1e-3, atol=0
    )
    torch.manual_seed(0)
    torch.testing.assert_close(names["z"], vh.losses.reparameterize(mu, logvar))


def test_the_noise_is_named_beside_its_dots(show):
    page, _ = show("reparameterization")
    plot = page.locator("svg").first
    for look in ("prior", "latent"):
        word, dot = (place(plot.locator(f"{kind}.{look}").first) for kind in (".word", "circle.fill"))
        assert abs(word[0, 1] - dot[0, 1]) < 40
