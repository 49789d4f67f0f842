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


def test_the_map_in_site_is_alive_without_a_kernel(open_page, site, published):
    published(SERIES["06_latent_space"])
    check_map(open_page(site / "06_latent_space.html"), site)


def test_the_interpolation_in_site_is_alive_without_a_kernel(open_page, site, published):
    published(SERIES["00_start_here"])
    check_interpolation(open_page(site / "00_start_here.html"), site)
