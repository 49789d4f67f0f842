"""A transposed convolution goes the other way: each of `size_in` places spreads a window of `kernel` pixels, the next
window begins `stride` pixels further, and in the end `padding` pixels are cut off at *each* end. Which `kernel` makes
`size_out` pixels of `size_in` places? Return it, a whole number."""

from ..exercise import Exercise


def transposed_kernel(size_in, size_out, stride, padding):  # whole numbers => a whole number
    return size_out + 2 * padding - (size_in - 1) * stride


def layers():
    """Layers of decoders, that of this notebook among them."""
    names = "size_in", "size_out", "stride", "padding"
    numbers = [(7, 28, 4, 2), (7, 7, 1, 1), (4, 7, 2, 1), (14, 28, 2, 1), (1, 5, 3, 0), (3, 11, 4, 1)]
    numbers += [(7, 14, 2, 2), (5, 31, 4, 3)]
    return [dict(zip(names, four, strict=True)) for four in numbers]


exercise = Exercise(
    transposed_kernel,
    title="The kernel that leads back",
    hints=(
        "The first window begins at 0. Where does the last of `size_in` windows begin?",
        "It begins at (size_in − 1) · stride and ends `kernel` later: so long is the output before it is cut.",
        "At each end `padding` pixels are cut off. Solve for the kernel.",
    ),
    idea="transposed convolutions: shapes on the way back",
    kind="derive",
    minutes=8,
    difficulty=2,
    task=__doc__,
    right="Now you can build a decoder for any size of image.",
    cases=layers,
    tolerance=0,
    derivation=r"""The last window begins at $(\text{size}_\text{in} - 1) \cdot \text{stride}$ and ends a kernel later.
Of this length $2 \cdot \text{padding}$ pixels are cut off:
$\text{size}_\text{out} = (\text{size}_\text{in} - 1) \cdot \text{stride} + \text{kernel} - 2 \cdot \text{padding}$.
Solve for the kernel.""",
)


@exercise.mistake
def one_window_too_many(size_in, size_out, stride, padding):
    """There are `size_in` windows, so the last one begins after size_in − 1 steps."""
    return size_out + 2 * padding - size_in * stride


@exercise.mistake
def padding_added(size_in, size_out, stride, padding):
    """Here padding *cuts* pixels off, so the windows have to reach farther for it."""
    return size_out - 2 * padding - (size_in - 1) * stride


@exercise.mistake
def cut_at_one_end(size_in, size_out, stride, padding):
    """Pixels are cut off at both ends."""
    return size_out + padding - (size_in - 1) * stride


@exercise.mistake
def of_a_convolution(size_in, size_out, stride, padding):
    """This is the kernel of a convolution from `size_in` to `size_out`; here it goes the other way."""
    return size_in + 2 * padding - (size_out - 1) * stride


@exercise.mistake
def without_padding(size_in, size_out, stride, padding):
    """The padding is missing: how many pixels are cut off in all?"""
    return size_out - (size_in - 1) * stride


@exercise.mistake
def ratio_of_sizes(size_in, size_out, stride, padding):
    """That is how much larger the output is; windows may overlap, so a kernel is often larger than that."""
    return size_out // size_in
