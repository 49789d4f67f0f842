r"""A conditional VAE says how probable an image is under each label; Bayes' rule turns that into a classifier. You get
importance weights, $\log\frac{p(x \mid z_k, y)\, p(z_k)}{q(z_k \mid x, y)}$ for $K$ samples $z_k$, each image and each
label, and the share of each label among the training images, $p(y)$. The average of the weights themselves (not of
their logarithms) estimates $p(x \mid y)$. Return $p(y \mid x)$, a row for each image that sums to 1."""

import math

import torch

from ..exercise import Exercise


def label_posterior(log_weights, shares):  # (K, N, labels), (labels,) => (N, labels)
    log_likelihood = torch.logsumexp(log_weights, 0) - math.log(len(log_weights))
    return (log_likelihood + shares.log()).softmax(1)


def weighed_images():
    """Weights of a few nats around −100 and around −300, and labels of unequal share."""
    cases = []
    for samples, count, labels, height in [(1, 2, 2, -100), (5, 3, 4, -100), (20, 6, 10, -100), (4, 3, 3, -300)]:
        log_weights = height + 3 * torch.randn(samples, count, labels)
        cases.append({"log_weights": log_weights, "shares": (2 * torch.randn(labels)).softmax(0)})
    return cases


exercise = Exercise(
    label_posterior,
    title="Bayes' rule",
    hints=(
        "Average the weights over the samples, in logarithms: `torch.logsumexp(log_weights, 0)` and minus log K.",
        "Add log p(y), and normalise over the labels: a softmax along the right axis.",
    ),
    idea="Bayes' rule with a generative model",
    minutes=6,
    difficulty=2,
    task=__doc__,
    right="A generative model classifies without ever having been trained to: it asks which label explains the image.",
    cases=weighed_images,
)


@exercise.mistake
def average_of_logarithms(log_weights, shares):
    """That averages the logarithms, as K ELBOs would: the average of the weights themselves is the tighter bound."""
    return (log_weights.mean(0) + shares.log()).softmax(1)


@exercise.mistake
def no_prior(log_weights, shares):
    """How common each label is does not come in: that is p(x|y), normalised, and no p(y|x)."""
    return torch.logsumexp(log_weights, 0).softmax(1)


@exercise.mistake
def share_not_logarithm(log_weights, shares):
    """Logarithms of probabilities are added to probabilities: take log p(y)."""
    return (torch.logsumexp(log_weights, 0) + shares).softmax(1)


@exercise.mistake
def underflow(log_weights, shares):
    """Right on paper; but e⁻³⁰⁰ is 0 for a computer, and 0 divided by 0 is no number. Stay in logarithms: add, and take
    the softmax.
    """
    joint = log_weights.exp().mean(0) * shares
    return joint / joint.sum(1, keepdim=True)


@exercise.mistake
def over_images(log_weights, shares):
    """The columns sum to 1 here, over images; for one image, the labels should."""
    return (torch.logsumexp(log_weights, 0) + shares.log()).softmax(0)


@exercise.mistake
def logarithm(log_weights, shares):
    """These are logarithms of probabilities: a row should sum to 1."""
    return (torch.logsumexp(log_weights, 0) + shares.log()).log_softmax(1)


@exercise.mistake
def not_normalised(log_weights, shares):
    """p(x, y), and not yet divided by its sum over the labels, p(x)."""
    return (torch.logsumexp(log_weights, 0) - math.log(len(log_weights)) + shares.log()).exp()


@exercise.mistake
def logarithm_of_the_joint(log_weights, shares):
    """That is a logarithm, of p(x, y) or a multiple of it; return p(y|x), whose rows sum to 1."""
    return torch.logsumexp(log_weights, 0) + shares.log()
