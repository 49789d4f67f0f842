"""The notebooks: as `make notebooks` leaves them, as a reader expects them, and equal to the package."""

import ast
import copy
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import pytest
import torch
from series import definitions

import vae_helpers as vh
from vae_helpers.authoring.notebooks import NOTEBOOKS, STATE, clean, code_cells, read

NAMES = {path.stem: path for path in NOTEBOOKS}
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=list(NAMES))
RUFF = Path(sys.executable).with_name("ruff")


# hygiene


def test_the_series_is_numbered_without_a_gap():
    assert [path.name[:3] for path in NOTEBOOKS] == [f"{k:02}_" for k in range(len(NOTEBOOKS))]
    assert len(NOTEBOOKS) >= 3


@each_notebook
def test_a_notebook_was_run_top_to_bottom_without_an_error(published, path):
    cells = code_cells(published(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@each_notebook
def test_a_notebook_is_saved_without_noise_and_small(published, path):
    notebook = published(path)
    assert clean(copy.deepcopy(notebook)) == notebook, "run `make notebooks`"
    widgets = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {}).values()
    assert path.stat().st_size < (3e6 if any(widget["state"].get("layers") for widget in widgets) else 1.5e6)


@each_notebook
def test_a_notebook_holds_no_path_of_a_machine(published, path):
    published(path)
    assert not re.findall(r"(?<![\w.:/])/(?:home|root|Users|tmp|work|opt|usr|var)/\w+|[A-Z]:\\\\", path.read_text())


@each_notebook
def test_a_notebook_opens_and_closes_as_all_do(published, path):
    cells = published(path).cells
    text = [cell.source for cell in cells if cell.cell_type == "markdown"]
    headings = [line for source in text for line in source.splitlines() if re.match("#+ ", line)]
    assert cells[0].source.startswith("# ")
    assert [line.startswith("# ") for line in headings].count(True) == 1
    for first, second in pairwise(headings):
        assert second.index(" ") - first.index(" ") <= 1, f"{second} skips a level"
    for part in ("**After this notebook you will be able to**", "**Time:**", "**Needs:**"):
        assert part in text[0]
    assert headings[-2:] == ["## Summary", "## The way on"]
    closing = "\n".join(text).split("## The way on")[1]
    for part in ("**References.**", "**Next:**"):
        assert part in closing


def test_the_map_in_notebook_00_leads_to_every_notebook_and_tells_its_minutes():
    (table,) = [cell.source for cell in read(NOTEBOOKS[0]).cells if cell.source.startswith("## The map of the series")]
    for path in NOTEBOOKS[1:]:
        minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", read(path).cells[0].source).group(1)
        assert re.search(rf"\({path.name}\) \|[^|]*\| {minutes} \|", table), path.name


@each_notebook
def test_code_cells_are_short(published, path):
    lengths = [cell.source.count("\n") + 1 for cell in code_cells(published(path))]
    assert max(lengths) <= 30
    assert median(lengths) <= 15


@each_notebook
def test_each_picture_has_a_text_alternative_and_is_followed_by_a_sentence(published, path):
    cells = published(path).cells
    for k, cell in enumerate(cells):
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata["image/png"]["alt"]
                assert alt
                assert not re.search(r"(?<!\w)-\d", alt), "a hyphen for a minus"
                assert cells[k + 1].cell_type == "markdown" or cells[k + 2].cell_type == "markdown"
        for alt, file in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", cell.source):
            assert len(alt) > 40
            assert (path.parent / file).is_file()


@each_notebook
def test_a_notebook_checks_what_it_says_out_of_sight(published, path):
    cells = tagged(published(path), "check")
    printed = tagged(published(path), "nbval-check-output")
    assert len(cells) + len(printed) >= 3
    assert all(cell.outputs for cell in printed)
    assert not any(cell.outputs for cell in cells)
    for cell in cells:
        asserted = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Assert)]
        assert asserted, cell.id
        assert all(node.msg for node in asserted), f"{cell.id}: an assert that fails should say what does not hold"


def tagged(notebook, tag):
    return [cell for cell in code_cells(notebook) if tag in cell.metadata.get("tags", [])]


@each_notebook
def test_what_is_for_authors_is_folded_and_an_answer_waits_for_the_reader(published, path):
    folded = dict.fromkeys(["question", "plumbing", "check"], "source_hidden") | {"answer": "outputs_hidden"}
    for cell in code_cells(published(path)):
        tags = cell.metadata.get("tags", [])
        assert set(cell.metadata.get("jupyter", {})) == {folded[tag] for tag in tags if tag in folded}, cell.id


@each_notebook
def test_a_prediction_comes_before_its_answer(published, path):
    questions = 0
    for cell in code_cells(published(path)):
        if "question" in cell.metadata.get("tags", []):
            assert "vh.widgets.Prediction(" in cell.source
            questions += 1
            waiting = True
        elif "answer" in cell.metadata.get("tags", []):
            assert questions, f"{cell.id} answers no question"
            waiting = False
    assert questions >= (1 if path.stem.startswith("00") else 4)
    assert not waiting, "the last question has no answer"


@each_notebook
def test_a_question_is_plain_text_for_the_page_shows_its_marks_as_they_are(published, path):
    widgets = published(path).metadata.widgets[STATE]["state"].values()
    texts = [
        text
        for state in (each["state"] for each in widgets)
        if "question" in state
        for text in (state["question"], *state["answers"])
    ]
    assert texts
    assert not [text for text in texts if re.search(r"[*`$\\]|\b_|_\b", text)]


@each_notebook
def test_a_notebook_is_short_enough_for_its_minutes(published, path):
    notebook = published(path)
    assert len(notebook.cells) <= 120
    assert int(re.search(r"\*\*Time:\*\* (\d+) minutes", notebook.cells[0].source)[1]) <= 90


@each_notebook
def test_the_way_on_names_the_next_notebook_with_its_minutes(published, path):
    (closing,) = [cell.source for cell in published(path).cells if cell.source.startswith("## The way on")]
    (onward,) = [line for line in closing.split("\n\n") if line.startswith("**Next:**")]
    linked = re.match(r"\*\*Next:\*\* \[(\d\d)[^\]]*\]\((\w+)\.ipynb\) \((\d+) minutes\)", " ".join(onward.split()))
    if path == NOTEBOOKS[-1]:
        assert not linked
        return
    after = NOTEBOOKS[NOTEBOOKS.index(path) + 1]
    assert linked, onward
    assert (linked[1], linked[2]) == (after.stem[:2], after.stem)
    assert re.search(rf"\*\*Time:\*\* {linked[3]} minutes", read(after).cells[0].source)
    assert "**If you have ten minutes more:**" in closing


@each_notebook
def test_a_notebook_keeps_to_the_style(published, path):
    published(path)
    for command in (["check"], ["format", "--check"]):
        found = subprocess.run([RUFF, *command, path], capture_output=True, text=True)
        assert found.returncode == 0, found.stdout + found.stderr


# what is written out in a notebook is what the package computes


@pytest.fixture(scope="module")
def autoencoder():
    return definitions(NAMES["01_autoencoder"])


@pytest.fixture(scope="module")
def elbo_and_kl():
    return definitions(NAMES["02_elbo_and_kl"])


@pytest.fixture(scope="module")
def vae():
    return definitions(NAMES["03_vae"])


def with_weights_of(written, packaged):
    """The model `written` with the weights of `packaged`, layer by layer."""
    with torch.no_grad():
        for own, given in zip(written.parameters(), packaged.parameters(), strict=True):
            own.copy_(given)
    return written


def test_the_autoencoder_of_notebook_01_is_the_package_s(autoencoder, images):
    packaged = vh.Autoencoder(latent_dim=2, hidden_dims=(512,))
    written = with_weights_of(autoencoder["Autoencoder"](), packaged)
    torch.testing.assert_close(written.encoder(images), packaged.encode(images))
    torch.testing.assert_close(written(images), packaged.decode(packaged.encode(images)))


def test_the_squared_error_of_notebook_01_is_the_package_s(autoencoder, images):
    other = torch.rand_like(images)
    torch.testing.assert_close(autoencoder["squared_error"](other, images), vh.squared_error(other, images))


@pytest.mark.parametrize(("hidden_dim", "latent_dim"), [(400, 20), (512, 2)])
def test_the_vae_of_notebook_03_is_the_package_s(vae, images, hidden_dim, latent_dim):
    packaged = vh.VAE(latent_dim, (hidden_dim,))
    written = with_weights_of(vae["VAE"](hidden_dim=hidden_dim, latent_dim=latent_dim), packaged)
    torch.manual_seed(1)
    expected = packaged(images)
    torch.manual_seed(1)
    torch.testing.assert_close(written(images), expected)


def test_the_kl_of_notebook_02_is_the_package_s(elbo_and_kl):
    q, p = (torch.randn(2, 50, 4) for _ in range(2))
    torch.testing.assert_close(elbo_and_kl["gaussian_kl"](*q), vh.gaussian_kl(*q))
    torch.testing.assert_close(elbo_and_kl["gaussian_kl"](*q, *p), vh.gaussian_kl(*q, *p))


def test_the_loss_of_notebook_03_is_the_package_s_negative_elbo(vae, images):
    model = vh.VAE()
    torch.manual_seed(1)
    reconstruction, kl = vae["loss_terms"](images, *model(images))
    torch.manual_seed(1)
    torch.testing.assert_close(reconstruction + kl, -vh.elbo(model, images))


@pytest.fixture(scope="module")
def challenges():
    return definitions(NAMES["04_training_challenges"])


@pytest.fixture(scope="module")
def conv():
    return definitions(NAMES["05_conv_vae"])


def test_the_accidental_loss_of_notebook_04_is_a_beta_of_784(challenges, images):
    model = vh.VAE(3, (8,))
    torch.manual_seed(1)
    loss = challenges["accidental_loss"](model, images)
    torch.manual_seed(1)
    logits, mu, logvar = model(images)
    beta_loss = vh.bernoulli_nll(logits, images).mean() + 784 * vh.gaussian_kl(mu, logvar).mean()
    torch.testing.assert_close(784 * loss, beta_loss)


@pytest.mark.parametrize("layers", [1, 10])
def test_the_deep_decoder_of_notebook_04_has_the_layers_it_says(challenges, images, layers):
    model = challenges["DeepDecoderVAE"](layers)
    sizes = [layer.weight.shape for layer in model.decoder if isinstance(layer, torch.nn.Linear)]
    assert sizes == [(128, 20)] + [(128, 128)] * (layers - 1) + [(784, 128)]
    assert model(images)[0].shape == images.shape


def test_the_conv_vae_of_notebook_05_is_the_package_s(conv, images):
    packaged = vh.ConvVAE(latent_dim=3, channels=4)
    written = with_weights_of(conv["ConvVAE"](latent_dim=3, channels=4), packaged)
    torch.manual_seed(1)
    expected = packaged(images)
    torch.manual_seed(1)
    torch.testing.assert_close(written(images), expected)


def test_the_tutorial_s_nets_in_notebook_05_have_its_sizes(conv):
    def shapes(module, kind):
        return [tuple(layer.weight.shape) for layer in module.modules() if isinstance(layer, kind)]

    net = conv["TutorialVAE"]()
    channels = [(16, 1, 3, 3), (32, 16, 3, 3), (16, 32, 3, 3), (1, 16, 3, 3)]
    assert shapes(net, torch.nn.Conv2d) == channels
    assert shapes(net.encoder, torch.nn.Linear) == [(256, 784), (64, 256), (16, 64)]
    assert shapes(net.to_mu, torch.nn.Linear) == shapes(net.to_sigma, torch.nn.Linear) == [(2, 16)]

    net = conv["SingleHeadVAE"]()
    assert shapes(net.encoder, torch.nn.Linear) == [(400, 784), (400, 400)]
    assert shapes(net.heads, torch.nn.Linear) == [(8, 400)]
    assert net.encoder[3] is net.decoder[2]  # one layer, used on both sides


def test_the_repaired_net_of_notebook_05_puts_out_a_log_variance(conv, images):
    raw, squared, repaired = (conv[name]() for name in ("TutorialVAE", "RawSquared", "Repaired"))
    squared.load_state_dict(raw.state_dict())
    repaired.load_state_dict(raw.state_dict())
    sigma = raw.to_sigma(raw.encoder(images))
    torch.testing.assert_close(raw(images)[2], 2 * sigma.log(), equal_nan=True)
    torch.testing.assert_close(squared(images)[2], sigma.square().log())
    torch.testing.assert_close(repaired(images)[2], sigma)


def test_the_single_head_of_notebook_05_is_mean_and_log_variance(conv, images):
    mu, logvar = conv["SingleHeadVAE"]().encode(images)
    torch.testing.assert_close(mu, logvar)
    mu, logvar = conv["SingleHeadVAE"](heads=2).encode(images)
    assert not torch.isclose(mu, logvar).any()


def test_the_auroc_of_notebook_07_is_that_counted_by_hand():
    auroc = definitions(NAMES["07_probabilities_at_work"])["auroc"]
    assert auroc([1, 2], [3, 4]) == 1
    assert auroc([3, 4], [1, 2]) == 0
    assert auroc([1, 3], [2, 4]) == 3 / 4  # of the four pairs, in three the anomaly scores higher
    assert auroc([1, 1], [1]) == 1 / 2


@pytest.fixture
def codes_at_work():
    return definitions(NAMES["08_codes_at_work"])


def test_the_baselines_of_notebook_08_for_missing_pixels_know_what_can_be_known(codes_at_work):
    lines = torch.rand(200, 3) @ torch.rand(3, 784) / 3  # images in a space of three dimensions
    images, seen = lines.view(-1, 1, 28, 28), torch.rand(1, 28, 28) < 0.5
    _, _, axes = torch.linalg.svd(lines - lines.mean(0), full_matrices=False)
    codes_at_work |= {"average": lines.mean(0), "variance": 1e-6, "decoder": 10 * axes[:50]}
    torch.testing.assert_close(codes_at_work["fill_pca"](images[:5], seen), images[:5], atol=1e-2, rtol=0)

    known = torch.cat([images[:5].repeat_interleave(10, 0), images[5:]])  # ten copies of each
    codes_at_work["mnist"] = SimpleNamespace(train=SimpleNamespace(images=known))
    torch.testing.assert_close(codes_at_work["fill_neighbours"](images[:5], seen), images[:5])


@pytest.fixture(scope="module")
def how_good():
    return definitions(NAMES["09_how_good_is_it_really"])


@pytest.mark.parametrize("samples", [1, 6])
def test_the_loss_of_notebook_09_is_the_package_s(how_good, images, samples):
    model, binary = vh.VAE(3, (16,)), torch.bernoulli(images)
    torch.manual_seed(1)
    loss = how_good["iwae_loss"](model, binary, samples)
    torch.manual_seed(1)
    torch.testing.assert_close(loss, vh.ImportanceWeighted(samples)(model, binary))


def test_the_weights_of_notebook_09_are_the_package_s(how_good, images):
    model, binary = vh.VAE(3, (16,)), torch.bernoulli(images)
    mu, logvar = model.encode(binary)
    torch.manual_seed(1)
    noise = torch.randn(len(binary) * 5, 3).view(len(binary), 5, 3)
    A = torch.diag_embed(torch.exp(0.5 * logvar))
    torch.manual_seed(1)
    expected = vh.importance.log_weights(model, binary, 5)
    torch.testing.assert_close(how_good["log_weights"](model, binary, mu, A, noise), expected)


def test_the_grid_and_the_nodes_of_notebook_09_agree_on_a_gaussian_posterior(how_good):
    class Flat(torch.nn.Module):  # a decoder that is almost linear: the posterior is nearly Gaussian
        def decode_logits(self, z):
            return 0.01 * (z @ torch.ones(2, 784)).view(-1, 1, 28, 28)

    x, axis = torch.ones(1, 1, 28, 28), torch.linspace(-8, 8, 321)
    log_joint = how_good["log_joint_on"](vh.plane_grid(axis, axis), Flat(), x)
    log_p = log_joint.logsumexp(1) + 2 * torch.log(axis[1] - axis[0])
    mean, A = how_good["fit_q"](Flat(), x, torch.zeros(1, 2), torch.ones(1, 2), steps=300, full=True)
    noise = torch.randn(4000, 2)
    elbo = how_good["log_weights"](Flat(), x, mean, A, noise).mean(1)
    torch.testing.assert_close(elbo, log_p, atol=0.1, rtol=0)


def test_the_share_in_holes_of_notebook_01_is_the_package_s(autoencoder):
    torch.manual_seed(0)
    drawn, taken = 2 * torch.randn(500, 2), torch.randn(300, 2)
    assert autoencoder["share_in_holes"](drawn, taken) == pytest.approx(vh.latent.share_in_holes(drawn, taken))


def test_the_dimensions_of_notebook_08_are_those_of_a_gaussian(codes_at_work):
    found = codes_at_work["dimensions"](torch.randn(1000, 2) @ torch.linalg.qr(torch.randn(784, 2))[0].T)
    assert all(value == pytest.approx(2, rel=0.1) for value in found.values())
