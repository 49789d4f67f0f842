"""pretrained: what is written is what is loaded, damage is never loaded, and the weights that ship keep their word."""

import importlib.metadata
import os
import shutil

import pytest
import safetensors.torch
import torch

import vae_helpers as vh
from vae_helpers import data
from vae_helpers.data import MNIST, Split
from vae_helpers.pretrained import RECIPES, WEIGHTS, Recipe, measured, pretrained_facts, train_pretrained
from vae_helpers.training import History

module = importlib.import_module("vae_helpers.pretrained")  # vh.pretrained is the function

TINY = {
    "plain": Recipe("Autoencoder", {"latent_dim": 2, "hidden_dims": [8]}, {"epochs": 1}),
    "grey": Recipe("VAE", {"latent_dim": 2, "hidden_dims": [8]}, {"epochs": 2, "beta": 4}),
    "black_and_white": Recipe("VAE", {"latent_dim": 2, "hidden_dims": [8]}, {"epochs": 1}, "binarized"),
    "conv": Recipe("ConvVAE", {"latent_dim": 2, "channels": 2, "layers": 2}, {"epochs": 1}),
}


@pytest.fixture(scope="module")
def sets(mnist):
    """A fake full MNIST and a sample, by name. As in earnest, the sample's test images are among the full set's."""
    sample = MNIST(mnist.train, Split(mnist.test.images[:40], mnist.test.labels[:40]), "sample")
    pixels = torch.cat([mnist.train.images[:150], sample.test.images, mnist.train.images[150:300]])
    train = Split(pixels, torch.zeros(len(pixels)))
    return {"full": MNIST(train, Split(mnist.train.images[-60:], mnist.train.labels[-60:]), "full"), "sample": sample}


@pytest.fixture(scope="module")
def training(sets):
    """Let `train_pretrained` train the tiny recipes on the fake set; what `fit` was given and made, model by model."""
    fits = []

    def spying_fit(model, images, **settings):
        history = vh.fit(model, images, **settings, progress=False)
        weights = {key: weight.clone() for key, weight in model.state_dict().items()}
        fits.append({"images": images, "weights": weights, **settings})
        return history

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "RECIPES", TINY)
        patch.setattr(module, "load_mnist", sets.__getitem__)
        patch.setattr(module, "fit", spying_fit)
        yield fits


@pytest.fixture(scope="module")
def trained_once(training, tmp_path_factory):
    """A folder of all tiny models, not to be changed, and what `fit` was given and made, by name."""
    folder = tmp_path_factory.mktemp("trained") / "weights"
    training.clear()
    train_pretrained(folder=folder)
    return folder, dict(zip(TINY, training, strict=True))


@pytest.fixture
def folder(trained_once, tmp_path):
    """A copy of that folder, to be damaged."""
    return shutil.copytree(trained_once[0], tmp_path / "weights")


def nearly(scores, **tolerance):
    """Scores to compare with, to a tolerance where there is a number."""
    return {name: value if value is None else pytest.approx(value, **tolerance) for name, value in scores.items()}


def names_in(folder):
    return {file.name for file in folder.iterdir()}


def same_weights(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


# a round trip


@pytest.mark.parametrize("name", TINY)
def test_a_model_is_loaded_as_it_was_trained_with_its_weights_halved_and_in_eval_mode(trained_once, name):
    folder, fits = trained_once
    model, recipe = vh.load_pretrained(name, folder), TINY[name]
    assert type(model).__name__ == recipe.model
    assert not model.training
    assert same_weights(model.state_dict(), {key: w.half().float() for key, w in fits[name]["weights"].items()})
    stored = safetensors.torch.load_file(folder / f"{name}.safetensors")
    assert {weight.dtype for weight in stored.values()} == {torch.float16}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_a_folder_may_be_named_by_a_string(trained_once):
    assert vh.load_pretrained("grey", str(trained_once[0])).latent_dim == 2
    assert pretrained_facts("grey", str(trained_once[0]))["model"] == "VAE"


@pytest.mark.parametrize("name", TINY)
def test_a_model_is_trained_by_its_recipe(trained_once, name):
    given = trained_once[1][name]
    assert {setting: given[setting] for setting in TINY[name].training} == TINY[name].training


@pytest.mark.parametrize("name", TINY)
def test_the_facts_are_the_recipe_and_the_scores_of_the_model_that_is_loaded(trained_once, sets, name):
    folder, _ = trained_once
    facts, model, recipe = pretrained_facts(name, folder), vh.load_pretrained(name, folder), TINY[name]
    assert {field: facts[field] for field in Recipe._fields} == recipe._asdict()
    assert facts["data"].startswith("300 of")
    assert facts["versions"] == {package: importlib.metadata.version(package) for package in ("vae_helpers", "torch")}
    for source, mnist in sets.items():
        images = vh.binarize(mnist.test.images) if recipe.pixels == "binarized" else mnist.test.images
        expected = vh.evaluate(model, images)._asdict()
        assert {score: facts["scores"][source][score] for score in expected} == nearly(expected, rel=1e-5)


def test_training_anew_gives_the_same_weights_whatever_was_drawn_before(trained_once, training, tmp_path):
    torch.manual_seed(7)
    train_pretrained(["black_and_white"], tmp_path)
    states = [vh.load_pretrained("black_and_white", folder).state_dict() for folder in (trained_once[0], tmp_path)]
    assert same_weights(*states)


def test_only_the_models_that_are_named_are_trained(training, tmp_path):
    train_pretrained(["conv", "plain"], tmp_path)
    assert names_in(tmp_path) == {"conv.safetensors", "plain.safetensors"}  # and nothing unfinished


@pytest.mark.skipif(os.name != "posix", reason="file modes are Unix's")
def test_everybody_may_read_a_file_of_weights(trained_once):
    assert {file.stat().st_mode & 0o777 for file in trained_once[0].iterdir()} == {0o644}


def test_a_name_without_a_recipe_is_refused_before_anything_is_trained(training, tmp_path):
    with pytest.raises(ValueError, match=r"vae21\b.*plain, grey, black_and_white, conv"):
        train_pretrained(["conv", "vae21"], tmp_path)
    assert names_in(tmp_path) == set()


# the pixels they are for


def test_a_model_for_binarized_pixels_is_trained_on_black_and_white_drawn_anew(trained_once):
    given = trained_once[1]["black_and_white"]
    drawn = [given["transform"](given["images"]) for _ in range(2)]
    assert [pixels.unique().tolist() for pixels in drawn] == [[0, 1]] * 2
    assert not torch.equal(*drawn)


@pytest.mark.parametrize("name", ["plain", "grey", "conv"])
def test_a_model_for_grey_pixels_is_trained_on_them_as_they_are(trained_once, name):
    given = trained_once[1][name]
    assert torch.equal(given["transform"](given["images"]), given["images"])
    assert len(given["images"].unique()) > 2


def is_binary(images):
    """Which images are black and white: (N,)."""
    return ((images == 0) | (images == 1)).flatten(1).all(1)


def check_share(chosen, share):
    """Assert that this `share` was chosen, as nearly as chance allows."""
    assert chosen.float().mean().item() == pytest.approx(share, abs=5 * (share * (1 - share) / len(chosen)) ** 0.5)


def test_the_share_that_is_drawn_is_binarized_image_by_image_and_the_others_are_left():
    images, recipe = torch.rand(1000, 1, 28, 28), TINY["grey"]._replace(drawn=0.3)
    seen = recipe.transform(images)
    binary = is_binary(seen)
    check_share(binary, 0.3)
    assert torch.equal(seen[~binary], images[~binary])
    noise = seen[binary] - images[binary]  # zero on average, which rounding is not
    assert abs(noise[images[binary] < 0.5].mean()) < 0.01
    assert not torch.equal(is_binary(recipe.transform(images)), binary)


def test_the_share_that_is_shifted_is_moved_by_a_pixel_at_most_in_each_of_the_nine_ways():
    images, recipe = torch.rand(1000, 1, 28, 28) + 1, TINY["grey"]._replace(shifted=0.6)  # 0 is what comes in
    seen = recipe.transform(images)
    moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    found = torch.stack([torch.stack([same(a, b, *move) for move in moves]) for a, b in zip(images, seen, strict=True)])
    assert found.sum(1).tolist() == [1] * 1000
    for move, those in zip(moves, found.T, strict=True):
        check_share(those, 0.4 + 0.6 / 9 if move == (0, 0) else 0.6 / 9)


def same(image, moved, down, right):
    """Whether the one is the other, moved so far, with black where nothing comes from."""
    expected = torch.roll(image, (down, right), (1, 2))
    if down:
        expected[:, 0 if down == 1 else -1] = 0
    if right:
        expected[:, :, 0 if right == 1 else -1] = 0
    return torch.tensor(torch.equal(expected, moved))


def test_shifted_images_for_binarized_pixels_are_black_and_white_all_of_them():
    for shifted in (0.0, 0.5, 1.0):
        recipe = TINY["black_and_white"]._replace(shifted=shifted)
        assert is_binary(recipe.transform(torch.rand(100, 1, 28, 28))).all()


def test_a_batch_of_which_no_image_is_chosen_stays_as_it_is(images):
    recipe = TINY["grey"]._replace(drawn=1e-9, shifted=1e-9)
    assert torch.equal(recipe.transform(images), images)


def test_scores_of_a_model_for_binarized_pixels_are_of_binarized_images(trained_once, images):
    model = vh.load_pretrained("black_and_white", trained_once[0])
    assert measured(model, images, "grey") == vh.evaluate(model, images)
    assert measured(model, images, "binarized") == vh.evaluate(model, vh.binarize(images))
    assert measured(model, images, "binarized") != measured(model, images, "grey")


def test_only_a_model_for_binarized_pixels_has_an_importance_bound_and_it_is_of_binarized_images(trained_once, sets):
    folder, _ = trained_once
    scores = {name: pretrained_facts(name, folder)["scores"] for name in TINY}
    having = [(name, source) for name in TINY for source in sets if "importance_bound_500" in scores[name][source]]
    assert having == [("black_and_white", "full")]
    bound = scores["black_and_white"]["full"]["importance_bound_500"]
    binary = vh.binarize(sets["full"].test.images)
    expected = vh.importance_bound(vh.load_pretrained("black_and_white", folder), binary, samples=500)
    assert bound == pytest.approx(expected.mean().item(), rel=1e-5)


# no test image is trained on


def test_the_test_images_of_the_sample_are_left_out_of_training(trained_once, sets):
    for given in trained_once[1].values():
        assert torch.equal(given["images"], sets["sample"].train.images[:300])


def test_images_are_told_apart_by_their_256_greys_and_keep_their_order(mnist):
    images, others = mnist.train.images[:50], mnist.train.images[[7, 3, 49]]
    kept = [k for k in range(50) if k not in (7, 3, 49)]
    for rounding in (1, 1 - 1e-7, 1 + 1e-7):  # another way to divide by 255
        assert torch.equal(module._without(images, others * rounding), images[kept])
        assert torch.equal(module._without(images * rounding, others), images[kept] * rounding)
    one_grey_apart = others.clone()
    one_grey_apart[:, 0, 0, 0] = 1 / 255
    assert torch.equal(module._without(images, one_grey_apart), images)


# the table


@pytest.mark.filterwarnings("error")
def test_the_table_has_a_row_for_each_file_that_says_what_it_is_and_scores(folder):
    (folder / "conv.safetensors").unlink()
    table = vh.pretrained(folder)
    assert list(table.index) == sorted(TINY.keys() - {"conv"})
    for name, row in table.iterrows():
        facts = pretrained_facts(name, folder)
        assert row["model"] == TINY[name].model
        assert (row["latent_dim"], row["hidden_dims"]) == (2, [8])
        assert row["beta"] == {"grey": 4}.get(name, 1)
        assert row["pixels"] == TINY[name].pixels
        assert row["epochs"] == TINY[name].training["epochs"]
        for score, value in facts["scores"]["full"].items():
            assert row[score] == ("" if value is None else value)
    assert table.loc["plain", "kl"] == ""
    assert table.loc["grey", "importance_bound_500"] == ""


def test_the_table_of_an_empty_folder_is_empty(tmp_path):
    assert len(vh.pretrained(tmp_path)) == 0


# what is not there, and what is damaged


@pytest.mark.parametrize("use", [vh.load_pretrained, pretrained_facts])
def test_an_unknown_name_is_refused_with_those_that_there_are(trained_once, tmp_path, use):
    for name in ("vae21", "", "../weights/grey", "grey.safetensors"):
        with pytest.raises(ValueError, match="black_and_white, conv, grey, plain") as error:
            use(name, trained_once[0])
        assert repr(name) in str(error.value)
    for empty in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ValueError, match="none"):
            use("grey", empty)


USES = [vh.load_pretrained, pretrained_facts, lambda name, folder: vh.pretrained(folder)]


def check_refused(folder, named):
    """Assert that each use of the file of "grey" fails with an error that names it, the fault, and what to do."""
    for use in USES:
        with pytest.raises(ValueError, match=rf"grey\.safetensors.*{named}.*make pretrained"):
            use("grey", folder)


def header_length(content):
    """Where the numbers of a safetensors file begin."""
    return 8 + int.from_bytes(content[:8], "little")


@pytest.mark.parametrize("part", ["length", "header", "numbers"])
def test_a_flipped_bit_is_found_wherever_it_is(folder, part):
    file = folder / "grey.safetensors"
    content = file.read_bytes()
    begin = header_length(content)
    places = {"length": range(8), "header": range(8, begin, 9), "numbers": range(begin, len(content), 997)}[part]
    for count, place in enumerate([*places, len(content) - 1 if part == "numbers" else places[-1]]):
        damaged = bytearray(content)
        damaged[place] ^= 1 << count % 8
        file.write_bytes(damaged)
        check_refused(folder, "damaged|something else")
    file.write_bytes(content)
    assert vh.load_pretrained("grey", folder)


@pytest.mark.parametrize("old", ["epochs", "latent_dim", "VAE", "scores", "full", "negative_elbo", "checksum"])
def test_a_changed_text_is_found_whatever_it_says(folder, old):
    file = folder / "grey.safetensors"
    content = file.read_bytes()
    assert old.encode() in content
    file.write_bytes(content.replace(old.encode(), old[::-1].encode()))
    check_refused(folder, "damaged")


@pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.5, 0.9999])
def test_a_file_that_is_cut_short_or_empty_is_refused(folder, share):
    file = folder / "grey.safetensors"
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    check_refused(folder, "damaged")


def test_a_file_with_something_behind_it_is_refused(folder):
    with (folder / "grey.safetensors").open("ab") as file:
        file.write(b"\n")
    check_refused(folder, "damaged")


def test_a_folder_in_the_place_of_a_file_is_refused(folder):
    (folder / "grey.safetensors").unlink()
    (folder / "grey.safetensors").mkdir()
    check_refused(folder, "damaged")


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}])
def test_a_file_of_something_else_is_refused(folder, metadata):
    safetensors.torch.save_file({"weight": torch.zeros(2)}, folder / "grey.safetensors", metadata)
    check_refused(folder, "something else")


def test_a_file_that_is_no_safetensors_is_refused(folder):
    torch.save({"weight": torch.zeros(2)}, folder / "grey.safetensors")
    check_refused(folder, "damaged")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"arguments": {"latent_dim": 3, "hidden_dims": [8]}}, "do not fit a VAE.*size mismatch"),
        ({"model": "Autoencoder"}, "do not fit an? Autoencoder.*to_mu"),
        ({"model": "ConvVAE"}, "do not fit a ConvVAE.*hidden_dims"),
        ({"model": "Transformer"}, "do not fit a Transformer"),
        ({"arguments": {"depth": 3}}, "do not fit a VAE.*depth"),
    ],
)
def test_weights_that_do_not_fit_the_model_are_refused(folder, changed, named):
    weights = safetensors.torch.load_file(folder / "grey.safetensors")
    module._write("grey", folder, {**pretrained_facts("grey", folder), **changed}, weights)
    with pytest.raises(ValueError, match=f"(?s)'grey' {named}"):
        vh.load_pretrained("grey", folder)


# interrupts


def test_an_interrupted_write_leaves_the_old_file(folder, training, monkeypatch):
    before = (folder / "grey.safetensors").read_bytes()
    save_file = safetensors.torch.save_file

    def interrupted(weights, file, metadata):
        save_file(weights, file, metadata)
        file.write_bytes(file.read_bytes()[:1000])
        raise KeyboardInterrupt

    monkeypatch.setattr(safetensors.torch, "save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_pretrained(["grey"], folder)
    assert (folder / "grey.safetensors").read_bytes() == before
    assert list(vh.pretrained(folder).index) == sorted(TINY)  # and what is unfinished is not taken for a model


def test_the_stop_button_in_training_writes_no_half_trained_model_and_ends_it_all(folder, training, monkeypatch):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    monkeypatch.setattr(module, "fit", lambda *args, **settings: History(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        train_pretrained(folder=folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


# the weights that ship

SHIPPED = pytest.mark.parametrize("name", RECIPES)


@pytest.fixture(scope="module")
def full():
    """Full MNIST, if it is on disk: nothing is downloaded."""

    def no_download(folder):
        raise ConnectionError("tests download nothing")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_download", no_download)
        try:
            return vh.load_mnist("full")
        except RuntimeError as error:
            pytest.skip(f"the scores on full MNIST are not measured again: {error}")


def check_scores(name, mnist):
    """Assert that a shipped model scores on these test images what its file says."""
    facts = pretrained_facts(name)
    found = measured(vh.load_pretrained(name), mnist.test.images, facts["pixels"])._asdict()
    told = {score: facts["scores"][mnist.source][score] for score in found}
    assert found == nearly(told, abs=0.02)  # nats: processors differ in the last digits


def test_every_recipe_ships_its_weights_and_every_file_of_weights_has_its_recipe():
    assert {file.stem for file in WEIGHTS.glob("*.safetensors")} == set(RECIPES)
    assert list(vh.pretrained().index) == sorted(RECIPES)


def test_the_weights_take_no_more_than_15_megabytes():
    sizes = [file.stat().st_size for file in WEIGHTS.iterdir()]
    assert 0 < sum(sizes) <= 15e6


@SHIPPED
def test_a_shipped_file_was_made_by_its_recipe(name):
    facts = pretrained_facts(name)
    assert {field: facts[field] for field in Recipe._fields} == RECIPES[name]._asdict()


@SHIPPED
def test_a_shipped_model_scores_on_the_sample_what_its_file_says(name, mnist):
    check_scores(name, mnist)


@SHIPPED
def test_a_shipped_model_scores_on_full_mnist_what_its_file_says(name, full):
    check_scores(name, full)


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe.pixels == "binarized"])
def test_the_importance_bound_of_a_shipped_model_lies_above_its_elbo(name):
    scores = pretrained_facts(name)["scores"]["full"]
    assert -scores["negative_elbo"] < scores["importance_bound_500"] < 0


# the comparison of notebook 04


def test_the_comparison_measures_each_model_on_few_and_many_images(sets, tmp_path, monkeypatch):
    fits = []

    def no_fit(model, images, *, epochs, progress):
        fits.append((type(model).__name__, len(images), epochs))
        return History()

    monkeypatch.setattr(module, "load_mnist", sets.__getitem__)
    monkeypatch.setattr(module, "fit", no_fit)
    module.measure_comparison(tmp_path)
    table = vh.comparison(tmp_path)
    counts = {len(sets["sample"].train.images), len(sets["full"].train.images)}
    assert set(table.images) == counts == {count for _, count, _ in fits}
    assert list(zip(table.images, table.epochs, strict=True)) == [(count, epochs) for _, count, epochs in fits]
    assert set(table.groupby(["images", "epochs"]).model.nunique()) == {3}
    torch.manual_seed(0)
    untrained = vh.evaluate(vh.VAE(20, (400,)), sets["full"].test.images).negative_elbo
    assert set(table[table.model == "MLP 400"].test) == {round(untrained, 2)}
    assert table.parameters.nunique() == 3


def test_an_interrupted_comparison_leaves_the_table_as_it_was(sets, tmp_path, monkeypatch):
    (tmp_path / "comparison.json").write_text("as it was")
    monkeypatch.setattr(module, "load_mnist", sets.__getitem__)
    monkeypatch.setattr(module, "fit", lambda *_, **__: History(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        module.measure_comparison(tmp_path)
    assert (tmp_path / "comparison.json").read_text() == "as it was"


def test_the_comparison_that_ships_has_all_its_runs():
    table = vh.comparison()
    assert sorted(set(table.images)) == [4_000, 60_000]
    assert set(table.groupby(["images", "epochs"]).model.nunique()) == {3}
    assert table.test.between(80, 250).all()
    assert (table.seconds > 0).all()
