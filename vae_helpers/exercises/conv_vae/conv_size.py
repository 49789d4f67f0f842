"""A window of `kernel` pixels slides along a side of `size` pixels that has been made longer by
`padding` pixels at *each* end. It starts at the edge, moves by `stride` pixels at a time, and never hangs over the
end. At how many places does it stop? This is the side of the feature map."""

from ..exercise import Exercise


def conv_size(size, kernel, stride, padding):  # whole numbers => a whole number
    return (size + 2 * padding - kernel) // stride + 1


def layers():
    """Convolutions of several kernels, strides and paddings; some windows do not fill the image evenly."""
    names = "size", "kernel", "stride", "padding"
    layers = [
        (28, 5, 2, 1),
        (28, 8, 4, 2),
        (28, 3, 1, 1),
        (28, 3, 1, 0),
        (30, 5, 2, 1),
        (32, 4, 3, 3),
        (9, 3, 2, 0),
        (14, 4, 2, 1),
    ]
    return [dict(zip(names, layer, strict=True)) for layer in layers]


exercise = Exercise(
    conv_size,
    title="The size of a feature map",
    hints=(
        "How long is the side with its padding at both ends?",
        "The left edge of the window starts at 0 and goes as far as (length − kernel). How many steps of "
        "`stride` fit in there?",
        "Count the start as well. `//` divides and rounds down.",
    ),
    idea="following shapes through convolutions",
    minutes=6,
    difficulty=2,
    tolerance=0,
    task=__doc__,
    right="Now you can follow an image through any stack of convolutions, and check a tutorial's shapes.",
    cases=layers,
)


@exercise.mistake
def one_short(size, kernel, stride, padding):
    """One short: the place where the window starts counts, too."""
    return conv_size(size, kernel, stride, padding) - 1


@exercise.mistake
def padding_at_one_end(size, kernel, stride, padding):
    """The padding was added at one end only."""
    return (size + padding - kernel) // stride + 1


@exercise.mistake
def not_rounded(size, kernel, stride, padding):
    """Not a whole number of steps: the window stops when the next step would hang over the end."""
    return (size + 2 * padding - kernel) / stride + 1


@exercise.mistake
def rounded_to_the_nearest(size, kernel, stride, padding):
    """Rounded to the nearest: half a step more is no place either, so round down."""
    return round((size + 2 * padding - kernel) / stride + 1)


@exercise.mistake
def rounded_up(size, kernel, stride, padding):
    """The last step hangs over the end: round the other way."""
    return -((kernel - size - 2 * padding) // stride) + 1


@exercise.mistake
def stride_alone(size, kernel, stride, padding):
    """Only the stride counts in this answer. It is right when padding and kernel happen to match, and
    otherwise not.
    """
    return size // stride


@exercise.mistake
def window_without_width(size, kernel, stride, padding):
    """This treats the window as if it were one pixel wide: how far can its left edge go?"""
    return (size + 2 * padding) // stride + 1
