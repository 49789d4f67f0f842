"""What several test files share: seeds, the sample of MNIST, and small models."""

import matplotlib
import pytest
import torch

import vae_helpers as vh


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
