r"""How much of the image does one unit see? For a stack of convolutions, given as a list of window widths
and a list of strides, from the first layer to the last, return the width of the patch of the image, in pixels, that one
output of the last layer depends on: its **receptive field**. (Padding does not matter, dilation is 1.)"""

from ..exercise import Exercise


def receptive_field(widths, strides):  # two lists of whole numbers => one
    field, step = 1, 1  # of the layer so far, in pixels: what it sees, and how far two neighbours are apart
    for width, stride in zip(widths, strides, strict=True):
        field += (width - 1) * step
        step *= stride
    return field


def stacks():
    """Stacks of one to four layers, some with strides."""
    lists = [([3], [1]), ([3, 3], [1, 1]), ([8, 5], [4, 1]), ([3, 3, 3], [2, 2, 1]), ([5, 1, 4, 2], [1, 3, 2, 2])]
    return [{"widths": widths, "strides": strides} for widths, strides in lists]


exercise = Exercise(
    receptive_field,
    title="What one unit sees",
    hints=(
        "Two layers of width 3, stride 1: draw them. Each layer adds two pixels.",
        "After a stride of 2, neighbours of the next layer are two pixels of the image apart. Keep that "
        "distance in a variable.",
    ),
    idea="how far a unit sees",
    minutes=10,
    difficulty=2,
    tolerance=0,
    task=__doc__,
    right="Strides make the patch grow fast: that is how few small windows come to see a whole digit.",
    cases=stacks,
    derivation=r"""A window of width $w$ covers $w$ neighbours of the layer below. If these are $s$ pixels of the image
apart, the outermost two are $(w - 1)\,s$ pixels apart, and by so much the patch grows. A stride multiplies $s$ for all
layers above it, not for its own.""",
)


@exercise.mistake
def without_strides(widths, strides):
    """You leave the strides out: after a stride of 2, neighbours are two pixels of the image apart."""
    return 1 + sum(width - 1 for width in widths)


@exercise.mistake
def stride_too_early(widths, strides):
    """You let a layer's stride count for its own window. It moves the window; only the layers above see farther."""
    field, step = 1, 1
    for width, stride in zip(widths, strides, strict=True):
        step *= stride
        field += (width - 1) * step
    return field


@exercise.mistake
def last_stride_alone(widths, strides):
    """Only the stride of the layer just below counts here. All the strides below a layer multiply."""
    return widths[0] + sum((width - 1) * stride for width, stride in zip(widths[1:], strides, strict=False))


@exercise.mistake
def sum_of_widths(widths, strides):
    """Windows overlap: a second window of width 3 adds two places, not three."""
    return sum(widths)


@exercise.mistake
def product_of_widths(widths, strides):
    """That would need windows side by side, moved by their whole width."""
    product = 1
    for width in widths:
        product *= width
    return product


@exercise.mistake
def strides_alone(widths, strides):
    """That is how far two neighbouring outputs are apart. How much does one of them see?"""
    step = 1
    for stride in strides:
        step *= stride
    return step


@exercise.mistake
def own_stride_alone(widths, strides):
    """Each layer's own stride multiplies its window here. It is the strides of the layers below that do."""
    return 1 + sum((width - 1) * stride for width, stride in zip(widths, strides, strict=True))
