"""recipes: models are trained as their recipes say, on no test image, and a file appears whole or not at all."""

import importlib.metadata
import os

import pytest
import safetensors.torch
import torch
from tiny import TINY, names_in, nearly, same_weights

import vae_helpers as vh
from vae_helpers.authoring import recipes
from vae_helpers.authoring.recipes import Recipe, exclude, score, train_pretrained
from vae_helpers.pretrained import load_comparison, model_card
from vae_helpers.training import History


@pytest.mark.parametrize("name", TINY)
def test_a_model_is_trained_by_its_recipe(trained_once, name):
    given, settings = trained_once[1][name], dict(TINY[name].training)
    assert given["lr"] == settings["lr"]
    assert given["epochs"] == settings["epochs"]
    if name == "plain":
        assert isinstance(given["loss"], vh.SquaredError)
    elif "samples" in settings:
        assert (type(given["loss"]), given["loss"].samples) == (vh.ImportanceWeighted, settings["samples"])
    else:
        assert (given["loss"].beta, given["loss"].kl_warmup) == (settings["beta"], settings["kl_warmup"])


@pytest.mark.parametrize("name", TINY)
def test_the_card_is_the_recipe_and_the_scores_of_the_model_that_is_loaded(trained_once, sets, name):
    folder, _ = trained_once
    card, model, recipe = model_card(name, folder), vh.load_pretrained(name, folder), TINY[name]
    assert {field: card[field] for field in Recipe._fields} == recipe._asdict()
    assert card["data"].startswith("300 of")
    assert card["versions"] == {package: importlib.metadata.version(package) for package in ("vae_helpers", "torch")}
    for source, mnist in sets.items():
        images = vh.binarize(mnist.test.images) if recipe.pixels == "binarized" else mnist.test.images
        expected = vh.evaluate(model, images)._asdict()
        if name == "mixed":  # its KL is estimated
            bound = -vh.iwae_bound(model, images, samples=1, prior=model.log_prior).mean().item()
            expected |= {"negative_elbo": bound, "kl": bound - expected["reconstruction"]}
        assert {part: card["scores"][source][part] for part in expected} == nearly(expected, rel=1e-5, abs=1e-4)


def test_retraining_gives_the_same_weights_whatever_was_drawn_before(trained_once, training, tmp_path):
    torch.manual_seed(7)
    train_pretrained(["black_and_white"], tmp_path)
    drawn = torch.rand(1)
    states = [vh.load_pretrained("black_and_white", folder).state_dict() for folder in (trained_once[0], tmp_path)]
    assert same_weights(*states)
    torch.manual_seed(7)
    assert torch.equal(torch.rand(1), drawn)  # the global generator was left as it was


def test_only_the_models_that_are_named_are_trained(training, tmp_path):
    train_pretrained(["conv", "plain"], tmp_path)
    assert names_in(tmp_path) == {"conv.safetensors", "plain.safetensors"}  # and nothing unfinished


@pytest.mark.skipif(os.name != "posix", reason="file modes are Unix's")
def test_everybody_may_read_a_file_of_weights(trained_once):
    assert {file.stat().st_mode & 0o777 for file in trained_once[0].iterdir()} == {0o644}


def test_a_name_without_a_recipe_is_refused_before_anything_is_trained(training, tmp_path):
    with pytest.raises(ValueError, match=r"vae21\b.*plain, grey, black_and_white, weighted, mixed, conv"):
        train_pretrained(["conv", "vae21"], tmp_path)
    assert names_in(tmp_path) == set()


def test_a_model_starts_from_the_one_that_its_recipe_names(trained_once):
    folder, given = trained_once
    start = vh.load_pretrained("black_and_white", folder).state_dict()
    after = given["weighted"]["weights"]
    assert all((after[key] - weight).abs().max() < 0.05 for key, weight in start.items())
    assert any((after[key] != weight).any() for key, weight in start.items())
    assert given["mixed"]["loss"].prior.__func__ is vh.MixtureVAE.log_prior
    assert vh.load_pretrained("mixed", folder).prior_mean.std() > 0


# pixels


def test_a_model_for_binarized_pixels_is_trained_on_black_and_white_drawn_afresh(trained_once):
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


def test_binarize_prob_binarizes_whole_images_and_leaves_the_others():
    images, recipe = torch.rand(1000, 1, 28, 28), TINY["grey"]._replace(binarize_prob=0.3)
    seen = recipe.transform(images)
    binary = is_binary(seen)
    check_share(binary, 0.3)
    assert torch.equal(seen[~binary], images[~binary])
    noise = seen[binary] - images[binary]  # zero on average, which rounding is not
    assert abs(noise[images[binary] < 0.5].mean()) < 0.01
    assert not torch.equal(is_binary(recipe.transform(images)), binary)


def test_shift_prob_shifts_images_by_a_pixel_at_most_in_each_of_nine_ways():
    images, recipe = torch.rand(1000, 1, 28, 28) + 1, TINY["grey"]._replace(shift_prob=0.6)  # 0 is what comes in
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
    for shift_prob in (0.0, 0.5, 1.0):
        recipe = TINY["black_and_white"]._replace(shift_prob=shift_prob)
        assert is_binary(recipe.transform(torch.rand(100, 1, 28, 28))).all()


def test_a_batch_of_which_no_image_is_chosen_stays_as_it_is(images):
    recipe = TINY["grey"]._replace(binarize_prob=1e-9, shift_prob=1e-9)
    assert torch.equal(recipe.transform(images), images)


def test_a_model_for_binarized_pixels_is_scored_on_binarized_images(trained_once, images):
    model = vh.load_pretrained("black_and_white", trained_once[0])
    assert score(model, images, "grey") == vh.evaluate(model, images)._asdict()
    assert score(model, images, "binarized") == vh.evaluate(model, vh.binarize(images))._asdict()
    assert score(model, images, "binarized") != score(model, images, "grey")


def test_only_a_model_for_binarized_pixels_has_an_iwae_bound_on_binarized_images(trained_once, sets):
    folder, _ = trained_once
    scores = {name: model_card(name, folder)["scores"] for name in TINY}
    having = [(name, source) for name in TINY for source in sets if "iwae_bound_500" in scores[name][source]]
    assert having == [(name, "full") for name in ("black_and_white", "weighted", "mixed")]
    bound = scores["black_and_white"]["full"]["iwae_bound_500"]
    binary = vh.binarize(sets["full"].test.images)
    expected = vh.iwae_bound(vh.load_pretrained("black_and_white", folder), binary, samples=500)
    assert bound == pytest.approx(expected.mean().item(), rel=1e-5)


# no test image is trained on


def test_the_test_images_of_the_sample_are_left_out_of_training(trained_once, sets):
    for given in trained_once[1].values():
        assert torch.equal(given["images"], sets["sample"].train.images[:300])


def test_images_are_compared_in_256_greys_and_keep_their_order(mnist):
    images, others = mnist.train.images[:50], mnist.train.images[[7, 3, 49]]
    kept = [k for k in range(50) if k not in (7, 3, 49)]
    for rounding in (1, 1 - 1e-7, 1 + 1e-7):  # another way to divide by 255
        assert torch.equal(exclude(images, others * rounding), images[kept])
        assert torch.equal(exclude(images * rounding, others), images[kept] * rounding)
    one_grey_apart = others.clone()
    one_grey_apart[:, 0, 0, 0] = 1 / 255
    assert torch.equal(exclude(images, one_grey_apart), images)


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
    assert names_in(folder) == {f"{name}.safetensors" for name in TINY}


def test_two_runs_at_once_write_no_unfinished_file_of_the_other(folder, monkeypatch):
    places, save_file = [], safetensors.torch.save_file

    def spying(weights, file, metadata):
        places.append(file)
        if len(places) == 1:  # the second run comes and goes while the first one writes
            recipes._write("grey", folder, {"run": "second"}, weights)
        save_file(weights, file, metadata)

    monkeypatch.setattr(safetensors.torch, "save_file", spying)
    recipes._write("grey", folder, {"run": "first"}, {"weight": torch.zeros(1)})
    assert len(set(places)) == 2
    assert names_in(folder) == {f"{name}.safetensors" for name in TINY}


def test_the_stop_button_in_training_writes_no_half_trained_model_and_ends_it_all(folder, training, monkeypatch):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    monkeypatch.setattr(recipes, "fit", lambda *args, **settings: History(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        train_pretrained(folder=folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


# the comparison


@pytest.mark.slow
def test_the_comparison_measures_each_model_on_few_and_many_images(sets, tmp_path, monkeypatch):
    fits = []

    def no_fit(model, images, *, loss, epochs, lr, progress):
        fits.append((type(model).__name__, len(images), epochs, lr, loss.kl_warmup))
        return History()

    monkeypatch.setattr(recipes, "load_mnist", sets.__getitem__)
    monkeypatch.setattr(recipes, "fit", no_fit)
    recipes.run_comparison(tmp_path)
    table = load_comparison(tmp_path)
    counts = {len(sets["sample"].train.images), len(sets["full"].train.images)}
    assert set(table.images) == counts == {count for _, count, *_ in fits}
    settings = zip(table.images, table.epochs, table.lr, table.kl_warmup, strict=True)
    assert list(settings) == [tuple(settings) for _, *settings in fits]
    assert set(table.groupby(["images", "epochs"]).model.nunique()) == {3}
    for images in (sets["sample"].train.images, sets["full"].train.images):
        torch.manual_seed(0)
        untrained = vh.VAE(20, (400,))
        vh.start_at_mean(untrained.output_bias, images)
        found = table[(table.model == "MLP 400") & (table.images == len(images))]
        for column, seen in {"test": sets["full"].test.images, "train": images}.items():
            expected = vh.evaluate(untrained, seen).negative_elbo
            assert found[column].tolist() == pytest.approx(len(found) * [expected], abs=0.006)  # one start for all
    assert table.parameters.nunique() == 3


def test_an_interrupted_comparison_leaves_the_table_as_it_was(sets, tmp_path, monkeypatch):
    (tmp_path / "comparison.json").write_text("as it was")
    monkeypatch.setattr(recipes, "load_mnist", sets.__getitem__)
    monkeypatch.setattr(recipes, "fit", lambda *_, **__: History(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        recipes.run_comparison(tmp_path)
    assert (tmp_path / "comparison.json").read_text() == "as it was"
