"""Pages and decks of a small notebook, as text: what is folded, left out and linked, and the way to the next page."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from series import ROOT

from vae_helpers.authoring import publish
from vae_helpers.authoring.notebooks import NOTEBOOKS
from vae_helpers.authoring.pages import deck, reading_page

STEMS = [path.stem for path in NOTEBOOKS]
TAGS = ["hide-code", "plumbing", "question", "check", "answer", "task", "exercise", "solution"]


def small_notebook():
    """A notebook with a cell for each tag, whose code and output name it."""
    cells = [new_markdown_cell("# Small\n\nsee [another](02_elbo_and_kl.ipynb)", metadata={"slideshow": {}})]
    for tag in TAGS:
        made = [new_output("stream", text=f"output of {tag}\n")]
        cells.append(new_code_cell(f"code_of('{tag}')", metadata={"tags": [tag]}, outputs=made))
    return new_notebook(cells=cells)


def shown(page):
    """The tags whose code a page shows, and those whose output."""
    text = re.sub("<[^>]*>", "", page)
    return {tag for tag in TAGS if f"code_of('{tag}')" in text or f"code_of(&#39;{tag}&#39;)" in text}, {
        tag for tag in TAGS if f"output of {tag}\n" in text
    }


def test_a_slide_has_no_exercises_no_checks_and_only_code_that_is_the_idea():
    code, outputs = shown(deck(small_notebook(), STEMS[1]))
    assert code == {"answer"}
    assert outputs == {"hide-code", "plumbing", "question", "answer"}


def test_a_page_folds_answers_and_plumbing_and_shows_no_checks():
    page = reading_page(small_notebook(), STEMS[1])
    code, outputs = shown(page)
    assert code == set(TAGS) - {"check", "question"}
    assert outputs == set(TAGS) - {"check"}
    folded = re.findall(r"<summary>([^<]*)</summary>(.*?)</details>", page, re.S)
    assert [(name, re.findall("code_of|output of", re.sub("<[^>]*>", "", text))) for name, text in folded] == [
        ("Code", ["code_of"]),
        ("The answer", ["output of"]),
    ]


@pytest.mark.parametrize("make", [deck, reading_page])
def test_links_to_notebooks_become_links_to_pages(make):
    assert 'href="02_elbo_and_kl.html"' in make(small_notebook(), STEMS[1])


@pytest.mark.parametrize("place", [0, 2, len(STEMS) - 1])
def test_a_page_leads_to_the_one_before_and_the_one_after(place):
    page = reading_page(new_notebook(), STEMS[place])
    for way, arrow, near in [("prev", "← {}", place - 1), ("next", "{} →", place + 1)]:
        found = set(re.findall(rf'<a href="(\w+)\.html" rel="{way}">([^<]*)</a>', page))
        there = 0 <= near < len(STEMS)
        assert found == ({(STEMS[near], arrow.format(STEMS[near][:2]))} if there else set())


@pytest.mark.parametrize("kind", ["slides", "site"])
def test_an_index_leads_to_every_page_and_tells_the_keys_of_the_readme(kind):
    page = publish.index(kind)
    assert re.findall(r'href="(\w+\.html)"', page) == [f"{stem}.html" for stem in STEMS]
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for key, here, there in [("F", "full screen", "full screen"), ("O", "overview", "the overview")]:
        assert f"`{key}` for {there}" in readme
        assert kind == "site" or f"{key}: {here}." in page


def test_a_build_copies_its_own_style_and_the_diagram_shows_images_with_their_labels(tmp_path, monkeypatch, mnist):
    made = []

    class Panel:
        def __init__(self, model, images, labels):
            made.append((images, labels))

        def save(self, path, title):
            path.write_text(title)

    monkeypatch.setattr(publish, "NOTEBOOKS", [])
    monkeypatch.setattr(publish, "fetch", lambda packages, folder: folder.mkdir())
    monkeypatch.setattr(publish, "DiagramPanel", Panel)
    for kind in ("slides", "site"):
        publish.build(kind, tmp_path / kind)
        assert {path.name for path in (tmp_path / kind / "assets").glob("*.css")} == {"code.css", f"{kind}.css"}
    ((images, labels),) = made
    rows = [(mnist.test.images == image).flatten(1).all(1).nonzero()[0].item() for image in images[:20]]
    assert mnist.test.labels[rows].tolist() == labels[:20].tolist()
