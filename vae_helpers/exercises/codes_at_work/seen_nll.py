r"""Write $-\log p(x_\text{seen} \mid z)$ for Bernoulli pixels, in nats, one number for each image. You
get black-and-white images, the decoder's probabilities of white at $z$, and one mask for all images, `True` where a
pixel is seen. What stands in `x` where nothing is seen must not matter. Write it in torch: it is to be minimised."""

import torch

from ..exercise import Case, Exercise


def seen_nll(x, probabilities, seen):  # (N, 1, 28, 28) twice, (1, 28, 28) True or False => (N,)
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -of_pixels.log()[:, seen].sum(1)


def masked_images():
    """Images, the decoder's answers to them, and a mask of pixels: the upper half, and random ones."""
    masks = [(torch.arange(784) < 392).view(1, 28, 28), *(torch.rand(2, 1, 28, 28) < 0.3)]
    cases = [
        {
            "x": torch.rand(count, 1, 28, 28).round(),
            "probabilities": torch.sigmoid(torch.randn(count, 1, 28, 28)),
            "seen": seen,
        }
        for count, seen in zip((1, 2, 5), masks, strict=True)
    ]
    unknown = cases[1] | {"x": torch.where(cases[1]["seen"], cases[1]["x"], 0.5)}
    return [*cases, Case("images that are grey where nothing is seen", **unknown)]


exercise = Exercise(
    seen_nll,
    title="The likelihood of what is seen",
    hints=(
        "One pixel first: what is its probability if it is white, and what if it is black?",
        "`torch.where(x == 1, probabilities, 1 - probabilities)`; then take logarithms, and pick the seen "
        "ones with `[:, seen]`.",
    ),
    idea="missing pixels drop out of the likelihood",
    minutes=6,
    difficulty=2,
    trains=("probabilities",),
    task=__doc__,
    right=(
        "That is all that missing pixels change in the objective: they drop out of the sum. Add −log p(z), go "
        "downhill in z, and you have latent MAP."
    ),
    cases=masked_images,
)


@exercise.mistake
def missing_as_black(x, probabilities, seen):
    """The missing pixels are counted as black: but nobody has seen that they are."""
    return everything(x * seen, probabilities, seen)


@exercise.mistake
def everything(x, probabilities, seen):
    """All pixels are counted, as if nothing were missing."""
    return seen_nll(x, probabilities, torch.ones_like(seen))


@exercise.mistake
def missing_nll(x, probabilities, seen):
    """The mask is inverted: these are the missing pixels."""
    return seen_nll(x, probabilities, ~seen)


@exercise.mistake
def mean_over_pixels(x, probabilities, seen):
    """An average over all 784 pixels: next to a KL or log p(z) per image it would hardly count."""
    return seen_nll(x, probabilities, seen) / 784


@exercise.mistake
def mean_over_seen(x, probabilities, seen):
    """An average over the seen pixels: a product of probabilities is a sum of logarithms."""
    return seen_nll(x, probabilities, seen) / seen.sum()


@exercise.mistake
def scaled_up(x, probabilities, seen):
    """Scaled up as if the missing pixels were like the seen ones: that claims more evidence than there is."""
    return 784 * mean_over_seen(x, probabilities, seen)


@exercise.mistake
def flipped_sign(x, probabilities, seen):
    """The sign is flipped: a negative log-likelihood of black-and-white pixels is never below 0."""
    return -seen_nll(x, probabilities, seen)


@exercise.mistake
def probabilities_as_logits(x, probabilities, seen):
    """The probabilities are taken for logits: these have already been through the sigmoid."""
    return seen_nll(x, torch.sigmoid(probabilities), seen)


@exercise.mistake
def white_alone(x, probabilities, seen):
    """Only the white pixels are counted: that a pixel is black has a probability, too."""
    return -(x * probabilities.log())[:, seen].sum(1)
