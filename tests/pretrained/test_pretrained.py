"""pretrained: what is written is what is loaded, and damage is never loaded."""

import pytest
import safetensors.torch
import torch
from tiny import TINY, same_weights

import vae_helpers as vh
from vae_helpers.authoring import recipes
from vae_helpers.pretrained import model_card

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
    assert model_card("grey", str(trained_once[0]))["model"] == "VAE"


# the table


@pytest.mark.filterwarnings("error")
def test_the_table_has_a_row_for_each_file_that_says_what_it_is_and_scores(folder):
    (folder / "conv.safetensors").unlink()
    table = vh.list_pretrained(folder)
    assert list(table.index) == sorted(TINY.keys() - {"conv"})
    for name, row in table.iterrows():
        card = model_card(name, folder)
        assert row["model"] == TINY[name].model
        assert (row["latent_dim"], row["hidden_dims"]) == (2, [8])
        for setting, value in TINY[name].training.items():
            assert row[setting] == value
        for setting in ("pixels", "shift_prob", "binarize_prob"):
            assert row[setting] == getattr(TINY[name], setting)
        for score, value in card["scores"]["full"].items():
            assert row[score] == ("" if value is None else value)
    assert table.loc["plain", ["kl", "beta", "kl_warmup"]].tolist() == ["", "", ""]
    assert table.loc["grey", "iwae_bound_500"] == ""


def test_the_table_of_an_empty_folder_is_empty(tmp_path):
    assert len(vh.list_pretrained(tmp_path)) == 0


# what is not there, and what is damaged


@pytest.mark.parametrize("use", [vh.load_pretrained, model_card])
def test_an_unknown_name_is_refused_with_those_that_there_are(trained_once, tmp_path, use):
    for name in ("vae21", "", "../weights/grey", "grey.safetensors"):
        with pytest.raises(ValueError, match="black_and_white, conv, grey, mixed, plain, weighted") as error:
            use(name, trained_once[0])
        assert repr(name) in str(error.value)
    for empty in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ValueError, match="none"):
            use("grey", empty)


USES = [vh.load_pretrained, model_card, lambda name, folder: vh.list_pretrained(folder)]


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
        check_refused(folder, "damaged|other weights")
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
    check_refused(folder, "other weights")


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
    recipes._write("grey", folder, {**model_card("grey", folder), **changed}, weights)
    with pytest.raises(ValueError, match=f"(?s)'grey' {named}"):
        vh.load_pretrained("grey", folder)


# the tables that ship beside the weights

TABLES = {"comparison.json": vh.pretrained.load_comparison, "scoreboard.json": vh.pretrained.load_scoreboard}
DAMAGE = {
    "missing": None,
    "empty": b"",
    "cut": b'{"ours": {"vae20": {"nats"',
    "another table": b'{"schema": 1}',
    "a list": b"[]",
    "a number": b"7",
    "a page": b"<html>Please log in</html>",
    "no text": b"\xff\xfe\x00\x80",
}


@pytest.mark.parametrize("file", TABLES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_table_is_refused_in_one_sentence_that_says_how_to_restore_it(tmp_path, file, damage):
    if DAMAGE[damage] is not None:
        (tmp_path / file).write_bytes(DAMAGE[damage])
    with pytest.raises(ValueError, match=f"expected the table that ships, got none .*git checkout -- {file}") as error:
        TABLES[file](tmp_path)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_no_path_is_refused():
    for read in (vh.list_pretrained, *TABLES.values()):
        with pytest.raises(ValueError, match="folder: expected a path, got None"):
            read(None)


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"training": {}, "arguments": 3}'])
def test_a_card_that_says_something_else_is_refused_though_its_checksum_is_right(tmp_path, text):
    weights = {"weight": torch.zeros(2)}
    metadata = {"vae_helpers": text, "checksum": vh.pretrained.checksum(text, weights)}
    safetensors.torch.save_file(weights, tmp_path / "mine.safetensors", metadata=metadata)
    with pytest.raises(ValueError, match=r"mine.*is no model card|do not fit"):
        vh.load_pretrained("mine", tmp_path)
