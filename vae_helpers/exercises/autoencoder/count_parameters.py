"""Without building it, count the parameters of a chain of fully connected layers. You get its `widths` as a
list: for this notebook's autoencoder `[784, 512, 2, 512, 784]`. (Other chains are tried, too, and not all are
palindromes.) Remember that `nn.Linear(a, b)` multiplies by a matrix and adds a bias. Return one whole number."""

from ..exercise import Exercise

# ruff: noqa: B905, RUF007 (the solution is shown to readers, who write zip in its plain form)


def count_parameters(widths):  # a list of whole numbers => one
    return sum(n_in * n_out + n_out for n_in, n_out in zip(widths, widths[1:]))


def chains():
    """Widths of the layers of several networks: an autoencoder, and chains that are not mirrored."""
    return [{"widths": widths} for widths in ([784, 512, 2, 512, 784], [784, 400, 20, 100, 784], [10, 3], [5, 1, 7, 2])]


exercise = Exercise(
    count_parameters,
    title="The number of parameters",
    hints=(
        "One layer first: `nn.Linear(a, b)` has a matrix and a bias. How many numbers are in each?",
        "`zip(widths, widths[1:])` walks over the layers, as pairs of what goes in and what comes out.",
    ),
    idea="where a network's parameters are",
    minutes=4,
    difficulty=1,
    task=__doc__,
    right="Nearly all of them sit in the first and the last layer; the code itself costs next to nothing.",
    cases=chains,
    terms={
        "the number of weights": lambda widths: sum(n_in * n_out for n_in, n_out in zip(widths, widths[1:])),
        "the number of biases": lambda widths: sum(widths[1:]),
    },
    tolerance=0,
)


@exercise.mistake
def weights_alone(widths):
    """You counted the weights. What else does a linear layer learn?"""
    return sum(n_in * n_out for n_in, n_out in zip(widths, widths[1:]))


@exercise.mistake
def biases_of_inputs(widths):
    """You counted a bias for each number that goes into a layer; it adds one to each number that comes out."""
    return sum(n_in * n_out + n_in for n_in, n_out in zip(widths, widths[1:]))


@exercise.mistake
def encoder_alone(widths):
    """This is the first half, the encoder alone; the decoder learns as well."""
    return count_parameters(widths[: len(widths) // 2 + 1])


@exercise.mistake
def encoder_twice(widths):
    """This is twice the encoder. In a mirrored network the weights are the same, but are the biases? Look at what each
    layer of the decoder puts out.
    """
    return 2 * encoder_alone(widths)


@exercise.mistake
def bias_for_each_width(widths):
    """You counted biases for the input as well: no layer puts it out."""
    return weights_alone(widths) + sum(widths)


@exercise.mistake
def one_bias_for_each_layer(widths):
    """One bias for each layer: it adds one to each number that it puts out."""
    return weights_alone(widths) + len(widths) - 1


@exercise.mistake
def without_last_biases(widths):
    """Some biases are missing: does the last layer have them too?"""
    return count_parameters(widths) - widths[-1]
