"""The formulas that the notebooks set in type: each is read from its page, worked out with numbers, and compared with
what the package, torch or a difference quotient says.
"""

import math
import re

import pytest
import torch
from sympy import Symbol, lambdify, log, pi, sin
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations

import vae_helpers as vh
from vae_helpers.authoring.notebooks import NOTEBOOKS, read

VALUES = {"mu": 0.7, "sigma": 1.3, "mu_1": 0.7, "sigma_1": 1.3, "mu_2": -0.4, "sigma_2": 0.6, "z": 0.25}
VALUES |= {"mu_j": 0.7, "sigma_j": 1.3, "x_i": 0.8, "pi_i": 0.35, "hatx_i": 0.3, "sigma_x": 0.45, "S": 31.0}
VALUES |= {"z_0": 1.5, "z_1": -0.5, "alpha": 0.3, "theta": 1.1, "a": 1.9, "lambda_j": 0.8, "L": 1}
VALUES |= {
    "LIKELIHOOD": 0.3,
    "PRIOR": 0.2,
    "POSTERIOR": 0.7,
    "beta": 3.0,
    "dR": 0.5,
    "dD": -1.5,
    "V1": 1.69,
    "V2": 0.36,
}
STAND_INS = {  # densities, differentials, and matrices of one number
    r"p(x \mid z_k)": "LIKELIHOOD", r"p(z_k)": "PRIOR", r"q(z_k \mid x)": "POSTERIOR",
    r"p(x \mid z)": "LIKELIHOOD", r"p(z)": "PRIOR", r"q(z \mid x)": "POSTERIOR", r"\log_2": r"\log",
    r"\mathrm dD": "dD", r"\mathrm dR": "dR", r"|\Sigma_1|": "V1", r"|\Sigma_2|": "V2",
    r"\mathrm{tr}(\Sigma_2^{-1}\Sigma_1)": "(V1/V2)", r"^\top\Sigma_2^{-1}": "/V2",
}  # fmt: skip


def expression(latex):
    """A formula of LaTeX as one of SymPy. A logarithm reaches to the next plus or minus."""
    for written, plain in STAND_INS.items():
        latex = latex.replace(written, plain)
    text = re.sub(r"\\(?:left|right|big|quad|[,;!])|&", " ", latex)
    for written, plain in [(r"\tfrac", r"\frac"), (r"\hat x", "hatx"), (r"\sin\theta", r"\sin(\theta)")]:
        text = text.replace(written, plain)
    text = re.sub(r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac\s*(\d)\s*\\(\w+)", r"\\frac{\1}{\\\2}", text)
    text = re.sub(r"\^(\w)", r"**\1", text).replace("[", "(").replace("]", ")")
    while text != (text := re.sub(r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))", text)):
        pass
    while text != (text := re.sub(r"\\log\s*(?=\S)((?:\([^()]*\)|[^()+\-\\]|\\(?!log))+)", r"LOG(\1) ", text)):
        pass
    text = text.replace("LOG", "log").replace("\\", " ").replace("{", "(").replace("}", ")")
    names = {name: Symbol(name) for name in VALUES} | {"log": log, "pi": pi, "sin": sin}
    return parse_expr(text, names, (*standard_transformations, implicit_multiplication))


def kl(mu_1, sigma_1, mu_2, sigma_2):
    first, second = (torch.distributions.Normal(mu, sigma) for mu, sigma in [(mu_1, sigma_1), (mu_2, sigma_2)])
    return torch.distributions.kl_divergence(first, second).item()


def log_normal(x, mu, sigma):
    return torch.distributions.Normal(mu, sigma).log_prob(torch.tensor(x)).item()


def slope(function, at, by=1e-4):
    return (function(at + by) - function(at - by)) / (2 * by)


def slerp(start, end, alpha, theta):
    """The first number of the walk between two codes with the angle theta between them."""
    first, second = torch.tensor([1.0, 0.0]), torch.tensor([math.cos(theta), math.sin(theta)])
    way = vh.interpolate(first.double(), second.double(), 11, spherical=True)[round(10 * alpha)]
    weights = torch.linalg.solve(torch.stack([first, second], 1).double(), way)
    return (weights @ torch.tensor([start, end]).double()).item()


MU, SIGMA, MU_2, SIGMA_2, Z = (VALUES[name] for name in ("mu", "sigma", "mu_2", "sigma_2", "z"))
ONE = (torch.tensor([[MU]]), torch.tensor([[2 * math.log(SIGMA)]]))
S, S_X, X, X_HAT = (VALUES[name] for name in ("S", "sigma_x", "x_i", "hatx_i"))
WALK = [VALUES[name] for name in ("z_0", "z_1", "alpha", "theta")]
SQUARES = r"\sum_{i=1}^{784}"
FORMULAS = [  # the notebook, what stands before the formula on its page, what stands after it, and what it should be
    ("02", r"\log q(z) = -\tfrac12\log", r", \qquad \log p(z)", log_normal(Z, MU, SIGMA)),
    ("02", r", \qquad \log p(z) =", " .", log_normal(Z, MU_2, SIGMA_2)),
    ("02", r"\log\frac{q(z)}{p(z)} =", " .", log_normal(Z, MU, SIGMA) - log_normal(Z, MU_2, SIGMA_2)),
    ("02", r"\boxed{\;\mathrm{KL}(q \Vert p) =", r"\;}", kl(MU, SIGMA, MU_2, SIGMA_2)),
    ("02", r"\Vert\, \mathcal N(0, 1)\big) =", ".", kl(MU, SIGMA, 0, 1)),
    ("02", r"= \tfrac12 \sum_{j=1}^{L}", r"\;}", 2 * vh.gaussian_kl(*ONE).item()),
    ("02", r"\frac{\partial\,\mathrm{KL}}{\partial\mu} =", r", \qquad", slope(lambda mu: kl(mu, SIGMA, 0, 1), MU)),
    ("02", r"{\partial\sigma} =", r", \qquad", slope(lambda sigma: kl(MU, sigma, 0, 1), SIGMA)),
    ("02", r"{\partial \ell} =", ".", slope(lambda ell: kl(MU, math.exp(ell / 2), 0, 1), 2 * math.log(SIGMA))),
    ("02", r"\Vert\, \mathcal N(0, \tfrac12)\big) =", " .", kl(MU, SIGMA, 0, math.sqrt(0.5))),
    ("02", r"\nabla_\mu \log q(z) =", " .", slope(lambda mu: log_normal(Z, mu, SIGMA), MU)),
    ("03", r"\tfrac12 \sum_{j=1}^{20}", "}_{", 2 * vh.gaussian_kl(*ONE).item()),
    ("03", rf"-\log p(x \mid z) = {SQUARES}", ",$$", -log_normal(X, X_HAT, S_X)),
    (
        "03",
        rf"\underbrace{{-{SQUARES}",
        "}_{",
        -vh.bernoulli_nll(torch.tensor([[VALUES["pi_i"]]]).logit(), torch.tensor([[X]])).item(),
    ),
    ("04", "$$D =", r", \qquad\text{so}", S / (2 * S_X**2) + 784 / 2 * math.log(2 * math.pi * S_X**2)),
    ("04", "On average the axis costs $", "$ nats", 0.5 * (math.log(2 * math.pi * VALUES["a"]) + 0.8 / VALUES["a"])),
    ("04", "gains nothing, so $", "= 0$", 0),
    ("02", r"$$\mathrm{KL} =", ".$$", kl(MU, SIGMA, MU_2, SIGMA_2)),
    ("03", r"\log \frac1K \sum_{k=1}^{K}", r"\right]", 0.3 * 0.2 / 0.7),
    ("07", "The sum is $", "$; on average", -math.log(0.3) + math.log(0.7 / 0.2)),
    ("06", r"z(\alpha) = (1", ", ", (1 - WALK[2]) * WALK[0] + WALK[2] * WALK[1]),
    ("06", "z(\\alpha) = \\frac{\\sin", ".", slerp(*WALK)),
]


def formula_of(notebook, before, after):
    """What stands between two pieces of a notebook's text, once in the whole notebook."""
    path = next(path for path in NOTEBOOKS if path.stem.startswith(notebook))
    solutions = {"solution", "task"}
    cells = [cell for cell in read(path).cells if not solutions.intersection(cell.metadata.get("tags", []))]
    found = [
        rest
        for cell in cells
        if cell.cell_type == "markdown"
        for rest in " ".join(cell.source.split()).split(before)[1:]
    ]
    assert len(found) == 1, f"{before} stands {len(found)} times in notebook {notebook}"
    return found[0].partition(after)[0]


@pytest.mark.parametrize(("notebook", "before", "after", "expected"), FORMULAS)
def test_a_formula_on_the_page_is_right(notebook, before, after, expected):
    text = formula_of(notebook, before, after)
    text = before.partition(" = ")[2] * ("sum" not in before) + text  # where a beginning is shared by two formulas
    found = expression(text)
    value = lambdify(list(found.free_symbols), found)(*(VALUES[symbol.name] for symbol in found.free_symbols))
    assert value == pytest.approx(expected, rel=2e-3), text


@pytest.mark.parametrize(
    ("latex", "value"), [(r"\log\frac{\sigma}{2} - \frac12", math.log(0.65) - 0.5), (r"2\log 2\pi\sigma^2 + 1", 5.726)]
)
def test_formulas_are_read_as_they_are_meant(latex, value):
    assert float(expression(latex).subs({"sigma": 1.3})) == pytest.approx(value, rel=1e-3)
