"""What several test files share: seeds, the sample of MNIST, and small models."""

import os

import matplotlib
import pytest
import torch
from nbval.plugin import IPyNbCell
from series import worked_in

import vae_helpers as vh
from vae_helpers.authoring.notebooks import NOTEBOOKS, read

os.environ["VAE_HELPERS_PROGRESS"] = os.devnull  # what the tests answer is nobody's progress, in their kernels too

# of two processes that take file after file, neither then waits long for the other at the end
LONGEST = ["test_solved_series", *(path.stem for path in NOTEBOOKS), "test_lab", "test_decks", "test_site"]


def pytest_addoption(parser):
    parser.addoption("--whole", action="store_true", help="solve and run whole notebooks, which takes long")


def pytest_collection_modifyitems(items):
    """Run the notebooks of the series, and not what readers keep beside them; and the longest files first.

    A notebook that a reader has worked in is run, too, but need not print what was saved with it.
    """
    items[:] = [item for item in items if not isinstance(item, IPyNbCell) or item.path.resolve() in NOTEBOOKS]
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    for item in items:
        if isinstance(item, IPyNbCell) and worked_in(item.path.resolve()):
            item.options["check"] = False


@pytest.fixture(autouse=True)
def _seed():
    torch.default_generator.manual_seed(0)  # torch.manual_seed writes out the stack for each kind of device


@pytest.fixture(scope="session")
def mnist():
    return vh.load_mnist("sample")


@pytest.fixture(scope="session")
def trained(mnist):
    """A small VAE with two latents, trained for one epoch."""
    torch.manual_seed(0)
    model = vh.VAE(latent_dim=2, hidden_dims=(32,))
    images = mnist.train.images[:1000]
    vh.start_at_mean(model.output_bias, images)
    vh.fit(model, images, epochs=1, lr=5e-3, batch_size=50, progress=False)
    return model


@pytest.fixture
def images():
    """Six grey images of noise."""
    return torch.rand(6, 1, 28, 28)


@pytest.fixture
def style():
    """The look of the series, for one test."""
    with matplotlib.rc_context():
        vh.plots.use_style()
        yield


@pytest.fixture
def published():
    """Reads a notebook, by its path, that is as `make notebooks` saved it; skips the test of one that is not."""

    def published(path):
        if worked_in(path):
            pytest.skip(f"{path.stem} was saved or answered since `make notebooks`: what it holds is tested in CI only")
        return read(path)

    return published
