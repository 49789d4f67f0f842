r"""You get the KL of each image and each latent of a batch, in nats, and the floor $\kappa$. Write what the
loss takes instead of the KL: one number, $\sum_j \max(\kappa, \mathrm{KL}_j)$, in nats per image. It is part of a loss:
write it in torch."""

import torch

from ..exercise import Case, Exercise


def charged_kl(kl, floor):  # (N, latent_dim) nats, a number => one number
    return kl.mean(0).clamp(min=floor).sum()


def kl_tables():
    """KLs of each image and dimension, some dimensions nearly empty, with a floor among them or above them all."""
    idle = Case("latents that are all nearly empty", kl=torch.tensor([[0.01, 0.02, 0.0], [0.0, 0.01, 0.03]]), floor=0.1)
    by_hand = {"kl": torch.tensor([[0.1, 1.0], [0.3, 0.0], [0.2, 2.0]]), "floor": 0.5}
    empty = {"kl": torch.tensor([[0.1, 0.0], [0.2, 0.3]]), "floor": 0.4}
    busy = torch.linspace(0.01, 2, 20)  # what a dimension carries on average
    larger = [{"kl": 2 * torch.rand(n, 20) * busy, "floor": floor} for n, floor in [(8, 0.25), (100, 0.1)]]
    return [by_hand, empty, idle, *larger]


exercise = Exercise(
    charged_kl,
    title="Free bits",
    hints=(
        "Average over the images first: one KL for each latent.",
        "`.clamp(min=floor)` is the maximum with the floor. Then add up.",
    ),
    idea="free bits, and a gradient that stops",
    minutes=6,
    difficulty=2,
    trains=("kl",),
    task=__doc__,
    right="Below the floor a dimension's price is constant: its gradient is zero, and the KL stops pulling.",
    cases=kl_tables,
)


@exercise.mistake
def ceiling(kl, floor):
    """This is a ceiling and not a floor: now the busy dimensions cost nothing extra and the empty ones are pulled."""
    return kl.mean(0).clamp(max=floor).sum()


@exercise.mistake
def floor_of_total(kl, floor):
    """One floor for the total: a single busy dimension uses it up, and the others may die. Each dimension
    has its own.
    """
    return kl.mean(0).sum().clamp(min=floor)


@exercise.mistake
def floor_of_each_image(kl, floor):
    """You applied the floor to each image's KL. What is KL_j averaged over, and is that before or after the max?"""
    return kl.clamp(min=floor).mean(0).sum()


@exercise.mistake
def mean_over_dimensions(kl, floor):
    """An average over the dimensions: their prices add."""
    return kl.mean(0).clamp(min=floor).mean()


@exercise.mistake
def excess(kl, floor):
    """Only what lies above the floor is charged here. The gradient is right, but the number is not the formula's."""
    return (kl.mean(0) - floor).clamp(min=0).sum()


@exercise.mistake
def sum_of_batch(kl, floor):
    """Summed over the images of the batch, so it grows with the batch: it should be nats per image."""
    return kl.sum(0).clamp(min=floor).sum()


@exercise.mistake
def no_floor(kl, floor):
    """This is the plain KL: where does the floor come in?"""
    return kl.mean(0).sum()
