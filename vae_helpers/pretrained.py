"""The weights that ship: load a trained model, list what there is, and train all of it anew.

A file of weights is in the safetensors format, which holds numbers and text and can run no code. The text
says which model it is, how and on what it was trained, and what it scores.
"""

import hashlib
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import torch

from .data import binarize, load_mnist
from .models import VAE, Autoencoder, ConvVAE
from .objective import importance_bound
from .training import evaluate, fit

WEIGHTS = Path(__file__).parent / "weights"
MODELS = {model.__name__: model for model in (Autoencoder, VAE, ConvVAE)}


class Recipe(NamedTuple):
    """How a shipped model comes about: its class, its arguments, those of `fit`, and the pixels it is for.

    pixels: "grey", or "binarized" for black and white, drawn anew at each step of training.
    shifted: the share of the images of each batch that are moved by up to a pixel, against overfitting.
    drawn: for grey pixels, the share that are binarized all the same. A Bernoulli's score is linear in the
        pixels, so on average the decoder's target stays as it is.
    """

    model: str
    arguments: dict
    training: dict
    pixels: str = "grey"
    shifted: float = 0.0
    drawn: float = 0.0

    def transform(self, images):
        """What training makes of a batch, anew each time: (N, 1, 28, 28) => the same shape."""
        images = _some(_moved_by_a_pixel, self.shifted, images)
        return _some(torch.bernoulli, 1.0 if self.pixels == "binarized" else self.drawn, images)


def _some(change, share, images):
    """The images, with `change` made to a share of them, chosen at random."""
    if share == 0:
        return images
    chosen = (torch.rand(len(images), device=images.device) < share).nonzero().flatten()
    return images.index_copy(0, chosen, change(images[chosen]))


def _moved_by_a_pixel(images):
    """Each image moved by -1, 0 or 1 pixels along each axis, at random; what comes in at the border is black."""
    down, right = torch.randint(3, (2, len(images), 1, 1), device=images.device)
    rows, columns = torch.arange(28, device=images.device).view(28, 1), torch.arange(28, device=images.device)
    padded = torch.nn.functional.pad(images[:, 0], (1, 1, 1, 1))
    return padded[torch.arange(len(images)).view(-1, 1, 1), rows + down, columns + right].unsqueeze(1)


MLP2 = {"latent_dim": 2, "hidden_dims": [512, 512]}
MLP20 = {"latent_dim": 20, "hidden_dims": [512, 512]}
RECIPES = {
    "ae2": Recipe("Autoencoder", MLP2, {"epochs": 80}, drawn=0.5),
    "vae2": Recipe("VAE", MLP2, {"epochs": 80}, drawn=0.5),
    "vae20": Recipe("VAE", MLP20, {"epochs": 100}, shifted=0.3),
    "vae20_binarized": Recipe("VAE", MLP20, {"epochs": 150}, pixels="binarized", shifted=0.2),
    "conv20": Recipe("ConvVAE", {"latent_dim": 20, "channels": 48, "layers": 2}, {"epochs": 25}),
    **{
        f"vae20_beta{beta:g}": Recipe("VAE", {"latent_dim": 20, "hidden_dims": [128]}, {"epochs": 20, "beta": beta})
        for beta in (0.1, 0.3, 1, 2, 4, 8, 16, 32)
    },
}


def load_pretrained(name, folder=WEIGHTS):
    """The shipped model called `name`, in eval mode; `pretrained` lists the names.

    Raises ValueError for a name that is not there, and for a file that is damaged or holds anything else.
    """
    facts, weights = _read(name, Path(folder))
    try:
        model = MODELS[facts["model"]](**facts["arguments"])
        model.load_state_dict({key: weight.float() for key, weight in weights.items()})
    except (KeyError, TypeError, RuntimeError) as error:  # of another version of the package, for instance
        raise ValueError(f"the weights called {name!r} do not fit a {facts.get('model')}: {error}") from error
    return model.eval()


def pretrained(folder=WEIGHTS):
    """A table (pandas) of the shipped models, with their scores in nats on MNIST's 10,000 test images.

    For the plain autoencoder, which has no ELBO, `reconstruction` is the squared error per image.
    """
    import pandas as pd

    rows = {}
    for name in _names(Path(folder)):
        facts = pretrained_facts(name, folder)
        rows[name] = {
            "model": facts["model"],
            **facts["arguments"],
            "beta": facts["training"].get("beta", 1.0),
            "pixels": facts["pixels"],
            "epochs": facts["training"]["epochs"],
            **facts["scores"]["full"],
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype(object).fillna("")


def pretrained_facts(name, folder=WEIGHTS):
    """What the file of the model called `name` says of itself, as a dict.

    Scores are in nats per image (a plain autoencoder's: squared error), on MNIST's test images ("full") and on the
    1,000 test images of the sample ("sample"). Raises as `load_pretrained` does.
    """
    return _read(name, Path(folder))[0]


def train_pretrained(names=(), folder=WEIGHTS):
    """Train the models called `names`, or all, on full MNIST, and write their files. Less than an hour for all.

    The sample's 1,000 test images come from MNIST's training set: they are left out here, so that a score on
    the sample is an honest one, too. Raises ValueError for another name, RuntimeError if full MNIST cannot be had.
    """
    full, sample = load_mnist("full"), load_mnist("sample")
    images = _without(full.train.images, sample.test.images)
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        raise ValueError(f"no recipe is called {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    for name in names or RECIPES:
        recipe = RECIPES[name]
        torch.manual_seed(0)
        model = MODELS[recipe.model](**recipe.arguments)
        start = time.perf_counter()
        if fit(model, images, transform=recipe.transform, **recipe.training).interrupted:
            raise KeyboardInterrupt  # the stop button: no half-trained model replaces a file
        seconds = time.perf_counter() - start
        weights = {key: weight.half() for key, weight in model.state_dict().items()}
        model.load_state_dict({key: weight.float() for key, weight in weights.items()})  # what a reader will load
        facts = {
            **recipe._asdict(),
            "data": f"{len(images):,} of MNIST's training images: all but those the sample tests on",
            "seed": 0,
            "minutes": round(seconds / 60, 1),
            "versions": {package: version(package) for package in ("vae_helpers", "torch")},
            "scores": {
                mnist.source: measured(model, mnist.test.images, recipe.pixels)._asdict() for mnist in (full, sample)
            },
        }
        if recipe.pixels == "binarized":
            bound = importance_bound(model, binarize(full.test.images), samples=500)
            facts["scores"]["full"]["importance_bound_500"] = bound.mean().item()
        _write(name, Path(folder), facts, weights)
        print(name, facts["minutes"], "minutes", facts["scores"])


def comparison(folder=WEIGHTS):
    """A table (pandas): MLPs and the ConvVAE after short and long training on few and on many images.

    Made by `make pretrained`. seconds: of training, on the machine of that run. test, train: negative ELBO in nats per
    image, on MNIST's 10,000 test images and on (at most 10,000 of) the training images.
    """
    import pandas as pd

    return pd.read_json(Path(folder) / "comparison.json", orient="table")


def measure_comparison(folder=WEIGHTS):
    """Train the models of `comparison` and write its table. Some minutes; raises RuntimeError without full MNIST."""
    import pandas as pd

    full, sample = load_mnist("full"), load_mnist("sample")
    models = {
        "MLP 400": lambda: VAE(20, (400,)),
        "MLP 512-512": lambda: VAE(20, (512, 512)),
        "conv": lambda: ConvVAE(20),
    }
    rows = []
    for images, budgets in ((sample.train.images, (5, 15, 50, 150)), (full.train.images, (1, 3, 10))):
        for epochs in budgets:
            for name, make_model in models.items():
                torch.manual_seed(0)
                model = make_model()
                start = time.perf_counter()
                if fit(model, images, epochs=epochs, progress=False).interrupted:
                    raise KeyboardInterrupt("the table is left as it was")
                row = {"images": len(images), "model": name}
                row["parameters"] = sum(parameter.numel() for parameter in model.parameters())
                row |= {"epochs": epochs, "seconds": round(time.perf_counter() - start, 1)}
                row["test"] = round(evaluate(model, full.test.images).negative_elbo, 2)
                row["train"] = round(evaluate(model, images[:10_000]).negative_elbo, 2)
                rows.append(row)
                print(row)
    pd.DataFrame(rows).to_json(Path(folder) / "comparison.json", orient="table", index=False, indent=1)


def main():
    """`make pretrained`: the models named on the command line, or all and the comparison."""
    names = sys.argv[1:]
    train_pretrained(names)
    if not names:
        measure_comparison()


def measured(model, images, pixels):
    """A shipped model's scores on test images (N, 1, 28, 28); those are binarized first if `pixels` says so."""
    return evaluate(model, binarize(images) if pixels == "binarized" else images)


def _without(images, others):
    """`images` but for those that are among `others`, pixel by pixel."""
    known = {image.numpy().tobytes() for image in others.mul(255).round().byte()}
    keep = [image.numpy().tobytes() not in known for image in images.mul(255).round().byte()]
    return images[torch.tensor(keep)]


def _names(folder):
    return sorted(file.stem for file in folder.glob("*.safetensors"))


def _checksum(text, weights):
    content = hashlib.sha256(text.encode())
    for key in sorted(weights):
        content.update(key.encode() + weights[key].numpy().tobytes())
    return content.hexdigest()


def _write(name, folder, facts, weights):
    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    unfinished = folder / f"{name}.unfinished"
    text = json.dumps(facts)
    save_file(weights, unfinished, metadata={"vae_helpers": text, "checksum": _checksum(text, weights)})
    unfinished.chmod(0o644)  # safetensors lets nobody else read it
    os.replace(unfinished, folder / f"{name}.safetensors")  # so that an interrupt leaves the old file or the new


def _read(name, folder):
    from safetensors import SafetensorError, safe_open

    if name not in _names(folder):
        raise ValueError(f"no weights are called {name!r}; there are {', '.join(_names(folder)) or 'none'}")
    file = folder / f"{name}.safetensors"
    again = f"Get it anew, as with `git checkout -- {file.name}` in {folder}, or train it: `make pretrained`."
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            weights = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{file} is damaged: {error}. {again}") from error
    if "vae_helpers" not in metadata:
        raise ValueError(f"{file} holds weights of something else: it does not say which model of vae_helpers. {again}")
    if metadata.get("checksum") != _checksum(metadata["vae_helpers"], weights):
        raise ValueError(f"{file} is damaged: its text and numbers do not add up to its checksum. {again}")
    return json.loads(metadata["vae_helpers"]), weights
