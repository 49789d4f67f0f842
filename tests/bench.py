"""`make bench`: how long training, decoding, importing and moving a slider take; writes benchmark.md.

All ways of training use the same model (784-400-20), batch (128) and images, an epoch each in turn, round after
round, so that a slow minute of the machine falls on all of them.
"""

import datetime
import importlib.metadata
import importlib.util
import math
import platform
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from unittest import mock

import PIL.Image
import torch
from latency import latency_rows
from torch.nn.functional import binary_cross_entropy
from torch.utils.data import DataLoader, Dataset, TensorDataset

import vae_helpers as vh
from vae_helpers._torchvision import import_torchvision
from vae_helpers.training import _cpu_has_bf16, loss_terms

REPORT = Path(__file__).resolve().parents[1] / "notebooks" / "benchmark.md"
PARTS = {  # of a step of training, by the profiler's names; what is left is the loss and autograd's bookkeeping
    "matrix products": ("aten::mm", "aten::addmm"),
    "copies between float32 and bfloat16": ("aten::copy_",),
    "Adam": ("aten::_fused_adam_", "Optimizer.step#Adam.step", "Optimizer.zero_grad#Adam.zero_grad"),
    "picking the batch": ("aten::index",),
}
ROUNDS = 5
BATCH = 128


class Pictures(Dataset):
    """Images one by one through Pillow and ToTensor, as torchvision's MNIST gives them."""

    def __init__(self, images):
        self.pixels = (images[:, 0] * 255).round().byte().numpy()
        self.to_tensor = import_torchvision().transforms.ToTensor()

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, k):
        return (self.to_tensor(PIL.Image.fromarray(self.pixels[k])),)


def new_model():
    torch.manual_seed(0)
    return vh.VAE()


def tutorial_loss(model, x):
    """Sigmoid, then cross-entropy, both terms summed over the batch, as the tutorials write it."""
    logits, mu, logvar = model(x)
    cross_entropy = binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
    return cross_entropy - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


def tutorial_loop(model, dataset, epochs=1):
    """The loop of the tutorials: a DataLoader, plain Adam, a running loss."""
    loader = DataLoader(dataset, BATCH, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        total = 0.0
        for (x,) in loader:
            optimizer.zero_grad()
            loss = tutorial_loss(model, x)
            loss.backward()
            total += loss.item()
            optimizer.step()


def fit(model, images, epochs=1, bf16=True):
    if bf16:
        return vh.fit(model, images, epochs=epochs, batch_size=BATCH, progress=False)
    with mock.patch("vae_helpers.training._cpu_has_bf16", return_value=False):
        return vh.fit(model, images, epochs=epochs, batch_size=BATCH, progress=False)


def lightning_loop(model, images):
    """Lightning's Trainer over tensors, with the loss that `fit` minimises."""
    import lightning

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.vae = model

        def training_step(self, batch, _):
            reconstruction, kl = loss_terms(model, model(batch[0]), batch[0])
            return (reconstruction + kl.sum(1)).mean()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", **quiet)
    trainer.fit(Module(), DataLoader(TensorDataset(images), BATCH, shuffle=True))


def seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turn(actions, rounds=ROUNDS):
    """Median seconds of each action, A B C A B C ..., after a round that does not count."""
    taken = {name: [] for name in actions}
    for k in range(rounds + 1):
        for name, action in actions.items():
            taken[name].append(seconds(action))
            print(f"round {k} of {rounds}: {name} {taken[name][-1]:.2f} s", file=sys.stderr)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def matrix_products(dtype):
    """Every matrix product of one training step of 784-400-20, forward and backward."""
    sizes = [(784, 400), (400, 20), (400, 20), (20, 400), (400, 784)]
    pairs = []
    for k, (n_in, n_out) in enumerate(sizes):
        x, weight, gradient = torch.rand(BATCH, n_in), torch.rand(n_out, n_in), torch.rand(BATCH, n_out)
        pairs += [(x, weight.T), (gradient.T, x)]
        pairs += [(gradient, weight)] if k else []  # no gradient for the pixels
    pairs = [(a.to(dtype), b.to(dtype)) for a, b in pairs]
    return lambda: [torch.mm(a, b) for a, b in pairs]


def in_a_new_python(code):
    """What `code` prints, as a number, in a fresh Python: the median of three."""
    run = [sys.executable, "-c", code]
    return statistics.median(float(subprocess.check_output(run, text=True).split()[-1]) for _ in range(3))


def training_rows(mnist):
    images, steps = mnist.train.images, -(-len(mnist.train.images) // BATCH)
    pictures = Pictures(images)
    actions = {
        "tutorial loop (DataLoader, ToTensor, sigmoid + BCE, Adam)": lambda: tutorial_loop(new_model(), pictures),
        "the same over a TensorDataset": lambda: tutorial_loop(new_model(), TensorDataset(images)),
        "`fit` in float32": lambda: fit(new_model(), images, bf16=False),
        "`fit` as shipped": lambda: fit(new_model(), images),
    }
    if importlib.util.find_spec("lightning"):
        actions["Lightning's Trainer over a TensorDataset"] = lambda: lightning_loop(new_model(), images)
    medians = in_turn(actions)
    tutorial, shipped = next(iter(medians.values())), medians["`fit` as shipped"]
    for name, median in medians.items():
        yield f"{name}, an epoch", f"{median:.2f} s", f"{tutorial / median:.2f} × the tutorial loop's speed"
    for dtype in (torch.bfloat16, torch.float32):
        products = matrix_products(dtype)
        limit = statistics.median(seconds(products) for _ in range(300)) * steps
        yield (
            f"its matrix products alone, {str(dtype)[6:]}",
            f"{limit:.2f} s",
            f"`fit`: {limit / shipped:.0%} of this limit",
        )
    yield from time_to_loss(mnist, pictures)
    yield from where_the_time_goes(images)


def where_the_time_goes(images):
    """The share of each part of `fit`, by torch's profiler, over a hundred steps after a hundred that do not count."""
    fit(new_model(), images[: 100 * BATCH])
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        fit(new_model(), images[: 100 * BATCH])
    spent = {event.key: event.self_cpu_time_total for event in profile.key_averages()}
    shares = {part: sum(spent.get(name, 0) for name in names) / sum(spent.values()) for part, names in PARTS.items()}
    shares["the loss, autograd, the rest"] = 1 - sum(shares.values())
    for part, share in shares.items():
        yield f"of a step of `fit`: {part}", f"{share:.0%}", ""


def time_to_loss(mnist, pictures):
    """Five epochs of the tutorial loop, and as many epochs of `fit` as it takes to score as well, in turn."""
    images, tutorial = mnist.train.images, "tutorial loop, 5 epochs"
    slow = new_model()
    tutorial_loop(slow, pictures, epochs=5)
    scores = {tutorial: vh.evaluate(slow, mnist.test.images).negative_elbo}
    actions = {tutorial: partial(tutorial_loop, dataset=pictures, epochs=5)}

    def trained(epochs, settings):
        model = new_model()
        vh.fit(model, images, epochs=epochs, progress=False, **settings)
        return vh.evaluate(model, mnist.test.images).negative_elbo

    for name, settings in {"`fit`": {}, "`fit(batch_size=256, lr=1e-2)`": {"batch_size": 256, "lr": 1e-2}}.items():
        epochs, score = 0, math.inf
        while score > scores[tutorial]:
            epochs += 1
            score = trained(epochs, settings)
        name += f", {epochs} epoch{'s' * (epochs > 1)}"
        scores[name], actions[name] = score, partial(vh.fit, epochs=epochs, progress=False, images=images, **settings)
    medians = in_turn({name: lambda run=run: run(model=new_model()) for name, run in actions.items()}, rounds=3)
    for name, median in medians.items():
        gain = f", {medians[tutorial] / median:.1f} × faster to the tutorial's score" * (name != tutorial)
        yield name, f"{median:.1f} s", f"test −ELBO {scores[name]:.2f} nats{gain}"
    yield "`fit`, 5 epochs", "", f"test −ELBO {trained(5, {}):.2f} nats"


@torch.no_grad()
def other_rows(mnist):
    model = new_model().eval()
    for count in (1, 10_000):
        x = torch.rand(count, 1, 28, 28)
        z = torch.randn(count, 20)
        for name, function, argument in [("encode", model.encode, x), ("decode", model.decode, z)]:
            median = statistics.median(seconds(lambda f=function, a=argument: f(a)) for _ in range(50))
            yield f"{name}, {count:,} image{'s' * (count > 1)}", f"{1e3 * median:.2f} ms", ""
    clock = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    yield "import torch", f"{in_a_new_python(clock.format('torch')):.2f} s", ""
    yield "import vae_helpers, torch included", f"{in_a_new_python(clock.format('vae_helpers')):.2f} s", ""
    train = "import vae_helpers as vh; vh.fit(vh.VAE(), vh.load_mnist().train.images, epochs=1, progress=False)"
    memory = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)"
    yield "peak memory of a training run", f"{in_a_new_python(train + memory):.0f} MiB", ""


def main():
    mnist = vh.load_mnist()
    lines = [
        "# How fast it is",
        "",
        f"`make bench` on {datetime.date.today()}: 784-400-20 in batches of {BATCH}, "
        f"{len(mnist.train.images):,} training images ({mnist.source}), medians of {ROUNDS} rounds in turn.",
        "",
        f"{processor()}, {torch.get_num_threads()} threads, {platform.system()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "torchvision")),
        "",
        "| what | measured | so |",
        "|---|---|---|",
    ]
    for row in [*training_rows(mnist), *other_rows(mnist), *latency_rows()]:
        lines.append(f"| {' | '.join(row)} |")
    print("\n".join(lines))
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def processor():
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.processor() or platform.machine()
    return f"{name} with {'' if _cpu_has_bf16() else 'no '}bfloat16 instructions"


if __name__ == "__main__":
    main()
