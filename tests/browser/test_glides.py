"""What jumps glides to its place, and pictures fade into each other; not what is dragged, and not for everybody."""

import pytest
import torch
from browser_tools import wait_until

import vae_helpers as vh
from vae_helpers import widgets

MOVING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
GHOSTS = "() => document.querySelectorAll('.ghost').length"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, mnist = tmp_path_factory.mktemp("pages"), vh.load_mnist("sample")
    images, labels = mnist.test.images[:60], mnist.test.labels[:60]
    vae2 = vh.load_pretrained("vae2")
    codes = [torch.randn(60, 2, generator=torch.Generator().manual_seed(k)) for k in range(9)]
    for name, panel in {
        "decoder": widgets.DecoderPanel(vae2, vh.encode_mean(vae2, images), labels),
        "diagram": widgets.DiagramPanel(vh.load_pretrained("vae20_beta1"), images, labels),
        "film": widgets.TrainingFilm(codes, [{"reconstruction": 9.0 - k, "kl": 1.0 * k} for k in range(9)], labels),
        "map": vh.widgets.LatentMap(vae2, images, labels),
        "gap": widgets.GapPanel(1.5),
    }.items():
        panel.save(folder / f"{name}.html")
    return folder


@pytest.fixture
def show(new_page, folder):
    def show(name, motion="no-preference"):
        page = new_page(offline=True, reduced_motion=motion)
        page.goto((folder / f"{name}.html").as_uri())
        page.locator(".said:not(:empty), .note:not(:empty)").first.wait_for()
        page.wait_for_function(f"() => ({MOVING})() === 0")
        return page

    return show


def click_far_away(page, plot):
    box = plot.bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])


JUMPS = {  # what the reader does, and what must move then
    "decoder": (lambda page: click_far_away(page, page.locator("svg").first), {"transform", "fade"}),
    "diagram": (lambda page: page.get_by_role("button", name="draw ε again").click(), {"cy", "y", "height", "fade"}),
    "film": (lambda page: click_far_away(page, page.locator("svg").nth(1)), {"transform", "fade"}),
    "map": (lambda page: click_far_away(page, page.locator(".marker")), {"fade"}),
    "gap": (lambda page: click_far_away(page, page.locator("svg").first), {"transform", "d", "height"}),
}
NOTE = """() => {
    window.begun = []; // transitions and fades
    addEventListener("transitionrun", ({ propertyName }) => begun.push(propertyName));
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (...given) { begun.push("fade"); return animate.apply(this, given); };
}"""


@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_what_jumps_glides_unless_the_reader_asks_for_less_motion(show, name, motion):
    page, (jump, moves) = show(name, motion), JUMPS[name]
    said = page.locator(".said, .note").first
    before = said.text_content()
    page.evaluate(NOTE)
    jump(page)
    wait_until(page, lambda: said.text_content() != before)
    page.wait_for_function(f"() => ({MOVING})() === 0 && ({GHOSTS})() === 0")
    begun = set(page.evaluate("() => begun"))
    assert moves <= begun if motion == "no-preference" else begun == set()


def test_what_is_dragged_follows_at_once(show):
    page = show("decoder")
    box = page.locator(".ring").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_function(f"() => ({MOVING})() === 0")
    page.evaluate(NOTE)
    for step in range(1, 6):
        page.mouse.move(x + 20 * step, y)
        page.wait_for_timeout(300)  # however slowly
        assert page.evaluate("() => begun") == []
        ring = page.locator(".ring").bounding_box()
        assert ring["x"] + ring["width"] / 2 == pytest.approx(x + 20 * step, abs=1)
    page.mouse.up()
