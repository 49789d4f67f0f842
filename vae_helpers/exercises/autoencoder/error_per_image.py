"""Write the inner sum of this formula: the squared error of each image, summed over its pixels, in torch, since
training will differentiate it. Return N numbers; the average over the images comes later."""

import torch

from ..exercise import Exercise


def error_per_image(x_hat, x):  # (N, 1, 28, 28), (N, 1, 28, 28) => (N,)
    return ((x_hat - x) ** 2).flatten(1).sum(1)


def pairs_of_images():
    """Two sets of images, pixels in [0, 1], of several numbers."""
    shapes = [(2, 1, 28, 28), (1, 1, 28, 28), (5, 1, 28, 28)]
    return [{"x_hat": torch.rand(shape), "x": torch.rand(shape)} for shape in shapes]


exercise = Exercise(
    error_per_image,
    title="The loss, one number per image",
    hints=(
        "`x_hat - x` has the shape (N, 1, 28, 28). Square it, and bring it down to N numbers.",
        "`.flatten(1)` makes one row of each image; then sum along the rows.",
    ),
    idea="sum within an image, average over images once",
    minutes=3,
    difficulty=1,
    trains=("x_hat",),
    task=__doc__,
    right="Summed within an image, and no average yet: in this form you can put a KL beside it later.",
    cases=pairs_of_images,
)


@exercise.mistake
def mean_over_pixels(x_hat, x):
    """This is an average over the pixels; the formula has a sum over i."""
    return ((x_hat - x) ** 2).flatten(1).mean(1)


@exercise.mistake
def sum_of_batch(x_hat, x):
    """The images were summed up too: one number is left, where each image should keep its own."""
    return ((x_hat - x) ** 2).sum()


@exercise.mistake
def mean_of_everything(x_hat, x):
    """One average over pixels and images together, the default of most libraries' mean squared error; each image
    should keep a number of its own.
    """
    return ((x_hat - x) ** 2).mean()


@exercise.mistake
def mean_over_images(x_hat, x):
    """The sum over pixels is already right, but you took the average over the images as well; it comes later."""
    return error_per_image(x_hat, x).mean()


@exercise.mistake
def distance(x_hat, x):
    """There is one root too many: this is the distance between the images, not its square."""
    return error_per_image(x_hat, x).sqrt()


@exercise.mistake
def halved(x_hat, x):
    """Half of it. Half a squared error is the Gaussian with variance 1, and a good loss; here the formula has no ½."""
    return 0.5 * error_per_image(x_hat, x)


@exercise.mistake
def sum_of_differences(x_hat, x):
    """Here too large and too small pixels cancel: square the differences before you add them up."""
    return (x_hat - x).flatten(1).sum(1) ** 2


@exercise.mistake
def absolute(x_hat, x):
    """These are the absolute values of the differences; the formula has their squares."""
    return (x_hat - x).abs().flatten(1).sum(1)
