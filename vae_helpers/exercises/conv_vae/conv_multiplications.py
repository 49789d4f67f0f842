"""How many multiplications does one convolution of one square image take? It has `channels_in` channels
of `size` × `size` pixels; out come `channels_out` channels; the windows are `kernel` × `kernel`. (Biases are added,
not multiplied, and multiplications with padded zeros count.)"""

from ..exercise import Exercise


def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):  # => a whole number
    places = ((size + 2 * padding - kernel) // stride + 1) ** 2
    weights = channels_in * channels_out * kernel**2
    return places * weights


def costly_layers():
    """Convolutions with strides and without, with several numbers of channels."""
    names = "size", "channels_in", "channels_out", "kernel", "stride", "padding"
    layers = [(28, 1, 32, 8, 4, 2), (28, 32, 16, 3, 1, 1), (7, 32, 48, 3, 1, 1), (28, 3, 8, 5, 2, 1)]
    layers.append((9, 2, 3, 2, 1, 0))
    return [dict(zip(names, layer, strict=True)) for layer in layers]


exercise = Exercise(
    conv_multiplications,
    title="What a convolution costs",
    hints=(
        "At one place, for one output channel: how many numbers are under the window?",
        "And at how many places does the window stop? That is the exercise before, squared.",
    ),
    idea="what a convolution costs, and what a stride saves",
    minutes=6,
    difficulty=2,
    tolerance=0,
    task=__doc__,
    right="Every weight is used once at each place. A stride of 4 makes it 16 times fewer places.",
    cases=costly_layers,
)


@exercise.mistake
def every_pixel(size, channels_in, channels_out, kernel, stride, padding):
    """The window does not stop at every pixel of the image. Count the places of the feature map that comes out."""
    return size**2 * channels_in * channels_out * kernel**2


@exercise.mistake
def weights_alone(size, channels_in, channels_out, kernel, stride, padding):
    """These are the weights. Each is used at more than one place."""
    return channels_in * channels_out * kernel**2


@exercise.mistake
def one_side_of_map(size, channels_in, channels_out, kernel, stride, padding):
    """The window moves along one side only here, but the map has two."""
    return ((size + 2 * padding - kernel) // stride + 1) * channels_in * channels_out * kernel**2


@exercise.mistake
def one_channel(size, channels_in, channels_out, kernel, stride, padding):
    """A window looks at all channels that come in, not at one."""
    return conv_multiplications(size, 1, channels_out, kernel, stride, padding)


@exercise.mistake
def one_side_of_window(size, channels_in, channels_out, kernel, stride, padding):
    """A window has two sides."""
    return conv_multiplications(size, channels_in, channels_out, kernel, stride, padding) // kernel


@exercise.mistake
def with_biases(size, channels_in, channels_out, kernel, stride, padding):
    """The biases are counted, but nothing is multiplied by them."""
    return ((size + 2 * padding - kernel) // stride + 1) ** 2 * channels_out * (channels_in * kernel**2 + 1)


@exercise.mistake
def channels_added(size, channels_in, channels_out, kernel, stride, padding):
    """Each channel that comes out has a window over each one that goes in: how many pairs are there?"""
    return ((size + 2 * padding - kernel) // stride + 1) ** 2 * (channels_in + channels_out) * kernel**2
