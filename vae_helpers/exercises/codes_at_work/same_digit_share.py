r"""How well does a map keep digits apart? For each point, find the nearest *other* one, by Euclidean distance, and
return the share of the points for which the two show the same digit: one number from 0 to 1. `points` may have any
number of dimensions, and no two of them coincide."""

import torch

from ..exercise import Exercise


def same_digit_share(points, labels):  # (N, dimensions), (N,) => one number
    distances = torch.cdist(points, points)
    distances.fill_diagonal_(torch.inf)
    return (labels[distances.argmin(1)] == labels).float().mean()


def labelled_maps():
    """Points in two, three and twenty dimensions: loose clouds of three digits, off the origin and of unequal scale."""
    cases = []
    for count, dimensions in [(12, 2), (60, 3), (40, 20)]:
        labels = torch.arange(count) % 3
        centres = 2 * torch.randn(3, dimensions) + 5
        scale = torch.linspace(0.5, 2, dimensions)
        cases.append({"points": (centres[labels] + 1.5 * torch.randn(count, dimensions)) * scale, "labels": labels})
    return cases


exercise = Exercise(
    same_digit_share,
    title="Neighbours of the same digit",
    hints=(
        "`torch.cdist(points, points)` holds all distances. What stands on its diagonal?",
        "Make the diagonal infinite, take `argmin` along a row, and compare the labels.",
    ),
    idea="a nearest-neighbour classifier as a measure of a map",
    minutes=6,
    difficulty=2,
    task=__doc__,
    right=(
        "This is the accuracy of a nearest-neighbour classifier, each point left out in turn: the third column of the "
        "table below."
    ),
    cases=labelled_maps,
)


@exercise.mistake
def self_as_neighbour(points, labels):
    """Always 1: the nearest of *all* points is the point itself."""
    return (labels[torch.cdist(points, points).argmin(1)] == labels).float().mean()


@exercise.mistake
def second_neighbour(points, labels):
    """This asks the second neighbour: the nearest *other* point is the first after the point itself."""
    return (labels[torch.cdist(points, points).topk(3, largest=False).indices[:, 2]] == labels).float().mean()


@exercise.mistake
def farthest(points, labels):
    """That is the farthest point."""
    return (labels[torch.cdist(points, points).argmax(1)] == labels).float().mean()


@exercise.mistake
def inner_product(points, labels):
    """An inner product is no distance: it prefers points that are far from the origin."""
    products = points @ points.T
    products.fill_diagonal_(-torch.inf)
    return (labels[products.argmax(1)] == labels).float().mean()


@exercise.mistake
def along_one_axis(points, labels):
    """Only the first coordinate counts here; a distance takes all of them."""
    return same_digit_share(points[:, :1], labels)


@exercise.mistake
def by_direction(points, labels):
    """Here the nearest is the one in the most similar direction, seen from the origin; how far out it lies counts."""
    return same_digit_share(points / points.norm(dim=1, keepdim=True), labels)


@exercise.mistake
def different_digit(points, labels):
    """This is the share of the points whose neighbour shows *another* digit."""
    return 1 - same_digit_share(points, labels)


@exercise.mistake
def count(points, labels):
    """A count, not a share: with twice as many points it would be twice as large."""
    return len(points) * same_digit_share(points, labels)


@exercise.mistake
def all_pairs(points, labels):
    """Every pair counts here, however far apart; only each point's nearest should."""
    same = labels[:, None] == labels
    return (same.float().sum() - len(points)) / (len(points) * (len(points) - 1))


@exercise.mistake
def next_in_line(points, labels):
    """The point's number is compared with its neighbour's number; compare their digits."""
    distances = torch.cdist(points, points)
    distances.fill_diagonal_(torch.inf)
    return (distances.argmin(1) == labels).float().mean()
