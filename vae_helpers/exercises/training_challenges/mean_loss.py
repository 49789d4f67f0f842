"""The training loop, with the network taken out: it gets, for each batch of an epoch, its loss (the average over the
batch's images) and its number of images, and returns what such a loop prints. Change it so that it returns the
average loss of all images of the epoch, in nats per image. The last batch may be smaller than the others."""

import torch

from ..exercise import Exercise

# ruff: noqa: B905 (readers write zip in its plain form)


def mean_loss(losses, sizes):  # (batches,) nats per image, (batches,) => one number
    return (losses * sizes).sum() / sizes.sum()


def unsolved(losses, sizes):  # (batches,) nats per image, (batches,) => one number
    for loss, size in zip(losses, sizes):
        total = loss * size
    return total / size


def epochs_of_batches():
    """Average losses of the batches of an epoch, the last batch smaller than the others."""
    epochs = [{"losses": torch.tensor([120.0, 110.0, 70.0]), "sizes": torch.tensor([128, 128, 32])}]
    for batches, last in [(5, 16), (32, 32)]:
        sizes = torch.tensor([128] * (batches - 1) + [last])
        epochs.append({"losses": 100 + 20 * torch.randn(batches), "sizes": sizes})
    return epochs


exercise = Exercise(
    mean_loss,
    title="Mend the average",
    hints=(
        "What is the total loss of all images of one batch?",
        "Add these totals up, and divide by the number of all images.",
    ),
    idea="an average of averages",
    kind="mend",
    unsolved=unsolved,
    minutes=3,
    difficulty=1,
    task=__doc__,
    right="Every image counts once. That is what `history.loss` of `vh.fit` holds.",
    cases=epochs_of_batches,
)


@exercise.mistake
def last_batch(losses, sizes):
    """This is the last batch's loss: a few images that happened to come last speak for all."""
    return losses[-1]


@exercise.mistake
def divided_by_the_last_size(losses, sizes):
    """The totals are added up, and still divided by the number of images in the last batch alone."""
    return (losses * sizes).sum() / sizes[-1]


@exercise.mistake
def total_of_the_last_batch(losses, sizes):
    """Each batch's total takes the place of the one before it, so only the last one's is left: add them up."""
    return losses[-1] * sizes[-1] / sizes.sum()


@exercise.mistake
def total(losses, sizes):
    """The total over all images: divide it by their number."""
    return (losses * sizes).sum()


@exercise.mistake
def mean_over_batches(losses, sizes):
    """Every batch counts the same here, so an image of a small batch counts more than one of a large batch."""
    return losses.mean()


@exercise.mistake
def divided_twice(losses, sizes):
    """The batches' losses are already averages. Dividing their sum by the number of images divides twice, and the loss
    looks wonderfully small.
    """
    return losses.sum() / sizes.sum()


@exercise.mistake
def every_batch_full(losses, sizes):
    """This divides as if every batch were full."""
    return (losses * sizes).sum() / (len(sizes) * sizes[0])


@exercise.mistake
def per_batch(losses, sizes):
    """A total over all images, divided by the number of batches: that is nats per batch."""
    return (losses * sizes).sum() / len(sizes)


@exercise.mistake
def without_last_batch(losses, sizes):
    """The small last batch was left out, but its images belong to the epoch."""
    return mean_loss(losses[:-1], sizes[:-1])
