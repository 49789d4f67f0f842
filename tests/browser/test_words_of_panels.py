"""What is written in the panels stands beside what it names: curves, axes, bars, and the digits of maps."""

import re

import numpy as np
import pytest
import torch
from browser_tools import canvas_colours, drag

import vae_helpers as vh
from vae_helpers import widgets

# notes what is written on canvases, and where, in pixels of the canvas
WRITTEN = """window.written = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const place = this.getTransform().transformPoint(new DOMPoint(x, y));
  const shares = [place.x / this.canvas.width, place.y / this.canvas.height];
  written.push([`${text}`, ...shares, parseInt(this.font.match(/(\\d+)px/)[1]), this.fillStyle]);
  return fillText.call(this, text, x, y);
};"""


@pytest.fixture
def show(new_page, tmp_path):
    """Opens a panel's page, offline."""

    def show(panel):
        page = new_page(offline=True)
        page.add_init_script(WRITTEN)
        page.goto(panel.save(tmp_path / "panel.html").as_uri())
        page.locator(".said:not(:empty), .note:not(:empty)").first.wait_for()
        return page

    return show


@pytest.fixture(scope="module")
def known():
    mnist = vh.load_mnist("sample")
    return mnist.test.images[:150], mnist.test.labels[:150]


def curves(svg):
    """The curves of a plot: their looks, and their paths by look."""
    return {path.get_attribute("class").split()[1]: path.get_attribute("d") for path in svg.locator(".curve").all()}


def word_looks(svg):
    return {word.text_content(): word.get_attribute("class").split()[-1] for word in svg.locator(".word").all()}


def named(looks, start):
    """The look of the word that starts so."""
    return next(look for text, look in looks.items() if text.startswith(start))


def axis_names(svg):
    """The names of the axes: x, y."""
    names = svg.locator(".name")
    return [names.nth(k).text_content() for k in range(2)]


def numbers(page):
    text = page.locator(".said").text_content().replace("−", "-")
    return {name: float(value) for name, value in re.findall(r"(\S+) = (-?[\d.]+\d)", text)}


def test_q_is_the_curve_that_moves_and_p_the_one_that_does_not(show):
    page = show(widgets.KLPanel())
    densities, plane = page.locator("svg").nth(0), page.locator("svg").nth(1)
    looks, before, first = word_looks(densities), curves(densities), numbers(page)
    assert axis_names(plane) == ["μ", "σ"]
    drag(page, plane, (200, 150), (300, 150))
    along_x = numbers(page)
    assert along_x["μ"] != first["μ"]
    drag(page, plane, (300, 150), (300, 100))
    along_y = numbers(page)
    assert along_y["μ"] == pytest.approx(along_x["μ"], abs=0.03)
    assert along_y["σ"] > along_x["σ"] + 0.1
    moved = [look for look, path in curves(densities).items() if path != before[look]]
    assert moved == [named(looks, "q = ")]
    assert named(looks, "p = ") in set(before) - set(moved)
    assert densities.locator(f".fill.{named(looks, 'q log(q/p)')}").count() == 1


def test_the_levels_of_the_landscape_are_those_that_stand_on_them(show):
    plane = show(widgets.KLPanel()).locator("svg").nth(1)
    paths = [path.get_attribute("d") for path in plane.locator(".grid").all()]
    levels = [float(word.text_content()) for word in plane.locator(".word.on-line").all()]
    assert len(levels) == len(paths) > 3
    ticks = plane.locator(".tick-x")  # from the plot's units back to mu and sigma
    at = [(float(tick.get_attribute("x")), float(tick.text_content().replace("−", "-"))) for tick in ticks.all()]
    scale = (at[-1][1] - at[0][1]) / (at[-1][0] - at[0][0])
    ups = [(float(t.get_attribute("y")) - 5, float(t.text_content())) for t in plane.locator(".tick-y").all()]
    rise = (ups[-1][1] - ups[0][1]) / (ups[-1][0] - ups[0][0])
    for level, path in zip(levels, paths, strict=True):
        x, y = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path), float).T
        mu, sigma = at[0][1] + (x - at[0][0]) * scale, ups[0][1] + (y - ups[0][0]) * rise
        here = (sigma > 0.1) & (sigma < 3)
        kl = vh.gaussian_kl(torch.tensor(mu[here])[:, None], 2 * torch.tensor(sigma[here]).log()[:, None])
        np.testing.assert_allclose(kl, level, atol=0.06)


def test_the_prior_stays_the_posterior_stays_and_q_moves(show):
    page = show(widgets.GapPanel(1.5))
    densities, bars = page.locator("svg").nth(0), page.locator("svg").nth(1)
    looks, before = word_looks(densities), curves(densities)
    drag(page, densities, (200, 200), (320, 120))
    assert [look for look, path in curves(densities).items() if path != before[look]] == [named(looks, "q(z)")]

    def middle(look):  # the posterior's is at x / 2 = 0.75, the prior's at 0
        x, y = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", before[look]), float).T
        return x[y.argmin()]

    assert middle(named(looks, "prior")) < middle(named(looks, "posterior"))
    for name in ("ELBO", "gap"):  # each stands over its bar
        word = bars.locator(".word").filter(has_text=re.compile(f"^{name}$"))
        bar = bars.locator(f"rect.fill.{word.get_attribute('class').split()[-1]}")
        left, width = (float(bar.get_attribute(side)) for side in ("x", "width"))
        assert left < float(word.get_attribute("x")) < left + width


def test_the_film_s_terms_are_named_beside_their_curves(show):
    terms = [{"reconstruction": 50.0 - k, "kl": 2.0 * k} for k in range(6)]
    codes = [torch.randn(20, 2, generator=torch.Generator().manual_seed(k)) for k in range(6)]
    page = show(widgets.TrainingFilm(codes, terms, torch.arange(20) % 10))
    plot = page.locator("svg").nth(1)
    for name, falls in [("reconstruction", True), ("KL", False)]:
        look = named(word_looks(plot), name)
        y = [float(value) for value in re.findall(r",(-?[\d.]+)", curves(plot)[look])]
        assert (y[-1] > y[0]) == falls


def test_the_two_histograms_have_the_colours_of_their_names(show, known):
    images, _ = known
    dark, bright = images * 0.3, images
    page = show(widgets.ThresholdPanel(dark, bright, lambda x: x.sum((1, 2, 3)), "ink"))
    plot, middles = page.locator("svg").first, {}
    style = "(one) => { const { fill, stroke } = getComputedStyle(one); return fill === 'none' ? stroke : fill; }"
    for bars in plot.locator("path.fill").all():
        x, y = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", bars.get_attribute("d")), float).T
        middles[bars.evaluate(style)] = np.average(x, weights=y.max() - y)
    normal, anomalous = (
        plot.locator(".word").filter(has_text=name).evaluate(style) for name in ("normal", "anomalous")
    )
    assert middles[normal] < middles[anomalous]


def test_the_digits_of_a_map_stand_where_their_codes_are(show, known):
    model = vh.load_pretrained("vae2")
    codes = vh.encode_mean(model, known[0])
    panels = {
        "latent map": (vh.widgets.LatentMap(model, *known), 11, None),
        "decoder": (widgets.DecoderPanel(model, codes, known[1]), 9, (430, 385, 54, 24, 420, 341)),
    }
    for panel, size, box in panels.values():
        page = show(panel)
        glyphs = [(int(text), x, y) for text, x, y, height, _ in page.evaluate("() => written") if height == size]
        digits, across, down = np.array(glyphs[-len(codes) :]).T
        assert digits.tolist() == known[1].tolist()
        if box is None:
            low = np.array(panel.centre) - panel.half
            high = np.array(panel.centre) + panel.half
            x, y = (across * 470 - 52) / 410, 1 - (down * 470 - 8) / 418
        else:
            (low, high), (width, height, left, top, right, bottom) = np.transpose(panel._edges), box
            x, y = (across * width - left) / (right - left), (bottom - down * height) / (bottom - top)
        np.testing.assert_allclose(
            np.stack([low[0] + x * (high[0] - low[0]), low[1] + y * (high[1] - low[1])], 1), codes, atol=0.02
        )


def test_the_grey_area_is_where_no_image_is_near(show, known):
    latent_map = vh.widgets.LatentMap(vh.load_pretrained("vae2"), *known)
    page = show(latent_map)
    canvas = canvas_colours(page.locator(".plane canvas").first)
    grey = (canvas[..., :3] == 0xE4).all(-1)
    scale = canvas.shape[1] / 470
    rng = np.random.default_rng(0)
    places = rng.uniform(-0.98, 0.98, (400, 2))
    points = torch.tensor(np.array(latent_map.centre) + latent_map.half * places, dtype=torch.float32)
    distance = torch.cdist(points, latent_map.codes).min(1).values / latent_map.radius
    columns = (scale * (52 + (places[:, 0] + 1) * 205)).astype(int)
    rows = (scale * (8 + (1 - places[:, 1]) * 209)).astype(int)
    found = grey[rows, columns]
    assert found[(distance > 1.25).numpy()].mean() > 0.8  # but for the digits that are written over it
    assert not found[(distance < 0.75).numpy()].any()
    assert 20 < found.sum() < 380
