"""The exercises of notebook 03."""

import torch

from .checker import Exercise


def _kl_tables():
    """KLs of each image and dimension, some dimensions nearly empty, with a floor among them."""
    by_hand = {"kl": torch.tensor([[0.1, 1.0], [0.3, 0.0], [0.2, 2.0]]), "floor": 0.5}
    busy = torch.linspace(0.01, 2, 20)  # what a dimension carries on average
    return [by_hand] + [{"kl": 2 * torch.rand(n, 20) * busy, "floor": floor} for n, floor in [(8, 0.25), (100, 0.1)]]


def _encoded_sets():
    """Posteriors with dimensions of several kinds, whose means vary clearly more or clearly less than the threshold."""
    # for each kind: where the means lie, how far they spread, the log-variance
    kinds = [[0, 1, -2], [0, 0.5, -1], [0, 0.0001, 0], [0.5, 0.0001, -3], [0, 0.05, 0], [0, 0.0001, -3]]
    sets = [{"mu": torch.tensor([[1, 0.5], [-1, 0.5], [0.5, 0.5], [-0.5, 0.5]]), "logvar": torch.full((4, 2), -1.0)}]
    for count, picked in [(50, [0, 1, 1, 2]), (200, [0, 2, 2, 2, 3, 4, 5]), (500, [2, 2, 5, 4, 4])]:
        centre, spread, logvar = torch.tensor([kinds[k] for k in picked]).T
        pattern = torch.stack([torch.linspace(-1.7, 1.7, count)[torch.randperm(count)] for _ in picked], 1)
        sets.append({"mu": centre + spread * pattern, "logvar": logvar + 0.1 * torch.randn(count, len(picked))})
    return sets


def _reductions():
    """Sizes of image and code, and which of the two is averaged."""
    return [
        {"pixels": pixels, "latents": latents, "mean_over_pixels": over_pixels, "mean_over_latents": over_latents}
        for pixels, latents in [(784, 20), (3072, 128)]
        for over_pixels, over_latents in [(True, False), (False, True), (True, True), (False, False)]
    ]


def _grey_images():
    """Images, what was decoded, and a variance for each pixel."""
    return [
        {"x_hat": torch.rand(count, pixels), "x": torch.rand(count, pixels), "variance": 0.02 + torch.rand(pixels)}
        for count, pixels in [(1, 2), (3, 2), (10, 784)]
    ]


def _epochs_of_batches():
    """Average losses of the batches of an epoch, the last batch smaller than the others."""
    epochs = [{"losses": torch.tensor([120.0, 110.0, 70.0]), "sizes": torch.tensor([128, 128, 32])}]
    for batches, last in [(5, 16), (32, 32)]:
        sizes = torch.tensor([128] * (batches - 1) + [last])
        epochs.append({"losses": 100 + 20 * torch.randn(batches), "sizes": sizes})
    return epochs


EXERCISES = [
    Exercise(
        name="charged_kl",
        title="Free bits",
        task=r"""You get the KL of each image and each latent dimension of a batch, in nats, and the floor $\lambda$.
Write what the loss takes instead of the KL: one number, $\sum_j \max(\lambda, \mathrm{KL}_j)$, in nats per image.""",
        stub="""
def charged_kl(kl, floor):  # (N, latent_dim) nats, a number => one number
    ...
""",
        solution="""
def charged_kl(kl, floor):
    return kl.mean(0).clamp(min=floor).sum()
""",
        right="Below the floor a dimension's price is constant: its gradient is zero, and the KL stops pulling.",
        cases=_kl_tables,
        mistakes=(
            (
                "this is a ceiling and no floor: now the busy dimensions carry for nothing and the empty ones are "
                "pulled",
                """
def charged_kl(kl, floor):
    return kl.mean(0).clamp(max=floor).sum()
""",
            ),
            (
                "one floor for the total: a single busy dimension uses it up, and the others may die. Each dimension "
                "has its own",
                """
def charged_kl(kl, floor):
    return kl.mean(0).sum().clamp(min=floor)
""",
            ),
            (
                "the floor was put under each image's KL. What is KL_j averaged over, and is that before or after the "
                "max?",
                """
def charged_kl(kl, floor):
    return kl.clamp(min=floor).mean(0).sum()
""",
            ),
            (
                "an average over the dimensions: their prices add",
                """
def charged_kl(kl, floor):
    return kl.mean(0).clamp(min=floor).mean()
""",
            ),
            (
                "only what lies above the floor is charged here. The gradient is the right one, the number is not "
                "that of the formula",
                """
def charged_kl(kl, floor):
    return (kl.mean(0) - floor).clamp(min=0).sum()
""",
            ),
            (
                "summed over the images of the batch, so that it grows with the batch: it should be nats per image",
                """
def charged_kl(kl, floor):
    return kl.sum(0).clamp(min=floor).sum()
""",
            ),
        ),
    ),
    Exercise(
        name="count_active",
        title="Active units",
        task=r"""You get what an encoder returns for many images. Count the active units: the dimensions $j$ with
$\mathrm{Var}_x(\mu_j(x)) > 0.01$. (No case comes close to the threshold: divide by $N$ or $N - 1$, as you like.)""",
        stub="""
def count_active(mu, logvar):  # (N, latent_dim), (N, latent_dim) => one number
    ...
""",
        solution="""
def count_active(mu, logvar):
    return (mu.var(0) > 0.01).sum()
""",
        right="You did not need logvar: what makes a unit active is that its mean tells images apart.",
        cases=_encoded_sets,
        mistakes=(
            (
                "you count too many: is it the variance that you compare with 0.01, or its root?",
                """
def count_active(mu, logvar):
    return (mu.std(0) > 0.01).sum()
""",
            ),
            (
                "this is the variance among the dimensions of one image. It should be that of one dimension, among "
                "images",
                """
def count_active(mu, logvar):
    return (mu.var(1) > 0.01).sum()
""",
            ),
            (
                "a mean that is far from zero, but the same for every image, tells nothing about the image: did you "
                "subtract the average?",
                """
def count_active(mu, logvar):
    return ((mu**2).mean(0) > 0.01).sum()
""",
            ),
            (
                "this is σ², how unsure the encoder is about one image; at the prior it is 1. Look at what varies "
                "from image to image",
                """
def count_active(mu, logvar):
    return (logvar.exp().mean(0) > 0.01).sum()
""",
            ),
            (
                "this counts the dimensions that cost something, by their KL or by a σ that is not 1. One with the "
                "same posterior for all images costs nats and tells nothing",
                """
def count_active(mu, logvar):
    return (0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean(0) > 0.01).sum()
""",
            ),
        ),
    ),
    Exercise(
        name="hidden_beta",
        title="Read the β off the code",
        task=r"""A loss adds a reconstruction term and a KL. Each of the two is either summed within an image, as it
should be, or averaged: over `pixels` pixels, or over `latents` dimensions. Up to a constant factor the loss is
$D + \beta R$, with $D$ and $R$ summed. Return that $\beta$. (`mean_over_pixels` and `mean_over_latents` are True or
False.)""",
        stub="""
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):  # => one number
    ...
""",
        solution="""
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    weight_of_d = 1 / pixels if mean_over_pixels else 1
    weight_of_r = 1 / latents if mean_over_latents else 1
    return weight_of_r / weight_of_d
""",
        right="You can read a β off the reductions of any code. Even if both terms are averaged, it is far from 1.",
        cases=_reductions,
        mistakes=(
            (
                "upside down: if D gets smaller and R does not, does R weigh more or less beside it?",
                """
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    return (1 / pixels if mean_over_pixels else 1) * (latents if mean_over_latents else 1)
""",
            ),
            (
                "right for the pixels; but the mean over the latent dimensions does not make the KL weigh more",
                """
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    return (pixels if mean_over_pixels else 1) * (latents if mean_over_latents else 1)
""",
            ),
            (
                "right for the pixels; but the mean over the latent dimensions changes the KL's weight, too",
                """
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    return pixels if mean_over_pixels else 1
""",
            ),
            (
                "BCE averaged over pixels beside a summed KL is not β = 1: divide D by a constant, and R weighs more",
                """
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    return 1 / latents if mean_over_latents else 1
""",
            ),
            (
                "if both are averaged, the two factors do not cancel: there are more pixels than dimensions",
                """
def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):
    if mean_over_pixels and mean_over_latents:
        return 1
    return pixels if mean_over_pixels else 1 / latents if mean_over_latents else 1
""",
            ),
        ),
    ),
    Exercise(
        name="gaussian_distortion",
        title="A variance for each pixel",
        task=r"""Write $D = -\log p(x \mid z)$ for independent Gaussian pixels with means `x_hat`, where each pixel has
a variance $\sigma_i^2$ of its own (at the border of MNIST it would be tiny). One number for each image, in nats, with
all its constants.""",
        stub="""
def gaussian_distortion(x_hat, x, variance):  # (N, pixels), (N, pixels), (pixels,) => (N,)
    ...
""",
        solution="""
def gaussian_distortion(x_hat, x, variance):
    return 0.5 * ((x - x_hat) ** 2 / variance + torch.log(2 * math.pi * variance)).sum(1)
""",
        right="With all variances equal it is the formula above. With its constants it is a true −log density, and may "
        "stand beside other people's Gaussian scores.",
        cases=_grey_images,
        mistakes=(
            (
                "too small by ½ log 2π a pixel. It changes no gradient, but without it the number is no −log p, and "
                "784 pixels of it are hundreds of nats",
                """
def gaussian_distortion(x_hat, x, variance):
    return 0.5 * ((x - x_hat) ** 2 / variance + torch.log(variance)).sum(1)
""",
            ),
            (
                "you squared the variance, or took it for σ: it is σ² already",
                """
def gaussian_distortion(x_hat, x, variance):
    return 0.5 * ((x - x_hat) ** 2 / variance**2 + torch.log(2 * math.pi * variance**2)).sum(1)
""",
            ),
            (
                "averaged over pixels: the logarithms of independent pixels add",
                """
def gaussian_distortion(x_hat, x, variance):
    return 0.5 * ((x - x_hat) ** 2 / variance + torch.log(2 * math.pi * variance)).mean(1)
""",
            ),
            (
                "only the squared error. Without the normaliser an infinite variance would be the best of all",
                """
def gaussian_distortion(x_hat, x, variance):
    return 0.5 * ((x - x_hat) ** 2 / variance).sum(1)
""",
            ),
            (
                "the normaliser is twice too large: a density is divided by σ√2π, not by 2πσ²",
                """
def gaussian_distortion(x_hat, x, variance):
    return (0.5 * (x - x_hat) ** 2 / variance + torch.log(2 * math.pi * variance)).sum(1)
""",
            ),
            (
                "the squared error is twice too large: look at the exponent of a Gaussian again",
                """
def gaussian_distortion(x_hat, x, variance):
    return ((x - x_hat) ** 2 / variance + 0.5 * torch.log(2 * math.pi * variance)).sum(1)
""",
            ),
            (
                "the sign is turned: this is log p, which is to be large. A distortion is to be small",
                """
def gaussian_distortion(x_hat, x, variance):
    return -0.5 * ((x - x_hat) ** 2 / variance + torch.log(2 * math.pi * variance)).sum(1)
""",
            ),
        ),
    ),
    Exercise(
        name="epoch_loss",
        title="The loss of an epoch",
        task=r"""You get, for each batch of an epoch, its loss (the average over the batch's images) and its number of
images. The last batch may be smaller than the others. Return the average loss of all images of that epoch, in nats per
image.""",
        stub="""
def epoch_loss(losses, sizes):  # (batches,) nats per image, (batches,) => one number
    ...
""",
        solution="""
def epoch_loss(losses, sizes):
    return (losses * sizes).sum() / sizes.sum()
""",
        right="Every image counts once. That is what `history.loss` of `vh.fit` holds.",
        cases=_epochs_of_batches,
        mistakes=(
            (
                "this is the last batch's loss: a few images that happened to come last speak for all",
                """
def epoch_loss(losses, sizes):
    return losses[-1]
""",
            ),
            (
                "every batch counts the same here, so an image of a small batch counts more than one of a large batch",
                """
def epoch_loss(losses, sizes):
    return losses.mean()
""",
            ),
            (
                "the batches' losses are averages already. Dividing their sum by the number of images divides twice, "
                "and the loss looks wonderfully small",
                """
def epoch_loss(losses, sizes):
    return losses.sum() / sizes.sum()
""",
            ),
            (
                "this divides as if every batch were full",
                """
def epoch_loss(losses, sizes):
    return (losses * sizes).sum() / (len(sizes) * sizes[0])
""",
            ),
            (
                "a total over all images, divided by the number of batches: that is nats per batch",
                """
def epoch_loss(losses, sizes):
    return (losses * sizes).sum() / len(sizes)
""",
            ),
            (
                "the small last batch was left out, but its images belong to the epoch",
                """
def epoch_loss(losses, sizes):
    return (losses * sizes)[:-1].sum() / sizes[:-1].sum()
""",
            ),
        ),
    ),
]
