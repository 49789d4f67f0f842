"""Without building it, count the parameters of an autoencoder 784 → `hidden_dim` → `latent_dim` →
`hidden_dim` → 784. Remember that `nn.Linear(a, b)` multiplies by a matrix and adds a bias. Your function gets two
whole numbers and returns one."""

from ..checker import Exercise

# ruff: noqa: B905, RUF007 (the solution is shown to readers, who write zip in its plain form)


def count_parameters(hidden_dim, latent_dim):  # two whole numbers => one
    widths = [784, hidden_dim, latent_dim, hidden_dim, 784]
    return sum(n_in * n_out + n_out for n_in, n_out in zip(widths, widths[1:]))


def widths():
    """Widths of an autoencoder's layers."""
    return [{"hidden_dim": h, "latent_dim": d} for h, d in [(512, 2), (400, 20), (10, 3)]]


exercise = Exercise(
    count_parameters,
    title="The number of parameters",
    task=__doc__,
    right="Nearly all of them sit in the first and the last layer; the code itself costs next to nothing.",
    cases=widths,
    tolerance=1e-9,
)


@exercise.mistake
def weights_alone(hidden_dim, latent_dim):
    """You counted the weights. What else does a linear layer learn?"""
    return 2 * (784 * hidden_dim + hidden_dim * latent_dim)


@exercise.mistake
def encoder_alone(hidden_dim, latent_dim):
    """This is the encoder alone; the decoder learns as well."""
    return 784 * hidden_dim + hidden_dim + hidden_dim * latent_dim + latent_dim


@exercise.mistake
def encoder_twice(hidden_dim, latent_dim):
    """This is twice the encoder. The weights are mirrored, but are the biases? Look at what each layer of the decoder
    puts out.
    """
    return 2 * encoder_alone(hidden_dim, latent_dim)


@exercise.mistake
def without_last_biases(hidden_dim, latent_dim):
    """Some biases are missing: does the last layer have them too?"""
    return count_parameters(hidden_dim, latent_dim) - 784
