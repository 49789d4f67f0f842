"""The exercises of notebook 06."""

import torch

from .checker import Exercise


def _terms_of_the_elbo():
    """The two terms of some images, in nats, about as large as they are for binarized digits."""
    return [{"reconstruction": 40 + 60 * torch.rand(count), "kl": 15 + 20 * torch.rand(count)} for count in (1, 4, 100)]


def _grey_images():
    """Images with black, white and grey pixels, as MNIST has them, and logits of the same shape."""
    cases = []
    for count in (1, 2, 5):
        x = (3 * torch.rand(count, 1, 28, 28) - 1).clamp(0, 1)
        cases.append({"x": x, "logits": 4 * x - 2 + torch.randn(x.shape)})
    return cases


def _two_groups():
    """Scores of two groups of different sizes, with ties between them; the last ones without."""
    drawn = [
        {"normal": torch.randint(0, 8, (n,)).float(), "anomalous": torch.randint(3, 11, (m,)).float()}
        for n, m in [(8, 4), (30, 50), (200, 20)]
    ]
    return [
        {"normal": torch.tensor([1.0, 2.0, 2.0]), "anomalous": torch.tensor([2.0, 3.0])},
        *drawn,
        {"normal": torch.randn(40), "anomalous": 0.5 + 2 * torch.randn(60)},
    ]


def _masked_images():
    """Images, the decoder's answers to them, and a mask of pixels: the upper half, and random ones."""
    masks = [(torch.arange(784) < 392).view(1, 28, 28), *(torch.rand(2, 1, 28, 28) < 0.3)]
    return [
        {
            "x": torch.rand(count, 1, 28, 28).round(),
            "probabilities": torch.sigmoid(torch.randn(count, 1, 28, 28)),
            "seen": seen,
        }
        for count, seen in zip((1, 2, 5), masks, strict=True)
    ]


def _neighbour_distances():
    """Distances to the first and the second neighbour, for data of several dimensions."""
    cases = []
    for count, dimension in [(4, 2.0), (50, 12.0), (500, 5.0)]:
        r1 = 1 + torch.rand(count)
        cases.append({"r1": r1, "r2": r1 * (1 - torch.rand(count)) ** (-1 / dimension)})
    return cases


EXERCISES = [
    Exercise(
        name="bits_per_pixel",
        title="Bits per pixel",
        task=r"""Papers often give a code length in bits *per pixel* (or per dimension), so that images of different
sizes can be compared. Write it for bits-back: you get the two terms of the negative ELBO of each binarized image of
$28 \times 28$ pixels, in nats per image. Return one number, the average over the images.""",
        stub="""
def bits_per_pixel(reconstruction, kl):  # (N,), (N,) nats per image => one number
    ...
""",
        solution="""
def bits_per_pixel(reconstruction, kl):
    nats = (reconstruction + kl).mean()  # per image
    return nats / math.log(2) / 784
""",
        right=(
            "The raw black-and-white image costs 1 bit per pixel, so you can read the rate of compression off at once. "
            "The cell below counts in bits per image."
        ),
        cases=_terms_of_the_elbo,
        mistakes=(
            (
                "times log 2: a nat is more than a bit, so there must be more bits than nats",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction + kl).mean() * math.log(2) / 784
""",
            ),
            (
                "still in nats: a bit is the information in one choice between two",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction + kl).mean() / 784
""",
            ),
            (
                "decimal digits: that is what a logarithm to the base 10 counts",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction + kl).mean() / math.log(10) / 784
""",
            ),
            (
                "per image, and not yet per pixel",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction + kl).mean() / math.log(2)
""",
            ),
            (
                "one number for each image; their average is wanted",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction + kl) / math.log(2) / 784
""",
            ),
            (
                "one term is counted per pixel and the other per image: both are spread over the same pixels",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction.mean() / 784 + kl.mean()) / math.log(2)
""",
            ),
            (
                "the code z has to be sent as well: what does it cost?",
                """
def bits_per_pixel(reconstruction, kl):
    return reconstruction.mean() / math.log(2) / 784
""",
            ),
            (
                "the KL is taken off the reconstruction: sending z is a cost, and not a gain",
                """
def bits_per_pixel(reconstruction, kl):
    return (reconstruction - kl).mean() / math.log(2) / 784
""",
            ),
        ),
    ),
    Exercise(
        name="anomaly_score",
        title="A score that forgives grey pixels",
        task=r"""Write the second score: the reconstruction term (the Bernoulli negative log-likelihood, summed over
pixels) minus the entropy of the image's own pixels, each taken as a Bernoulli probability. In nats, one number for
each image. You get images with pixels in $[0, 1]$, **some of them exactly 0 or 1**, and the decoder's `logits`; the
probability of white is `torch.sigmoid(logits)`.""",
        stub="""
def anomaly_score(x, logits):  # (N, 1, 28, 28) each => (N,)
    ...
""",
        solution="""
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)  # xlogy knows that 0 log 0 is 0
    return (loss - entropy).flatten(1).sum(1)
""",
        right=(
            "It is a KL, from the pixels to the decoder's answer: never negative, and 0 only where the decoder is "
            "right in every pixel, sharp or blurred."
        ),
        cases=_grey_images,
        mistakes=(
            (
                "an average over the pixels: log-likelihoods of pixels add up to that of the image",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)
    return (loss - entropy).flatten(1).mean(1)
""",
            ),
            (
                "one number for the whole batch: each image is to have its own score",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)
    return (loss - entropy).sum()
""",
            ),
            (
                "the sign is turned: an anomaly is to have the higher score",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)
    return (entropy - loss).flatten(1).sum(1)
""",
            ),
            (
                "the reconstruction term alone: a blurred image pays for its grey pixels, whatever the decoder says",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return loss.flatten(1).sum(1)
""",
            ),
            (
                "the entropy is added, so that grey pixels count twice: watch its minus",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)
    return (loss + entropy).flatten(1).sum(1)
""",
            ),
            (
                "this is the entropy of the decoder's probabilities; the floor is that of the image's own pixels",
                """
def anomaly_score(x, logits):
    p = torch.sigmoid(logits)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -torch.xlogy(p, p) - torch.xlogy(1 - p, 1 - p)
    return (loss - entropy).flatten(1).sum(1)
""",
            ),
            (
                "half of the entropy: a black pixel is an outcome as well, with the probability 1 − x",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (loss + torch.xlogy(x, x)).flatten(1).sum(1)
""",
            ),
            (
                "0 · log 0 is 0 · (−∞) for a computer: what is the entropy of a pixel that is surely black?",
                """
def anomaly_score(x, logits):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    entropy = -x * x.log() - (1 - x) * (1 - x).log()
    return (loss - entropy).flatten(1).sum(1)
""",
            ),
        ),
    ),
    Exercise(
        name="auroc_by_pairs",
        title="The AUROC, pair by pair",
        task=r"""Write the AUROC as it was just defined: the share of all pairs of a normal and an anomalous image in
which the anomalous one scores higher. A pair with equal scores counts one half.""",
        stub="""
def auroc_by_pairs(normal, anomalous):  # scores (N,), (M,) => one number in [0, 1]
    ...
""",
        solution="""
def auroc_by_pairs(normal, anomalous):
    difference = anomalous[:, None] - normal  # M x N, every pair
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean()
""",
        right=(
            "No threshold was chosen, and it does not matter how many anomalies there are for each normal image: a "
            "strength here, and at the end of this section a weakness. scikit-learn gets the same number, faster, by "
            "sorting."
        ),
        cases=_two_groups,
        mistakes=(
            (
                "upside down: this is the share of pairs in which the normal image scores higher",
                """
def auroc_by_pairs(normal, anomalous):
    difference = normal[:, None] - anomalous
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean()
""",
            ),
            (
                "a pair with equal scores counts nothing here: a score that is the same for all images would get 0",
                """
def auroc_by_pairs(normal, anomalous):
    return (anomalous[:, None] > normal).float().mean()
""",
            ),
            (
                "a pair with equal scores counts in full: a score that is the same for all images would be perfect",
                """
def auroc_by_pairs(normal, anomalous):
    return (anomalous[:, None] >= normal).float().mean()
""",
            ),
            (
                "an accuracy at one threshold, half-way between the two averages: an AUROC has no threshold",
                """
def auroc_by_pairs(normal, anomalous):
    threshold = (normal.mean() + anomalous.mean()) / 2
    return ((anomalous > threshold).sum() + (normal <= threshold).sum()) / (len(normal) + len(anomalous))
""",
            ),
            (
                "each anomaly is held against one normal image, the average one: all of them are wanted",
                """
def auroc_by_pairs(normal, anomalous):
    return (anomalous > normal.mean()).float().mean()
""",
            ),
            (
                "twice the way from chance to perfect, so that chance is 0: that is Gini's coefficient",
                """
def auroc_by_pairs(normal, anomalous):
    return (anomalous[:, None] - normal).sign().mean()
""",
            ),
        ),
    ),
    Exercise(
        name="seen_nll",
        title="The likelihood of what is seen",
        task=r"""Write $-\log p(x_\text{seen} \mid z)$ for Bernoulli pixels, in nats, one number for each image. You
get black-and-white images, the decoder's probabilities of white at $z$, and one mask for all images, `True` where a
pixel is seen. What stands in `x` where nothing is seen must not matter.""",
        stub="""
def seen_nll(x, probabilities, seen):  # (N, 1, 28, 28) twice, (1, 28, 28) True or False => (N,)
    ...
""",
        solution="""
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -of_pixels.log()[:, seen].sum(1)
""",
        right=(
            "That is all that missing pixels change in the objective: they drop out of the sum. Add −log p(z), go "
            "downhill in z, and you have latent MAP."
        ),
        cases=_masked_images,
        mistakes=(
            (
                "the missing pixels are counted as black: but nobody has seen that they are",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x * seen == 1, probabilities, 1 - probabilities)
    return -of_pixels.log().flatten(1).sum(1)
""",
            ),
            (
                "all pixels are counted, as if nothing were missing",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -of_pixels.log().flatten(1).sum(1)
""",
            ),
            (
                "the mask is inverted: these are the missing pixels",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -of_pixels.log()[:, ~seen].sum(1)
""",
            ),
            (
                "an average over all 784 pixels: beside a KL or log p(z) per image it would hardly count",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -(of_pixels.log() * seen).flatten(1).mean(1)
""",
            ),
            (
                "an average over the seen pixels: a product of probabilities is a sum of logarithms",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -of_pixels.log()[:, seen].mean(1)
""",
            ),
            (
                "scaled up as if the missing pixels were like the seen ones: that claims more evidence than there is",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return -784 * of_pixels.log()[:, seen].mean(1)
""",
            ),
            (
                "the sign is turned: a negative log-likelihood of black-and-white pixels is never below 0",
                """
def seen_nll(x, probabilities, seen):
    of_pixels = torch.where(x == 1, probabilities, 1 - probabilities)
    return of_pixels.log()[:, seen].sum(1)
""",
            ),
            (
                "the probabilities are taken for logits: these have been through the sigmoid already",
                """
def seen_nll(x, probabilities, seen):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(probabilities, x, reduction="none")
    return loss[:, seen].sum(1)
""",
            ),
            (
                "only the white pixels are counted: that a pixel is black has a probability, too",
                """
def seen_nll(x, probabilities, seen):
    return -(x * probabilities.log())[:, seen].sum(1)
""",
            ),
        ),
    ),
    Exercise(
        name="dimension_by_neighbours",
        title="A dimension from two neighbours",
        task=r"""For TwoNN, the ratio $t = r_2 / r_1 > 1$ of a point has the density $d\,t^{-d-1}$ (the derivative of
$1 - t^{-d}$). Take the points' ratios as independent and return the $d$ under which they are most probable, one
number. The way: write down $\log$ of the density, add up over the points, and set the derivative by $d$ to zero.""",
        stub="""
def dimension_by_neighbours(r1, r2):  # distances (N,), (N,) => one number
    ...
""",
        solution="""
def dimension_by_neighbours(r1, r2):
    return 1 / (r2 / r1).log().mean()
""",
        right=(
            "In many dimensions the second neighbour is hardly farther than the first: that is all that this estimator "
            "looks at. `vh.two_nn` fits a line to the smaller nine tenths of the ratios instead, since the largest "
            "ones are the least to be trusted."
        ),
        cases=_neighbour_distances,
        mistakes=(
            (
                "upside down: the larger the dimension, the closer together the two neighbours are",
                """
def dimension_by_neighbours(r1, r2):
    return (r2 / r1).log().mean()
""",
            ),
            (
                "there is no logarithm of the ratio in it; what is log t^(−d−1)?",
                """
def dimension_by_neighbours(r1, r2):
    return 1 / (r2 / r1).mean()
""",
            ),
            (
                "the ratio's excess over 1: nearly its logarithm as long as it is small, and not beyond",
                """
def dimension_by_neighbours(r1, r2):
    return 1 / (r2 / r1 - 1).mean()
""",
            ),
            (
                "the logarithm of an average is not the average of logarithms",
                """
def dimension_by_neighbours(r1, r2):
    return 1 / (r2 / r1).mean().log()
""",
            ),
            (
                "an average of one estimate for each point: a point with two neighbours almost equally far ruins it",
                """
def dimension_by_neighbours(r1, r2):
    return (1 / (r2 / r1).log()).mean()
""",
            ),
            (
                "a dimension below 0: which of the two distances is the larger one?",
                """
def dimension_by_neighbours(r1, r2):
    return 1 / (r1 / r2).log().mean()
""",
            ),
            (
                (
                    "n − 1 for n: that makes the estimate unbiased, and is a good thing to know; the most probable d "
                    "is asked for"
                ),
                """
def dimension_by_neighbours(r1, r2):
    return (len(r1) - 1) / (r2 / r1).log().sum()
""",
            ),
        ),
    ),
]
