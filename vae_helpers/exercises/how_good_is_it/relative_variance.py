r"""How large is the $v$ of the box? Let the true posterior be $\mathcal N(0, 1)$ and $q = \mathcal N(0, s^2)$, so that
$w / p(x) = p(z \mid x) / q(z)$. Derive $v = \mathbb E_q\big[(w / p(x))^2\big] - 1$ as an expression of SymPy. You get
the symbol `s`, positive; suppose $s^2 > \frac12$. `sympy.sqrt`, `+`, `*`, `/` and `**` are all you need."""

import sympy

from ..exercise import Exercise
from ..expressions import labels_of, values_at

POINTS = [(1,), (0.75,), (0.8,), (1.5,), (2,), (4,)]


def relative_variance(s):  # a symbol => an expression of it
    return s**2 / sympy.sqrt(2 * s**2 - 1) - 1


def symbols():
    """Two symbols, so that no answer can know the name."""
    return [{"s": sympy.Symbol(name, positive=True)} for name in ("s", "width")]


def at_points(answer, s):
    """The expression's values at POINTS."""
    return values_at(answer(s), (s,), POINTS)


exercise = Exercise(
    relative_variance,
    title="Too narrow, or too wide",
    task=__doc__,
    hints=(
        "An average over q of (p/q)² is the integral of p²/q.",
        "p² / q is s / √(2π) times the exponential of −z² + z² / (2 s²): a Gaussian bell without its factor.",
        "The integral of exp(−c z²) is √(π / c), for c > 0. Here c = 1 − 1 / (2 s²).",
    ),
    idea="the variance of importance weights, and where it is infinite",
    kind="derive",
    minutes=8,
    difficulty=3,
    right=(
        "It is 0 at s = 1, grows slowly for a wide q, and is infinite for s² ≤ ½. So a q that is too narrow is worse "
        "than one that is too wide: that is why training with the bound widens it."
    ),
    cases=symbols,
    observe=at_points,
    labels=labels_of("s", POINTS),
    derivation=r"""$\mathbb E_q[(p/q)^2] = \int p(z)^2 / q(z)\, dz$. The factors give $\frac{1}{2\pi} \sqrt{2\pi}\, s =
\frac{s}{\sqrt{2\pi}}$, the exponents $-z^2 + \frac{z^2}{2 s^2} = -c z^2$ with $c = 1 - \frac{1}{2 s^2}$. For $c > 0$
the integral of $e^{-c z^2}$ is $\sqrt{\pi / c}$, so the average is $s \sqrt{\frac{1}{2c}} =
\frac{s^2}{\sqrt{2 s^2 - 1}}$; take 1 away. For $s^2 \le \frac12$ the integral diverges.""",
)


@exercise.mistake
def without_minus_one(s):
    """This is the average of the square. At s = 1 all weights are equal, and a variance must be 0 there."""
    return s**2 / sympy.sqrt(2 * s**2 - 1)


@exercise.mistake
def over_the_posterior(s):
    """The average of p/q over q is 1: you need the square of it, so p²/q under the integral."""
    return sympy.Integer(0)


@exercise.mistake
def as_a_standard_deviation(s):
    """This is the root of v, a standard deviation: the box has the variance."""
    return sympy.sqrt(s**2 / sympy.sqrt(2 * s**2 - 1) - 1)


@exercise.mistake
def factor_forgotten(s):
    """The bell is integrated rightly, but the factor before it is missing: what do 1/√(2π), squared, and q's leave?"""
    return sympy.sqrt(sympy.pi / (1 - 1 / (2 * s**2))) - 1


@exercise.mistake
def s_for_its_square(s):
    """The factor of q is 1/(s √(2π)): dividing by it puts one s on top, and the root of c another one."""
    return s / sympy.sqrt(2 * s**2 - 1) - 1
