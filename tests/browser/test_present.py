"""`make present`: a notebook as a page for a projector, alive and without code."""

import os
import subprocess

import pytest
from publish_tools import SERIES, npm_in
from series import copy_of_the_series

LETTERS = "(part) => parseFloat(getComputedStyle(part).fontSize) * part.currentCSSZoom"

FIT = """() => [...document.querySelectorAll(".stage")].every(
    (stage) => stage.querySelector(".said").textContent && stage.getBoundingClientRect().height < innerHeight)"""


@pytest.fixture(scope="module")
def presented(tmp_path_factory):
    """A function that makes the page of a notebook in a copy of the series, and returns its path."""
    series = copy_of_the_series(tmp_path_factory.mktemp("presented"))
    npm_in(series)
    here = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}

    def present(stem):
        command = ["make", "--old-file=.venv/ready", "present", f"NOTEBOOK={stem}"]
        done = subprocess.run(command, cwd=series, env=here, capture_output=True, text=True)
        page = series / f"build/present/{stem}.html"
        assert done.returncode == 0, done.stderr
        assert str(page) in done.stdout
        return page

    return present


@pytest.mark.parametrize("stem", ["00_start_here", "06_latent_space"])
def test_a_live_page_has_no_code_large_letters_and_panels_that_fit_the_window(presented, open_page, published, stem):
    published(SERIES[stem])
    page = open_page(presented(stem))
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


def test_a_panel_of_a_live_page_follows_the_hand(presented, open_page, published):
    published(SERIES["06_latent_space"])
    page = open_page(presented("06_latent_space"))
    stage = page.locator(".stage").last
    before = stage.locator(".said:not(:empty)").text_content()
    stage.locator(".handle").last.press("ArrowRight")
    page.wait_for_function("([stage, before]) => stage.textContent !== before", arg=[
        stage.locator(".said").element_handle(), before
    ])  # fmt: skip
