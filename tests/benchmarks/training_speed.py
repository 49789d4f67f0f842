"""How fast training is, beside the loop of the tutorials: a part of `make bench`.

All ways of training use the same model (784-400-20), batch (128) and images, an epoch each in turn, round after
round, so that a slow minute of the machine affects all of them.
"""

import importlib.util
import math
import statistics
import sys
import time
from functools import partial
from unittest import mock

import PIL.Image
import torch
from torch.nn.functional import binary_cross_entropy
from torch.utils.data import DataLoader, Dataset, TensorDataset

import vae_helpers as vh
from vae_helpers._torchvision import import_torchvision

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


def fit(model, images, epochs=1, lr=5e-3, batch_size=BATCH):
    """The package's recipe for this model."""
    vh.start_at_mean(model.output_bias, images)
    vh.fit(model, images, loss=vh.NegativeELBO(), epochs=epochs, lr=lr, batch_size=batch_size, progress=False)


def fit_in_float32(model, images):
    with mock.patch("vae_helpers._precision.has_fast_bfloat16", return_value=False):
        fit(model, images)


def lightning_loop(model, images):
    """Lightning's Trainer over tensors, with the loss that `fit` minimises."""
    import lightning

    loss = vh.NegativeELBO()

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.vae = model

        def training_step(self, batch, _):
            return loss(model, batch[0])["loss"]

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


def training_rows(mnist):
    images, steps = mnist.train.images, -(-len(mnist.train.images) // BATCH)
    pictures = Pictures(images)
    actions = {
        "tutorial loop (DataLoader, ToTensor, sigmoid + BCE, Adam)": lambda: tutorial_loop(new_model(), pictures),
        "the same over a TensorDataset": lambda: tutorial_loop(new_model(), TensorDataset(images)),
        "`fit` in float32": lambda: fit_in_float32(new_model(), images),
        "`fit` as shipped": lambda: fit(new_model(), images),
    }
    if importlib.util.find_spec("lightning"):
        actions["Lightning's Trainer over a TensorDataset"] = lambda: lightning_loop(new_model(), images)
    medians = in_turn(actions)
    tutorial = next(iter(medians.values()))
    for name, median in medians.items():
        yield f"{name}, an epoch", f"{median:.2f} s", f"{tutorial / median:.2f} × the tutorial loop's speed"
    for dtype, like in ((torch.bfloat16, "`fit` as shipped"), (torch.float32, "`fit` in float32")):
        products = matrix_products(dtype)
        limit = statistics.median(seconds(products) for _ in range(300)) * steps
        yield (
            f"its matrix products alone, {str(dtype)[6:]}",
            f"{limit:.2f} s",
            f"{like}: {limit / medians[like]:.0%} of this limit",
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
        fit(model, images, epochs=epochs, **settings)
        return vh.evaluate(model, mnist.test.images).negative_elbo

    for name, settings in {"`fit`": {}, "`fit(batch_size=256, lr=1e-2)`": {"batch_size": 256, "lr": 1e-2}}.items():
        epochs, score = 0, math.inf
        while score > scores[tutorial]:
            epochs += 1
            score = trained(epochs, settings)
        name += f", {epochs} epoch{'s' * (epochs > 1)}"
        scores[name], actions[name] = score, partial(fit, epochs=epochs, images=images, **settings)
    medians = in_turn({name: lambda run=run: run(model=new_model()) for name, run in actions.items()}, rounds=3)
    for name, median in medians.items():
        gain = f", {medians[tutorial] / median:.1f} × faster to the tutorial's score" * (name != tutorial)
        yield name, f"{median:.1f} s", f"test −ELBO {scores[name]:.2f} nats{gain}"
    yield "`fit`, 5 epochs", "", f"test −ELBO {trained(5, {}):.2f} nats"
