"""The exercises of notebook 04."""

import torch

from .checker import Exercise


def _layers():
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


def _costly_layers():
    """Convolutions with strides and without, with several numbers of channels."""
    names = "size", "channels_in", "channels_out", "kernel", "stride", "padding"
    layers = [(28, 1, 32, 8, 4, 2), (28, 32, 16, 3, 1, 1), (7, 32, 48, 3, 1, 1), (28, 3, 8, 5, 2, 1)]
    return [dict(zip(names, layer, strict=True)) for layer in layers]


def _raw_outputs():
    """What a linear layer may put out: numbers of both signs."""
    outputs = [torch.tensor([-2.0, 0.0, 1.0]), torch.randn(2, 3), 3 * torch.randn(50, 8)]
    return [{"raw": raw} for raw in outputs]


def _two_layers():
    """Features, two linear layers for the heads, and noise."""
    cases = []
    for count, width, latent_dim in [(1, 3, 2), (4, 8, 2), (20, 16, 8)]:
        heads = [torch.nn.Linear(width, latent_dim).requires_grad_(False) for _ in range(2)]
        features, noise = torch.randn(count, width), torch.randn(count, latent_dim)
        cases.append({"features": features, "to_mu": heads[0], "to_logvar": heads[1], "noise": noise})
    return cases


EXERCISES = [
    Exercise(
        name="conv_size",
        title="The size of a feature map",
        task=r"""A window of `kernel` pixels slides along a side of `size` pixels that has been made longer by
`padding` pixels at *each* end. It starts at the edge, moves by `stride` pixels at a time, and never hangs over the
end. At how many places does it stop? This is the side of the feature map.""",
        stub="""
def conv_size(size, kernel, stride, padding):  # whole numbers => a whole number
    ...
""",
        solution="""
def conv_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1
""",
        right="Now you can follow an image through any stack of convolutions, and check a tutorial's shapes.",
        cases=_layers,
        mistakes=(
            (
                "one short: the place where the window starts counts, too",
                """
def conv_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride
""",
            ),
            (
                "the padding was added at one end only",
                """
def conv_size(size, kernel, stride, padding):
    return (size + padding - kernel) // stride + 1
""",
            ),
            (
                "not a whole number of steps: the window stops when the next step would hang over the end",
                """
def conv_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) / stride + 1
""",
            ),
            (
                "the last step hangs over the end: round the other way",
                """
def conv_size(size, kernel, stride, padding):
    return -((kernel - size - 2 * padding) // stride) + 1
""",
            ),
            (
                "only the stride counts in this answer. It fits when padding and kernel happen to suit each other, "
                "and otherwise not",
                """
def conv_size(size, kernel, stride, padding):
    return size // stride
""",
            ),
            (
                "the window is as if it were one pixel wide: how far can its left edge go?",
                """
def conv_size(size, kernel, stride, padding):
    return (size + 2 * padding) // stride + 1
""",
            ),
        ),
    ),
    Exercise(
        name="sigma_of",
        title="A σ that is always positive",
        task=r"""Before you look at the repaired net: its head puts out `raw`, any real numbers, and we *read* them as
$\log\sigma^2$. Return $\sigma$, of the same shape.""",
        stub="""
def sigma_of(raw):  # (..., latent_dim), read as log σ² => σ, of the same shape
    ...
""",
        solution="""
def sigma_of(raw):
    return (0.5 * raw).exp()
""",
        right="Whatever the layer puts out, σ is positive and log σ² needs no logarithm: it is the output itself.",
        cases=_raw_outputs,
        mistakes=(
            (
                "this is the tutorial's bug: a raw output as σ, and some are negative",
                """
def sigma_of(raw):
    return raw
""",
            ),
            (
                "an absolute value is positive, but it keeps the wall at zero, with a valley on either side",
                """
def sigma_of(raw):
    return raw.abs()
""",
            ),
            (
                "positive, but where it is clamped no gradient comes through: a σ that has fallen there stays there",
                """
def sigma_of(raw):
    return raw.clamp(min=1e-6)
""",
            ),
            (
                "raw was doubled: of log σ and log σ², which is twice the other?",
                """
def sigma_of(raw):
    return (2 * raw).exp()
""",
            ),
            (
                "this is σ²: raw is the logarithm of the variance, not of σ",
                """
def sigma_of(raw):
    return raw.exp()
""",
            ),
            (
                "positive, but it is another reading: a softplus of raw is not what raw = log σ² says",
                """
def sigma_of(raw):
    return torch.nn.functional.softplus(raw)
""",
            ),
            (
                "raw is no variance, so its root will not do: raw is the logarithm of one",
                """
def sigma_of(raw):
    return raw.sqrt()
""",
            ),
            (
                "you halved the variance and not its logarithm: where does the ½ belong?",
                """
def sigma_of(raw):
    return 0.5 * raw.exp()
""",
            ),
        ),
    ),
    Exercise(
        name="conv_multiplications",
        title="What a convolution costs",
        task=r"""How many multiplications does one convolution of one square image take? It has `channels_in` channels
of `size` × `size` pixels; out come `channels_out` channels; the windows are `kernel` × `kernel`. (Biases are added,
not multiplied, and multiplications with padded zeros count.)""",
        stub="""
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):  # => a whole number
    ...
""",
        solution="""
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    places = ((size + 2 * padding - kernel) // stride + 1) ** 2
    weights = channels_in * channels_out * kernel**2
    return places * weights
""",
        right="Every weight is used once at each place. A stride of 4 makes it 16 times fewer places.",
        cases=_costly_layers,
        mistakes=(
            (
                "the window does not stop at every pixel of the image. Count the places of the feature map that comes "
                "out",
                """
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    return size**2 * channels_in * channels_out * kernel**2
""",
            ),
            (
                "these are the weights. Each is used at more than one place",
                """
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    return channels_in * channels_out * kernel**2
""",
            ),
            (
                "the window moves along one side only here, but the map has two",
                """
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    return ((size + 2 * padding - kernel) // stride + 1) * channels_in * channels_out * kernel**2
""",
            ),
            (
                "a window looks at all channels that come in, not at one",
                """
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    return ((size + 2 * padding - kernel) // stride + 1) ** 2 * channels_out * kernel**2
""",
            ),
            (
                "a window has two sides",
                """
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    return ((size + 2 * padding - kernel) // stride + 1) ** 2 * channels_in * channels_out * kernel
""",
            ),
            (
                "the biases are in it, but nothing is multiplied with them",
                """
def conv_multiplications(size, channels_in, channels_out, kernel, stride, padding):
    return ((size + 2 * padding - kernel) // stride + 1) ** 2 * channels_out * (channels_in * kernel**2 + 1)
""",
            ),
        ),
    ),
    Exercise(
        name="two_heads",
        title="Two heads",
        task=r"""Repair it. From the same features, `to_mu` computes the mean and `to_logvar` computes $\log\sigma^2$
(both are linear layers). `noise` is a draw from $\mathcal N(0, I)$. Return the code $z$, a draw from
$\mathcal N(\mu, \operatorname{diag}\,\sigma^2)$.""",
        stub="""
def two_heads(features, to_mu, to_logvar, noise):  # (N, width), two layers, (N, latent_dim) => (N, latent_dim)
    ...
""",
        solution="""
def two_heads(features, to_mu, to_logvar, noise):
    sigma = (0.5 * to_logvar(features)).exp()
    return to_mu(features) + sigma * noise
""",
        right="Where a code lies and how precise it is are now two questions, and the net may answer them apart.",
        cases=_two_layers,
        mistakes=(
            (
                "μ as log-variance: you asked one head twice. Then σ depends on where the code lies",
                """
def two_heads(features, to_mu, to_logvar, noise):
    mu = to_mu(features)
    return mu + (0.5 * mu).exp() * noise
""",
            ),
            (
                "the log-variance's head serves as mean, too: one head again, only the other one",
                """
def two_heads(features, to_mu, to_logvar, noise):
    logvar = to_logvar(features)
    return logvar + (0.5 * logvar).exp() * noise
""",
            ),
            (
                "the heads are exchanged",
                """
def two_heads(features, to_mu, to_logvar, noise):
    return to_logvar(features) + (0.5 * to_mu(features)).exp() * noise
""",
            ),
            (
                "the second head's output serves as σ just as it comes, but it is log σ²",
                """
def two_heads(features, to_mu, to_logvar, noise):
    return to_mu(features) + to_logvar(features) * noise
""",
            ),
            (
                "the noise is multiplied by σ² here, and should be by σ",
                """
def two_heads(features, to_mu, to_logvar, noise):
    return to_mu(features) + to_logvar(features).exp() * noise
""",
            ),
            (
                "you drew noise of your own. Use the noise that is given: that is what makes a draw repeatable",
                """
def two_heads(features, to_mu, to_logvar, noise):
    return to_mu(features) + (0.5 * to_logvar(features)).exp() * torch.randn_like(noise)
""",
            ),
            (
                "this is the mean: a draw has noise in it",
                """
def two_heads(features, to_mu, to_logvar, noise):
    return to_mu(features)
""",
            ),
        ),
    ),
]
