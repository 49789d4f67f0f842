r"""Two trained models have the distortions $D_1 < D_2$ and the rates $R_1 > R_2$: the first pays more
for its code and less for its pixels. Which of the two is better depends on what a nat of code costs. At which $\beta$
is $D + \beta R$ the same for both?"""

from ..exercise import Exercise


def break_even(d1, r1, d2, r2):  # four numbers, in nats => one number
    return (d2 - d1) / (r1 - r2)


def pairs_of_models():
    """Distortion and rate of two models each."""
    numbers = [(100.0, 20.0, 110.0, 15.0), (95.0, 22.0, 111.0, 13.0), (170.0, 2.0, 200.0, 0.5)]
    return [dict(zip(("d1", "r1", "d2", "r2"), four, strict=True)) for four in numbers]


exercise = Exercise(
    break_even,
    title="Where two models tie",
    hints=(
        "Write down that the two losses are equal.",
        "Collect what has a β on one side.",
    ),
    idea="β as a price",
    minutes=3,
    difficulty=1,
    kind="derive",
    task=__doc__,
    right="Below this β the first model is the better bargain, above it the second.",
    cases=pairs_of_models,
    derivation=r"""Set the two losses equal, $D_1 + \beta R_1 = D_2 + \beta R_2$, and collect what has a $\beta$:
$\beta\,(R_1 - R_2) = D_2 - D_1$. So the tie is at the nats of distortion that are saved for each nat of rate.""",
)


@exercise.mistake
def upside_down(d1, r1, d2, r2):
    """Upside down: these are the nats of rate for each nat of distortion."""
    return (r1 - r2) / (d2 - d1)


@exercise.mistake
def negative(d1, r1, d2, r2):
    """A negative price: this is the slope of the line through the two models. What do you get when you set the two
    losses equal?
    """
    return (d2 - d1) / (r2 - r1)


@exercise.mistake
def total_against_rate(d1, r1, d2, r2):
    """This compares the two negative ELBOs, D + R: then a nat of rate has been counted once already."""
    return (d2 + r2 - d1 - r1) / (r1 - r2)


@exercise.mistake
def ratio_of_one_model(d1, r1, d2, r2):
    """This is D / R of a single model. The price is about the difference between two."""
    return d1 / r1


@exercise.mistake
def difference_of_totals(d1, r1, d2, r2):
    """A difference of two totals is in nats. A price is nats of distortion for each nat of rate."""
    return (d2 + r2) - (d1 + r1)
