r"""A classifier that calls each code by the nearest mean changes its mind on the way from $z$ to $z +
t\,(m_\text{target} - m_\text{source})$. Where? For each code return the $t$ at which the moved code is as near to the
target's mean as to the source's. (It is negative for a code that lies nearer to the target from the start.)"""

import torch

from ..exercise import Case, Exercise


def how_far(z, source, target):  # codes (N, latent_dim), two means (latent_dim,) => (N,)
    direction = target - source
    return ((source + target) / 2 - z) @ direction / (direction @ direction)


def codes_and_means():
    """Codes about the mean of a source class, that mean, and the mean of a target class."""
    cases = []
    for count, width in [(2, 2), (5, 8), (20, 20)]:
        source, target = torch.randn(2, width)
        cases.append({"z": source + 0.7 * torch.randn(count, width), "source": source, "target": target})
    beyond = target + 0.3 * torch.randn(4, 20)
    behind = source - 2 * (target - source) + 0.3 * torch.randn(4, 20)
    far = Case("codes far behind the source", z=behind, source=source, target=target)
    return [*cases, far, Case("codes nearer to the target from the start", z=beyond, source=source, target=target)]


exercise = Exercise(
    how_far,
    title="How far to go",
    hints=(
        'Write down what "equally near" says: two squared distances of z + t v are equal, with v = target − source.',
        "The squares of z + t v cancel. What is left is linear in t.",
    ),
    idea="geometry of class arithmetic",
    minutes=12,
    difficulty=3,
    kind="derive",
    task=__doc__,
    right=(
        "Each code has a t of its own, and only its place along the one direction counts. The images that the "
        "table counts as failures had, on average, farther to go than the others."
    ),
    cases=codes_and_means,
    derivation=r"""With $v = m_t - m_s$, the moved code is equally near to both means when
$\lVert z + tv - m_s \rVert^2 = \lVert z + tv - m_t \rVert^2$. The squares of $z + tv$ cancel, and what is left is
$2 (z + tv)^\top v = \lVert m_t \rVert^2 - \lVert m_s \rVert^2 = (m_s + m_t)^\top v$. Solve for $t$:
$t = \big(\frac{m_s + m_t}{2} - z\big)^\top v \,/\, v^\top v$.""",
)


@exercise.mistake
def flipped_sign(z, source, target):
    """The sign is flipped: a code at the source's own mean has to move towards the target."""
    return -how_far(z, source, target)


@exercise.mistake
def distance(z, source, target):
    """This is a distance in latent space; t counts in units of target − source, so how long is that unit?"""
    return how_far(z, source, target) * (target - source).norm()


@exercise.mistake
def scalar_product(z, source, target):
    """A scalar product alone grows with the square of the distance between the means: what is missing?"""
    return ((source + target) / 2 - z) @ (target - source)


@exercise.mistake
def up_to_target(z, source, target):
    """This goes on until the code is level with the target's mean; the classifier changes its mind earlier."""
    return how_far(z, source, target) + 0.5


@exercise.mistake
def from_origin(z, source, target):
    """Measured from the origin of latent space, as if the border ran through it; where does it run?"""
    direction = target - source
    return -z @ direction / (direction @ direction)


@exercise.mistake
def never_negative(z, source, target):
    """Right for codes on the source's side. A code on the target's side has to go back to meet the border: t < 0."""
    return how_far(z, source, target).clamp(min=0)


@exercise.mistake
def absolute(z, source, target):
    """Right for codes on the source's side. For the others t has a sign."""
    return how_far(z, source, target).abs()


@exercise.mistake
def both_means(z, source, target):
    """You start from the sum of the two means. The border runs through the middle between them."""
    direction = target - source
    return (source + target - z) @ direction / (direction @ direction)


@exercise.mistake
def one_half(z, source, target):
    """The same for all codes: this is right for the source's mean, but each code has its own place."""
    return torch.full((len(z),), 0.5)
