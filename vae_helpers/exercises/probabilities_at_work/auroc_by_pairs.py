"""Write the AUROC as it was just defined: the share of all pairs of a normal and an anomalous image in
which the anomalous one scores higher. A pair with equal scores counts one half."""

import torch

from ..exercise import Case, Exercise


def auroc_by_pairs(normal, anomalous):  # scores (N,), (M,) => one number in [0, 1]
    difference = anomalous[:, None] - normal  # M x N, every pair
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean()


def two_groups():
    """Scores of two groups of different sizes, with ties between them; the last ones without."""
    drawn = [
        {"normal": torch.randint(0, 8, (n,)).float(), "anomalous": torch.randint(3, 11, (m,)).float()}
        for n, m in [(8, 4), (30, 50), (200, 20)]
    ]
    return [
        {"normal": torch.tensor([1.0, 2.0, 2.0]), "anomalous": torch.tensor([2.0, 3.0])},
        *drawn,
        {"normal": torch.randn(40), "anomalous": 0.5 + 2 * torch.randn(60)},
        Case("anomalies with the lower scores", normal=1 + torch.randn(30), anomalous=torch.randn(50)),
        Case("scores that are all equal", normal=torch.ones(4), anomalous=torch.ones(3)),
    ]


exercise = Exercise(
    auroc_by_pairs,
    title="The AUROC, pair by pair",
    hints=(
        "All pairs at once: `anomalous[:, None] - normal` has a row for each anomaly.",
        "A win counts 1, a tie one half; then take the mean.",
    ),
    idea="what an AUROC says",
    minutes=6,
    difficulty=2,
    task=__doc__,
    right=(
        "No threshold was chosen, and it does not matter how many anomalies there are for each normal image: a "
        "strength here, and at the end of this section a weakness. scikit-learn gets the same number, faster, by "
        "sorting."
    ),
    cases=two_groups,
)


@exercise.mistake
def upside_down(normal, anomalous):
    """Upside down: this is the share of pairs in which the normal image scores higher."""
    return auroc_by_pairs(anomalous, normal)


@exercise.mistake
def never_below_one_half(normal, anomalous):
    """You turn a score that is upside down the right way round. The AUROC should say that it is."""
    return max(auroc_by_pairs(normal, anomalous), 1 - auroc_by_pairs(normal, anomalous))


@exercise.mistake
def ties_count_nothing(normal, anomalous):
    """A pair with equal scores counts nothing here: a score that is the same for all images would get 0."""
    return (anomalous[:, None] > normal).float().mean()


@exercise.mistake
def ties_count_in_full(normal, anomalous):
    """A pair with equal scores counts in full: a score that is the same for all images would be perfect."""
    return (anomalous[:, None] >= normal).float().mean()


@exercise.mistake
def accuracy(normal, anomalous):
    """An accuracy at one threshold, half-way between the two averages: an AUROC has no threshold."""
    threshold = (normal.mean() + anomalous.mean()) / 2
    return torch.cat([anomalous > threshold, normal <= threshold]).float().mean()


@exercise.mistake
def one_normal_image(normal, anomalous):
    """Each anomaly is compared with one normal image, the average one: it should be compared with all of them."""
    return (anomalous > normal.mean()).float().mean()


@exercise.mistake
def gini(normal, anomalous):
    """Twice the way from chance to perfect, so that chance is 0: that is Gini's coefficient."""
    return 2 * auroc_by_pairs(normal, anomalous) - 1
