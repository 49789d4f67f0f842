"""`make present`: a notebook as a page for a projector, alive and without code."""

import os
import subprocess

import pytest
from browser_tools import pages
from publish_tools import npm_in, skip_if_worked_in
from series import copy_of_the_series

LETTERS = "(part) => parseFloat(getComputedStyle(part).fontSize) * part.currentCSSZoom"

FIT = """() => [...document.querySelectorAll(".stage")].every(
    (stage) => stage.querySelector(".said").textContent && stage.getBoundingClientRect().height < innerHeight)"""


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A copy of the series, with what pages load."""
    series = copy_of_the_series(tmp_path_factory.mktemp("presented"))
    npm_in(series)
    return series


@pytest.fixture(scope="module", params=["00_start_here", "06_latent_space"])
def page(request, series, chromium):
    """The page of a notebook, made and opened once."""
    skip_if_worked_in(request.param)
    here = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = ["make", "--old-file=.venv/ready", "present", f"NOTEBOOK={request.param}"]
    done = subprocess.run(command, cwd=series, env=here, capture_output=True, text=True)
    path = series / f"build/present/{request.param}.html"
    assert done.returncode == 0, done.stderr
    assert str(path) in done.stdout
    with pages(chromium) as open_page:
        yield open_page(path)


def test_a_live_page_has_no_code_large_letters_and_panels_that_fit_the_window(page):
    page.evaluate("() => document.querySelectorAll('details.folded').forEach((part) => (part.open = true))")
    assert page.locator(".jp-CodeMirrorEditor:visible, .jp-RenderedText:visible, .jp-Stderr:visible").count() == 0
    assert page.get_by_text("Your turn").count() == 0
    assert page.locator("main p").first.evaluate(LETTERS) >= 24
    page.locator(".contents summary").click()
    assert page.locator(".contents a").count() == page.locator("main h2").count() > 3
    page.locator(".contents summary").click()
    page.locator(".stage .said:not(:empty)").first.wait_for()
    for width, height in [(1280, 720), (1920, 1080)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(FIT)
        for said in page.locator(".stage .said").all():
            assert said.evaluate(LETTERS) >= 18


def test_a_panel_of_a_live_page_follows_the_hand(page):
    stage = page.locator(".stage").last
    before = stage.locator(".said:not(:empty)").text_content()
    stage.locator(".handle").last.press("ArrowRight")
    page.wait_for_function("([stage, before]) => stage.textContent !== before", arg=[
        stage.locator(".said").element_handle(), before
    ])  # fmt: skip
