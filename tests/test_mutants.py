"""The lists of careless mistakes: each can still be put in, and names tests that there are."""

import re
import sys

import pytest
from series import ROOT

sys.path.append(str(ROOT / "tests/mutants"))
from mutants import kinds, read


@pytest.mark.parametrize("kind", kinds())
def test_each_mistake_can_be_put_in_once_and_names_its_tests(kind):
    mutants = read(kind)
    assert mutants
    for mutant in mutants:
        assert mutant.problem(ROOT) is None, f"{mutant.why}: {mutant.file}: {mutant.problem(ROOT)}"
        assert mutant.new != mutant.old
        assert mutant.tests, mutant.why
        for file, _, name in (test.partition("::") for test in mutant.tests):
            assert not name or re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.M), name
            assert (ROOT / file).exists(), file


def test_a_mistake_is_put_where_its_old_text_was(tmp_path):
    mutant = next(mutant for mutant in read("losses"))
    path = tmp_path / mutant.file
    path.parent.mkdir(parents=True)
    path.write_text(f"before {mutant.old} after")
    mutant.put_into(tmp_path)
    assert path.read_text() == f"before {mutant.new} after"
    assert "0 times" in mutant.problem(tmp_path)
    assert "no such file" in mutant._replace(file="nowhere.py").problem(tmp_path)
