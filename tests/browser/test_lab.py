"""In a real browser: JupyterLab as `make lab` starts it, every kind of slider, and the map.

What counts is what the page shows: pixels are compared, and a console error, an exception or a failed request is red.
"""

import json
import re
import shutil

import numpy as np
import pytest
import torch
from browser_tools import Notebook, canvas_greys, decoded, drag, jupyter_lab, new_pages, pixels, wait_until
from series import ROOT, worked_in

import vae_helpers as vh
from vae_helpers.authoring.notebooks import NOTEBOOKS, drop_dead_views, keep_shown_widgets, read
from vae_helpers.authoring.pages import deck, reading_page
from vae_helpers.authoring.talk_frame import whole_talk


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def address(lab_folder):
    with jupyter_lab(lab_folder) as address:
        yield address


# the panels


DRAWN = """(stage) => stage.innerHTML + // what is drawn, with far less work than a screenshot is
    [...stage.querySelectorAll("canvas")].map((canvas) => canvas.width && canvas.toDataURL()).join()"""


def drawn_after(page, stage, move):
    """Make a move and wait until what is drawn has come to rest; it must have changed. Return it."""
    seen = [stage.evaluate(DRAWN)]
    move()
    wait_until(page, lambda: seen.append(stage.evaluate(DRAWN)) or seen[-1] == seen[-2] == seen[-3] != seen[0])
    return seen[-1]


def drive(page, panel):
    """Move every slider and choice of a panel: the picture follows, and is the same again at the same place."""
    panel.locator(".noUi-handle").first.wait_for()
    stage = panel.locator(".stage").last
    stage.wait_for()
    handles, choices = panel.locator(".noUi-handle"), panel.locator("select")
    wait_until(page, lambda: all(handle.get_attribute("aria-label") for handle in handles.all()))
    before = pixels(stage)
    for handle in handles.all():
        there, _, again = (  # the first key puts a slider that starts between two steps on a step
            drawn_after(page, stage, lambda handle=handle, key=key: [handle.press(key) for _ in range(4)])
            for key in ("ArrowRight", "ArrowLeft", "ArrowRight")
        )
        assert again == there
    for choice in choices.all():
        was = choice.input_value()
        other = next(value for value in choice.locator("option").all_text_contents()[2:] if value != was)
        drawn_after(page, stage, lambda choice=choice, other=other: choice.select_option(other))
    assert (np.abs(pixels(stage) - before).max(-1) > 40).sum() > 20  # and it is on the screen
    assert panel.get_by_text("Error:").count() == 0
    return handles.count(), choices.count()


PANEL = """
import torch
import vae_helpers as vh
vh.setup()
mnist = vh.load_mnist("sample")
images, labels = mnist.test.images[:300], mnist.test.labels[:300]
ae2, vae2, vae20 = (vh.load_pretrained(name) for name in ("ae2", "vae2", "vae20"))
"""
# every panel on shipped weights, as a notebook makes it, and how many sliders and choices it has
PANELS = {
    "vh.widgets.DecoderPanel(vae2, vh.encode_mean(vae2, images), labels)": (2, 0),
    "vh.widgets.KLPanel()": (2, 0),
    """betas = [0.1, 0.3, 1, 2, 4, 8, 16, 32]
vh.widgets.BetaPanel({beta: vh.load_pretrained(f"vae20_beta{beta:g}") for beta in betas}, images)""": (1, 0),
    "vh.widgets.DecoderPanel(vh.ConvVAE(2), vh.encode_mean(vae2, images), labels)": (2, 0),
    "vh.widgets.InterpolationPanel(vae20, images[0], images[1])": (1, 0),
    "vh.widgets.TraversalPanel(vae20, images)": (1, 1),
    'vh.widgets.PathPanel({"autoencoder": ae2, "VAE": vae2}, images, labels)': (3, 0),
    """ink = lambda x: x.sum((1, 2, 3))
vh.widgets.ThresholdPanel(images, 1 - images, ink, "ink (pixels)")""": (1, 0),
    """rows = torch.arange(28).view(1, 28, 1).expand(1, 28, 28)
masks = {f"below row {row}": rows < row for row in range(8, 26, 3)}
mean = lambda x, seen: torch.where(seen, x, images.mean(0))
vh.widgets.MaskPanel(vae20, images[:8], masks, {"mean image": mean})""": (2, 0),
}  # (of a panel of a convolutional model, the kernel decodes)


@pytest.fixture(scope="module")
def opened(chromium, address, lab_folder):
    """A page with a copy of notebook 00 open, for all tests that show something in it."""
    notebooks = lab_folder / "VAE Kurs ü/notebooks"
    shutil.copy(notebooks / "00_start_here.ipynb", notebooks / "scratch.ipynb")
    with new_pages(chromium) as new_page:
        yield Notebook(new_page(), address, "scratch.ipynb")


CELLS = "() => jupyterapp.shell.currentWidget.content.model.cells.length"
DROP = "(count) => jupyterapp.shell.currentWidget.content.model.sharedModel.deleteCellRange(0, count)"


@pytest.fixture
def scratch(opened):
    """A notebook in whose first cell a test shows what it likes."""
    cells = opened.page.evaluate(CELLS)
    assert opened.run(PANEL).startswith("MNIST")
    yield opened
    opened.page.evaluate(DROP, opened.page.evaluate(CELLS) - cells)


def test_all_sliders_and_choices_of_every_panel_move_its_picture(scratch):
    for code, counts in PANELS.items():
        print(code)  # of which panel, if one fails
        assert drive(scratch.page, scratch.show(code)) == counts


def test_a_notebook_runs_whole_in_jupyterlab_which_unfolds_its_answers(new_page, address):
    path = ROOT / "notebooks/00_start_here.ipynb"
    answers = [cell.id for cell in read(path).cells if "answer" in cell.metadata.get("tags", [])]
    notebook = Notebook(new_page(), address, path.name)
    folded = "(id) => jupyterapp.shell.currentWidget.content.widgets.find((c) => c.model.id == id).outputHidden"
    assert worked_in(path) or all(notebook.page.evaluate(folded, cell) for cell in answers)
    assert notebook.run_all() == []
    assert not any(notebook.page.evaluate(folded, cell) for cell in answers)
    notebook.cell("InterpolationPanel(").locator(".stage canvas").last.wait_for()


def test_nothing_is_asked_of_a_newcomer(new_page, address):
    notebook = Notebook(new_page(), address, "00_start_here.ipynb")
    notebook.page.wait_for_timeout(2000)  # for the question that must not come
    assert notebook.page.locator(".jp-Dialog, .Toastify__toast").count() == 0


def test_a_save_loses_no_widget_that_was_saved_before(new_page, address, lab_folder):
    folder, page, notebook = lab_folder / "VAE Kurs ü/notebooks", new_page(), None

    def saved(path):
        """The notebook that JupyterLab writes, with its cells as they are and widgets that were run or not."""
        written = path.stat().st_mtime_ns
        page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        wait_until(page, lambda: path.stat().st_mtime_ns != written)
        return read(path)

    for original in NOTEBOOKS:
        if worked_in(original):
            print(f"{original.stem} was saved or answered since `make notebooks`: not tried")
            continue
        print(original.stem)
        before = read(original)
        path = folder / original.name
        shutil.copy(original, path)  # another test may have had it open until JupyterLab saved it
        if notebook:
            notebook.open(path.name)
        else:
            notebook = Notebook(page, address, path.name)
        opened = saved(path)  # as JupyterLab does by itself, two minutes after a notebook was opened
        assert opened.metadata.widgets == before.metadata.widgets
        assert outputs_of(opened) == outputs_of(before)

        notebook.show("import vae_helpers as vh\nvh.widgets.KLPanel()").locator(".stage").wait_for()
        part_was_run = saved(path)
        assert keep_shown_widgets(part_was_run) == 1  # that of the new cell: JupyterLab saves no state of a widget
        for each in (before, part_was_run):
            drop_dead_views(each)
        assert outputs_of(part_was_run)[1:] == outputs_of(before)
        assert min(live_views(part_was_run, original.stem)) >= 1  # a panel, or a question


def outputs_of(notebook):
    return [cell.get("outputs") for cell in notebook.cells]


def live_views(notebook, name):
    """How many widgets live on the page and in the deck of a notebook."""
    pages = (reading_page(notebook, name, {name: name}), deck(notebook, whole_talk(notebook, name, [name], ""), name))
    return [len(re.findall(r"<script[^>]*widget-view", page)) for page in pages]


def test_a_choice_reaches_the_kernel_and_is_still_there_when_the_cell_is_run_again(scratch):
    code = 'question = vh.widgets.Prediction("Which one?", ["this", "that"])\nquestion'
    this, that = (scratch.show(code).get_by_role("button", name=name, exact=True) for name in ("this", "that"))
    that.click()
    wait_until(scratch.page, lambda: scratch.run("print(question.choice)").strip() == "that")
    assert (this.get_attribute("aria-pressed"), that.get_attribute("aria-pressed")) == ("false", "true")
    again = scratch.show(f"{code}  # again").get_by_role("button", name="that", exact=True)
    wait_until(scratch.page, lambda: again.get_attribute("aria-pressed") == "true")
    wait_until(scratch.page, lambda: scratch.run("print(question.choice)").strip() == "that")


def test_what_is_grabbed_in_the_page_moves_the_slider_and_python_and_both_move_it(scratch):
    panel = scratch.show("panel = vh.widgets.KLPanel()\npanel")
    point = panel.get_by_role("slider", name="μ and σ of q", exact=True)
    drag(scratch.page, panel.locator(".stage svg").nth(1), (200, 150), (300, 120))
    said = panel.locator(".said")
    wait_until(scratch.page, lambda: not said.text_content().startswith("μ = 1.50"))

    def written():
        return [float(number) for number in re.findall(r"= (-?[\d.]+)", said.text_content().replace("−", "-"))[:2]]

    def values():
        return json.loads(scratch.run("print([panel.mu.value, panel.sigma.value])"))

    wait_until(scratch.page, lambda: values() == pytest.approx(written(), abs=0.006))  # moves come one by one
    place = written()
    readouts = [float(text.replace("−", "-")) for text in panel.locator(".widget-readout").all_text_contents()]
    assert readouts == pytest.approx(place, abs=0.006)
    scratch.run("panel.mu.value, panel.sigma.value = -1, 2")
    wait_until(scratch.page, lambda: said.text_content().startswith("μ = −1.00, σ = 2.00"))
    scratch.restart_kernel()
    point.press("ArrowLeft")
    wait_until(scratch.page, lambda: said.text_content().startswith("μ = −1.05, σ = 2.00"))


DRAG = """async (handle) => { // for most of a second; returns how often nothing changed for long, as on a busy machine
    handle.setPointerCapture = () => {}; // there is no such pointer
    const { left, top, width, height } = handle.querySelector(".target").getBoundingClientRect();
    const send = (kind, k) => handle.dispatchEvent(new PointerEvent(kind, {
        bubbles: true, clientX: left + width / 2 + k, clientY: top + height / 2 - k / 2, pointerId: 9, buttons: 1,
    }));
    send("pointerdown", 0);
    const said = handle.closest(".stage").querySelector(".said"), changes = [];
    for (let k = 1; k <= 40; k++) {
        const [before, time] = [said.textContent, performance.now()];
        send("pointermove", k);
        await new Promise((next) => setTimeout(next, 20));
        if (said.textContent !== before) changes.push(time);
    }
    send("pointerup", 40);
    return changes.filter((time, k) => k && time - changes[k - 1] > 90).length;
}"""


def test_a_drag_tells_the_kernel_where_it_rests_and_not_each_move(scratch):
    for code, control in {  # sliders with all kinds of steps; one that had to correct what it is given would send it
        "vh.widgets.KLPanel()": "mu",
        "vh.widgets.InterpolationPanel(vae20, images[0], images[1])": "alpha",
        "vh.widgets.DecoderPanel(vae2, vh.encode_mean(vae2, images), labels)": "z1",
        "vh.widgets.ThresholdPanel(images, 1 - images, lambda x: x.sum((1, 2, 3)), 'ink (pixels)')": "threshold",
        "vh.widgets.PathPanel({'autoencoder': ae2, 'VAE': vae2}, images, labels)": "first",
    }.items():
        print(code)
        watch = f"heard = []\npanel.{control}.observe(lambda change: heard.append(change.new), 'value')"
        panel = scratch.show(f"panel = {code}\n{watch}\npanel")
        slider = panel.locator(".noUi-target").first

        def told(slider=slider, value=f"print(panel.{control}.value)"):
            return float(scratch.run(value)) == slider.evaluate("(slider) => slider.noUiSlider.get()")

        wait_until(scratch.page, told)  # a slider also corrects what it starts with
        scratch.run("heard.clear()")
        rests = panel.locator(".handle").first.evaluate(DRAG)
        wait_until(scratch.page, told)
        assert int(scratch.run("print(len(heard))")) <= 1 + rests


def test_screen_readers_are_told_the_name_and_the_value_of_each_slider_and_of_what_is_grabbed(scratch):
    panel = scratch.show("vh.widgets.KLPanel()")
    handle = panel.get_by_role("slider", name="σ", exact=True)
    wait_until(scratch.page, lambda: handle.get_attribute("aria-valuetext") == "0.50")
    for _ in range(3):
        handle.press("ArrowRight")
    wait_until(scratch.page, lambda: handle.get_attribute("aria-valuetext") == "0.65")
    point = panel.get_by_role("slider", name="μ and σ of q", exact=True)
    wait_until(scratch.page, lambda: "σ = 0.65: KL = " in point.get_attribute("aria-valuetext"))
    panel.get_by_role("textbox", name="σ", exact=True).wait_for()  # where a value can be typed
    panel = scratch.show("vh.widgets.BetaPanel({beta: vae20 for beta in (0.5, 1, 2)}, images)")
    handle = panel.get_by_role("slider", name="β", exact=True)
    handle.press("ArrowLeft")
    wait_until(scratch.page, lambda: handle.get_attribute("aria-valuetext") == "0.5")  # and not its place, 0


def test_an_interpolation_follows_its_slider_in_the_page_and_goes_on_without_its_kernel(scratch):
    panel = scratch.show("panel = vh.widgets.InterpolationPanel(vae20, images[0], images[1])\npanel")
    model, images = vh.load_pretrained("vae20"), vh.load_mnist("sample").test.images[:2]
    canvases = panel.locator("figure canvas")
    canvases.last.wait_for()
    handle = panel.locator(".noUi-handle")

    def check(alpha):
        decoded = canvases.nth(1)
        wait_until(scratch.page, lambda: decoded.get_attribute("aria-label") == f"decoded at alpha {alpha:.2f}")
        assert f"α = {alpha:.2f}" in panel.locator(".said").text_content()
        expected = model.decode(torch.lerp(*vh.encode_mean(model, images), alpha).unsqueeze(0))
        for canvas, image in zip(canvases.all(), [images[0], expected[0].detach(), images[1]], strict=True):
            assert np.abs(canvas_greys(canvas) - 255 * image[0].numpy()).max() < 1

    check(0.5)
    for _ in range(7):
        handle.press("ArrowRight")
    check(0.57)
    wait_until(scratch.page, lambda: scratch.run("print(panel.alpha.value)").strip() == "0.57")
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
    cell = scratch.show("latent_map = vh.widgets.LatentMap(vae20, images, labels)\nlatent_map")
    cell.locator(".note:not(:empty)").wait_for()
    return cell


def state(notebook):
    code = "import json; print(json.dumps([latent_map.x, latent_map.y, latent_map.latent, latent_map.selected]))"
    return json.loads(notebook.run(code))


@torch.no_grad()
def test_the_map_in_jupyterlab_follows_a_drag_and_python_knows_where_it_is(scratch, lab_map):
    model, shown = vh.load_pretrained("vae20"), [state(scratch)]

    def arrived():  # moves come one by one
        shown.append(state(scratch))
        expected = 255 * model.decode(torch.tensor([shown[-1][2]]))[0, 0].numpy()
        return shown[-1][:2] != before and np.abs(decoded(lab_map) - expected).mean() < 1.5

    ends = []
    for end in [(100, 120), (350, 300)]:
        before = shown[-1][:2]
        drag(scratch.page, lab_map.locator(".marker"), (230, 230), end)
        wait_until(scratch.page, arrived)
        ends.append(shown[-1])
    assert ends[0][0] < ends[1][0]  # to the right
    assert ends[0][1] > ends[1][1]  # and down


def test_the_map_follows_python(scratch, lab_map):
    before = decoded(lab_map)
    scratch.run("latent_map.x, latent_map.y = 1.5, -1.0; latent_map.hidden = [0, 1]; latent_map.selected = 3")
    wait_until(scratch.page, lambda: np.abs(decoded(lab_map) - before).mean() > 3)
    lab_map.get_by_text("image 3,").wait_for()  # what was set last
    assert "1.50, −1.00" in lab_map.locator(".note").text_content()
    assert lab_map.get_by_label("show digit 0").get_attribute("aria-pressed") == "false"
    assert lab_map.get_by_label("show digit 2").get_attribute("aria-pressed") == "true"


def test_the_arrow_keys_move_the_ring_and_not_the_notebook(scratch, lab_map):
    marker = lab_map.locator(".marker")
    marker.focus()
    start, before = state(scratch), decoded(lab_map)
    for key in ["ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowUp"]:
        scratch.page.keyboard.press(key)

    def arrived():
        right, up = np.subtract(state(scratch)[:2], start[:2])
        return up > 0 and up == pytest.approx(3 * right, rel=1e-4)

    wait_until(scratch.page, arrived)
    assert (decoded(lab_map) != before).any()
    assert marker.evaluate("(canvas) => document.activeElement === canvas")


def test_the_map_works_again_after_a_restart_of_the_kernel(scratch, lab_map):
    scratch.restart_kernel()
    before = decoded(lab_map)
    drag(scratch.page, lab_map.locator(".marker"), (230, 230), (120, 120))
    assert (decoded(lab_map) != before).any()  # the old map goes on without its kernel
    scratch.run(PANEL)
    cell = scratch.show("latent_map = vh.widgets.LatentMap(vae2, images, labels)\nlatent_map")
    cell.locator(".note:not(:empty)").wait_for()
    before = decoded(cell)
    drag(scratch.page, cell.locator(".marker"), (230, 230), (120, 120))
    assert (decoded(cell) != before).any()
    wait_until(scratch.page, lambda: state(scratch)[0] < 0)


def test_an_exception_in_the_map_s_callback_is_seen_on_the_page(scratch, lab_map):
    scratch.run("latent_map.to_latent = lambda points: 1 / 0")
    drag(scratch.page, lab_map.locator(".marker"), (230, 230), (120, 120))
    lab_map.get_by_text("ZeroDivisionError").wait_for()
