"""The weights that ship: made by their recipes, and as good as their files say."""

import re

import pytest
from tiny import nearly

import vae_helpers as vh
from vae_helpers import data
from vae_helpers.authoring import scoreboard
from vae_helpers.authoring.notebooks import NOTEBOOKS
from vae_helpers.authoring.recipes import COMPARED, RECIPES, SUCCESSORS
from vae_helpers.pretrained import WEIGHTS, load_comparison, load_scoreboard, model_card

SHIPPED = pytest.mark.parametrize("name", RECIPES)
CHAIN = ["vae20_binarized", "vae20_iwae", "vae20_mixture"]  # each starts from the one before


@pytest.fixture(scope="module")
def full():
    """Full MNIST, if it is on disk: nothing is downloaded."""

    def no_download(folder):
        raise ConnectionError("tests download nothing")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "download", no_download)
        try:
            return vh.load_mnist("full")
        except RuntimeError as error:
            pytest.skip(f"the scores on full MNIST are not measured again: {error}")


def check_scores(name, mnist):
    """Assert that a shipped model scores on these test images what its file says."""
    found = RECIPES[name].score(vh.load_pretrained(name), mnist.test)
    expected = {part: model_card(name)["scores"][mnist.source][part] for part in found}
    assert found == nearly(expected, abs=0.02)  # nats: processors differ in the last digits


def test_every_recipe_ships_its_weights_and_every_file_of_weights_has_its_recipe():
    assert {file.stem for file in WEIGHTS.glob("*.safetensors")} == set(RECIPES)
    assert list(vh.list_pretrained().index) == sorted(RECIPES)


def test_the_weights_take_no_more_than_25_megabytes():
    sizes = [file.stat().st_size for file in WEIGHTS.iterdir()]
    assert 0 < sum(sizes) <= 25e6


@SHIPPED
def test_a_shipped_file_was_made_by_its_recipe(name):
    card = model_card(name)
    expected = RECIPES[name]._asdict()
    assert {field: card[field] for field in expected} == expected


@SHIPPED
def test_a_shipped_model_scores_on_the_sample_what_its_file_says(name, mnist):
    check_scores(name, mnist)


@SHIPPED
def test_a_shipped_model_scores_on_full_mnist_what_its_file_says(name, full):
    check_scores(name, full)


@pytest.mark.parametrize(
    "name", [name for name, recipe in RECIPES.items() if recipe.pixels == "binarized" and name not in SUCCESSORS]
)
def test_the_iwae_bound_of_a_shipped_model_lies_above_its_elbo(name):
    scores = model_card(name)["scores"]["full"]
    assert -scores["negative_elbo"] < scores["iwae_bound_500"] < 0


def test_the_best_of_the_shipped_models_are_in_their_order():
    bounds = [model_card(name)["scores"]["full"]["iwae_bound_500"] for name in CHAIN]
    assert bounds == sorted(bounds)


@pytest.mark.parametrize("name", CHAIN[1:])
def test_a_model_that_starts_from_another_takes_no_more_than_3_megabytes(name):
    assert model_card(name)["start"] == CHAIN[CHAIN.index(name) - 1]
    assert (WEIGHTS / f"{name}.safetensors").stat().st_size < 3e6


# the scoreboard of notebook 09


def test_the_scoreboard_that_ships_is_about_the_models_that_ship():
    ours, published = load_scoreboard()
    assert [name for name in ours.index if name in RECIPES] == [
        name for name in scoreboard.SHIPPED if name in ours.index
    ]
    for name in set(ours.index) & set(RECIPES):
        row = ours.loc[name]
        assert row["nats_500"] == model_card(name)["scores"]["full"]["iwae_bound_500"]
        assert (row["model"], row["samples"]) == scoreboard.SHIPPED[name]
        gained = row["nats"] - row["nats_500"]
        assert 0 < gained < 1 if row["samples"] > 500 else abs(gained) < 0.05  # more samples, a tighter bound
        assert 0 < row["se"] < 0.5
    assert published.to_dict("records") == [value._asdict() for value in scoreboard.PUBLISHED]
    assert set(published["drawing"]) == {"dynamic", "fixed"}
    assert published["source"].str.contains("arXiv:").all()


def test_the_score_is_the_bound(mnist):
    model, images = vh.load_pretrained("vae20_iwae"), mnist.test.images[:40]
    found = scoreboard.score(model, images, samples=20)
    bound = vh.iwae_bound(model, vh.binarize(images), samples=20)
    assert (found["nats"], found["samples"]) == (pytest.approx(bound.mean().item(), abs=1e-3), 20)
    assert found["se"] == pytest.approx(bound.std().item() / 40**0.5, rel=1e-3)


def test_another_name_is_not_on_the_scoreboard(tmp_path):
    with pytest.raises(ValueError, match="called vae21; there are vae20_binarized, conv20_binarized"):
        scoreboard.run_scoreboard(["vae21"], tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("names", "most"), [(SUCCESSORS, 5e6), ([*scoreboard.SHIPPED][1:], 6e6)], ids=["10", "09"])
def test_the_models_of_a_notebook_take_no_more_than_a_few_megabytes(names, most):
    assert 0 < sum((WEIGHTS / f"{name}.safetensors").stat().st_size for name in names) <= most


# the comparison of notebook 05


def test_the_comparison_that_ships_has_all_its_runs():
    table = load_comparison()
    assert sorted(set(table.images)) == [4_000, 60_000]
    assert set(table.groupby(["images", "epochs"]).model.nunique()) == {3}
    for _, row in table.iterrows():
        assert row[["lr", "kl_warmup"]].to_dict() == COMPARED[row["model"]][1]
    assert table.test.between(80, 250).all()
    assert (table.test > table.train - 1).all()  # a model scores no better on new images than on its own, but by chance
    assert (table.seconds > 0).all()


def test_the_comparison_that_ships_is_what_notebook_05_shows(published):
    (path,) = (path for path in NOTEBOOKS if path.stem == "05_conv_vae")
    (shown,) = (
        output.data["text/html"]
        for cell in published(path).cells
        if "load_comparison()" in cell.source
        for output in cell.outputs
    )
    names = re.findall(r"<th>([a-z_]+)</th>", shown)
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", shown, re.S)]
    found = [dict(zip(names, row, strict=True)) for row in rows if row]
    table = load_comparison()
    assert len(found) > 10
    for row in found:
        of_it = table.images.eq(int(row["images"])) & table.epochs.eq(int(row["epochs"])) & table.model.eq(row["model"])
        for column in ("test", "train", "seconds"):
            assert float(row[column]) == pytest.approx(table[of_it][column].item(), abs=0.051)
