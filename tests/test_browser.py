"""In a real browser: JupyterLab as `make lab` starts it, every kind of slider, the map, the exported page.

What counts is what the page shows: pixels are compared, and a console error, an exception or a failed request is red.
"""

import json
import re

import numpy as np
import publish
import pytest
import torch
from browser_tools import MISSING, ROOT, Notebook, browser, canvas_colours, canvas_greys, jupyter_lab, pixels
from notebook_tools import keep_shown_widgets, read

import vae_helpers as vh

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"browser tests need {' and '.join(MISSING)} on this machine")


@pytest.fixture(scope="module")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def address(lab_folder):
    with jupyter_lab(lab_folder) as address:
        yield address


@pytest.fixture
def new_page(chromium):
    """Opens pages; at the end none of them may have met an error."""
    problems, contexts = [], []

    def new_page(**options):
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 1000}, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(f"{request.url}: {request.failure}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert [problem for problem in problems if "ERR_ABORTED" not in problem] == []  # a closed page stops loading


def wait_until(page, condition):
    """Wait until a condition in Python holds."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page did not get there within ten seconds")


# the panels of every notebook that has some


def moves_the_picture(page, picture, move):
    """Make a move; assert that the picture's pixels follow, and return them."""
    before, source = pixels(picture), picture.get_attribute("src")
    move()
    wait_until(page, lambda: picture.get_attribute("src") != source)
    page.wait_for_timeout(300)  # until the last of several has come
    after = pixels(picture)
    assert (np.abs(after - before).max(-1) > 40).sum() > 20, "the picture stayed as it was"
    return after


def drive(page, panel):
    """Move every slider and choice of a panel there and back: the picture follows, and comes back the same."""
    panel.locator(".noUi-handle").first.wait_for()
    picture = panel.locator("img").last
    assert len(picture.get_attribute("alt")) > 40
    handles, choices = panel.locator(".noUi-handle"), panel.locator("select")
    wait_until(page, lambda: all(handle.get_attribute("aria-label") for handle in handles.all()))
    for handle in handles.all()[:6]:  # of twenty equal ones, six will do
        start = pixels(picture)
        moves_the_picture(page, picture, lambda handle=handle: [handle.press("ArrowRight") for _ in range(4)])
        back = moves_the_picture(page, picture, lambda handle=handle: [handle.press("ArrowLeft") for _ in range(4)])
        assert (np.abs(back - start).max(-1) > 40).sum() == 0
    for choice in choices.all():
        was = choice.input_value()
        other = next(value for value in choice.locator("option").all_text_contents()[2:] if value != was)
        moves_the_picture(page, picture, lambda choice=choice, other=other: choice.select_option(other))
    assert panel.get_by_text("Error:").count() == 0
    return handles.count(), choices.count()


PANELS = {
    "01_autoencoder": {"vh.DecoderPanel(": (2, 0)},
    "02_vae_and_kl": {"vh.KLPanel(": (2, 0), "vh.DecoderPanel(": (2, 0)},
    "03_training_challenges": {"vh.BetaPanel(": (1, 0)},
    "05_latent_space": {"vh.ComponentPanel(": (20, 0), "vh.TraversalPanel(": (1, 1), "vh.PathPanel(": (3, 2)},
}


@pytest.mark.parametrize("name", PANELS)
def test_a_notebook_runs_in_jupyterlab_and_all_its_sliders_move_their_pictures(new_page, address, name):
    notebook = Notebook(new_page(), address, f"{name}.ipynb")
    assert notebook.run_all() == []
    for source, counts in PANELS[name].items():
        assert drive(notebook.page, notebook.cell(source)) == counts


PANEL = """
import vae_helpers as vh
vh.use_style()
mnist = vh.load_mnist("sample")
images, labels = mnist.test.images[:300], mnist.test.labels[:300]
vae2, vae20 = vh.load_pretrained("vae2"), vh.load_pretrained("vae20")
"""


@pytest.fixture
def scratch(new_page, address):
    """A page with notebook 00 open, in whose first cell a test shows what it likes."""
    notebook = Notebook(new_page(), address, "00_start_here.ipynb")
    assert notebook.run(PANEL).startswith("MNIST")

    return notebook


def test_nothing_is_asked_of_a_newcomer(new_page, address):
    notebook = Notebook(new_page(), address, "00_start_here.ipynb")
    notebook.page.wait_for_timeout(2000)  # for the question that must not come
    assert notebook.page.locator(".jp-Dialog, .Toastify__toast").count() == 0


@pytest.mark.parametrize("name", ["00_start_here", "05_latent_space"])
def test_a_save_loses_no_widget_that_was_saved_before(new_page, address, lab_folder, published, name):
    path = lab_folder / f"VAE Kurs ü/notebooks/{name}.ipynb"
    before = published(ROOT / f"notebooks/{name}.ipynb")

    def saved():
        """The notebook that JupyterLab writes, with its cells as they are and widgets that were run or not."""
        text = path.read_bytes()
        notebook.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        wait_until(notebook.page, lambda: path.read_bytes() != text)
        return read(path)

    notebook = Notebook(new_page(), address, f"{name}.ipynb")
    opened = saved()  # as JupyterLab does by itself, two minutes after a notebook was opened
    assert opened.metadata.widgets == before.metadata.widgets
    assert [cell.get("outputs") for cell in opened.cells] == [cell.get("outputs") for cell in before.cells]

    notebook.show(f"{PANEL}\nvh.InterpolationPanel(vae20, images[0], images[1])").locator(".film").wait_for()
    part_was_run = saved()
    assert keep_shown_widgets(part_was_run) == 1  # that of the new cell: JupyterLab saves no state of a widget
    for notebook_saved in (opened, part_was_run):
        publish.show_still_what_is_not_alive(notebook_saved)
        views = re.findall(r"<script[^>]*widget-view", publish.deck(notebook_saved, name))
        assert len(views) == 1  # the film, or the map


def test_an_exception_in_a_panel_s_callback_is_seen_on_the_page(scratch):
    panel = scratch.show("panel = vh.DecoderPanel(vae2, vh.posterior_means(vae2, images), labels)\npanel")
    handle = panel.locator(".noUi-handle").first
    handle.press("ArrowRight")
    assert panel.get_by_text("ZeroDivisionError").count() == 0
    assert scratch.run("panel.model.decode = lambda z: 1 / 0") == ""
    handle.press("ArrowRight")
    panel.get_by_text("ZeroDivisionError").wait_for()


def test_screen_readers_are_told_the_name_and_the_value_of_each_slider(scratch):
    panel = scratch.show("vh.ComponentPanel(vae20, vh.LatentPCA(vh.posterior_means(vae20, images)))")
    handle = panel.get_by_role("slider", name="component 12", exact=True)
    assert handle.get_attribute("aria-valuetext") == "0.00"
    for _ in range(3):
        handle.press("ArrowRight")
    wait_until(scratch.page, lambda: handle.get_attribute("aria-valuetext") == "0.30")
    panel.get_by_role("textbox", name="component 12", exact=True).wait_for()  # where a value can be typed
    panel = scratch.show("vh.BetaPanel({beta: vae20 for beta in (0.5, 1, 2)}, images)")
    handle = panel.get_by_role("slider", name="β", exact=True)
    handle.press("ArrowLeft")
    wait_until(scratch.page, lambda: handle.get_attribute("aria-valuetext") == "0.5")  # and not its place, 0


def test_an_interpolation_follows_its_slider_in_the_page_and_goes_on_without_its_kernel(scratch):
    panel = scratch.show("panel = vh.InterpolationPanel(vae20, images[0], images[1])\npanel")
    model, images = vh.load_pretrained("vae20"), vh.load_mnist("sample").test.images[:2]
    canvases = panel.locator("canvas")
    canvases.last.wait_for()
    handle = panel.get_by_role("slider", name="α", exact=True)

    def check(alpha):
        decoded = canvases.nth(1)
        wait_until(scratch.page, lambda: decoded.get_attribute("aria-label") == f"decoded at alpha {alpha:.2f}")
        assert f"α = {alpha:.2f}" in panel.locator(".film p").text_content()
        expected = model.decode(torch.lerp(*vh.posterior_means(model, images), alpha).unsqueeze(0))
        for canvas, image in zip(canvases.all(), [images[0], expected[0].detach(), images[1]], strict=True):
            assert np.abs(canvas_greys(canvas) - 255 * image[0].numpy()).max() < 1

    check(0.5)
    for _ in range(7):
        handle.press("ArrowRight")
    check(0.57)
    assert scratch.run("print(panel.alpha.value)").strip() == "0.57"
    scratch.run("panel.alpha.value = 0.2")
    check(0.2)
    scratch.restart_kernel()
    handle.press("Home")
    check(0.0)
    handle.press("End")
    check(1.0)


# the map in JupyterLab


@pytest.fixture
def lab_map(scratch):
    cell = scratch.show("latent_map = vh.LatentMap(vae20, images, labels)\nlatent_map")
    cell.locator(".note:not(:empty)").wait_for()
    return cell


def state(notebook):
    code = "import json; print(json.dumps([latent_map.x, latent_map.y, latent_map.latent, latent_map.selected]))"
    return json.loads(notebook.run(code))


def decoded(cell):
    return canvas_greys(cell.locator(".side > .image"))


def drag(page, marker, start, end, steps=8):
    """Drag from one place of the map's canvas to another."""
    corner = marker.bounding_box()
    page.mouse.move(corner["x"] + start[0], corner["y"] + start[1])
    page.mouse.down()
    page.mouse.move(corner["x"] + end[0], corner["y"] + end[1], steps=steps)
    page.mouse.up()


@torch.no_grad()
def test_the_map_in_jupyterlab_follows_a_drag_and_python_knows_where_it_is(scratch, lab_map):
    model, shown = vh.load_pretrained("vae20"), []
    for end in [(100, 120), (350, 300)]:
        drag(scratch.page, lab_map.locator(".marker"), (230, 230), end)
        wait_until(scratch.page, lambda: abs(state(scratch)[0] - shown[-1][0]) > 0.5 if shown else True)
        scratch.page.wait_for_timeout(300)
        shown.append(state(scratch))
        expected = 255 * model.decode(torch.tensor([shown[-1][2]]))[0, 0].numpy()
        assert np.abs(decoded(lab_map) - expected).mean() < 1.5
    assert shown[0][0] < shown[1][0]  # to the right
    assert shown[0][1] > shown[1][1]  # and down


def test_the_map_follows_python(scratch, lab_map):
    before = decoded(lab_map)
    scratch.run("latent_map.x, latent_map.y = 1.5, -1.0; latent_map.hidden = [0, 1]; latent_map.selected = 3")
    wait_until(scratch.page, lambda: np.abs(decoded(lab_map) - before).mean() > 3)
    assert "1.50, −1.00" in lab_map.locator(".note").text_content()
    assert lab_map.get_by_label("show digit 0").get_attribute("aria-pressed") == "false"
    assert lab_map.get_by_label("show digit 2").get_attribute("aria-pressed") == "true"
    assert "image 3" in lab_map.get_by_text("its reconstruction").first.text_content()


def test_the_arrow_keys_move_the_ring_and_not_the_notebook(scratch, lab_map):
    marker = lab_map.locator(".marker")
    marker.focus()
    start, before = state(scratch), decoded(lab_map)
    for key in ["ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowUp"]:
        scratch.page.keyboard.press(key)
    wait_until(scratch.page, lambda: state(scratch)[1] > start[1])
    scratch.page.wait_for_timeout(200)
    moved = state(scratch)
    assert moved[1] - start[1] == pytest.approx(3 * (moved[0] - start[0]), rel=1e-4)
    assert (decoded(lab_map) != before).any()
    assert marker.evaluate("(canvas) => document.activeElement === canvas")


def test_the_map_works_again_after_a_restart_of_the_kernel(scratch, lab_map):
    scratch.restart_kernel()
    before = decoded(lab_map)
    drag(scratch.page, lab_map.locator(".marker"), (230, 230), (120, 120))
    assert (decoded(lab_map) != before).any()  # the old map goes on without its kernel
    scratch.run(PANEL)
    cell = scratch.show("latent_map = vh.LatentMap(vae2, images, labels)\nlatent_map")
    cell.locator(".note:not(:empty)").wait_for()
    before = decoded(cell)
    drag(scratch.page, cell.locator(".marker"), (230, 230), (120, 120))
    assert (decoded(cell) != before).any()
    wait_until(scratch.page, lambda: state(scratch)[0] < 0)


def test_an_exception_in_the_map_s_callback_is_seen_on_the_page(scratch, lab_map):
    scratch.run("latent_map.to_latent = lambda points: 1 / 0")
    drag(scratch.page, lab_map.locator(".marker"), (230, 230), (120, 120))
    lab_map.get_by_text("ZeroDivisionError").wait_for()


# the exported page, opened from a file with the network off


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A map, and the page that it was exported to."""
    mnist = vh.load_mnist("sample")
    latent_map = vh.LatentMap(vh.load_pretrained("vae2"), mnist.test.images[:500], mnist.test.labels[:500])
    return latent_map, vh.export_html(latent_map, tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture
def page(new_page, exported):
    """The exported page, in a browser that is offline."""
    page = new_page(offline=True, has_touch=True)
    page.requests = []
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(exported[1].as_uri())
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


def test_the_page_decodes_as_the_atlas_does_wherever_the_ring_is_dragged(page, exported):
    latent_map, _ = exported
    seen = set()
    for end in [(80, 40), (250, 250), (440, 90), (60, 410), (300, 180), (465, 465)]:
        drag(page, page.locator(".marker"), (230, 230), end)
        seen.add(place(page))
        expected = 255 * latent_map.atlas.blend(*place(page))[0].numpy()  # the page rounds its place to 1/100
        assert np.abs(decoded(page) - expected).mean() < 2
        point = torch.tensor([place(page)])
        near = vh.count_near(point, latent_map.codes, latent_map._radius).item()
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


def test_the_legend_hides_and_shows_a_class(page, exported):
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


def test_dots_become_digits_on_wish(page):
    before = dots(page)
    page.get_by_label("digits for dots").check()
    assert (dots(page) != before).any()
    page.get_by_label("digits for dots").uncheck()
    assert (dots(page) == before).all()


def sixteen_greys(image):
    return 17 * (15 * image[0]).round().numpy()


def test_a_click_on_a_dot_shows_its_image_and_reconstruction(page, exported):
    latent_map, _ = exported
    middle, half = np.array(latent_map._centre), latent_map._half
    with torch.no_grad():
        reconstructions = latent_map.model.decode(latent_map.codes)
    far = torch.cdist(latent_map.codes, latent_map.codes).fill_diagonal_(9).min(1).values  # from the next dot
    inside = (latent_map.codes - torch.tensor(middle)).abs().max(1).values < 0.9 * half
    for index in (far * inside).argsort(descending=True)[:3].tolist():
        across, up = (latent_map.codes[index].numpy() - middle) / half
        corner = page.locator(".marker").bounding_box()
        page.mouse.click(corner["x"] + 52 + (1 + across) * 205, corner["y"] + 8 + (1 - up) * 209)
        told = page.locator(".side p").last.text_content()
        assert told == f"image {index}, a {latent_map.labels[index]}, and its reconstruction"
        image, reconstruction = (canvas_greys(canvas) for canvas in page.locator(".pair .image").all())
        np.testing.assert_array_equal(image, sixteen_greys(latent_map.images[index]))
        np.testing.assert_allclose(reconstruction, sixteen_greys(reconstructions[index]), atol=17)


def test_enter_chooses_the_nearest_image_and_escape_lets_it_go(page, exported):
    latent_map, _ = exported
    marker = page.locator(".marker")
    for key in ["ArrowUp", "ArrowUp", "ArrowLeft", "Enter"]:
        marker.press(key)
    distances = (latent_map.codes - torch.tensor(place(page))).norm(dim=1)
    chosen = int(re.findall(r"image (\d+)", page.locator(".side p").last.text_content())[0])
    assert distances[chosen] < distances.min() + 0.02
    marker.press("Escape")
    assert page.locator(".side p").last.text_content() == "Click a dot to see its image."


def test_the_ring_stays_on_the_map(page, exported):
    latent_map, _ = exported
    for key in ["ArrowRight"] * 15 + ["ArrowDown"] * 15:
        page.locator(".marker").press(f"Shift+{key}")
    middle, half = latent_map._centre, latent_map._half
    assert place(page) == pytest.approx((middle[0] + half, middle[1] - half), abs=0.006)
    drag(page, page.locator(".marker"), (230, 230), (600, 600))
    assert place(page) == pytest.approx((middle[0] + half, middle[1] - half), abs=0.006)
