"""The pages that `make site` writes, in Chromium with no network: for everyone, with links to the others, alive."""

import re
from urllib.parse import unquote

import pytest
from browser_tools import pages, wait_until
from publish_tools import (
    NOT_AS_IT_SHOULD_BE,
    STEMS,
    TOO_WIDE,
    barriers,
    check_index,
    check_interpolation,
    check_map,
    skip_if_worked_in,
)


@pytest.fixture(scope="module", params=STEMS)
def stem(request):
    skip_if_worked_in(request.param)
    return request.param


@pytest.fixture(scope="module")
def page(stem, chromium, site):
    """A page that is opened once, for all that is asked of it."""
    with pages(chromium) as open_page:
        yield open_page(site / f"{stem}.html")


def test_a_page_can_be_read_by_everyone_and_leads_on(page, site, stem):
    assert page.evaluate(f"({NOT_AS_IT_SHOULD_BE})(document.body)") == []
    assert barriers(page, site) == []
    links = page.eval_on_selector_all("a[href]", "(links) => links.map((link) => link.getAttribute('href'))")
    own = [link for link in links if not link.startswith("http")]
    assert {link for link in own if not leads_somewhere(page, site, link)} == set()
    around = [STEMS[k] for k in (STEMS.index(stem) - 1, STEMS.index(stem) + 1) if 0 <= k < len(STEMS)]
    ways = [link for link in page.locator(".way").first.locator("a").all() if link.get_attribute("rel")]
    assert [link.get_attribute("href") for link in ways] == [f"{name}.html" for name in around]
    assert [word for link in ways for word in ("next", "prev") if link.text_content().strip() in ("←", "→", word)] == []
    assert page.locator(".contents li").count() == page.locator("main h2").count() > 3
    assert "index.html" in links


LINES = """() => [...document.querySelectorAll("main .jp-MarkdownOutput > p")].flatMap((part) => {
    const lines = Math.round(part.getBoundingClientRect().height / parseFloat(getComputedStyle(part).lineHeight));
    const plain = !part.querySelector(".MathJax, .mjx-chtml, code");
    return lines > 3 && plain ? [part.innerText.length / (lines - 0.5)] : [];
})"""
NIGHT = ("00_start_here", "01_autoencoder")  # also looked at in the dark by axe


def test_a_page_is_set_as_an_article_by_day_and_by_night(page, site, stem):
    lines = page.evaluate(LINES)
    assert 62 < sum(lines) / len(lines) < 82
    assert page.evaluate("() => getComputedStyle(document.querySelector('main p')).fontSize") == "17px"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 27)"
    assert stem not in NIGHT or barriers(page, site) == []
    page.emulate_media(color_scheme="light")


UNFOLD = "() => document.querySelectorAll('main details').forEach((details) => (details.open = true))"
SHARES = """() => [...document.querySelectorAll("main table")].flatMap((table) => {
    const rows = [...table.rows].map((row) => [...row.cells].map((cell) => cell.offsetWidth));
    const columns = rows.reduce((one, other) => (other.length > one.length ? other : one));
    const share = Math.max(...columns) / columns.reduce((sum, width) => sum + width);
    return columns.length > 2 ? [[share, table.innerText.slice(0, 60)]] : [];
})"""


def test_a_page_is_whole_and_no_column_of_a_table_crowds_out_the_others(page):
    page.evaluate(UNFOLD)
    for width, height, most in ((1280, 720, 0.5), (390, 844, 0.62)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=width)
        assert page.evaluate(TOO_WIDE) == []
        page.wait_for_function(f"() => ({SHARES})().every(([share]) => share < {most})", timeout=5_000)
    page.set_viewport_size({"width": 1280, "height": 720})


def test_every_panel_of_a_page_is_alive(page, site, stem):
    page.evaluate(UNFOLD)
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
    if check := {"00_start_here": check_interpolation, "06_latent_space": check_map}.get(stem):
        check(page, site)


PANELS = {  # of each notebook, without the map
    "00_start_here": 2,
    "01_autoencoder": 1,
    "02_elbo_and_kl": 3,
    "03_vae": 3,
    "04_training_challenges": 1,
    "06_latent_space": 3,
    "07_probabilities_at_work": 1,
    "08_codes_at_work": 1,
    "09_how_good_is_it_really": 1,
    "10_what_came_after": 3,
}


def leads_somewhere(page, site, link):
    """Whether a link within the site leads to a page that is there, and on the same page to a place that is there."""
    name, _, place = link.partition("#")
    if name:
        return (site / name).exists()
    there = "(places) => places.some((place) => document.getElementById(place))"  # as browsers look for it
    return page.evaluate(there, [place, unquote(place)])


def test_each_page_says_what_it_is_about(site):
    heads = {stem: (site / f"{stem}.html").read_text(encoding="utf-8").split("</head>")[0] for stem in STEMS}
    for sought in (
        r"<title>(.+?)</title>",
        r'<meta (?:content="([^"]{40,})" name="description"|name="description" content="([^"]{40,})")',
    ):
        found = [re.search(sought, head) for head in heads.values()]
        assert len({match[0] for match in found}) == len(STEMS)
    for head in heads.values():
        assert "icon.svg" in head
        assert "og:image" in head
    assert (site / "images/icon.svg").exists()
    assert (site / "images/card.png").exists()


def test_text_is_painted_before_what_draws_the_panels_has_come(site):
    page = (site / "06_latent_space.html").read_text(encoding="utf-8")
    loaded = re.findall(r"<script[^>]* src=[^>]*>", page)
    assert [script for script in loaded if "MathJax.js" not in script or "async" not in script] == []


def test_the_index_of_site_leads_to_every_notebook(open_page, site):
    check_index(open_page(site / "index.html"), site)


def test_terms_of_formulas_have_the_colours_of_the_panels(open_page, site):
    skip_if_worked_in("02_elbo_and_kl")
    page = open_page(site / "02_elbo_and_kl.html")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function("(dark) => document.body.dataset.jpThemeLight === String(!dark)", arg=theme == "dark")
        terms_have_the_colours_of(page, page.locator(".stage").first)


def terms_have_the_colours_of(page, stage):
    for role in ("encoder", "decoder", "prior"):
        of_panel = "([stage, role]) => getComputedStyle(stage).getPropertyValue('--' + role)"
        expected = page.evaluate(of_panel, [stage.element_handle(), role]).lstrip("#")
        red, green, blue = (int(expected[i : i + 2], 16) for i in (0, 2, 4))
        term = page.locator(f".mjx-chtml .role-{role}").first
        term.wait_for()
        assert term.evaluate("(term) => getComputedStyle(term).color") == f"rgb({red}, {green}, {blue})"


HEIGHT = "(element) => element.offsetHeight"


def test_the_front_page_of_site_shows_a_live_diagram(open_page, site):
    page = open_page(site / "index.html")
    frame = page.frame_locator("iframe")
    frame.get_by_text("negative ELBO").wait_for()

    def is_whole():  # no scrolling in the frame, and no empty foot
        return abs(page.locator("iframe").evaluate(HEIGHT) - frame.locator("html").evaluate(HEIGHT)) < 6

    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 720})
        wait_until(page, is_whole)
    before = frame.locator(".said").text_content()
    frame.get_by_role("button", name="draw ε again").click()
    assert frame.locator(".said").text_content() != before
