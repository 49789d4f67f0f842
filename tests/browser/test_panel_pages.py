"""The pages that panels are saved to, opened from a file in a browser that is offline: what is grabbed moves, and what
is drawn and decoded in the page is what Python computes at the same place.
"""

import re

import numpy as np
import pytest
import torch
from browser_tools import canvas_greys, drag, pixels, wait_until
from publish_tools import AXE, barriers

import vae_helpers as vh
from vae_helpers import plots, widgets
from vae_helpers.authoring.npm import fetch

ROWS = torch.arange(28).view(1, 28, 1).expand(1, 28, 28)
MASKS = {"most": ROWS < 8, "half": ROWS < 14}

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def ink(images):
    """A score that no two images share."""
    return images[..., :12].sum((1, 2, 3)) + torch.linspace(0, 1, len(images))


@pytest.fixture(scope="module")
def panels():
    """A panel of each kind."""
    mnist = vh.load_mnist("sample")
    images, labels = mnist.test.images[:200], mnist.test.labels[:200]
    ae2, vae2, vae20 = (vh.load_pretrained(name) for name in ("ae2", "vae2", "vae20"))
    betas = {beta: vh.load_pretrained(f"vae20_beta{beta:g}") for beta in (0.1, 1, 8)}
    return {
        "decoder": widgets.DecoderPanel(vae2, vh.encode_mean(vae2, images), labels),
        "kl": widgets.KLPanel(),
        "beta": widgets.BetaPanel(betas, images),
        "components": widgets.ComponentPanel(vae20, vh.LatentPCA().fit(vh.encode_mean(vae20, images))),
        "traversal": widgets.TraversalPanel(vae20, images),
        "threshold": widgets.ThresholdPanel(images, images.roll(9, 3), ink, "ink"),
        "mask": widgets.MaskPanel(vae20, images[:3], MASKS, {"black": lambda x, seen: x * seen}),
        "paths": widgets.PathPanel({"ae2": ae2, "vae20": vae20}, images, labels),
        "interpolation": widgets.InterpolationPanel(vae20, images[0], images[1]),
        "gap": widgets.GapPanel(1.5),
        "posterior": widgets.PosteriorPanel(vae2, {"first": images[2], "second": images[5]}),
        "reparameterization": widgets.ReparameterizationPanel(),
        "film": widgets.TrainingFilm(
            [torch.randn(200, 2, generator=torch.Generator().manual_seed(k)) * (1 + k) for k in range(5)],
            [{"reconstruction": 200.0 - k, "kl": 1.0 * k} for k in range(5)],
            labels,
        ),
        "diagram": widgets.DiagramPanel(betas[1], images, labels),
        "label": widgets.LabelPanel(vh.load_pretrained("cvae8"), images, labels),
        "codebook": widgets.CodebookPanel(vh.load_pretrained("vq"), images[:4].round()),
        "denoising": widgets.DenoisingPanel(
            vae20, vh.successors.diffuse(vh.load_pretrained("denoiser20"), 24, steps=20)
        ),
    }


KINDS = ["decoder", "kl", "beta", "components", "traversal", "threshold", "mask", "interpolation", "paths"]
KINDS += ["gap", "posterior", "reparameterization", "film", "diagram", "label", "codebook", "denoising"]


@pytest.fixture(scope="module")
def folder(panels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, panel in panels.items():
        panel.save(folder / f"{name}.html")
    return folder


@pytest.fixture
def show(new_page, folder):
    """Opens the page of a panel by its name; it may ask nothing of a network."""

    def show(name, width=1000, **options):
        page = new_page(offline=True, has_touch=True, **options)
        page.set_viewport_size({"width": width, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / f"{name}.html").as_uri())
        page.locator(".said:not(:empty)").wait_for()
        return page

    asked = []
    yield show
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}


def said(page):
    """The line of text, with its numbers as Python writes them."""
    return page.locator(".said").text_content().replace("−", "-")


def numbers(page):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", said(page))]


def canvas(page, title):
    """What the picture with this title shows: (rows * 28, columns * 28), 0 to 255."""
    return canvas_greys(page.locator("figure").filter(has_text=title).locator("canvas"))


def near(shown, expected, greys=2):
    """Assert that a picture is, on average, within a grey or two of images in [0, 1]."""
    assert np.abs(shown - 255 * np.asarray(expected)).mean() < greys


@pytest.mark.parametrize("end", [(120, 80), (300, 200), (420, 340)])
def test_the_decoder_s_ring_is_under_the_pointer_and_the_image_is_the_model_s(show, panels, end):
    page, panel = show("decoder"), panels["decoder"]
    plot = page.locator("svg").first
    drag(page, plot, (200, 200), end)
    z = numbers(page)
    near(canvas(page, "decoded"), panel.model.decode(torch.tensor([z])).detach()[0, 0])
    ring, svg = page.locator(".ring").bounding_box(), plot.bounding_box()
    middle = [ring["x"] + ring["width"] / 2 - svg["x"], ring["y"] + ring["height"] / 2 - svg["y"]]
    inside = [min(max(end[0], 54), 420), min(max(end[1], 24), 341)]  # it stays in the axes
    assert np.abs(np.subtract(middle, inside)).max() < 25  # and where the sliders reach
    low, high = ([getattr(slider, side) for slider in (panel.z1, panel.z2)] for side in ("min", "max"))
    assert (np.array(low) - 0.01 <= z).all()
    assert (z <= np.array(high) + 0.01).all()


def test_the_ring_follows_keys_touch_and_sliders(show):
    page = show("decoder")
    before = numbers(page)
    ring = page.get_by_role("slider", name="the code that is decoded")
    ring.press("ArrowLeft")
    after = numbers(page)
    assert after[0] < before[0]
    assert after[1] == before[1]
    ring.press("Shift+ArrowDown")
    assert numbers(page)[1] < before[1] - 4 * (before[0] - after[0]) * 0.5
    box = page.locator("svg").first.bounding_box()
    page.touchscreen.tap(box["x"] + 300, box["y"] + 100)
    assert numbers(page) != after
    page.locator("input").first.fill(page.locator("input").first.get_attribute("max"))
    assert numbers(page)[0] > max(before[0], after[0])
    assert ring.get_attribute("aria-valuetext").replace("−", "-") == said(page)


@pytest.mark.parametrize("end", [(120, 100), (250, 200), (340, 260)])
def test_the_kl_of_the_page_is_the_area_under_its_curve_and_the_formula_s(show, end):
    page = show("kl")
    drag(page, page.locator("svg").nth(1), (200, 150), end)
    mu, sigma, kl, d_mu, d_sigma = numbers(page)
    assert kl == pytest.approx(0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma), abs=0.05)
    assert (d_mu, d_sigma) == pytest.approx((mu, sigma - 1 / sigma), abs=0.15)
    signs = re.findall(r"∂KL/∂. = ([+−])", page.locator(".said").text_content())
    assert signs == ["+" if slope > 0 else "−" for slope in (d_mu, d_sigma)]
    path = page.locator("svg").first.locator("path.fill.kl").get_attribute("d")
    x, y = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path), float).T
    pixels = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    area = pixels * (16 / (430 - 54)) * (2.6 / (276 - 24))  # from the plot's units to those of z and of the density
    outside = sigma > 1.5 or abs(mu) > 2.5  # then a part of the area lies beyond the axes
    assert area == pytest.approx(kl, abs=0.08) or outside


def test_each_beta_shows_its_own_pictures_and_scores(show, panels):
    page, panel = show("beta"), panels["beta"]
    ring = page.get_by_role("slider", name="β, along the curve")
    for beta, key in [(0.1, "ArrowRight"), (1, "ArrowLeft"), (8, "ArrowLeft")]:
        ring.press(key)
        scores = panel.scores[beta]
        assert said(page).startswith(f"β = {beta:g}: rate {scores.kl:.1f} + distortion {scores.reconstruction:.1f}")
        near(canvas(page, "reconstructed"), plots.mosaic(panel.reconstructions[beta], 8), 1)
        near(canvas(page, "samples of the prior"), plots.mosaic(panel.samples[beta], 8), 1)


def test_a_component_s_bar_moves_the_code_and_the_image(show, panels):
    page, panel = show("components"), panels["components"]
    near(canvas(page, "decoded"), panel.image)
    bar = page.get_by_role("slider", name="component 3", exact=True)
    for _ in range(4):
        bar.press("Shift+ArrowUp")
    page.get_by_role("slider", name="component 1", exact=True).press("Shift+ArrowDown")
    assert said(page) == "Moved along component 1: -0.5 σ, 3: +2.0 σ"
    code = panel.pca.mean_ - 0.5 * panel.steps[0] + 2 * panel.steps[2]
    near(canvas(page, "decoded"), panel.model.decode(code[None]).detach()[0, 0])
    corner = bar.locator(".point").bounding_box()
    page.mouse.move(corner["x"] + 6, corner["y"] + 6)
    page.mouse.down()
    page.mouse.move(corner["x"] + 6, corner["y"] + 60, steps=4)
    page.mouse.up()
    moved = dict(re.findall(r"(\d+): ([+-][\d.]+) σ", said(page)))
    assert float(moved["3"]) < 0.5
    assert moved["1"] == "-0.5"  # a bar that was not grabbed stays
    page.get_by_role("button", name="reset").click()
    near(canvas(page, "decoded"), panel.image)


def test_a_traversal_s_film_and_image_are_the_model_s(show, panels):
    page, panel = show("traversal"), panels["traversal"]
    for _ in range(3):
        k = panel.stage.data["order"][int(page.locator("input").first.input_value())]
        film = panel.model.decode(vh.traverse(panel.code, k, np.linspace(-3, 3, 11))).detach()
        near(canvas_greys(page.locator(".film-strip canvas.image")), plots.mosaic(film, 11))
        mark = page.get_by_role("slider", name="the latent's value")
        mark.press("Shift+ArrowRight")
        value, own = numbers(page)
        assert said(page).startswith(f"z{k + 1}".translate(SUBSCRIPTS))
        assert own == pytest.approx(panel.code[k].item(), abs=0.051)
        expected = panel.model.decode(vh.traverse(panel.code, k, [value])).detach()[0, 0]
        near(canvas(page, "with the latent at the mark"), expected)
        page.locator("input").first.press("ArrowRight")


@pytest.mark.parametrize("across", [0.2, 0.5, 0.9])
def test_the_threshold_counts_and_shows_what_python_does(show, panels, across):
    page, panel = show("threshold"), panels["threshold"]
    box = page.locator("svg").first.bounding_box()
    drag(page, page.locator("svg").first, (200, 150), (54 + across * (box["width"] - 64), 150))
    panel.threshold.value = float(page.locator("input").input_value())
    above = {group: int((scores > panel.threshold.value).sum()) for group, scores in panel.scores.items()}
    words = r"Above (-?\d+\.\d\d) are (\d+) of 200 anomalies and (\d+) of 200 normal.*recall (\d+) %"
    found = re.search(words, said(page)).groups()
    assert float(found[0]) == pytest.approx(panel.threshold.value, abs=0.0051)
    assert [*map(int, found[1:3])] == [above["anomalous"], above["normal"]]
    assert int(found[3]) == pytest.approx(100 * panel.recall, abs=0.51)
    precision = re.search(r"precision (\d+) %", said(page))  # there is none without an alarm
    assert float(precision[1] if precision else "nan") == pytest.approx(100 * panel.precision, abs=0.51, nan_ok=True)
    for title, images in {"anomalies that pass": panel.missed, "false alarms": panel.false_alarms}.items():
        tiles = torch.zeros(12, 1, 28, 28)
        tiles[: len(images)] = images
        near(canvas(page, title), plots.mosaic(tiles, 6), 4)  # it has 16 greys


def test_a_mask_of_one_s_own_is_filled_in_by_the_most_probable_code(show, panels):
    page, panel = show("mask"), panels["mask"]
    assert said(page).startswith("Image 2, missing: half.")
    seen = page.locator("figure").filter(has_text="rub here").locator("canvas")
    seen.scroll_into_view_if_needed()
    drag(page, seen, (20, 30), (110, 40), steps=20)
    assert "your own mask" in said(page)
    shown = canvas_greys(seen)
    mask = torch.tensor(shown != round(255 * 0.4))[None]
    image = panel.images[1:2]
    assert 0.2 < mask.float().mean() < 0.49  # half was missing before
    live = page.locator("figure").filter(has_text="in the page").locator("canvas")
    torch.manual_seed(0)
    expected = vh.applications.inpaint_map(panel.model, image, mask)[0, 0].numpy()
    wait_until(page, lambda: np.abs(canvas_greys(live) - 255 * expected).mean() < 12)
    page.locator("input").first.press("ArrowLeft")
    assert said(page).startswith("Image 1, missing: half.")


def test_a_mask_shows_what_was_worked_out_for_its_image(show, panels):
    page, panel = show("mask"), panels["mask"]
    image, mask = page.locator("input").all()
    for slider, key, number, name in [(image, "ArrowRight", 2, "half"), (mask, "ArrowLeft", 2, "most")]:
        slider.press(key)
        assert said(page).startswith(f"Image {number + 1}, missing: {name}.")
        answer, image = panel.answers[name]["black"][number], panel.images[number]
        near(canvas(page, "black"), answer[0])
        error = (answer - image)[~panel.masks[name]].square().mean().item()
        assert float(re.search(r"missing pixels: black ([\d.]+)", said(page))[1]) == pytest.approx(error, abs=0.001)
        near(canvas(page, "plausible completions"), plots.mosaic(panel.completions[name][:, number], 6))


def test_an_interpolation_shows_the_frame_at_its_mark(show, panels):
    page, panel = show("interpolation"), panels["interpolation"]
    mark = page.get_by_role("slider", name="α", exact=True).last
    for key in ["ArrowRight", "Shift+ArrowRight", "ArrowLeft"]:
        mark.press(key)
        alpha = numbers(page)[-1]
        near(canvas(page, "decoded"), panel.frames[round(100 * alpha), 0], 3)


def check_walks(page, panel):
    """The films on the page, and how far it says the picture moves, are the models' between the same images."""
    figures = page.locator("figure").filter(has=page.locator(".film-strip"))
    for figure, (_, kind), path in zip(figures.all(), panel.paths, panel.paths.values(), strict=True):
        caption = figure.locator("figcaption")
        wait_until(page, lambda caption=caption: "long" in caption.text_content())
        assert caption.text_content().startswith(kind)
        length, largest = map(float, re.findall(r"\d+\.\d", caption.text_content()))
        expected = path.step_sizes
        assert (length, largest) == pytest.approx((expected.sum().item(), expected.max().item()), abs=0.8)
        near(canvas_greys(figure.locator(".film-strip canvas.image")), plots.mosaic(path.film, 11), 3)


def test_the_ends_of_a_walk_are_dragged_from_image_to_image(show, panels):
    page, panel = show("paths"), panels["paths"]
    check_walks(page, panel)
    for number, end in enumerate(["first", "second"]):
        maps = page.locator("svg").filter(has=page.locator(".ring"))
        ring = page.get_by_role("slider", name=f"{end} image, on the map of the vae20")
        box, target = maps.nth(1).bounding_box(), ring.locator(".target").bounding_box()
        x, y = (target[side] - box[side] + 16 for side in "xy")
        drag(page, maps.nth(1), (x, y), (60 + 120 * number, 120))
        image = page.locator("input").nth(number).input_value()
        assert ring.get_attribute("aria-valuetext").startswith(f"image {image}, a {panel.labels[int(image)]}")
        getattr(panel, end).value = int(image)
        ring_at = np.array(re.findall(r"[\d.]+", ring.get_attribute("transform")), float)
        place = panel.stage.data["maps"][1]
        points = np.frombuffer(place["points"], "<f4").reshape(-1, 2)[int(image)]
        (left, right), (low, high) = place["x"], place["y"]
        across = [2 + 266 * (points[0] - left) / (right - left), 234 - 212 * (points[1] - low) / (high - low)]
        np.testing.assert_allclose(ring_at, across, atol=0.1)
    check_walks(page, panel)
    page.get_by_role("slider", name="α, straight").first.press("Shift+ArrowRight")
    assert numbers(page)[0] == pytest.approx(0.58, abs=0.01)


@pytest.mark.parametrize("end", [(150, 120), (300, 250), (420, 60)])
def test_elbo_and_gap_of_the_page_are_python_s_and_add_up(show, panels, end):
    page, panel = show("gap"), panels["gap"]
    drag(page, page.locator("svg").first, (200, 200), end)
    panel.mu.value, panel.sigma.value, elbo, gap, total = numbers(page)
    assert (elbo, gap) == pytest.approx((panel.elbo, panel.gap), abs=0.05)  # the page says both to two digits
    assert elbo + gap == pytest.approx(total, abs=0.0011)
    bars = [bar.bounding_box() for bar in page.locator("svg").nth(1).locator("rect.fill").all()]
    heights = [min(box["height"], 400) for box in bars]
    if panel.elbo > -6:  # else it leaves the axes
        assert heights[1] / heights[0] == pytest.approx(panel.gap / -panel.elbo, rel=0.1, abs=0.02)


@pytest.mark.parametrize("end", [(190, 150), (260, 220)])
def test_the_posterior_s_elbo_in_the_page_is_python_s(show, panels, end):
    page, panel = show("posterior"), panels["posterior"]
    panel.image.value = 1
    panel.image.value = 0  # which puts q where the encoder has it
    assert numbers(page)[:3] == pytest.approx([panel.elbo, panel.gap, panel.log_p], abs=0.1)
    drag(page, page.locator("svg").first, (200, 200), end)
    page.get_by_role("slider", name="the width of q").press("Shift+ArrowRight")
    sliders = [float(page.locator("input").nth(k).input_value()) for k in range(1, 5)]
    panel.mu1.value, panel.mu2.value, panel.sigma1.value, panel.sigma2.value = sliders
    elbo, gap, log_p, _ = numbers(page)
    assert elbo == pytest.approx(panel.elbo, rel=0.01, abs=0.3)
    assert elbo + gap == pytest.approx(log_p, abs=0.011)


@pytest.mark.parametrize("sigma", [0.2, 0.4, 0.8])
def test_the_posterior_s_elbo_in_the_page_is_python_s_for_a_q_wider_than_what_is_drawn(show, panels, sigma):
    page, panel = show("posterior"), panels["posterior"]
    panel.image.value = 1
    panel.image.value = 0  # which puts q where the encoder has it
    for k, (control, value) in enumerate(zip((panel.sigma1, panel.sigma2), (sigma, sigma), strict=True), 3):
        page.locator("input").nth(k).evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }",
            value,
        )
        control.value = value
    assert numbers(page)[:2] == pytest.approx([panel.elbo, panel.gap], abs=0.3)


def test_another_image_starts_with_the_encoder_s_q(show, panels):
    page, panel = show("posterior"), panels["posterior"]
    page.locator("input").first.press("ArrowRight")
    panel.image.value = 1
    assert said(page).startswith("second: ")
    assert numbers(page)[:3] == pytest.approx([panel.elbo, panel.gap, panel.log_p], abs=0.1)
    heights = [bar.bounding_box()["height"] for bar in page.locator("rect.fill").all()]
    assert heights[1] / sum(heights) == pytest.approx(min(panel.gap, 12) / 12, abs=0.03)


def test_the_noise_stands_still_while_z_is_dragged(show, panels):
    page, panel = show("reparameterization"), panels["reparameterization"]

    def places(look):
        dots = page.locator(f"circle.fill.{look}").all()
        return np.array([float(dot.get_attribute("cx")) for dot in dots])

    noise, z = places("prior"), places("latent")
    page.get_by_role("slider", name="μ", exact=True).first.press("Shift+ArrowLeft")
    page.get_by_role("slider", name="μ + σ", exact=True).press("Shift+ArrowRight")
    assert (places("prior") == noise).all()
    assert (places("latent") != z).any()
    panel.mu.value, panel.sigma.value = numbers(page)[:2]
    assert numbers(page)[2:] == pytest.approx([panel.average, *panel.gradient], abs=0.03)
    unit = np.diff(noise)[0] / np.diff(panel.epsilon.numpy())[0]
    expected = noise[0] + (panel.z.numpy() - panel.epsilon[0].item()) * unit
    np.testing.assert_allclose(places("latent"), expected, atol=0.5)


def test_the_film_shows_its_moments_and_plays(show, panels):
    page, panel = show("film"), panels["film"]
    assert said(page).startswith("moment 4 of 4: reconstruction 196.0 + KL 4.00 = 200.0")
    last = canvas_greys(page.locator(".plot canvas").first)
    page.get_by_role("slider", name="moment").last.press("ArrowLeft")
    assert said(page).startswith("moment 3 of 4: reconstruction 197.0 + KL 3.00")
    assert (canvas_greys(page.locator(".plot canvas").first) != last).any()
    page.get_by_role("button", name="play").click()
    wait_until(page, lambda: said(page).startswith("moment 0"))
    wait_until(page, lambda: said(page).startswith("moment 2"))
    page.get_by_role("button", name="pause").click()
    assert panel.codes.shape == (5, 200, 2)


def test_one_code_with_each_label_is_the_model_s(show, panels):
    page, panel = show("label"), panels["label"]
    page.get_by_role("button", name="another hand").click()
    page.locator(".labels button").nth(4).click()
    drag(page, page.locator("svg").first, (180, 150), (250, 100))
    label, *z = re.findall(r"“(\d)”", said(page)) + numbers(page)
    assert label == "4"
    code = panel.codes[1].clone()
    code[list(panel.moved)] = torch.tensor(z)
    with torch.no_grad():
        expected = panel.model.decode(code.expand(10, -1), torch.arange(10))[:, 0]
    near(canvas(page, "decoded with the label"), expected[4])
    near(canvas_greys(page.locator(".stage canvas.image").last), torch.cat(list(expected), 1))


def test_a_code_that_is_swapped_changes_the_image_and_is_undone(show, panels):
    page, panel = show("codebook"), panels["codebook"]
    with torch.no_grad():
        codes = torch.tensor(panel.stage.data["codes"][:1]).view(1, 7, 7)
        before = panel.model.decode(codes)[0, 0]
        near(canvas(page, "decoded"), before)
        grid = page.locator("svg").first.bounding_box()
        page.mouse.click(grid["x"] + 100, grid["y"] + 100)  # the second row, the third column
        entry = (codes[0, 1, 2].item() + 1) % len(panel.model.codebook)
        page.locator(".codebook button").nth(entry).click()
        codes[0, 1, 2] = entry
        near(canvas(page, "decoded"), panel.model.decode(codes)[0, 0])
    assert "Row 2, column 3" in said(page)
    page.get_by_role("button", name="undo all").click()
    near(canvas(page, "decoded"), before)
    page.get_by_role("slider", name="the place").press("ArrowDown")
    assert "Row 3, column 3" in said(page)


def test_the_diffusion_shows_its_moments_and_plays(show, panels):
    page, panel = show("denoising"), panels["denoising"]
    page.get_by_role("button", name="play").click()
    wait_until(page, lambda: said(page).startswith("Moment 20"))
    near(canvas(page, "all of them"), plots.mosaic(panel.frames[20], 8), greys=9)


def check_nearest(page, images, distances):
    """Assert that the diagram shows, of images (N, 28, 28), one that is as near as any, at these distances (N,)."""
    shown = canvas(page, "nearest known image") / 255
    found = np.abs(images - shown).mean((1, 2)).argmin()
    assert distances[found] < 1.02 * distances.min()  # it knows them in fewer greys


def test_the_diagram_s_numbers_are_the_model_s(show, panels):
    page, panel = show("diagram"), panels["diagram"]
    images = panel.images[:, 0].numpy()
    for image, seed in [(0, 0), (7, 3)]:
        panel.image.value, panel.seed.value = image, seed
        page.locator("input").nth(0).fill(str(image))
        page.locator("input").nth(1).fill(str(seed))
        assert numbers(page)[:2] == pytest.approx([panel.reconstruction, panel.kl], rel=0.03, abs=0.5)
        near(canvas(page, "decoded: probabilities"), panel.model.decode(panel.z[None]).detach()[0, 0], 4)
        near(canvas(page, "the image x"), panel.images[image, 0], 4)
        distances = ((images - images[image]) ** 2).sum((1, 2))
        distances[image] = np.inf  # it is not its own neighbour
        check_nearest(page, images, distances)


def test_a_digit_drawn_by_hand_goes_the_whole_way(show, panels):
    page, panel = show("diagram"), panels["diagram"]
    pad = page.locator("figure").filter(has_text="draw here").locator("canvas")
    before = canvas(page, "decoded: probabilities")
    drag(page, pad, (60, 20), (60, 70), steps=20)  # a small stroke, off the middle: a one
    x = canvas_greys(pad) / 255
    rows = np.nonzero(x > 0.5)[0]
    assert rows.max() - rows.min() + 1 == pytest.approx(20, abs=1)  # as MNIST's digits are
    assert np.average(np.arange(28) + 0.5, weights=x.sum(0)) == pytest.approx(14, abs=0.6)
    assert np.average(np.arange(28) + 0.5, weights=x.sum(1)) == pytest.approx(14, abs=0.6)
    assert np.abs(canvas(page, "decoded: probabilities") - before).mean() > 5
    images = panel.images[:, 0].numpy()
    check_nearest(page, images, ((images - x) ** 2).sum((1, 2)))
    page.get_by_role("button", name="draw ε again").click()
    np.testing.assert_array_equal(canvas_greys(pad), 255 * x)  # it is the noise that is new
    page.locator("input").nth(1).fill("0")
    page.get_by_role("button", name="clear the drawing").click()
    np.testing.assert_array_equal(canvas(page, "decoded: probabilities"), before)


def test_a_part_that_is_pointed_at_lights_up_and_opens_its_arithmetic(show, panels):
    page, panel = show("diagram"), panels["diagram"]
    line = page.get_by_role("button", name="kl = 0.5")
    line.hover()
    lit = page.locator(".lit").evaluate_all("(all) => all.map((one) => one.tagName.toLowerCase())")
    assert sorted(lit) == ["code", "rect", "span"]
    line.press("Enter")
    panel.image.value = panel.seed.value = 0
    mu, sigma = panel.mu, panel.sigma
    each = 0.5 * (mu**2 + sigma**2 - 1 - 2 * sigma.log())
    said_of_it = page.locator(".arithmetic").text_content().replace("−", "-")
    assert f"latent, {each.argmax() + 1}:" in said_of_it
    assert float(re.findall(r"= ([\d.]+) nats", said_of_it)[0]) == pytest.approx(each.max().item(), abs=0.05)
    whole = page.locator(".formula").text_content()
    terms = {"x": "x", "mu, logvar": "q(z|x)", "z": "z ~ q", "p": "p(x|z)", "reconstruction": "−Ez ~ q log p(x|z)"}
    for name, term in terms.items():
        line = page.get_by_role("button", name=f"{name} =")
        line.click()
        assert re.search(r"\d", page.locator(".arithmetic").text_content())
        assert page.locator(".formula .lit").text_content() == term
        part = line.get_attribute("data-part")
        drawn = ", ".join(f"{kind}[data-part={part}]" for kind in ("figure", ".network", "rect", "circle"))
        page.locator(drawn).first.hover()
        assert page.locator(".code .lit").first.text_content() == line.text_content()
    assert whole == "−Ez ~ q log p(x|z) + KL(q(z|x) ‖ p(z)) = −ELBO"


def test_the_arithmetic_is_that_of_the_pixel_it_names(show, panels):
    page, panel = show("diagram"), panels["diagram"]
    panel.image.value = panel.seed.value = 0
    x, p = panel.images[0, 0], panel.model.decode(panel.z[None]).detach()[0, 0]
    costs = vh.bernoulli_nll(p.logit().view(784, 1, 1, 1), x.view(784, 1, 1, 1)).view(28, 28)

    def opened(line):
        page.get_by_role("button", name=f"{line} =", exact=False).first.click()
        words = page.locator(".arithmetic").text_content().replace("−", "-")
        row, column = re.search(r"row (\d+), column (\d+)", words).groups()
        return (int(row) - 1, int(column) - 1), [float(number) for number in re.findall(r"-?\d+\.\d+", words)]

    place, (its_x, its_p, cost, _) = opened("reconstruction")
    assert (its_x, its_p) == pytest.approx((x[place].item(), p[place].item()), abs=0.04)  # it has 16 greys
    assert cost == pytest.approx(costs[place].item(), rel=0.1)
    assert costs[place] > 0.9 * costs.max()
    page.get_by_role("button", name="z =").click()
    words = page.locator(".arithmetic").text_content().replace("−", "-")
    mu, sigma, epsilon, z = map(float, re.search(r"= (\S+) \+ (\S+) · (\S+) = (\S+)", words).groups())
    assert [mu + sigma * epsilon, z] == pytest.approx([panel.z[0].item()] * 2, abs=0.03)
    place, (*_, its_p) = opened("p")
    assert its_p == pytest.approx(p[place].item(), abs=0.03)
    assert abs(p[place] - 0.5) < abs(p - 0.5).min() + 0.03


@pytest.mark.parametrize("name", KINDS)
def test_a_page_fits_a_phone_and_bars_nobody(show, folder, name):
    try:
        fetch(AXE, folder)
    except SystemExit as error:
        pytest.skip(f"no npm packages: {error}")
    page = show(name, width=390)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    ends = "(ends) => ends.map((end) => end.getBoundingClientRect())"
    first, last = page.locator("#controls, .stage").evaluate_all(ends)
    assert last["bottom"] - first["top"] <= 844  # what is grabbed and what it moves are on one screen
    assert barriers(page, folder) == []
    targets = page.locator(".stage .handle .target").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )
    assert [side for side in targets if side < 23.9] == []


@pytest.mark.parametrize("name", KINDS)
def test_a_panel_fits_a_phone_and_is_grabbed_in_firefox_too(fox, folder, name):
    fox.size(390, 844)
    fox.goto((folder / f"{name}.html").as_uri())
    fox.wait_for("() => document.querySelector('.said')?.textContent")
    assert fox.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert fox.evaluate(TOUCHING) == []
    grip = """() => { // the middle of what is grabbed first
        const grip = document.querySelector(".stage .handle .target");
        grip?.scrollIntoView({ block: "center" });
        const { x, y, width, height } = grip?.getBoundingClientRect() ?? {};
        return grip && [x + width / 2, y + height / 2];
    }"""
    if place := fox.evaluate(grip):
        before = fox.evaluate("() => document.querySelector('.said').textContent")
        x, y = place
        aside = 1 if x < 200 else -1
        fox.drag([(x, y), (x + 40 * aside, y - 30), (x + 120 * aside, y - 40)])
        assert fox.evaluate("() => document.querySelector('.said').textContent") != before


TOUCHING = """() => [...document.querySelectorAll(".stage svg")].flatMap((svg) => {
    const texts = [...svg.querySelectorAll("text")].filter((text) => /\\w/.test(text.textContent)); // no mark, as +
    const boxes = texts.map((text) => text.getBoundingClientRect());
    const overlap = (one, other, low, high) => Math.min(one[high], other[high]) - Math.max(one[low], other[low]);
    const found = boxes.flatMap((one, i) => boxes.slice(i + 1).flatMap((other, k) =>
        overlap(one, other, "left", "right") > 0 && overlap(one, other, "top", "bottom") > 0.4 * one.height
            ? [`${texts[i].textContent} / ${texts[i + 1 + k].textContent}`] : []));
    const ofAxis = svg.querySelector(".name[transform]")?.getBoundingClientRect().right; // wherever the ticks are
    const close = [...svg.querySelectorAll(".tick-y")].filter((tick) => tick.getBoundingClientRect().left < ofAxis + 1);
    return [...found, ...close.map((tick) => `${tick.textContent} beside its axis's name`)];
})"""


@pytest.mark.parametrize("name", KINDS)
def test_no_word_of_a_plot_touches_another(show, name):
    assert show(name).evaluate(TOUCHING) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_panel_s_page_and_its_plots_are_dark_for_readers_who_prefer_it(show, folder, name):
    def light():
        """Of each plot the share that is light."""
        return [(pixels(plot).mean(-1) > 180).mean() for plot in page.locator(".plot").all()]

    page = show(name, color_scheme="dark")
    assert max(light(), default=0) < 0.4
    style = "(part) => [getComputedStyle(part).backgroundColor, getComputedStyle(part).color]"
    for part in ("body", ".stage"):
        colours = page.locator(part).evaluate(style)
        paper, ink = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
        assert paper < 120 < 600 < ink
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => getComputedStyle(document.querySelector('.stage')).color === 'rgb(26, 26, 26)'")
    wait_until(page, lambda: min(light(), default=1) > 0.5)
