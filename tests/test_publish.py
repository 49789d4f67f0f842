"""Decks and pages without a browser: what replaces what, and what panels become."""

import concurrent.futures
import os
import re
from types import SimpleNamespace

import nbformat
import pytest

from vae_helpers.authoring import publish
from vae_helpers.authoring.notebooks import NOTEBOOKS, STATE, VIEW, drop_dead_views, keep_shown_widgets
from vae_helpers.authoring.pages import add_alt_texts, reading_page
from vae_helpers.authoring.roles import colour_terms

SERIES = {path.stem: path for path in NOTEBOOKS}

ALIVE = {  # the panels of each notebook, in JupyterLab and on pages, where no kernel is
    "00_start_here": ["Two images, and", "An image, the"],
    "01_autoencoder": ["A map of"],
    "02_elbo_and_kl": ["The prior, the", "Two Gaussian densities", "Draws of epsilon"],
    "03_vae": ["An image, the", "The codes of", "A map of"],
    "04_training_challenges": ["Eight images and"],
    "06_latent_space": ["A latent map", "An image decoded", "Eleven images decoded", "For each of"],
    "07_probabilities_at_work": ["Histograms of reconstruction"],
    "08_codes_at_work": ["An image, its"],
    "09_how_good_is_it_really": ["An image; its"],
    "10_what_came_after": ["A handwritten digit,", "A decoded digit,", "A strip of"],
}


@pytest.mark.parametrize("stem", SERIES)
def test_every_panel_is_alive_on_a_page_and_only_what_is_shown_is_kept(published, stem):
    notebook = published(SERIES[stem])
    before = alive(notebook)
    drop_dead_views(notebook)
    add_alt_texts(notebook)
    assert alive(notebook) == before == ALIVE.get(stem, [])
    assert set(notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})) == parts_shown(notebook)


def test_a_panel_that_needs_a_kernel_becomes_its_picture_with_words(published):
    notebook = published(SERIES["06_latent_space"])
    output = next(
        output for cell in notebook.cells for output in cell.get("outputs", []) if VIEW in output.get("data", {})
    )
    output.metadata[VIEW] = {"needs_kernel": True}
    output.data["image/png"] = PLOT["image/png"]
    output.data.pop("text/markdown", None)
    drop_dead_views(notebook)
    assert VIEW not in output.data
    assert output.data["image/png"]


@pytest.mark.slow
@pytest.mark.parametrize("stem", SERIES)
def test_links_to_notebooks_and_the_readme_lead_to_their_pages(published, stem):
    page = reading_page(published(SERIES[stem]), stem, dict.fromkeys(SERIES, "A title"))
    links = re.findall(r'<a[^>]* href="([^"#]+)', page)
    own = {link for link in links if not link.startswith("http")}
    assert own <= {"index.html", *(f"{name}.html" for name in SERIES)}
    assert len(own & {f"{name}.html" for name in SERIES}) > 1


def test_terms_of_formulas_say_what_they_are_and_nothing_else_does():
    coloured = colour_terms(r"the $q(z \mid x)$ of $$\log p(x \mid z) p(z)$$ and `q(z \mid x)` is no p(z)")
    assert r"$\class{role-encoder}{q(z \mid x)}$" in coloured
    assert r"\class{role-decoder}{p(x \mid z)} \class{role-prior}{p(z)}$$" in coloured
    assert coloured.endswith(r"`q(z \mid x)` is no p(z)")
    others = r"$p(z \mid x), p(x), q(z_t \mid z_0), p(z_T)$"
    assert colour_terms(others) == others


def alive(notebook):
    """The first words of the panels that a notebook shows alive; of all other pictures, there must be words, too."""
    alive = []
    for output in [output for cell in notebook.cells for output in cell.get("outputs", [])]:
        data = output.get("data", {})
        if VIEW in data and "text/markdown" not in data:  # a question is text as well
            alive.append(" ".join(data["text/plain"].split()[:3]))
        elif "image/png" in data and "text/html" in data:
            assert re.match('<img alt="[^"]{20,}" src="data:image/png;base64,', data["text/html"])
    return alive


def views(notebook):
    """The views of widgets that can live on a page: those of panels, and of questions."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output for output in outputs if VIEW in output.get("data", {})]
    return [output.data[VIEW] for output in shown if not output.metadata.get(VIEW, {}).get("needs_kernel")]


def parts_shown(notebook):
    """The ids of the widgets whose state the views of a notebook need: their own, and those of their parts."""
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    needed = {output.data[VIEW]["model_id"] for output in outputs if VIEW in output.get("data", {})}
    while more := set(re.findall(r"(?:IPY_MODEL_|anywidget:)(\w+)", str([state[model] for model in needed]))) - needed:
        needed |= more
    return needed


# what was there stays until there is something better


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["slides", "site"])
def test_a_panel_whose_state_was_not_saved_becomes_its_picture_and_one_line_says_what_to_do(
    tmp_path, monkeypatch, capsys, published, kind
):
    notebook = published(SERIES["06_latent_space"])
    expected = len(views(notebook))
    del notebook.metadata["widgets"]  # as after a save by a JupyterLab in which it was opened and not run
    mine = nbformat.v4.new_code_cell("plt.plot([1, 2])", outputs=[nbformat.v4.new_output("display_data", PLOT)])
    notebook.cells[:0] = [nbformat.v4.new_code_cell("1 + 1"), mine]  # what readers add
    path = tmp_path / "06_latent_space.ipynb"
    nbformat.write(notebook, path)
    monkeypatch.setattr(publish, "NOTEBOOKS", [path])
    monkeypatch.setattr(publish, "fetch", lambda packages, folder: folder.mkdir())
    publish.publish(kind, tmp_path / kind)
    said, *plans, where = capsys.readouterr().out.splitlines()
    assert [line for line in plans if not line.startswith("The plans")] == []  # they name decks that are not there
    assert said.startswith("06_latent_space: live panels shown as pictures")
    assert f"not saved with it: {expected}. " in said
    assert "make notebooks NOTEBOOKS=06_latent_space" in said
    assert "Open" in where
    page = (tmp_path / kind / "06_latent_space.html").read_text(encoding="utf-8")
    assert "widget-view+json" not in page
    assert page.count('<img alt="A map of the codes of 400 images') == 1


PLOT = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}


def test_a_panel_of_which_a_part_was_not_saved_becomes_its_picture(published):
    notebook = published(SERIES["00_start_here"])
    state = notebook.metadata.widgets[STATE].state
    (inner,) = [model for model, widget in state.items() if widget["model_name"] == "FloatSliderModel"]
    before = alive(notebook)
    del state[inner]
    assert keep_shown_widgets(notebook) == 1
    assert alive(notebook) == before[1:]
    assert "FloatSliderModel" not in str(notebook.metadata)


@pytest.mark.slow
def test_the_licences_of_copied_javascript_go_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "NOTEBOOKS", [])
    monkeypatch.setattr(publish, "fetch", lambda packages, folder: folder.mkdir())
    publish.build("site", tmp_path / "site")
    assert (tmp_path / "site/anywidget.js").stat().st_size > 10_000
    for package, said in {"anywidget": "MIT", "html-manager": "Redistributions in binary form"}.items():
        licence = (tmp_path / f"site/assets/{package}/LICENSE").read_text(encoding="utf-8")
        assert said in licence
        assert "Copyright" in licence


@pytest.fixture
def small(monkeypatch):
    """Builds that only write one file, called after what is built."""

    def build(kind, folder, names):
        folder.mkdir()
        (folder / kind).write_text(kind)

    monkeypatch.setattr(publish, "build", build)


def test_a_build_takes_the_place_of_the_one_before_and_leaves_nothing_beside_it(tmp_path, small):
    for kind in ("first", "second"):
        publish.publish(kind, tmp_path / "build/slides")
        assert publish.files_in(tmp_path) == {f"build/slides/{name}" for name in (kind, publish.MADE)}
        assert [path.name for path in (tmp_path / "build").iterdir()] == ["slides"]


def test_what_somebody_has_put_beside_the_decks_stays(tmp_path, small):
    publish.publish("first", tmp_path / "slides")
    (tmp_path / "slides/mine").mkdir()
    (tmp_path / "slides/mine/notes.txt").write_text("my notes")
    for kind in ("second", "third"):
        publish.publish(kind, tmp_path / "slides")
        assert publish.files_in(tmp_path / "slides") == {kind, publish.MADE, "mine/notes.txt"}
    assert (tmp_path / "slides/mine/notes.txt").read_text() == "my notes"


def test_a_build_goes_where_a_link_leads_and_not_in_the_place_of_a_file(tmp_path, small):
    (tmp_path / "stick").mkdir()
    (tmp_path / "slides").symlink_to(tmp_path / "stick")
    publish.publish("first", tmp_path / "slides")
    assert (tmp_path / "slides").is_symlink()
    assert (tmp_path / "stick/first").exists()
    (tmp_path / "site").write_text("mine")
    with pytest.raises(FileExistsError):
        publish.publish("first", tmp_path / "site")
    assert (tmp_path / "site").read_text() == "mine"


@pytest.mark.parametrize("failure", [SystemExit, KeyboardInterrupt, OSError, KeyError])
def test_a_build_that_fails_leaves_the_one_before(tmp_path, small, monkeypatch, failure):
    publish.publish("first", tmp_path / "slides")

    def failing(kind, folder, names):
        folder.mkdir()
        (folder / "half").write_text("half")
        raise failure

    monkeypatch.setattr(publish, "build", failing)
    with pytest.raises(failure):
        publish.publish("second", tmp_path / "slides")
    assert publish.files_in(tmp_path) == {"slides/first", f"slides/{publish.MADE}"}


def test_builds_at_once_do_not_disturb_each_other(tmp_path, small):
    kinds = [str(number) for number in range(40)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda kind: publish.publish(kind, tmp_path / "slides"), kinds))
    (folder,) = tmp_path.iterdir()
    whole = [file for file in folder.iterdir() if file.name != publish.MADE]
    assert [file.read_text() for file in whole] == [file.name for file in whole]


def test_a_folder_that_cannot_be_replaced_is_left(tmp_path, small, monkeypatch):
    publish.publish("first", tmp_path / "slides")
    replace = os.replace

    def refuse(source, target):
        if source.name == "new":
            raise PermissionError("in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="slides cannot be replaced"):
        publish.publish("second", tmp_path / "slides")
    assert publish.files_in(tmp_path) == {"slides/first", f"slides/{publish.MADE}"}


@pytest.mark.slow
def test_the_digits_of_the_front_page_s_diagram_have_their_own_labels(tmp_path, monkeypatch, mnist):
    given = []
    panel = SimpleNamespace(save=lambda path, title: None)
    monkeypatch.setattr(publish, "DiagramPanel", lambda model, images, labels: given.append((images, labels)) or panel)
    publish._save_diagram(tmp_path / "diagram.html")
    ((images, labels),) = given
    known = {}
    for split in (mnist.train, mnist.test):
        known |= {image.numpy().tobytes(): label for image, label in zip(split.images, split.labels, strict=True)}
    assert [known[image.numpy().tobytes()] for image in images] == [*labels]
