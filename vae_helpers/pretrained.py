"""The weights that ship: load a trained model, list what there is, and read how each was trained.

A file of weights is in the safetensors format, which holds numbers and text and can run no code. Its text, the model
card, says which model it is, how and on what it was trained, and what it scores. `vae_helpers.authoring` trains them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ._validation import shown
from .models import VAE, Autoencoder, ConvVAE, MixtureVAE
from .successors import CodePrior, ConditionalVAE, Denoiser, Reader, VampVAE, VectorQuantizedVAE

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = Path(__file__).parent / "weights"
SUCCESSORS = (ConditionalVAE, VampVAE, VectorQuantizedVAE, CodePrior, Denoiser, Reader)  # of notebook 10
MODELS = {model.__name__: model for model in (Autoencoder, VAE, MixtureVAE, ConvVAE, *SUCCESSORS)}


def load_pretrained(name: str, folder: str | Path = WEIGHTS) -> nn.Module:
    """The shipped model called `name`, on the CPU and in eval mode; `list_pretrained` shows the names.

    Raises ValueError for an unknown name, and for a file that is damaged or holds anything else.
    """
    card, weights = _read(name, _path(folder))
    try:
        with torch.random.fork_rng():  # the first weights are random, and are not kept
            model = MODELS[card["model"]](**card["arguments"])
        model.load_state_dict({key: weight.float() for key, weight in weights.items()})
    except (KeyError, TypeError, RuntimeError) as error:  # of another version of the package, for instance
        raise ValueError(f"the weights called {name!r} do not fit a {card.get('model')}: {error}") from error
    return model.eval()


def list_pretrained(folder: str | Path = WEIGHTS) -> pd.DataFrame:
    """A table of the shipped models: what each is, how it was trained, and its scores on MNIST's 10,000 test images.

    lr, kl_warmup, beta: as in `fit` and `NegativeELBO`; samples: as in `ImportanceWeighted`, where that was the loss.
    start: the shipped model whose weights training started from. pixels: "grey", or "binarized" for black-and-white
    pixels drawn afresh at each step. shift_prob: the share of images that were shifted by up to a pixel in training.
    binarize_prob: the share of grey images that were binarized in training. Scores are in nats per image; the
    reconstruction of a plain autoencoder, which has no ELBO, is a squared error. What does not apply is "".

    Raises ValueError for a file that is damaged or holds anything else.
    """
    import pandas as pd

    names = "latent_dim hidden_dims channels layers components epochs lr kl_warmup beta samples start"
    empty = dict.fromkeys(names.split(), "")
    rows = {}
    for name in _names(_path(folder)):
        card = model_card(name, folder)
        images = {setting: card[setting] for setting in ("pixels", "shift_prob", "binarize_prob")}
        settings = empty | card["arguments"] | card["training"] | {"start": card["start"]} | images
        rows[name] = {"model": card["model"], **settings, **card["scores"]["full"]}
    return pd.DataFrame.from_dict(rows, orient="index").astype(object).fillna("")


def model_card(name: str, folder: str | Path = WEIGHTS) -> dict[str, Any]:
    """What the file of the model called `name` says about it: its recipe, its data and its scores.

    Scores are in nats per image (a plain autoencoder's: squared error), on MNIST's test images ("full") and on the
    1,000 test images of the sample ("sample"). Raises ValueError as `load_pretrained` does.
    """
    return _read(name, _path(folder))[0]


def load_comparison(folder: str | Path = WEIGHTS) -> pd.DataFrame:
    """A table of MLPs and the ConvVAE after short and long training on few and on many images.

    lr, kl_warmup: as in `fit` and `NegativeELBO`. seconds: of training, on the machine of that run. test, train:
    negative ELBO in nats per image, on MNIST's 10,000 test images and on (at most 10,000 of) the training images.

    Raises ValueError for a file that is not there, is damaged or holds anything else.
    """
    import pandas as pd

    with _reading(_path(folder) / "comparison.json", "make pretrained") as text:
        return pd.read_json(io.StringIO(text), orient="table")


def load_scoreboard(folder: str | Path = WEIGHTS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables: our models, scored as papers do, and what papers report. log p(x) in nats per binarized test image.

    Ours: `nats`, the importance-weighted bound with `samples` samples on 10,000 images drawn with seed 0, its standard
    error, and the bound with 500 samples. drawing: "dynamic", black-and-white pixels drawn afresh at each step of
    training, or "fixed", drawn once and for all. `vae_helpers.authoring` writes them.
    Raises ValueError for a file that is not there, is damaged or holds anything else.
    """
    import pandas as pd

    with _reading(_path(folder) / "scoreboard.json", "python -m vae_helpers.authoring scoreboard") as text:
        board = json.loads(text)
        return pd.DataFrame(board["ours"]).T, pd.DataFrame(board["published"])


def checksum(text: str, weights: dict[str, Tensor]) -> str:
    """The checksum of a file of weights: it covers the text of the card, and names and numbers of the weights."""
    content = hashlib.sha256(text.encode())
    for key in sorted(weights):
        content.update(key.encode() + weights[key].numpy().tobytes())
    return content.hexdigest()


def _path(folder):
    if not isinstance(folder, (str, Path)):
        raise ValueError(f"folder: expected a path, got {shown(folder)}")
    return Path(folder)


@contextlib.contextmanager
def _reading(file, command):
    """The text of a file, and one sentence if it is not what it should be."""
    try:
        yield file.read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ValueError(
            f"{file}: expected the table that ships, got none ({said}). {_again(file, command)}"
        ) from error


def _again(file, command="make pretrained"):
    return f"Restore it, as with `git checkout -- {file.name}` in {file.parent}, or make it: `{command}`."


def _names(folder):
    return sorted(file.stem for file in folder.glob("*.safetensors"))


def _read(name, folder):
    """The card and the weights in a file whose checksum is right."""
    from safetensors import SafetensorError, safe_open

    if not isinstance(name, str) or name not in _names(folder):
        raise ValueError(f"name: expected one of ({', '.join(_names(folder)) or 'none'}), got {shown(name)}")
    file = folder / f"{name}.safetensors"
    again = _again(file)
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            weights = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{file} is damaged: {error}. {again}") from error
    if "vae_helpers" not in metadata:
        raise ValueError(f"{file} holds other weights: it does not say which model of vae_helpers they are. {again}")
    if metadata.get("checksum") != checksum(metadata["vae_helpers"], weights):
        raise ValueError(f"{file} is damaged: its text and numbers do not match its checksum. {again}")
    try:
        return _with_current_names(json.loads(metadata["vae_helpers"])), weights
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} holds other weights: their text is no model card ({error!r}). {again}") from error


def _with_current_names(card):
    """The card under the names that recipes have today.

    The first files that shipped have other keys, and neither lr nor KL warm-up, which `fit` then chose by the model.
    """
    card = {"start": "", **card}
    if "lr" in card["training"]:
        return card
    old = {"shifted": "shift_prob", "drawn": "binarize_prob"}
    card = {old.get(key, key): value for key, value in card.items()}
    deep = len(card["arguments"].get("hidden_dims", ())) != 1
    lr = 4e-3 if card["model"] == "ConvVAE" else 2e-3 if deep else 5e-3
    elbo = {} if card["model"] == "Autoencoder" else {"kl_warmup": 0.2 if deep else 0.0, "beta": 1.0}
    card["training"] = {"lr": lr, **elbo, **card["training"]}
    scores = card["scores"]["full"]
    if "importance_bound_500" in scores:
        scores["iwae_bound_500"] = scores.pop("importance_bound_500")
    return card
