"""What the README, the guide for contributors and make tell: names, versions, folders and settings that are there."""

import ast
import re
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from series import ROOT

import vae_helpers as vh
from vae_helpers.authoring.__main__ import main
from vae_helpers.authoring.notebooks import NOTEBOOKS, code_cells, read
from vae_helpers.authoring.recipes import RECIPES
from vae_helpers.data import MNIST, Split

README, GUIDE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".github/CONTRIBUTING.md"))
MAKEFILE, INSTALL, WORKFLOW = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("Makefile", "vae_helpers/authoring/install.py", ".github/workflows/test.yml")
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TARGETS = re.findall(r"^(\w+):.*?## (.*)((?:\n\t.*)*)", MAKEFILE, re.M)
NAMED = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
PINS = dict(NAMED)
texts = pytest.mark.parametrize("text", [README, GUIDE, MAKEFILE], ids=["README", "CONTRIBUTING", "Makefile"])


@texts
def test_names_of_the_package_are_there(text):
    for name in re.findall(r"\bvh((?:\.\w+)+)", text):
        found = vh
        for part in name[1:].split("."):
            found = getattr(found, part)
    assert set(re.findall(r"\bhistory\.(\w+)", text)) <= set(vars(vh.training.History()))
    assert set(re.findall(r'load_pretrained\("(\w+)"\)', text)) <= set(RECIPES)
    assert set(re.findall(r'\bNOTEBOOKS?="?(\d\d_\w+)', text)) <= {path.stem for path in NOTEBOOKS}


def test_the_readme_s_code_runs(capsys, mnist, monkeypatch):
    few = MNIST(*(Split(split.images[:200], split.labels[:200]) for split in (mnist.train, mnist.test)), "sample")
    monkeypatch.setattr(vh, "load_mnist", lambda: few)
    monkeypatch.setattr(vh, "setup", lambda: None)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    exec(code, {})
    assert "negative_elbo" in capsys.readouterr().out


def test_files_folders_and_tags_of_the_guide_are_there():
    for name in re.findall(r"`([\w/]*\w\.(?:py|js|css|md))`", GUIDE):
        places = (ROOT / "vae_helpers").rglob(name), ROOT.glob(name), ROOT.glob(f"tests/{name}")
        assert any(path for place in places for path in place), name
    used = {tag for path in NOTEBOOKS for cell in read(path).cells for tag in cell.metadata.get("tags", [])}
    assert set(re.findall(r"\btags? `([\w-]+)`", GUIDE)) <= used


@pytest.mark.parametrize("text", [README, GUIDE, MAKEFILE, (ROOT / "vae_helpers/authoring/__main__.py").read_text()])
def test_what_is_built_goes_where_it_is_said_to(text):
    assert set(re.findall(r"build/([a-z]+)", text)) <= {"slides", "site", "handout", "present"}


@pytest.mark.parametrize("kind", ["slides", "site"])
def test_the_help_of_a_build_names_what_it_writes(kind, capsys):
    with pytest.raises(SystemExit):
        main([kind, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"build/{kind}" in said
    assert {"slides": "deck", "site": "pages"}[kind] in said
    assert re.search(rf"build/{kind}", next(words for target, words, _ in TARGETS if target == kind))


def test_where_the_data_belong_is_said_alike():
    assert set(re.findall(r"`(data/\S*)`", README)) == {"data/MNIST/raw"}
    assert {number for text in (README, GUIDE) for number in re.findall(r"([\d,]+) real MNIST", text)} == {"5,000"}
    for folder in re.findall(r"\$PWD\\([\w.]+)", README):
        assert (ROOT / folder).is_dir()
    assert vh._download.CONNECT_SECONDS + vh._download.STALL_SECONDS < 20  # "within seconds"


# make


def test_what_make_runs_and_reads_is_there():
    for path in re.findall(r"(?<![\w/])(?:vae_helpers|tests|notebooks)/[\w./]+", MAKEFILE):
        assert (ROOT / path).exists(), path
    registered = {marker.split(":")[0] for marker in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    (asked,) = re.findall(r'-m "([^"]*)"', MAKEFILE)
    assert set(asked.split()) - {"not", "and"} == registered


def test_the_variables_of_make_are_those_that_it_tells():
    for target, words, recipe in TARGETS:
        for name in re.findall(r"([A-Z]{3,})=", words):
            assert f"$({name})" in recipe, f"make {target} {name}=… does nothing"
    set_here = set(re.findall(r"^(?:export )?([A-Z_]+) [:?+]?=", MAKEFILE, re.M))
    told = set(re.findall(r"\b([A-Z_]+)=", MAKEFILE + README))
    from_outside = {"DISPLAY", "WAYLAND_DISPLAY"}
    assert set(re.findall(r"\$\(([A-Z_]+)\)", MAKEFILE)) <= set_here | told | from_outside


# versions


def test_one_range_of_pythons_is_named_everywhere():
    lowest, above = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["project"]["requires-python"]).groups()
    newest = int(above) - 1
    assert f"Python 3.{lowest} to 3.{newest}" in README
    assert f"(3, {lowest}) <= sys.version_info < (3, {above})" in INSTALL
    assert f"Python 3.{lowest} to 3.{newest} is needed" in INSTALL
    assert f'python: ["3.{lowest}", "3.{newest}"]' in WORKFLOW
    assert set(re.findall(r'python(?:-version)?: "3\.(\d+)"', WORKFLOW)) == {lowest, str(newest)}


def test_every_pin_lies_in_its_range():
    for requirement in map(Requirement, PROJECT["project"]["dependencies"]):
        assert Version(PINS[requirement.name]) in requirement.specifier, requirement


def imported(source):
    """The packages that a source imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        yield from (name.split(".")[0] for name in names)


CALLED = {"sklearn": "scikit-learn", "PIL": "pillow"}  # by another name than they are installed by
BROUGHT = {
    "numpy",
    "pillow",
    "traitlets",
    "packaging",
    "nbformat",
    "nbclient",
    "jupyter_client",
    "websocket",
}  # by those named
PRETENDED = {"backend", "lightning"}  # by tests


def test_the_job_for_both_ends_of_the_ranges_installs_every_tool():
    first, last = re.search(r"sed -n '/\^([\w-]+)==/,/\^([\w-]+)==/p' requirements.txt", WORKFLOW).groups()
    names = [name for name, _ in NAMED]
    tools = names[names.index(first) : names.index(last) + 1]
    of_the_package = {re.match(r"[\w-]+", needs)[0] for needs in PROJECT["project"]["dependencies"]}
    assert set(names) - set(tools) <= of_the_package | {"numpy", "pillow"}  # which its dependencies need


def test_what_is_imported_is_installed():
    package = [path for path in (ROOT / "vae_helpers").rglob("*.py") if "authoring" not in path.parts]
    sources = {"package": [path.read_text(encoding="utf-8") for path in package]}
    sources["notebooks"] = [cell.source for path in NOTEBOOKS for cell in code_cells(read(path))]
    sources["tests"] = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    own = {path.stem for path in (ROOT / "tests").rglob("*.py")} | {"vae_helpers"}
    dependencies = {Requirement(one).name for one in PROJECT["project"]["dependencies"]}
    for name, those in sources.items():
        found = {CALLED.get(one, one) for source in those for one in imported_or_none(source)}
        installed = dependencies if name == "package" else set(PINS)
        assert found - own - BROUGHT - PRETENDED - set(sys.stdlib_module_names) <= installed, name


def imported_or_none(source):
    try:
        return list(imported(source))
    except SyntaxError:  # a reader's cell with magic in it
        return []
