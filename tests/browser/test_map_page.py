"""The page that a latent map is saved to, opened from a file in a browser that is offline."""

import re

import numpy as np
import pytest
import torch
from browser_tools import canvas_colours, canvas_greys, decoded, drag, pixels

import vae_helpers as vh


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A map, and the page that it was saved to."""
    mnist = vh.load_mnist("sample")
    latent_map = vh.widgets.LatentMap(vh.load_pretrained("vae2"), mnist.test.images[:500], mnist.test.labels[:500])
    return latent_map, latent_map.save(tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture
def page(new_page, saved):
    """The saved page, in a browser that is offline."""
    page = new_page(offline=True, has_touch=True)
    page.requests = []
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(saved[1].as_uri())
    page.locator(".note:not(:empty)").wait_for()
    yield page
    assert {url.split(":")[0] for url in page.requests} <= {"file", "data", "blob"}


def place(page):
    """Where the page says the ring is."""
    x, y = re.findall(r"−?\d+\.\d\d", page.locator(".note").text_content())
    return tuple(float(value.replace("−", "-")) for value in (x, y))


def dots(page):
    """What the map's canvas of dots holds, as colours."""
    return pixels(page.locator(".plane canvas").first)


def test_the_page_decodes_as_the_model_does_wherever_the_ring_is_dragged(page, saved):
    latent_map, _ = saved
    seen = set()
    for end in [(80, 40), (250, 250), (440, 90), (60, 410), (300, 180), (465, 465)]:
        drag(page, page.locator(".marker"), (230, 230), end)
        seen.add(place(page))
        point = torch.tensor([place(page)])  # which the page rounds to 1/100
        expected = 255 * latent_map.model.decode(latent_map.to_latent(point)).detach()[0, 0].numpy()
        assert np.abs(decoded(page) - expected).mean() < 2
        near = vh.latent.count_neighbors(point, latent_map.codes, latent_map.radius).item()
        assert ("no image" in page.locator(".note").text_content()) == (near == 0) or near < 3
    assert len(seen) == 6


def test_the_ring_is_under_the_pointer(page):
    drag(page, page.locator(".marker"), (230, 230), (150, 320))
    rows, columns = np.nonzero(canvas_colours(page.locator(".marker"))[..., 3])
    assert (columns.mean(), rows.mean()) == pytest.approx((150, 320), abs=2)


def test_hover_moves_the_ring_only_if_asked(page):
    corner = page.locator(".marker").bounding_box()
    before = decoded(page)
    page.mouse.move(corner["x"] + 100, corner["y"] + 100)
    assert (decoded(page) == before).all()
    page.get_by_label("follow the pointer").check()
    page.mouse.move(corner["x"] + 300, corner["y"] + 300)
    assert (decoded(page) != before).any()


def test_a_touch_moves_the_ring(page):
    corner, before = page.locator(".marker").bounding_box(), decoded(page)
    page.touchscreen.tap(corner["x"] + 120, corner["y"] + 140)
    assert (decoded(page) != before).any()


def test_the_legend_hides_and_shows_a_class(page, saved):
    colour = np.array([int(vh.plots.DIGIT_COLOURS[1][k : k + 2], 16) for k in (1, 3, 5)])

    def ones():
        return (dots(page) == colour).all(-1).sum()

    all_dots = dots(page)
    assert ones() > 50
    button = page.get_by_label("show digit 1")
    button.click()
    assert ones() == 0
    assert button.get_attribute("aria-pressed") == "false"
    for legend in (button, page.get_by_label("show digit 2")):  # readable with a contrast of 3, hidden or shown
        style = legend.evaluate("(button) => { const s = getComputedStyle(button); return [s.opacity, s.font]; }")
        assert style[0] == "1"
        assert re.match(r"(bold|700) (18\.[7-9]|19)px", style[1])
    button.click()
    assert (dots(page) == all_dots).all()


@pytest.mark.parametrize(("label", "is_on"), [("digits for dots", True), ("what it decodes to", False)])
def test_digits_become_dots_and_decoded_images_stand_under_them_on_wish(page, label, is_on):
    box, before = page.get_by_label(label), dots(page)
    assert box.is_checked() == is_on
    box.click()
    assert (dots(page) != before).any()
    box.click()
    assert (dots(page) == before).all()


def sixteen_greys(image):
    return 17 * (15 * image[0]).round().numpy()


def test_a_click_on_a_dot_shows_its_image_and_reconstruction(page, saved):
    latent_map, _ = saved
    middle, half = np.array(latent_map.centre), latent_map.half
    with torch.no_grad():
        reconstructions = latent_map.model.decode(latent_map.codes)
    far = torch.cdist(latent_map.codes, latent_map.codes).fill_diagonal_(9).min(1).values  # from the next dot
    inside = (latent_map.codes - torch.tensor(middle)).abs().max(1).values < 0.9 * half
    for index in (far * inside).argsort(descending=True)[:3].tolist():
        across, up = (latent_map.codes[index].numpy() - middle) / half
        corner = page.locator(".marker").bounding_box()
        page.mouse.click(corner["x"] + 52 + (1 + across) * 205, corner["y"] + 8 + (1 - up) * 209)
        said = page.locator(".side p").last.text_content()
        assert said == f"image {index}, a {latent_map.labels[index]}, and its reconstruction"
        image, reconstruction = (canvas_greys(canvas) for canvas in page.locator(".pair .image").all())
        np.testing.assert_array_equal(image, sixteen_greys(latent_map.images[index]))
        assert np.abs(reconstruction - 255 * reconstructions[index, 0].numpy()).mean() < 2


def test_enter_chooses_the_nearest_image_and_escape_lets_it_go(page, saved):
    latent_map, _ = saved
    marker = page.locator(".marker")
    for key in ["ArrowUp", "ArrowUp", "ArrowLeft", "Enter"]:
        marker.press(key)
    distances = (latent_map.codes - torch.tensor(place(page))).norm(dim=1)
    chosen = int(re.findall(r"image (\d+)", page.locator(".side p").last.text_content())[0])
    assert distances[chosen] < distances.min() + 0.02
    marker.press("Escape")
    assert page.locator(".side p").last.text_content() == "Drag the ring; click a dot to see its image."


def test_the_ring_stays_on_the_map(page, saved):
    latent_map, _ = saved
    for key in ["ArrowRight"] * 15 + ["ArrowDown"] * 15:
        page.locator(".marker").press(f"Shift+{key}")
    middle, half = latent_map.centre, latent_map.half
    assert place(page) == pytest.approx((middle[0] + half, middle[1] - half), abs=0.006)
    drag(page, page.locator(".marker"), (230, 230), (600, 600))
    assert place(page) == pytest.approx((middle[0] + half, middle[1] - half), abs=0.006)
