"""Write the first of the three numbers. A film of $N$ images has $N - 1$ steps; the size of a step is the
Euclidean distance between two images that follow one another, all pixels taken as one vector. Return the largest step
divided by the average step, one number for the film. Pixels lie in $[0, 1]$."""

import torch

from ..exercise import Exercise


def largest_step(film):  # (N, 1, 28, 28) => one number
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)  # N - 1 of them
    return steps.max() / steps.mean()


def films():
    """Images that change from one to the next, now much, now little."""
    return [
        {"film": torch.sigmoid(1 + (torch.rand(count, 1, 1, 1) * torch.randn(count, 1, 28, 28)).cumsum(0))}
        for count in (3, 6, 11)
    ]


exercise = Exercise(
    largest_step,
    title="The largest step",
    hints=(
        "`film[1:] - film[:-1]` holds all the steps at once.",
        "The size of a step is the norm of all its pixels: flatten first.",
    ),
    idea="measuring how even a walk is",
    minutes=4,
    difficulty=1,
    task=__doc__,
    right=(
        "It has no unit, so films of different models can be compared, whatever the distance between their ends. 1 "
        "is perfectly even; with ten steps, 10 would be one jump and nine rests."
    ),
    cases=films,
)


def _largest_to_mean(differences):
    """The largest of some differences between images, each as one vector, divided by the average one."""
    steps = differences.flatten(1).norm(dim=1)
    return steps.max() / steps.mean()


@exercise.mistake
def squared(film):
    """Squared distances: they make a large step look larger than it is."""
    steps = (film[1:] - film[:-1]).flatten(1).square().sum(1)
    return steps.max() / steps.mean()


@exercise.mistake
def absolute(film):
    """Absolute differences, added up or averaged: that is a distance, too, but not the Euclidean one."""
    steps = (film[1:] - film[:-1]).flatten(1).abs().sum(1)
    return steps.max() / steps.mean()


@exercise.mistake
def from_first_image(film):
    """The distances from the first image: a step goes from each image to the next."""
    return _largest_to_mean(film[1:] - film[0])


@exercise.mistake
def back_to_first_image(film):
    """One step too many: the film does not go back from its last image to its first."""
    return _largest_to_mean(film.roll(-1, 0) - film)


@exercise.mistake
def divided_by_images(film):
    """The average divides by the number of images, but how many steps are there?"""
    return largest_step(film) * len(film) / (len(film) - 1)


@exercise.mistake
def largest_alone(film):
    """The largest step alone, in pixels: it is not yet compared with the average step."""
    return (film[1:] - film[:-1]).flatten(1).norm(dim=1).max()


@exercise.mistake
def against_the_median(film):
    """Divided by the median step: the task asks for the average one, which a large step raises as well."""
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)
    return steps.max() / steps.median()


@exercise.mistake
def against_the_whole_way(film):
    """Divided by the sum of the steps, the length of the whole walk: divide by the average step."""
    return largest_step(film) / (len(film) - 1)


@exercise.mistake
def against_the_smallest(film):
    """Divided by the smallest step: one pair of images that are alike would make it as large as you like."""
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)
    return steps.max() / steps.min()


@exercise.mistake
def each_step(film):
    """One number for each step: the task asks for the largest of them."""
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)
    return steps / steps.mean()


@exercise.mistake
def upside_down(film):
    """Upside down: this is the average step divided by the largest."""
    return 1 / largest_step(film)


@exercise.mistake
def step_of_each_pixel(film):
    """Each pixel has its own steps here: a step of the film takes all its pixels as one vector."""
    steps = (film[1:] - film[:-1]).abs()
    return steps.max() / steps.mean()
