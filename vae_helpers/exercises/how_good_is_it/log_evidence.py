r"""Write the quadrature. You get $\log p(x, z)$ of several images at all points of a square grid over two
latents, and the distance `step` between two neighbouring lines of the grid. Return $\log p(x)$ of each image, in
nats. Mind the numbers: in single precision, which is torch's default, $e^{-150}$ is 0 already."""

import math

import torch

from ..exercise import Case, Exercise


def log_evidence(log_joint, step):  # (N, points), number => (N,) nats
    return log_joint.logsumexp(1) + 2 * math.log(step)


def grids():
    """log p(x, z) of Gaussian posteriors on grids of several widths; the last three are far down."""
    cases = []
    for step, height in [(0.1, -5.0), (0.05, -90.0), (0.2, -1500.0)]:
        axis = torch.arange(-3, 3 + step / 2, step)
        plane = torch.cartesian_prod(axis, axis)
        sigma = torch.tensor([[0.4], [0.6], [0.3]])
        distance = (plane[None] - 0.5 * torch.randn(3, 1, 2)).square().sum(2)
        cases.append({"log_joint": height - 0.5 * distance / sigma**2, "step": step})
    heights = torch.tensor([[0.0], [-400.0], [-900.0]])
    far_apart = Case("images whose densities are far apart", log_joint=cases[0]["log_joint"] + heights, step=0.1)
    return [*cases, far_apart]


exercise = Exercise(
    log_evidence,
    title="Add up the grid",
    hints=(
        "Each point of the grid stands for a square. How large is its area?",
        "`logsumexp` adds up the densities; add the logarithm of the area to that: `2 * math.log(step)`.",
    ),
    idea="an integral as a sum over a grid, in logarithms",
    minutes=4,
    difficulty=1,
    task=__doc__,
    right="This is log p(x) itself, and no bound, as far as the grid is wide and fine enough.",
    cases=grids,
    derivation=r"""Each point stands for a square of area $\text{step}^2$, so
$p(x) \approx \sum_m p(x, z_m)\, \text{step}^2$. The logarithm of the sum is a `logsumexp`, which takes the largest term
out before it exponentiates, and the area becomes $2 \log \text{step}$.""",
)


@exercise.mistake
def sums(log_joint, step):
    """The sum of the densities without the area that each of them stands for: twice as fine a grid would give four
    times as much.
    """
    return log_joint.logsumexp(1)


@exercise.mistake
def a_line(log_joint, step):
    """The area of a cell is the square of the distance between the lines: there are two latents."""
    return log_joint.logsumexp(1) + math.log(step)


@exercise.mistake
def averages(log_joint, step):
    """An average over the grid: an integral is a sum times the area of a cell."""
    return log_joint.logsumexp(1) - math.log(log_joint.shape[1])


@exercise.mistake
def highest(log_joint, step):
    """The largest value of log p(x, z) alone: the most probable code is not all codes."""
    return log_joint.max(1).values


@exercise.mistake
def underflow(log_joint, step):
    """Right for some images; for others every term of the sum is too small for a float, and log 0 is −∞. Which
    function of torch sums exponentials without computing them?
    """
    return log_joint.exp().sum(1).log() + 2 * math.log(step)


@exercise.mistake
def logarithms_added(log_joint, step):
    """You add up logarithms: that is the logarithm of a product. The densities are what an integral adds up."""
    return log_joint.sum(1) * step**2


@exercise.mistake
def highest_cell(log_joint, step):
    """One cell of the grid alone, the most probable one: all of them count."""
    return log_joint.max(1).values + 2 * math.log(step)
