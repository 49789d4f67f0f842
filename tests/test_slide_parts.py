"""What stands on slides: code that is cut between thoughts, sentences, and tables."""

import re

import nbformat
import pandas as pd
import pytest
from talk_tools import code, markdown, slides

from vae_helpers.authoring.slide_code import COLUMNS, LINES, fit_code, in_pieces
from vae_helpers.authoring.slide_tables import ALONE, cut_table, lines_of, tidy
from vae_helpers.authoring.slide_text import blocks, sentences, shorten


def test_a_line_that_begins_with_a_number_is_no_point_of_a_list():
    assert blocks("It lies between 0 and\n1. No wonder.") == ["It lies between 0 and\n1. No wonder."]


def test_code_on_a_slide_has_no_line_that_is_too_long_and_does_the_same():
    first = 'value = "a"  # ' + 30 * "word "
    second = "total = " + " + ".join(f"number_{k}" for k in range(20))
    text = 'print(\n    f"{total} ' + 30 * "word " + '{value}"\n)'
    source = "\n".join([*(f"number_{k} = {k}" for k in range(20)), first, second, text])
    fitted = fit_code(source)
    assert max(map(len, fitted.splitlines()[20:])) <= COLUMNS + 60  # a comment may still be longer: it stands alone
    assert f"# {(30 * 'word ').strip()}" in fitted
    names, outputs = {}, []
    for version in (source, fitted):
        exec(version, {"print": outputs.append}, names)
    assert outputs[0] == outputs[1]
    assert "\n".join(in_pieces(fitted)).replace("\n", "") == fitted.replace("\n", "")


CODE = """
def helper(x):
    return x


class Net:
    def __init__(self):
        self.layers = [
            1,
            2,
        ]

    def forward(self, x):
        a = 1
        b = 2
        c = 3
        d = 4
        return a + b + c + d
"""


def test_long_code_is_cut_between_functions_and_never_within_a_statement():
    pieces = in_pieces(fit_code(CODE))
    assert [piece.split("(")[0].strip() for piece in pieces] == ["def helper", "def forward"]
    body = "\n".join(f"    line_{k} = (\n        {k}\n    )" for k in range(12))
    pieces = in_pieces(f"def long():\n{body}")
    assert all(piece.count("\n") < LINES and piece.count("(") == piece.count(")") for piece in pieces)
    assert len(pieces) == 4


def test_sentences_are_not_cut_in_a_formula_a_link_or_brackets():
    text = "See $a. B$ and [A. B](c. D). (One. Two.) **Three. Four.** Five."
    assert sentences(text) == ["See $a. B$ and [A. B](c. D). ", "(One. Two.) ", "**Three. Four.** ", "Five."]
    assert shorten(f"{8 * 'word '}end. More.", 9) == f"{8 * 'word '}end."
    assert blocks("A\nb\n\n- c\n- d\n\n$$\nx\n\ny\n$$\n\n```\ne\n\nf\n```") == [
        "A\nb", "- c", "- d", "$$\nx\n\ny\n$$", "```\ne\n\nf\n```",
    ]  # fmt: skip


def test_a_table_has_true_minus_signs_words_on_the_left_and_no_empty_row():
    frame = pd.DataFrame({"what": ["a-b", "c"], "nats": [-1.5, 2.0]}, index=pd.Index([-1, 20], name="K"))
    table = tidy(frame.to_html())
    assert table.count("<tr") == 3
    assert "<th>K</th>" in table.split("</tr>")[0]
    assert "<th></th>" not in table
    assert "<td>−1.5</td>" in table
    assert "<th>−1</th>" in table
    assert '<td style="text-align: left">a-b</td>' in table
    assert tidy(frame.rename_axis(None).to_html()).count("<tr") == 3
    assert '<th style="text-align: left">row</th>' in tidy(pd.DataFrame({"a": [1]}, index=["row"]).to_html())


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_a_table_that_is_too_high_for_a_slide_goes_on_on_the_next(kind):
    frame = pd.DataFrame({"value": range(40)}, index=[f"row {k}" for k in range(40)])
    rows = "\n".join(f"| row {k} | {k} |" for k in range(40))
    table = frame.to_html() if kind == "html" else f"| | value |\n|---|---|\n{rows}"
    pieces = cut_table(table)
    assert len(pieces) > 2
    assert all(lines_of(piece) <= ALONE + 1 and piece.count("value") == 1 for piece in pieces)
    assert re.findall(r"row (\d+)", "".join(pieces)) == [f"{k}" for k in range(40)]
    assert cut_table(frame[:5].to_html()) == [frame[:5].to_html()]
    output = nbformat.v4.new_output("execute_result", {"text/html": table})
    cells = (
        [markdown("## Rows", "slide"), code("", output)]
        if kind == "html"
        else [markdown(f"## Rows\n\n{table}", "slide")]
    )
    made = slides(*cells, markdown("What to see: many."))
    assert [len(slide.of("table")) for slide in made] == [1] * len(pieces)
    assert not any(slide.of("text") for slide in made[:-1])
