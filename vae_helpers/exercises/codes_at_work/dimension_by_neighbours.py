r"""For TwoNN, the ratio $t = r_2 / r_1 > 1$ of a point has the density $d\,t^{-d-1}$ (the derivative of
$1 - t^{-d}$). Take the points' ratios as independent and return the $d$ under which they are most probable, one
number. The way: write down $\log$ of the density, add up over the points, and set the derivative with respect to $d$ to
zero."""

import torch

from ..exercise import Exercise


def dimension_by_neighbours(r1, r2):  # distances (N,), (N,) => one number
    return 1 / (r2 / r1).log().mean()


def neighbour_distances():
    """Distances to the first and the second neighbour, for data of several dimensions."""
    cases = []
    for count, dimension in [(4, 2.0), (50, 12.0), (500, 5.0)]:
        r1 = 1 + torch.rand(count)
        cases.append({"r1": r1, "r2": r1 * (1 - torch.rand(count)) ** (-1 / dimension)})
    return cases


exercise = Exercise(
    dimension_by_neighbours,
    title="A dimension from two neighbours",
    hints=(
        "The logarithm of the density of one ratio is log d − (d + 1) log t. Add it up over the points.",
        "Differentiate by d: N/d − Σ log t. Where is it zero?",
    ),
    idea="maximum likelihood, and intrinsic dimension",
    minutes=10,
    difficulty=2,
    kind="derive",
    task=__doc__,
    right=(
        "In many dimensions the second neighbour is hardly farther than the first: that is all that this estimator "
        "looks at. `vh.applications.two_nn` fits a line to the smaller nine tenths of the ratios instead, since the "
        "largest ones are the least to be trusted."
    ),
    derivation=r"""The logarithm of the density is $\log d - (d + 1) \log t$. Added up over $N$ points:
$N \log d - (d + 1) \sum_n \log t_n$. Its derivative with respect to $d$, $N/d - \sum_n \log t_n$, is zero at
$d = N / \sum_n \log t_n$: one over the mean of $\log t$.""",
    cases=neighbour_distances,
)


@exercise.mistake
def upside_down(r1, r2):
    """Upside down: the larger the dimension, the closer together the two neighbours are."""
    return 1 / dimension_by_neighbours(r1, r2)


@exercise.mistake
def no_logarithm(r1, r2):
    """There is no logarithm of the ratio in it; what is log t^(−d−1)?"""
    return 1 / (r2 / r1).mean()


@exercise.mistake
def excess(r1, r2):
    """The ratio's excess over 1: nearly its logarithm as long as it is small, and not beyond."""
    return 1 / (r2 / r1 - 1).mean()


@exercise.mistake
def logarithm_of_mean(r1, r2):
    """The logarithm of an average is not the average of logarithms."""
    return 1 / (r2 / r1).mean().log()


@exercise.mistake
def mean_of_estimates(r1, r2):
    """An average of one estimate for each point: a point whose two neighbours are almost equally far away ruins it."""
    return (1 / (r2 / r1).log()).mean()


@exercise.mistake
def negative(r1, r2):
    """A dimension below 0: which of the two distances is the larger one?"""
    return dimension_by_neighbours(r2, r1)


@exercise.mistake
def unbiased(r1, r2):
    """n − 1 for n: that makes the estimate unbiased, which is good to know; but the task asks for the
    most probable d.
    """
    return (len(r1) - 1) / (r2 / r1).log().sum()
