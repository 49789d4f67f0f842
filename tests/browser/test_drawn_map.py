"""What the map of the page draws beside its dots: numbers and names at its axes, the ring, colours, decoded places; and
the slopes by which networks of the page are searched.
"""

import re

import matplotlib
import numpy as np
import pytest
import torch
from browser_tools import canvas_colours
from test_words_of_panels import WRITTEN

import vae_helpers as vh
from vae_helpers.widgets import frontend, network

SIZE, LEFT, TOP, WIDE, HIGH = 470, 52, 8, 410, 418  # of the map, in its own units


@pytest.fixture(scope="module")
def latent_map():
    mnist = vh.load_mnist("sample")
    return vh.widgets.LatentMap(vh.load_pretrained("vae2"), mnist.test.images[:150], mnist.test.labels[:150])


@pytest.fixture
def page(new_page, tmp_path, latent_map):
    page = new_page(offline=True)
    page.add_init_script(WRITTEN)
    page.goto(latent_map.save(tmp_path / "map.html").as_uri())
    page.locator(".note:not(:empty)").wait_for()
    return page


def test_numbers_names_and_colours_are_those_of_the_map(page, latent_map):
    written = [(text, SIZE * x, SIZE * y, size, colour) for text, x, y, size, colour in page.evaluate("() => written")]
    numbers = [(float(text.replace("−", "-")), x, y) for text, x, y, size, _ in written if size == 13]
    assert len(numbers) > 4
    for number, x, y in numbers:
        along_x = y > TOP + HIGH
        share = (x - LEFT) / WIDE if along_x else 1 - (y - TOP) / HIGH
        assert latent_map.centre[not along_x] + latent_map.half * (2 * share - 1) == pytest.approx(number, abs=0.01)
    names = {y > TOP + HIGH: text for text, _, y, size, _ in written if size == 14}
    assert names == {True: latent_map.axis_names[0], False: latent_map.axis_names[1]}
    for text, *_, colour in (one for one in written if one[3] == 11):
        assert colour == vh.plots.DIGIT_COLOURS[int(text)]
    for button in page.locator("[aria-label^='show digit']").all():
        colour = button.evaluate("(button) => getComputedStyle(button).color")
        assert (
            matplotlib.colors.to_hex(np.array(re.findall(r"\d+", colour), int) / 255)
            == (vh.plots.DIGIT_COLOURS[int(button.text_content())])
        )


def test_the_ring_holds_what_is_counted_and_the_square_its_dot(page, latent_map):
    marker = page.locator(".marker")
    drawn = canvas_colours(marker)
    scale = drawn.shape[1] / SIZE
    columns = np.nonzero(drawn[..., 3].any(0))[0] / scale
    assert np.ptp(columns) / 2 == pytest.approx(latent_map.radius / latent_map.half * WIDE / 2, abs=4)
    x, y = (float(one.replace("−", "-")) for one in re.findall(r"−?\d+\.\d\d", page.locator(".note").text_content()))
    near = (latent_map.points - torch.tensor([x, y])).norm(dim=1) <= latent_map.radius
    count, total = map(int, re.search(r": (\d+) of (\d+) images", page.locator(".note").text_content()).groups())
    assert total == 150
    assert abs(count - int(near.sum())) <= 3
    marker.press("Enter")
    chosen = int(re.search(r"image (\d+)", page.locator(".side p").last.text_content())[1])
    more = canvas_colours(marker)[..., 3].astype(bool) & ~drawn[..., 3].astype(bool) | (
        canvas_colours(marker) != drawn
    ).any(-1)
    rows, columns = (values / scale for values in np.nonzero(more))
    across, up = (latent_map.points[chosen].numpy() - latent_map.centre) / latent_map.half
    middle = [LEFT + (across + 1) * WIDE / 2, TOP + (1 - up) * HIGH / 2]
    assert [columns.mean(), rows.mean()] == pytest.approx(middle, abs=2)


def test_decoded_places_lie_where_they_are_decoded(page, latent_map):
    page.get_by_label("what it decodes to").check()
    page.evaluate("() => document.querySelectorAll('[aria-label^=\"show digit\"]').forEach((one) => one.click())")
    page.wait_for_function("() => !document.querySelector('[aria-pressed=true]')")
    canvas = canvas_colours(page.locator(".plane canvas").first)[..., 0]
    scale = canvas.shape[1] / SIZE
    tile = 2 * latent_map.half / 15
    for column, row in [(2, 1), (12, 3), (5, 12), (13, 13)]:
        x = latent_map.centre[0] - latent_map.half + (column + 0.5) * tile
        y = latent_map.centre[1] + latent_map.half - (row + 0.5) * tile
        image = 255 - 110 * vh.latent.decode(latent_map.model, torch.tensor([[x, y]]))[0, 0].numpy()
        left, top = LEFT + WIDE * column / 15, TOP + HIGH * row / 15
        part = canvas[
            int(scale * top) : int(scale * (top + HIGH / 15)), int(scale * left) : int(scale * (left + WIDE / 15))
        ]
        halves = [(one[: len(one) // 2].mean(), one[len(one) // 2 :].mean()) for one in (part, image, part.T, image.T)]
        np.testing.assert_allclose(halves[0::2], halves[1::2], atol=4)


def test_activations_and_their_slopes_are_those_of_torch(new_page):
    script = (
        frontend.load("network.js")
        + "; return Object.fromEntries(Object.entries(ACTIVATIONS).map(([name, [f, slope]]) => "
    )
    script += "[name, XS.map((x) => [f(x), slope(x, f(x))])]));"
    xs = [-3.0, -0.7, 0.2, 1.5, 4.0]
    found = new_page().evaluate(f"() => {{ const XS = {xs}; {script} }}")
    for name, activation in network.ACTIVATIONS.items():
        x = torch.tensor(xs, requires_grad=True)
        y = activation(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        np.testing.assert_allclose(found[name], torch.stack([y, slope], 1).detach(), atol=1e-5, err_msg=name)
