"""How fast training is, beside the loop of the tutorials: a part of `make bench`."""

import importlib.util
import statistics
from collections.abc import Iterator

import torch
from contenders import BATCH, fit, has_fast_bfloat16, tutorial_loop
from torch.utils.data import TensorDataset
from turns import Contender, in_turn, ratio

import vae_helpers as vh

ROUNDS = 11
EPOCH = 60_000  # images
TUTORIAL = "tutorial loop: DataLoader, ToTensor, sigmoid + BCE, Adam"
WAYS = {  # by contender
    "tutorial": TUTORIAL,
    "tensors": "the same over a TensorDataset",
    "lightning": "Lightning's Trainer over a TensorDataset",
    "fit in float32": "`fit` in float32",
    "fit": "`fit`",
    "fit, batches of 256": "`fit(batch_size=256, lr=1e-2)`",
}
OTHERS = {
    "fit, with labels": "the conditional VAE",
    "fit, 16 samples": "importance weighted, 16 samples",
    "fit, convolutions": "the conv VAE",
    "fit, discrete codes": "the VQ-VAE",
}
PARTS = {  # of a step of training, by the profiler's names; what is left is the loss and autograd's bookkeeping
    "matrix products": ("aten::mm", "aten::addmm"),
    "convolutions": ("aten::mkldnn_convolution", "aten::convolution_backward", "aten::mkldnn_convolution_backward"),
    "copies, also between float32 and bfloat16": ("aten::copy_",),
    "Adam": ("aten::_fused_adam_", "Optimizer.step#Adam.step", "Optimizer.zero_grad#Adam.zero_grad"),
    "picking the batch": ("aten::index",),
}


def measure(threads: int) -> dict[str, list[dict[str, float]]]:
    """Slices of all ways to train, by contender; Lightning only where it is installed."""
    names = [name for name in (*WAYS, *OTHERS) if name != "lightning" or importlib.util.find_spec("lightning")]
    return in_turn({name: Contender(name, threads) for name in names}, ROUNDS)


def speed_table(threads: int, taken: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """The lines of a table in Markdown: seconds of an epoch, and speeds with their intervals."""

    def column(name, what="wall"):
        return [one[what] for one in taken[name]]

    plural = "s" * (threads > 1)
    yield f"| {threads} thread{plural} | s an epoch | processor, s | × the tutorial loop's speed | of limit |"
    yield "|---|---|---|---|---|"
    for name, words in {**WAYS, **OTHERS}.items():
        if name not in taken:
            continue
        wall, processor = (EPOCH * statistics.median(column(name, clock)) for clock in ("wall", "processor"))
        middle, low, high = ratio(column("tutorial"), column(name))
        kind = "bfloat16" if "bfloat16" in taken[name][0] and name != "fit in float32" else "float32"
        limit = f"{ratio(column(name, kind), column(name))[0]:.0%} in {kind}" if name in WAYS else ""
        yield f"| {words} | {wall:.2f} | {processor:.2f} | {middle:.2f} ({low:.2f} to {high:.2f}) | {limit} |"
    for kind in [kind for kind in ("float32", "bfloat16") if kind in taken["tutorial"][0]]:
        limits = sorted(EPOCH * one[kind] for slices in taken.values() for one in slices)
        low, middle, high = (limits[round(share * (len(limits) - 1))] for share in (0.1, 0.5, 0.9))
        spread = f"from {low:.2f} to {high:.2f} in eight of ten slices"
        yield f"| the matrix products alone, {kind} | {middle:.2f} | | {spread} | |"


def to_the_score(mnist, taken: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """Lines that say how much sooner `fit` scores what the tutorial loop does after five epochs.

    Epochs are counted with three seeds, on the mean score; times are those of the slices.
    """
    images = mnist.train.images

    def score(train):
        """The mean over three seeds of the test score, and the scores."""
        scores = []
        for seed in range(3):
            torch.manual_seed(seed)
            model = vh.VAE()
            train(model, seed)
            scores.append(vh.evaluate(model, mnist.test.images).negative_elbo)
        return statistics.mean(scores), f"{min(scores):.2f} to {max(scores):.2f}"

    def fitted(model, seed, epochs, **settings):
        vh.start_at_mean(model.output_bias, images)
        fit(model, images, epochs=epochs, seed=seed, **settings)

    aim, spread = score(lambda model, seed: tutorial_loop(model, TensorDataset(images), epochs=5))
    yield f"- The tutorial loop, 5 epochs: {aim:.2f} nats ({spread})."
    for name, settings in {"fit": {}, "fit, batches of 256": {"batch_size": 2 * BATCH, "lr": 1e-2}}.items():
        for epochs in range(1, 6):
            found, spread = score(lambda model, seed: fitted(model, seed, epochs, **settings))  # noqa: B023
            if found <= aim:
                break
        sooner = [5 / epochs * part for part in ratio(*[[one["wall"] for one in taken[n]] for n in ("tutorial", name)])]
        yield (
            f"- {WAYS[name]}, {epochs} epoch{'s' * (epochs > 1)}: {found:.2f} nats ({spread}), "
            f"{sooner[0]:.1f} × sooner ({sooner[1]:.1f} to {sooner[2]:.1f})."
        )
    found, spread = score(lambda model, seed: fitted(model, seed, 5))
    yield f"- `fit`, 5 epochs: {found:.2f} nats ({spread})."


def where_the_time_goes(images) -> Iterator[str]:
    """Lines of a table: the share of each part of a step, by torch's profiler, for the MLP and the conv net."""
    shares = {}
    for name, model in {"784-400-20": vh.VAE(), "the conv VAE": vh.ConvVAE()}.items():
        fit(model, images[: 50 * BATCH])
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            fit(model, images[: 50 * BATCH])
        spent = {event.key: event.self_cpu_time_total for event in profile.key_averages()}
        part = {what: sum(spent.get(key, 0) for key in keys) / sum(spent.values()) for what, keys in PARTS.items()}
        shares[name] = part | {"the loss, autograd, the rest": 1 - sum(part.values())}
    yield f"| share of a step | {' | '.join(shares)} |"
    yield "|---|---|---|"
    for what in next(iter(shares.values())):
        yield f"| {what} | {' | '.join(f'{share[what]:.0%}' for share in shares.values())} |"


def training_lines(mnist) -> Iterator[str]:
    """All of it, as Markdown."""
    kind = "with" if has_fast_bfloat16(mnist.train.images.device) else "without"
    yield (
        f"784-400-20 in batches of {BATCH}, slices in turn, {ROUNDS} of each: medians, and of the ratio of two slices "
        "of one round the median with its 95 % interval. The limit is the matrix products of a step, taken in the same "
        f"slice. This processor is {kind} bfloat16 instructions.\n"
    )
    for threads in (1, 2):
        taken = measure(threads)
        yield from (*speed_table(threads, taken), "")
    yield "To the score of the tutorial loop, test −ELBO, three seeds (lowest to highest):\n"
    yield from (*to_the_score(mnist, taken), "")
    yield from (*where_the_time_goes(mnist.train.images), "")
