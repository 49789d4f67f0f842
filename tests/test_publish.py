"""The decks and pages that `make slides` and `make site` write, in Chromium with no network, and `make present`."""

import concurrent.futures
import contextlib
import os
import re
import signal
import socket
import subprocess
import tarfile
import time
import urllib.request

import nbformat
import numpy as np
import publish
import pytest
from browser_tools import MISSING, ROOT, browser, canvas_greys, copy_of_the_series
from notebook_tools import NOTEBOOKS, STATE, VIEW, keep_shown_widgets

in_chromium = pytest.mark.skipif(bool(MISSING), reason=f"these tests need {' and '.join(MISSING)} on this machine")
SERIES = {path.stem: path for path in NOTEBOOKS}
STEMS = list(SERIES)
AXE = {"axe-core": ("4.14.1", ["axe.min.js"])}  # finds what people who hear a page or use keys cannot use


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Where the decks, the pages and the checker of accessibility are, made by make in a folder with blanks."""
    series, axe = copy_of_the_series(tmp_path_factory.mktemp("series")), tmp_path_factory.mktemp("axe")
    try:
        publish.fetch(publish.PACKAGES | AXE, axe)
    except SystemExit as error:
        pytest.skip(f"no npm packages: {error}")
    (series / "build").mkdir()
    (series / "build/npm").symlink_to(ROOT / "build/npm")  # fetched above
    command = ["make", "--old-file=.venv/ready", "slides", "site"]
    made = subprocess.run(command, cwd=series, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return {"slides": series / "build/slides", "site": series / "build/site", "axe": axe}


@pytest.fixture(scope="module")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture
def open_page(chromium):
    """Opens files in pages of 1280 x 720 with no network; at the end none of them may have met an error."""
    wrong = []
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True, has_touch=True)

    def open_page(path):
        page = context.new_page()
        wrong.append(watch(page))
        page.goto(path.as_uri())
        page.wait_for_function(
            """() => [...document.querySelectorAll("script[type*=widget-view]")].every(
                (view) => view.parentElement.querySelector(".jupyter-widgets, .latent-map")
            ) && (!window.MathJax || (MathJax.isReady && !MathJax.Hub.queue.pending && !MathJax.Hub.queue.running))"""
        )
        return page

    yield open_page
    context.close()
    assert [problem for page in wrong for problem in page] == []


def watch(page):
    """A list that grows with each failed or outward request, exception and error of the console."""
    wrong = []
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:200]}"))
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("request", lambda it: None if re.match("(file|data|blob):", it.url) else wrong.append(f"asked: {it.url}"))
    return wrong


NOT_AS_IT_SHOULD_BE = r"""(part) => {
    const wrong = [];
    const words = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const { data, parentElement } = words.currentNode;
        if (parentElement.closest("pre, code, script, style, annotation")) continue;
        if (/\$\S|\\(begin|frac|mathbb|log)/.test(data))
            wrong.push(`a formula is not set: ${data}`);
    }
    for (const error of part.querySelectorAll(".MathJax_Error, .mjx-merror, .merror"))
        wrong.push(`a formula is wrong: ${error.textContent}`);
    for (const picture of part.querySelectorAll("img"))
        if (!picture.alt) wrong.push("a picture has no words");
    return wrong;
}"""
NOT_ON_THE_SLIDE = """(slide) => {
    const wrong = [], unseen = "aside.notes, .MJX_Assistive_MathML, script, style";
    for (const part of slide.querySelectorAll("*")) {
        if (part.closest(unseen)) continue;
        const { left, top, right, bottom, width, height } = part.getBoundingClientRect();
        if (width && height && (left < -1 || top < -1 || right > 1281 || bottom > 721))
            wrong.push(`${part.tagName}.${part.className} ends at ${Math.round(right)}, ${Math.round(bottom)}`);
        if (part.matches("pre, table, .MathJax_Display, .MJXc-display") && part.scrollWidth > part.clientWidth + 2)
            wrong.push(`${part.tagName}.${part.className} is cut off at its side`);
    }
    for (const picture of slide.querySelectorAll(".jp-OutputArea-output img"))
        if (picture.height < 0.6 * picture.naturalHeight) wrong.push("a picture has shrunk below 60 %");
    if (!slide.innerText.trim()) wrong.push("a slide without words");
    return wrong;
}"""


def walk(page):
    """Go through all slides of a deck by the right arrow; return what is wrong, {slide: [what, ...], ...}."""
    wrong = {}
    for number in range(page.evaluate("() => Reveal.getTotalSlides()")):
        assert past(page) == number
        slide = page.evaluate_handle("() => Reveal.getCurrentSlide()").as_element()
        while page.evaluate("() => Reveal.availableFragments().next"):
            page.keyboard.press("ArrowRight")
        if found := slide.evaluate(NOT_AS_IT_SHOULD_BE) + slide.evaluate(NOT_ON_THE_SLIDE):
            wrong[f"{number + 1}: {slide.inner_text().strip()[:40]}"] = found[:5]
        page.keyboard.press("ArrowRight")
    assert page.evaluate("() => Reveal.isLastSlide()")
    return wrong


def past(page):
    """How many slides of the deck have been before the one that is shown."""
    return page.evaluate("() => Reveal.getSlidePastCount()")


@in_chromium
@pytest.mark.parametrize("stem", STEMS)
def test_every_slide_of_a_deck_fits_and_shows_its_formulas(open_page, folders, published, stem):
    published(SERIES[stem])
    page = open_page(folders["slides"] / f"{stem}.html")
    assert page.evaluate("() => Reveal.getTotalSlides()") >= 8
    assert walk(page) == {}


KEYS = ["ArrowRight", "ArrowDown", "PageDown", " ", "n"]
BACK = ["ArrowLeft", "ArrowUp", "PageUp", "Shift+ ", "p"]


@in_chromium
@pytest.mark.parametrize(("key", "back"), list(zip(KEYS, BACK, strict=True)))
def test_each_key_of_a_clicker_visits_every_slide_there_and_back(open_page, folders, key, back):
    page = open_page(folders["slides"] / "00_start_here.html")
    numbers = list(range(page.evaluate("() => Reveal.getTotalSlides()")))
    visited = []
    for pressed in [key] * numbers[-1] + [back] * numbers[-1]:
        visited.append(past(page))
        page.keyboard.press(pressed)
    assert visited == numbers + numbers[:0:-1][1:]
    assert past(page) == 0


WIDGETS = {"00_start_here": (".film", ".noUi-handle"), "05_latent_space": (".latent-map", ".marker")}
each_widget = pytest.mark.parametrize("stem", WIDGETS)


@pytest.fixture
def live(open_page, folders, published, stem):
    """A deck at the slide of its live widget, what of it is dragged, and a way to tell where that stands."""
    published(SERIES[stem])
    page, (selector, handle) = open_page(folders["slides"] / f"{stem}.html"), WIDGETS[stem]
    show(page, selector)
    return page, page.locator(handle).first, lambda: page.locator(f"{selector} p").first.text_content()


@in_chromium
@each_widget
@pytest.mark.parametrize("key", KEYS)
def test_a_clicker_leads_on_after_a_widget_was_dragged(live, key):
    page, handle, place = live
    start, before = past(page), place()
    drag(page, handle)
    dragged = place()
    assert dragged != before
    page.keyboard.press(key)
    assert past(page) == start + 1
    page.keyboard.press("PageUp")
    assert past(page) == start
    assert place() == dragged


@in_chromium
@each_widget
@pytest.mark.parametrize("leave", ["Escape", "PageDown"])
def test_a_widget_that_tab_leads_to_has_the_arrows_until_it_is_left(live, leave):
    page, handle, place = live
    start, before = past(page), place()
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert past(page) == start
    moved = place()
    assert moved != before
    page.keyboard.press(leave)
    page.wait_for_function("() => document.activeElement == document.body")
    assert not page.evaluate("() => Reveal.isOverview()")
    assert past(page) == start + (leave == "PageDown")
    page.keyboard.press("ArrowRight")
    assert past(page) == start + (leave == "PageDown") + 1
    assert place() == moved


@in_chromium
@each_widget
def test_a_swipe_on_a_slide_leads_on_but_for_what_is_dragged_itself(live):
    page, handle, _ = live
    start, box = past(page), handle.bounding_box()
    swipe(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert past(page) == start
    slide = page.evaluate("() => Reveal.getCurrentSlide().querySelector('p').getBoundingClientRect().toJSON()")
    swipe(page, slide["x"] + 200, slide["y"] + 5)
    assert past(page) == start + 1


def drag(page, handle):
    """Drag something to the right."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    page.wait_for_function("() => document.activeElement == document.body")


def swipe(page, x, y):
    """A finger that goes to the left."""
    touch = page.context.new_cdp_session(page)
    for kind, points in (("Start", [0]), ("Move", [60]), ("Move", [120]), ("End", [])):
        at = [{"x": x - left, "y": y} for left in points]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})


@in_chromium
@pytest.mark.parametrize("stem", STEMS)
def test_a_page_can_be_read_by_everyone_and_leads_on(open_page, folders, published, stem):
    published(SERIES[stem])
    page = open_page(folders["site"] / f"{stem}.html")
    assert page.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert barriers(page, folders) == []
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    pages = {link for link in links if re.match(r"\d\d_", link)}
    assert pages >= {f"{STEMS[k]}.html" for k in (STEMS.index(stem) - 1, STEMS.index(stem) + 1) if 0 <= k < len(STEMS)}
    assert all((folders["site"] / link.split("#")[0]).exists() for link in {*pages, "index.html"})
    assert "index.html" in links


@in_chromium
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_index_leads_to_every_notebook(open_page, folders, kind):
    page = open_page(folders[kind] / "index.html")
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    assert links == [f"{stem}.html" for stem in STEMS]
    assert barriers(page, folders) == []


def barriers(page, folders):
    """What axe finds that people who hear a page, use keys or see few colours would stumble over."""
    page.evaluate(f"{(folders['axe'] / 'axe-core/axe.min.js').read_text(encoding='utf-8')}; 0")
    found = page.evaluate("() => axe.run({ preload: false })")["violations"]
    return [f"{rule['id']}: {place['html'][:200]}" for rule in found for place in rule["nodes"]]


@in_chromium
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_map_is_alive_without_a_kernel(open_page, folders, published, kind):
    published(SERIES["05_latent_space"])
    page = open_page(folders[kind] / "05_latent_space.html")
    show(page, ".latent-map")
    decoded = page.locator(".latent-map .side canvas").first
    before = canvas_greys(decoded)
    page.locator(".latent-map .marker").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert np.abs(canvas_greys(decoded) - before).max() > 40
    assert page.evaluate(IS_THE_WIDGET_STILL_THERE)
    assert barriers(page, folders) == []


@in_chromium
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_interpolation_is_alive_without_a_kernel(open_page, folders, published, kind):
    published(SERIES["00_start_here"])
    page = open_page(folders[kind] / "00_start_here.html")
    show(page, ".film")
    decoded = page.locator(".film canvas").nth(1)
    before = canvas_greys(decoded)
    page.get_by_role("slider", name="α", exact=True).press("Home")
    page.wait_for_function("() => document.querySelectorAll('.film canvas')[1].ariaLabel.endsWith('0.00')")
    assert np.abs(canvas_greys(decoded) - before).max() > 40
    assert page.evaluate(IS_THE_WIDGET_STILL_THERE)
    assert barriers(page, folders) == []


IS_THE_WIDGET_STILL_THERE = """() => !window.Reveal
    || Boolean(Reveal.getCurrentSlide().querySelector(".latent-map, .film"))"""


def show(page, selector):
    """Go to the slide that holds an element, or scroll to it."""
    page.evaluate(
        """(selector) => {
            const section = document.querySelector(selector).closest("section");
            if (section) Reveal.slide(...Object.values(Reveal.getIndices(section)));
        }""",
        selector,
    )
    page.locator(selector).first.scroll_into_view_if_needed()


ALIVE = {  # what each notebook shows alive: in JupyterLab, and on pages, where no kernel is
    "00_start_here": (["Two images, and"], ["Two images, and"]),
    "01_autoencoder": (["A map of"], []),
    "04_conv_vae": ([], []),
    "05_latent_space": (["A latent map"], ["A latent map"]),
}


@pytest.mark.parametrize("stem", STEMS)
def test_a_panel_that_needs_a_kernel_becomes_its_picture_with_words_and_others_stay(published, stem):
    notebook = published(SERIES[stem])
    before = alive(notebook)
    publish.show_still_what_is_not_alive(notebook)
    publish.name_pictures(notebook)
    after = alive(notebook)
    assert bool(after) == ("widgets" in notebook.metadata)  # what is not shown is not kept
    least, expected = ALIVE.get(stem, ([], []))
    assert set(least) <= set(before)
    assert after == expected


def alive(notebook):
    """The first words of what a notebook shows alive; of all other pictures, there must be words, too."""
    alive = []
    for output in [output for cell in notebook.cells for output in cell.get("outputs", [])]:
        data = output.get("data", {})
        if VIEW in data:
            alive.append(" ".join(data["text/plain"].split()[:3]))
        elif "image/png" in data and "text/html" in data:
            assert re.match('<img alt="[^"]{20,}" src="data:image/png;base64,', data["text/html"])
    return alive


# what was there stays until there is something better


@pytest.mark.parametrize("kind", ["slides", "site"])
def test_a_panel_whose_state_was_not_saved_becomes_its_picture_and_one_line_says_what_to_do(
    tmp_path, monkeypatch, capsys, published, kind
):
    notebook = published(SERIES["05_latent_space"])
    del notebook.metadata["widgets"]  # as after a save by a JupyterLab in which it was opened and not run
    mine = nbformat.v4.new_code_cell("plt.plot([1, 2])", outputs=[nbformat.v4.new_output("display_data", PLOT)])
    notebook.cells[:0] = [nbformat.v4.new_code_cell("1 + 1"), mine]  # what readers add
    path = tmp_path / "05_latent_space.ipynb"
    nbformat.write(notebook, path)
    monkeypatch.setattr(publish, "NOTEBOOKS", [path])
    monkeypatch.setattr(publish, "fetch", lambda packages, folder: folder.mkdir())
    publish.main(kind, tmp_path / kind)
    told, where = capsys.readouterr().out.splitlines()
    assert told.startswith("05_latent_space: live panels shown as pictures")
    assert "not saved with it: 1. " in told  # the map; the others need a kernel
    assert "make notebooks NOTEBOOKS=05_latent_space" in told
    assert "Open" in where
    page = (tmp_path / kind / "05_latent_space.html").read_text(encoding="utf-8")
    assert "widget-view+json" not in page
    assert page.count('<img alt="A map of the codes of 1000 images') == 1


PLOT = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}


def test_of_a_panel_of_which_a_part_was_not_saved_the_picture_is_shown(published):
    notebook = published(SERIES["00_start_here"])
    state = notebook.metadata.widgets[STATE].state
    (inner,) = [model for model, widget in state.items() if widget["model_name"] == "FloatSliderModel"]
    del state[inner]
    assert keep_shown_widgets(notebook) == 1
    assert alive(notebook) == []
    assert "widgets" not in notebook.metadata


@pytest.fixture
def small(monkeypatch):
    """Builds that only write one file, called after what is built."""

    def build(kind, folder):
        folder.mkdir()
        (folder / kind).write_text(kind)

    monkeypatch.setattr(publish, "build", build)


def test_a_build_takes_the_place_of_the_one_before_and_leaves_nothing_beside_it(tmp_path, small):
    for kind in ("first", "second"):
        publish.main(kind, tmp_path / "build/slides")
        assert publish.files_in(tmp_path) == {f"build/slides/{name}" for name in (kind, publish.MADE)}
        assert [path.name for path in (tmp_path / "build").iterdir()] == ["slides"]


def test_what_somebody_has_put_beside_the_decks_stays(tmp_path, small):
    publish.main("first", tmp_path / "slides")
    (tmp_path / "slides/mine").mkdir()
    (tmp_path / "slides/mine/notes.txt").write_text("my notes")
    for kind in ("second", "third"):
        publish.main(kind, tmp_path / "slides")
        assert publish.files_in(tmp_path / "slides") == {kind, publish.MADE, "mine/notes.txt"}
    assert (tmp_path / "slides/mine/notes.txt").read_text() == "my notes"


def test_a_build_goes_where_a_link_leads_and_not_in_the_place_of_a_file(tmp_path, small):
    (tmp_path / "stick").mkdir()
    (tmp_path / "slides").symlink_to(tmp_path / "stick")
    publish.main("first", tmp_path / "slides")
    assert (tmp_path / "slides").is_symlink()
    assert (tmp_path / "stick/first").exists()
    (tmp_path / "site").write_text("mine")
    with pytest.raises(FileExistsError):
        publish.main("first", tmp_path / "site")
    assert (tmp_path / "site").read_text() == "mine"


@pytest.mark.parametrize("failure", [SystemExit, KeyboardInterrupt, OSError, KeyError])
def test_a_build_that_fails_leaves_the_one_before(tmp_path, small, monkeypatch, failure):
    publish.main("first", tmp_path / "slides")

    def failing(kind, folder):
        folder.mkdir()
        (folder / "half").write_text("half")
        raise failure

    monkeypatch.setattr(publish, "build", failing)
    with pytest.raises(failure):
        publish.main("second", tmp_path / "slides")
    assert publish.files_in(tmp_path) == {"slides/first", f"slides/{publish.MADE}"}


def test_builds_at_once_do_not_disturb_each_other(tmp_path, small):
    kinds = [str(number) for number in range(40)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda kind: publish.main(kind, tmp_path / "slides"), kinds))
    (folder,) = tmp_path.iterdir()
    whole = [file for file in folder.iterdir() if file.name != publish.MADE]
    assert [file.read_text() for file in whole] == [file.name for file in whole]


def test_a_folder_that_cannot_be_replaced_is_left(tmp_path, small, monkeypatch):
    publish.main("first", tmp_path / "slides")
    replace = os.replace

    def refuse(source, target):
        if source.name == "new":
            raise PermissionError("in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="slides cannot be replaced"):
        publish.main("second", tmp_path / "slides")
    assert publish.files_in(tmp_path) == {"slides/first", f"slides/{publish.MADE}"}


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """The folder of an npm of our own: it copies whole.tgz or, with a file `away` there, fails; it counts its calls."""
    home = tmp_path / "npm"
    (home / "package/dist").mkdir(parents=True)
    (home / "package/dist/reveal.js").write_text("whole")
    with tarfile.open(home / "whole.tgz", "w:gz") as archive:
        archive.add(home / "package", "package")
    script = f"""#!/bin/sh
echo called >> '{home}/calls'
[ -f '{home}/away' ] && {{ echo no network >&2; exit 1; }}
for folder; do :; done  # the last of its arguments
cp '{home}/whole.tgz' "$folder/reveal.js-4.6.1.tgz"
"""
    (home / "npm").write_text(script)
    (home / "npm").chmod(0o755)
    monkeypatch.setattr(publish, "ROOT", tmp_path / "root")
    monkeypatch.setenv("PATH", str(home), prepend=os.pathsep)
    return home


REVEAL = {"reveal.js": ("4.6.1", ["dist/"])}


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_a_package_is_fetched_once_and_again_if_its_archive_is_broken(tmp_path, npm):
    store = tmp_path / "root/build/npm/reveal.js-4.6.1.tgz"
    whole = (npm / "whole.tgz").read_bytes()
    damaged = [whole[:-20], b"", b"<html>", whole[:60] + bytes(20) + whole[80:]]
    for number, content in enumerate([None, whole, *damaged]):
        if content is not None:
            store.write_bytes(content)
        publish.fetch(REVEAL, tmp_path / f"assets{number}")
        assert (tmp_path / f"assets{number}/reveal.js/dist/reveal.js").read_text() == "whole"
        assert store.read_bytes() == whole
    assert (npm / "calls").read_text().count("called") == 1 + len(damaged)
    assert [path.name for path in store.parent.iterdir()] == [store.name]


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_what_was_fetched_before_needs_no_npm(tmp_path, npm, monkeypatch):
    publish.fetch(REVEAL, tmp_path / "first")
    monkeypatch.setenv("PATH", "")
    publish.fetch(REVEAL, tmp_path / "second")
    assert (tmp_path / "second/reveal.js/dist/reveal.js").read_text() == "whole"


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_no_npm_no_network_and_a_damaged_package_are_told(tmp_path, npm, monkeypatch):
    (npm / "whole.tgz").write_bytes(b"damaged")
    with pytest.raises(SystemExit, match=r"npm gave a damaged archive of reveal\.js 4\.6\.1"):
        publish.fetch(REVEAL, tmp_path / "assets")
    (npm / "away").touch()
    with pytest.raises(SystemExit, match=r"npm could not fetch reveal\.js 4\.6\.1:\nno network"):
        publish.fetch(REVEAL, tmp_path / "assets")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="npm is needed"):
        publish.fetch(REVEAL, tmp_path / "assets")


@contextlib.contextmanager
def presented(stem, log):
    """The address of a notebook that `make present` shows."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with log.open("w") as out:
        command = [
            "make",
            "--old-file=.venv/ready",
            "present",
            f"NOTEBOOK={stem}",
            f"OPTIONS=--no-browser --port={port}",
        ]
        copy = copy_of_the_series(log.parent)
        voila = subprocess.Popen(command, cwd=copy, stdout=out, stderr=out, start_new_session=True)
        try:
            for _ in range(300):
                if voila.poll() is not None:
                    raise RuntimeError(f"make present did not start:\n{log.read_text()}")
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://localhost:{port}/voila/static/voila.js", timeout=5)
                    break
                time.sleep(0.1)
            yield f"http://localhost:{port}/"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(voila.pid, signal.SIGTERM)
            voila.wait(30)


@in_chromium
def test_make_present_shows_a_notebook_live_and_without_code_and_asks_no_network(chromium, tmp_path):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with presented("00_start_here", tmp_path / "log") as address:
        page.goto(address, timeout=120_000)
        film = page.locator(".film")
        film.wait_for(timeout=120_000)
        page.get_by_role("slider", name="α", exact=True).press("Home")
        film.get_by_role("img", name="decoded at alpha 0.00").wait_for()
        assert page.get_by_text("load_pretrained(").count() == 0  # code
        assert page.get_by_text("Your turn").count() == 0
    page.close()
    assert [url for url in asked if not re.match(r"(https?|wss?)://localhost:|data:|blob:", url)] == []


def test_make_present_of_no_notebook_names_those_there_are():
    present = ["make", "--old-file=.venv/ready", "present", "NOTEBOOK=07"]
    said = subprocess.run(present, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode != 0
    assert [word for word in ("not 07", *STEMS) if word not in said.stdout] == []
