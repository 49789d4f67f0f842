"""The ways to train that `make bench` compares. As a script it is one of them: each line of input trains a slice.

All use the same images; where nothing else is said, in batches of 128, for 784-400-20. A process for each keeps
them apart: its threads, its memory, and also the version of the package that its PYTHONPATH names.
"""

import json
import statistics
import sys
import time
from unittest import mock

import PIL.Image
import torch
from torch.nn.functional import binary_cross_entropy
from torch.utils.data import DataLoader, Dataset, TensorDataset

import vae_helpers as vh
from vae_helpers._precision import has_fast_bfloat16
from vae_helpers._torchvision import import_torchvision

BATCH = 128
STEPS = 60  # of a slice, short enough that the machine is the same at its end
LAYERS = [(784, 400), (400, 20), (400, 20), (20, 400), (400, 784)]


class Pictures(Dataset):
    """Images one by one through Pillow and ToTensor, as torchvision's MNIST gives them."""

    def __init__(self, images):
        self.pixels = (images[:, 0] * 255).round().byte().numpy()
        self.to_tensor = import_torchvision().transforms.ToTensor()

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, k):
        return (self.to_tensor(PIL.Image.fromarray(self.pixels[k])),)


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


def fit(model, images, epochs=1, lr=5e-3, batch_size=BATCH, **settings):
    """The package's recipe."""
    vh.fit(model, images, epochs=epochs, lr=lr, batch_size=batch_size, progress=False, **settings)


def lightning_loop(model, images):
    """Lightning's Trainer over tensors, with the loss that `fit` minimises; the seconds of its steps alone."""
    import_torchvision()  # the first to import it declares the operators that it may lack over a CPU torch
    import lightning

    loss = vh.NegativeELBO()

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.vae, self.times = model, []

        def training_step(self, batch, _):
            return loss(model, batch[0])["loss"]

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-3)

        def on_train_start(self):
            self.started = clocks()

        def on_train_end(self):
            self.taken = [end - start for start, end in zip(self.started, clocks(), strict=True)]

    module = Module()
    off = dict.fromkeys(["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False)
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", **off)
    trainer.fit(module, DataLoader(TensorDataset(images), BATCH, shuffle=True))
    return module.taken


def in_float32(train):
    """`train` as on a processor without bfloat16 instructions."""
    with mock.patch("vae_helpers._precision.has_fast_bfloat16", return_value=False):
        train()


def clocks():
    """Seconds on the clock, and seconds of the processor in this process, all threads."""
    return time.perf_counter(), time.process_time()


def contender(name, images, labels):
    """A function that trains on `images` once; some give the seconds themselves."""
    from vae_helpers.successors import conditional, discrete

    torch.manual_seed(0)
    vae = vh.VAE()
    if name == "tutorial":
        pictures = Pictures(images)
        return lambda: tutorial_loop(vae, pictures)
    if name == "tensors":
        return lambda: tutorial_loop(vae, TensorDataset(images))
    if name == "lightning":
        return lambda: lightning_loop(vae, images)
    if name == "fit in float32":
        return lambda: in_float32(lambda: fit(vae, images))
    model, settings = {
        "fit": lambda: (vae, {}),
        "fit, batches of 256": lambda: (vae, {"batch_size": 2 * BATCH, "lr": 1e-2}),
        "fit, 16 samples": lambda: (vae, {"loss": vh.ImportanceWeighted(16), "lr": 1e-3}),
        "fit, with labels": lambda: (
            conditional.ConditionalVAE(latent_dim=20, hidden_dim=400),
            {"loss": conditional.conditional_elbo, "labels": labels},
        ),
        "fit, discrete codes": lambda: (discrete.VectorQuantizedVAE(), {"loss": discrete.vq_loss, "lr": 4e-3}),
        "fit, convolutions": lambda: (vh.ConvVAE(), {"lr": 4e-3}),
    }[name]()
    return lambda: fit(model, images, **settings)


def matrix_products(dtype):
    """Every matrix product of one training step of 784-400-20, forward and backward."""
    pairs = []
    for k, (n_in, n_out) in enumerate(LAYERS):
        x, weight, gradient = torch.rand(BATCH, n_in), torch.rand(n_out, n_in), torch.rand(BATCH, n_out)
        pairs += [(x, weight.T), (gradient.T, x)]
        pairs += [(gradient, weight)] if k else []  # no gradient for the pixels
    pairs = [(a.to(dtype), b.to(dtype)) for a, b in pairs]
    return lambda: [torch.mm(a, b) for a, b in pairs]


def seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main(name, threads):
    torch.set_num_threads(threads)
    mnist = vh.load_mnist()
    images, labels = (part[: STEPS * BATCH].clone() for part in (mnist.train.images, mnist.train.labels))
    del mnist
    train = contender(name, images, labels)
    kinds = [torch.float32] + [torch.bfloat16] * has_fast_bfloat16(images.device)
    products = {str(kind)[6:]: matrix_products(kind) for kind in kinds}
    for _ in sys.stdin:
        machine = {kind: statistics.median(seconds(run) for _ in range(9)) / BATCH for kind, run in products.items()}
        start = clocks()
        wall, processor = train() or (end - begin for begin, end in zip(start, clocks(), strict=True))
        print(json.dumps({"wall": wall / len(images), "processor": processor / len(images), **machine}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
