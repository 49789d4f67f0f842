"""The pages that `make site` writes, in Chromium with no network: for everyone, with links to the others, alive."""

import re

import pytest
from publish_tools import (
    NOT_AS_IT_SHOULD_BE,
    SERIES,
    STEMS,
    barriers,
    check_index,
    check_interpolation,
    check_map,
    made,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return made("site", tmp_path_factory.mktemp("series"))


@pytest.mark.parametrize("stem", STEMS)
def test_a_page_can_be_read_by_everyone_and_leads_on(open_page, site, published, stem):
    published(SERIES[stem])
    page = open_page(site / f"{stem}.html")
    assert page.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert barriers(page, site) == []
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    pages = {link for link in links if re.match(r"\d\d_", link)}
    assert pages >= {f"{STEMS[k]}.html" for k in (STEMS.index(stem) - 1, STEMS.index(stem) + 1) if 0 <= k < len(STEMS)}
    assert all((site / link.split("#")[0]).exists() for link in {*pages, "index.html"})
    assert "index.html" in links


def test_the_index_of_site_leads_to_every_notebook(open_page, site):
    check_index(open_page(site / "index.html"), site)


def test_the_front_page_of_site_shows_a_live_diagram(open_page, site):
    frame = open_page(site / "index.html").frame_locator("iframe")
    frame.get_by_text("negative ELBO").wait_for()
    before = frame.locator(".said").text_content()
    frame.get_by_role("button", name="draw ε again").click()
    assert frame.locator(".said").text_content() != before


@pytest.mark.parametrize("stem", STEMS)
def test_every_panel_of_a_page_is_alive(open_page, site, published, stem):
    published(SERIES[stem])
    page = open_page(site / f"{stem}.html")
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => (details.open = true))")
    page.locator("main").first.wait_for()
    panels = page.locator(".stage").all()
    assert len(panels) == PANELS.get(stem, 0)
    for panel in panels:
        said, grip = panel.locator(".said"), panel.locator(".handle").first
        panel.locator(".said:not(:empty)").wait_for()
        before = said.text_content()
        if not grip.count():  # its sliders are all that moves
            grip = panel.locator("xpath=..").locator("xpath=..").locator(".noUi-handle").first
        for key in ("ArrowLeft", "ArrowRight", "ArrowUp"):
            grip.press(f"Shift+{key}" if "handle" in grip.get_attribute("class").split() else key)
            if said.text_content() != before:
                break
        assert said.text_content() != before, before


PANELS = {  # of each notebook, without the map
    "00_start_here": 2,
    "01_autoencoder": 1,
    "02_elbo_and_kl": 3,
    "03_vae": 2,
    "04_training_challenges": 1,
    "06_latent_space": 2,
    "07_probabilities_at_work": 1,
    "08_codes_at_work": 1,
}


def test_the_map_in_site_is_alive_without_a_kernel(open_page, site, published):
    published(SERIES["06_latent_space"])
    check_map(open_page(site / "06_latent_space.html"), site)


def test_the_interpolation_in_site_is_alive_without_a_kernel(open_page, site, published):
    published(SERIES["00_start_here"])
    check_interpolation(open_page(site / "00_start_here.html"), site)
