"""Write the walk between two codes: `steps` codes, evenly spaced on the straight line from `start` to
`end`, both ends included. It should work for codes of any length $D$ and for two steps or more."""

import torch

from ..checker import Exercise


def straight_walk(start, end, steps):  # (D,), (D,), a whole number => (steps, D)
    share = torch.linspace(0, 1, steps).unsqueeze(1)  # (steps, 1): how much of the way is done
    return (1 - share) * start + share * end


def ends():
    """Two codes and a number of steps."""
    return [
        {"start": torch.randn(dim), "end": torch.randn(dim), "steps": steps} for dim, steps in [(2, 3), (2, 5), (3, 4)]
    ]


exercise = Exercise(
    straight_walk,
    title="The walk, by hand",
    task=__doc__,
    right="All coordinates move at once. Notebook 05 walks like this, and along an arc, in 20 dimensions.",
    cases=ends,
)


@exercise.mistake
def first_coordinate(start, end, steps):
    """Only the first coordinate moves. That is a traversal of one axis, and it doesn't arrive: compare your last code
    with the end.
    """
    codes = start.repeat(steps, 1)
    codes[:, 0] = torch.linspace(start[0].item(), end[0].item(), steps)
    return codes


@exercise.mistake
def one_after_the_other(start, end, steps):
    """One coordinate after the other: this way goes along the axes and round a corner, not straight."""
    share = torch.linspace(0, len(start), steps).unsqueeze(1) - torch.arange(len(start))
    return start + share.clamp(0, 1) * (end - start)


@exercise.mistake
def one_step_short(start, end, steps):
    """The walk stops one step short of its end: the last of the codes should be the end."""
    return straight_walk(start, end, steps + 1)[:-1]


@exercise.mistake
def backwards(start, end, steps):
    """The right codes in the wrong direction: this goes from the end to the start."""
    return straight_walk(end, start, steps)


@exercise.mistake
def reshaped(start, end, steps):
    """The right numbers in the wrong places: a reshape does not turn columns into rows."""
    return straight_walk(start, end, steps).T.reshape(steps, -1)


@exercise.mistake
def transposed(start, end, steps):
    """Rows and columns are swapped: return one row for each step."""
    return straight_walk(start, end, steps).T
