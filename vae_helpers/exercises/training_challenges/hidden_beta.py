r"""A loss adds a reconstruction term and a KL. Each of the two is either summed within an image, as it
should be, or averaged: over `pixels` pixels, or over `latents` dimensions. Up to a constant factor the loss is
$D + \beta R$, with $D$ and $R$ summed. Return that $\beta$. (`mean_over_pixels` and `mean_over_latents` are True or
False.)"""

from ..exercise import Exercise


def hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents):  # => one number
    weight_of_d = 1 / pixels if mean_over_pixels else 1
    weight_of_r = 1 / latents if mean_over_latents else 1
    return weight_of_r / weight_of_d


def reductions():
    """Sizes of image and code, and which of the two is averaged."""
    return [
        {"pixels": pixels, "latents": latents, "mean_over_pixels": over_pixels, "mean_over_latents": over_latents}
        for pixels, latents in [(784, 20), (3072, 128)]
        for over_pixels, over_latents in [(True, False), (False, True), (True, True), (False, False)]
    ]


exercise = Exercise(
    hidden_beta,
    title="Read the β off the code",
    hints=(
        "A mean is a sum divided by the number of its terms: write the loss as w_D D + w_R R.",
        "Take w_D out as a factor. What stands in front of R then?",
    ),
    idea="reductions are a hidden β",
    minutes=5,
    difficulty=2,
    kind="derive",
    task=__doc__,
    right="You can read a β off the reductions of any code. Even if both terms are averaged, it is far from 1.",
    cases=reductions,
    derivation=r"""A mean is a sum divided by the number of its terms. So the loss is $w_D D + w_R R$, with
$w_D = \frac1{\text{pixels}}$ where the pixels are averaged and 1 where they are summed, and $w_R$ likewise. Take $w_D$
out as a factor: $w_D\,(D + \frac{w_R}{w_D}\,R)$, and $\beta = w_R / w_D$.""",
)


@exercise.mistake
def upside_down(pixels, latents, mean_over_pixels, mean_over_latents):
    """Upside down: if D gets smaller and R does not, does R weigh more or less next to it?"""
    return 1 / hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents)


@exercise.mistake
def multiplied_by_latents(pixels, latents, mean_over_pixels, mean_over_latents):
    """Right for the pixels; but the mean over the latent dimensions does not make the KL weigh more."""
    return (pixels if mean_over_pixels else 1) * (latents if mean_over_latents else 1)


@exercise.mistake
def pixels_alone(pixels, latents, mean_over_pixels, mean_over_latents):
    """Right for the pixels; but the mean over the latent dimensions changes the KL's weight, too."""
    return pixels if mean_over_pixels else 1


@exercise.mistake
def latents_alone(pixels, latents, mean_over_pixels, mean_over_latents):
    """BCE averaged over pixels next to a summed KL is not β = 1: divide D by a constant, and R weighs more."""
    return 1 / latents if mean_over_latents else 1


@exercise.mistake
def cancelled(pixels, latents, mean_over_pixels, mean_over_latents):
    """If both are averaged, the two factors do not cancel: there are more pixels than dimensions."""
    if mean_over_pixels and mean_over_latents:
        return 1
    return hidden_beta(pixels, latents, mean_over_pixels, mean_over_latents)
