"""What the course quotes from others: a paper's number goes with its author, and a published figure is as published."""

import re

import pytest
from literature import FIGURES, PAPERS
from series import ROOT

from vae_helpers.authoring.notebooks import NOTEBOOKS, read

REACH = 260  # how many letters before its number a paper's author may stand


def pages():
    """The text of each notebook and of each module of the package, by name."""
    for path in NOTEBOOKS:
        yield path.stem, "\n\n".join(cell.source for cell in read(path).cells)
    for path in sorted((ROOT / "vae_helpers").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def citations():
    for name, text in pages():
        pieces = re.split(r"arXiv:(\d{4}\.\d{4,5})", " ".join(text.split()))
        for before, number, after in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False):
            yield pytest.param(number, before[-REACH:], after[:60], id=f"{name} {number}")


@pytest.mark.parametrize(("number", "before", "after"), list(citations()))
def test_a_paper_s_number_goes_with_its_author_and_title(number, before, after):
    assert number in PAPERS, f"look up arXiv:{number}, and put it into tests/literature.py"
    author, title = PAPERS[number]
    assert author in before or " their " in before  # cited a moment ago
    titles = re.findall(r"\*([^*]+)\*", before.partition(author)[2])  # some are cited by author and year alone
    assert not titles or any(title in one for one in titles)
    if after.startswith("]"):
        assert after.startswith(f"](https://arxiv.org/abs/{number})")


def test_every_paper_of_the_table_is_cited():
    cited = {number for _, text in pages() for number in re.findall(r"arXiv:(\d{4}\.\d{4,5})", text)}
    assert set(PAPERS) == cited


@pytest.mark.parametrize(("notebook", "text", "source"), FIGURES)
def test_a_published_figure_stands_as_it_was_published(notebook, text, source):
    path = next(path for path in NOTEBOOKS if path.stem.startswith(notebook))
    assert text in " ".join("\n".join(cell.source for cell in read(path).cells).split()), source
