"""A fake full MNIST, and a folder of tiny models that were trained on it."""

import shutil

import pytest
import torch
from tiny import TINY

import vae_helpers as vh
from vae_helpers.authoring import recipes
from vae_helpers.data import MNIST, Split


@pytest.fixture(scope="module")
def sets(mnist):
    """A fake full MNIST and a sample, by name. As in earnest, the sample's test images are among the full set's."""
    sample = MNIST(mnist.train, Split(mnist.test.images[:40], mnist.test.labels[:40]), "sample")
    pixels = torch.cat([mnist.train.images[:150], sample.test.images, mnist.train.images[150:300]])
    train = Split(pixels, torch.zeros(len(pixels)))
    return {"full": MNIST(train, Split(mnist.train.images[-60:], mnist.train.labels[-60:]), "full"), "sample": sample}


@pytest.fixture(scope="module")
def training(sets):
    """Let `train_pretrained` train the tiny recipes on the fake set; what `fit` was given and made, model by model."""
    fits = []

    def spying_fit(model, images, **settings):
        history = vh.fit(model, images, **settings, progress=False)
        weights = {key: weight.clone() for key, weight in model.state_dict().items()}
        fits.append({"images": images, "weights": weights, **settings})
        return history

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "RECIPES", TINY)
        patch.setattr(recipes, "load_mnist", sets.__getitem__)
        patch.setattr(recipes, "fit", spying_fit)
        yield fits


@pytest.fixture(scope="module")
def trained_once(training, tmp_path_factory):
    """A folder of all tiny models, not to be changed, and what `fit` was given and made, by name."""
    folder = tmp_path_factory.mktemp("trained") / "weights"
    training.clear()
    recipes.train_pretrained(folder=folder)
    return folder, dict(zip(TINY, training, strict=True))


@pytest.fixture
def folder(trained_once, tmp_path):
    """A copy of that folder, to be damaged."""
    return shutil.copytree(trained_once[0], tmp_path / "weights")
