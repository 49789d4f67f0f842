"""What several test files share: seeds, the sample of MNIST, and small models."""

import matplotlib
import pytest
import torch
from nbval.plugin import IPyNbCell
from notebook_tools import NOTEBOOKS, read, worked_in

import vae_helpers as vh


def pytest_collection_modifyitems(items):
    """Of the notebooks, run those of the series; one that a reader has worked in as it stands.

    What that prints need not be what was saved with it.
    """
    items[:] = [item for item in items if not isinstance(item, IPyNbCell) or item.path.resolve() in NOTEBOOKS]
    for item in items:
        if isinstance(item, IPyNbCell) and worked_in(item.path.resolve()):
            item.options["check"] = False


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def mnist():
    return vh.load_mnist("sample")


@pytest.fixture(scope="session")
def trained(mnist):
    """A small VAE with two latents, trained for one epoch."""
    torch.manual_seed(0)
    model = vh.VAE(latent_dim=2, hidden_dims=(32,))
    vh.fit(model, mnist.train.images[:1000], epochs=1, batch_size=50, progress=False)
    return model


@pytest.fixture
def images():
    """Six grey images of noise."""
    return torch.rand(6, 1, 28, 28)


@pytest.fixture
def style():
    """The look of the series, for one test."""
    with matplotlib.rc_context():
        vh.use_style()
        yield


@pytest.fixture
def published():
    """Asks of a notebook, by its path, that it is as `make notebooks` saved it; skips the test of one that is not."""

    def published(path):
        if worked_in(path):
            pytest.skip(
                f"{path.stem} was saved or answered since `make notebooks`: its saved state is asked for in CI only"
            )
        return read(path)

    return published
