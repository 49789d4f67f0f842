"""Numbers in the notebooks' prose: each is what the code beside it says, or what arithmetic gives."""

import math
import re

import pytest

import vae_helpers as vh
from vae_helpers.authoring.notebooks import NOTEBOOKS, code_cells, read
from vae_helpers.pretrained import model_card

WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10, "twelve": 12}


def texts(number):
    """The prose of a notebook, on one line, and its code."""
    notebook = read(next(path for path in NOTEBOOKS if path.stem.startswith(number)))
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return " ".join(prose.split()), "\n\n".join(cell.source for cell in code_cells(notebook))


def numbers(written):
    return [float(WORDS.get(one, one.replace(",", "").replace("_", ""))) for one in written]


def sizes(name):
    """The widths of a shipped model: of its first hidden layer, and its latents."""
    arguments = model_card(name)["arguments"]
    return [arguments["hidden_dims"][0], arguments["latent_dim"]]


def trained_on(name):
    """How many images a shipped model was trained on, to the nearest thousand."""
    return round(int(model_card(name)["data"].split()[0].replace(",", "")), -3)


VAE = vh.VAE()
# the notebook; what its prose says, a group for each number; and the numbers, or where they stand in its code
FACTS = [
    ("00", r"a smaller VAE \(784-(\d+)-(\d+)\)", sizes("vae20_beta1")),
    ("01", r"that holds (\d+) % of the codes", [100 * (0.98 - 0.02)]),
    ("01", r"the first ([\d,]+), to keep the map", [2000]),
    ("02", r"We observe \$x = ([\d.]+)\$", r"x_observed = ([\d.]+)"),
    ("02", r"\\mathcal N\(x/2,\\, (\d)/(\d)\)", r"Normal\(x_observed / 2, math\.sqrt\((\d) / (\d)\)\)"),
    (
        "02",
        r"Let \$q = \\mathcal N\((\S+), ([\d.]+)\^2\)\$ and",
        r"q, p = Normal\(torch\.tensor\(([\d.]+)\)\.double\(\), ([\d.]+)\)",
    ),
    (
        "02",
        r"and \$p = \\mathcal N\((\S+), (\d)\^2\)\$",
        r", Normal\(torch\.tensor\((-?[\d.]+)\)\.double\(\), ([\d.]+)\)",
    ),
    ("02", r"the shift by ([\d.]+) costs \$\\mu\^2/(\d)\$", [1.5, 2]),
    ("02", r"This one has it at \$1/\\sqrt(\d)\$", [2]),
    ("03", r"for each of 784 pixels, (\d+) nats", [round(784 * math.log(2))]),
    ("03", r"\(784-(\d+)-(\d+), with batches of (\d+) and Adam\)", [400, 20, 128]),
    ("03", r"its constant learning rate of ([\d.]+),", r"Adam\(vae\.parameters\(\), lr=([\de.-]+)\)"),
    ("04", r"([\d,]+) images, unless .{,30}\. They are ([\d,]+) seen (\w+) times", [48_000, 12_000, 4]),
    ("04", r"the sample's ([\d,]+) seen (\w+) times", [4_000, 12]),
    ("04", r"the cost falls by ([\d.]+) nats with each factor of ten", [round(math.log(10), 1)]),
    ("04", r"Five runs of 784-(\d+)-(\d+)\.", [VAE.hidden_dims[0], VAE.latent_dim]),
    (
        "05",
        r"is 784-(\d+)-(\d+)-(\d+)\.",
        r"nn\.Linear\(784, (\d+)\), nn\.ReLU\(\), middle[\s\S]*?nn\.Linear\((\d+), (\d+)\) for",
    ),
    (
        "05",
        r"is ([\d.]+) for the conv net and ([\d.]+) for the MLP",
        r'\("conv", conv, (\S+)\), \("MLP 512-512", mlp, (\S+)\)',
    ),
    (
        "05",
        r"First, [\d,]+ images for (\d+) epochs each",
        r"vh\.fit\(model, x_few, loss=vh\.NegativeELBO\(kl_warmup=0\.2\), epochs=(\d+)",
    ),
    ("06", r"far apart in the other (\d+) directions", [20 - 2]),
    ("07", r"whose probabilities sum to (\d+) does not exist", [256 * 0.5]),
    ("07", r"its (\w+) neighbours that were sent before\. For each of their \$2\^\{(\d+)\}\$", [10, 10]),
    ("07", r"have seen ([\d,]+) training images", [trained_on("vae20")]),
    ("08", r"have seen ([\d,]+) training images", [trained_on("vae20")]),
    ("08", r"mean of the \*\*(\d+) nearest\*\*", r"NearestNeighbors\(n_neighbors=(\d+)\)\.fit\(known"),
    ("08", r"Gaussians of (\d+), (\d+) and (\d+) dimensions", r"for d in \[(\d+), (\d+), (\d+)\]"),
]


@pytest.mark.parametrize(("notebook", "said", "meant"), FACTS, ids=[f"{fact[0]} {fact[1][:40]}" for fact in FACTS])
def test_a_number_in_the_prose_is_that_of_the_code(notebook, said, meant):
    prose, code = texts(notebook)
    found = [one for one in re.search(said, prose).groups() if one]
    expected = numbers(re.search(meant, code).groups()) if isinstance(meant, str) else meant
    assert numbers(found) == pytest.approx(expected), said


def test_the_published_formula_s_minimum_is_where_it_is_said_to_be():
    sigmas = [k / 10_000 for k in range(1, 20_000)]
    assert min(sigmas, key=lambda sigma: sigma**2 - math.log(sigma)) == pytest.approx(1 / math.sqrt(2), abs=1e-4)


def test_symbols_are_written_in_one_way():
    for path in NOTEBOOKS:
        prose, _ = texts(path.stem[:2])
        assert not re.search(r"\\(epsilon|phi|ell_|theta_)(?![a-z])", prose), path.stem


def test_the_map_shows_as_many_codes_as_it_says():
    assert vh.latent_scatter.__defaults__[-1] == 2000
