"""The ways that the texts point out: links lead where they say, and the commands that are named are there."""

import re
import subprocess

import pytest
from series import ROOT

from vae_helpers.authoring.__main__ import main
from vae_helpers.authoring.notebooks import NOTEBOOKS, read

PAGES = {path.name: path for path in [ROOT / "README.md", *sorted((ROOT / ".github").glob("*.md")), *NOTEBOOKS]}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.M)[1].split())
each_page = pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))


def text_of(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


@each_page
def test_links_lead_to_files_of_the_course(path):
    for label, target in re.findall(r"\[([^\]]*)\]\(((?!https?:|#)[^)]+)\)", text_of(path)):
        target = (path.parent / target.partition("#")[0]).resolve()
        assert target.exists(), f"[{label}]({target})"
        assert target.is_relative_to(ROOT)
        number = re.match(r"(?:notebook )?(\d\d)\b", label)
        assert not number or target.name.startswith(number[1]), f"[{label}] leads to {target.name}"


@each_page
def test_addresses_are_whole(path):
    for address in re.findall(r"\]\((https?:[^)]*)\)", text_of(path)):
        assert re.fullmatch(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(/[^\s<>]*)?", address), address


@each_page
def test_commands_of_make_are_targets(path):
    named = re.findall(r"(?:^|`)(?:[A-Z_]+=\S+ )*make ([a-z]+)", text_of(path), re.M)
    assert set(named) <= TARGETS


def test_make_lists_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^make ([a-z]+) +\S", listed, re.M)) == TARGETS - {"style"}


def test_the_lab_opens_on_the_first_notebook():
    address = re.search(r"default_url=/lab/tree/(\S+)", MAKEFILE)[1]
    assert (ROOT / address).resolve() == NOTEBOOKS[0]
    assert (ROOT / re.search(r"app_settings_dir=(\S+)", MAKEFILE)[1]).is_dir()
    assert re.search(r"^NOTEBOOK := (\S+)$", MAKEFILE, re.M)[1] in {path.stem for path in NOTEBOOKS}


def test_the_tools_that_make_calls_are_there(capsys):
    called = set(re.findall(r"\$\(AUTHORING\) ([a-z]+)", MAKEFILE))
    assert called
    for tool in called:
        with pytest.raises(SystemExit) as ended:
            main([tool, "--help"])
        assert ended.value.code == 0
        assert tool in capsys.readouterr().out
