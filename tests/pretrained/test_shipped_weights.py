"""The weights that ship: made by their recipes, and as good as their files say."""

import pytest
from tiny import nearly

import vae_helpers as vh
from vae_helpers import data
from vae_helpers.authoring.recipes import COMPARED, RECIPES, Recipe, score
from vae_helpers.pretrained import WEIGHTS, load_comparison, model_card

SHIPPED = pytest.mark.parametrize("name", RECIPES)


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
    card = model_card(name)
    found = score(vh.load_pretrained(name), mnist.test.images, card["pixels"])
    expected = {part: card["scores"][mnist.source][part] for part in found}
    assert found == nearly(expected, abs=0.02)  # nats: processors differ in the last digits


def test_every_recipe_ships_its_weights_and_every_file_of_weights_has_its_recipe():
    assert {file.stem for file in WEIGHTS.glob("*.safetensors")} == set(RECIPES)
    assert list(vh.list_pretrained().index) == sorted(RECIPES)


def test_the_weights_take_no_more_than_15_megabytes():
    sizes = [file.stat().st_size for file in WEIGHTS.iterdir()]
    assert 0 < sum(sizes) <= 15e6


@SHIPPED
def test_a_shipped_file_was_made_by_its_recipe(name):
    card = model_card(name)
    assert {field: card[field] for field in Recipe._fields} == RECIPES[name]._asdict()


@SHIPPED
def test_a_shipped_model_scores_on_the_sample_what_its_file_says(name, mnist):
    check_scores(name, mnist)


@SHIPPED
def test_a_shipped_model_scores_on_full_mnist_what_its_file_says(name, full):
    check_scores(name, full)


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe.pixels == "binarized"])
def test_the_iwae_bound_of_a_shipped_model_lies_above_its_elbo(name):
    scores = model_card(name)["scores"]["full"]
    assert -scores["negative_elbo"] < scores["iwae_bound_500"] < 0


# the comparison of notebook 05


def test_the_comparison_that_ships_has_all_its_runs():
    table = load_comparison()
    assert sorted(set(table.images)) == [4_000, 60_000]
    assert set(table.groupby(["images", "epochs"]).model.nunique()) == {3}
    for _, row in table.iterrows():
        assert row[["lr", "kl_warmup"]].to_dict() == COMPARED[row["model"]][1]
    assert table.test.between(80, 250).all()
    assert (table.seconds > 0).all()
