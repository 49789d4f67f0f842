"""What the browser tests share: a marker, a Chromium, and pages in which nothing may go wrong."""

from pathlib import Path

import pytest
from browser_tools import MISSING, browser, new_pages, pages
from firefox_tools import FIREFOX, firefox
from publish_tools import made

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Mark all tests of this folder: `-m "not browser"` leaves them out. Without a browser they are skipped."""
    needs = pytest.mark.skipif(bool(MISSING), reason=f"browser tests need {' and '.join(MISSING)} on this machine")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            item.add_marker(needs)


@pytest.fixture(scope="module")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def fox(tmp_path_factory):
    """A page of Firefox."""
    if not FIREFOX:
        pytest.skip("this machine has no Firefox")
    with firefox(tmp_path_factory.mktemp("firefox")) as page:
        yield page


@pytest.fixture
def new_page(chromium):
    """Opens pages; at the end none of them may have met an error."""
    with new_pages(chromium) as new_page:
        yield new_page


@pytest.fixture
def open_page(chromium):
    """Opens files in pages of 1280 x 720 with no network; at the end none of them may have met an error."""
    with pages(chromium) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    return made("slides", tmp_path_factory)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return made("site", tmp_path_factory)
