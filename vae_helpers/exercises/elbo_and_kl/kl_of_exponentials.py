r"""Derive a KL that is not on this page. The waiting time with the density $q(z) = a\,e^{-az}$ for $z \ge 0$ has
the mean $1/a$; let $p(z) = b\,e^{-bz}$. Go through the same three steps and return $\mathrm{KL}(q \Vert p)$, as an
expression of SymPy: you get the symbols `a` and `b`, both positive. `sympy.log`, `+`, `*` and `/` are all you need;
it need not be simplified."""

import sympy

from ..exercise import Exercise
from ..expressions import labels_of, values_at

POINTS = [(1, 1), (2, 1), (1, 2), (3, 5), (7, 2), (0.5, 0.1)]


def kl_of_exponentials(a, b):  # two symbols => an expression of them
    return sympy.log(a / b) + b / a - 1


def symbols():
    """Two pairs of symbols, so that no answer can know their names."""
    return [dict(zip("ab", sympy.symbols(names, positive=True), strict=True)) for names in ("a b", "rate_q rate_p")]


def at_points(answer, a, b):
    """The expression's values at POINTS."""
    return values_at(answer(a, b), (a, b), POINTS)


def _scaled(answer):
    """The value at a = 8, b = 4."""
    a, b = sympy.symbols("a b", positive=True)
    return values_at(answer(a, b), (a, b), [(8, 4)])[0]


def notice(answer):
    """What a KL has to be, and this is not."""
    a, b = sympy.symbols("a b", positive=True)
    values = dict(zip(POINTS, at_points(answer, a, b), strict=True))
    if abs(values[1, 1]) > 1e-9:
        return f"At a = b = 1 yours is {values[1, 1]:.4g}, and the KL of two equal densities is 0."
    lowest = min(values, key=values.get)
    if values[lowest] < -1e-9:
        return f"At a = {lowest[0]}, b = {lowest[1]} yours is {values[lowest]:.4g}, and a KL is never negative."
    if abs(values[2, 1] - _scaled(answer)) > 1e-6:
        return "In another unit of time, a and b both 4 times as large, yours changes, and a KL has no unit."
    return None


exercise = Exercise(
    kl_of_exponentials,
    title="A KL of your own",
    task=__doc__,
    hints=(
        "Step 1: log q − log p. The two densities have one logarithm and one term linear in z each.",
        "Step 2: the expectation over q. A constant stays; z has the mean 1/a.",
        "Check it: at a = b it must be 0, and nowhere may it be negative.",
    ),
    idea="the three steps of a KL, for other densities",
    kind="derive",
    minutes=8,
    difficulty=2,
    right="SymPy agrees with yours. The three steps work for any two densities whose averages you know.",
    cases=symbols,
    observe=at_points,
    notice=notice,
    labels=labels_of("ab", POINTS),
    derivation=r"""Step 1: $\log\frac{q(z)}{p(z)} = \log\frac ab - a z + b z$. Step 2: the first term is constant, and
$\mathbb E_q[z] = 1/a$, so the other two give $-1 + \frac ba$. Step 3: $\log\frac ab + \frac ba - 1$. It is 0 at
$a = b$, and positive elsewhere, since $t - 1 \ge \log t$ for $t = b/a$.""",
)


@exercise.mistake
def other_direction(a, b):
    """This is the KL in the other direction: over which of the two densities is the average taken?"""
    return kl_of_exponentials(b, a)


@exercise.mistake
def mean_is_the_rate(a, b):
    """The mean of z is 1/a here, and not a."""
    return sympy.log(a / b) + (b - a) * a


@exercise.mistake
def mean_of_p(a, b):
    """The average of z is taken over p: under q it is 1/a."""
    return sympy.log(a / b) + (b - a) / b


@exercise.mistake
def without_the_slopes(a, b):
    """Only the logarithm is left: z appears in log q − log p as well, and has a mean."""
    return sympy.log(a / b)


@exercise.mistake
def without_minus_one(a, b):
    """At a = b this is 1, and a KL of two equal densities is 0: what does −a z average to?"""
    return sympy.log(a / b) + b / a


@exercise.mistake
def upside_down_logarithm(a, b):
    """The logarithm is upside down: it comes from log a − log b."""
    return sympy.log(b / a) + b / a - 1


@exercise.mistake
def of_gaussians(a, b):
    """This is the boxed formula, for Gaussians with these standard deviations. These densities are no Gaussians."""
    return sympy.log(b / a) - sympy.Rational(1, 2) + a**2 / (2 * b**2)
