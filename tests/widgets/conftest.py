"""What the tests of the widgets share: the look of the series, images, and models."""

import matplotlib
import pytest
import torch
from map_tools import MODELS
from own_model import Own

import vae_helpers as vh


@pytest.fixture(scope="module", autouse=True)
def _style():
    with matplotlib.rc_context():
        vh.plots.use_style()
        yield


@pytest.fixture(scope="session")
def shown(mnist):
    """Images, 200 of them, and their labels."""
    return mnist.test.images[:200], mnist.test.labels[:200]


@pytest.fixture(scope="session")
def two():
    """A model with two latents that tell digits apart."""
    return vh.load_pretrained("vae2")


@pytest.fixture(scope="session")
def twenty():
    """A model with twenty."""
    return vh.load_pretrained("conv20")


@pytest.fixture(scope="session")
def betas():
    """Small VAEs by their beta, in no order."""
    models = {}
    for beta in (8, 1, 0.25):
        torch.manual_seed(0)
        models[beta] = vh.VAE(2, (8,))
        with torch.no_grad():
            for weights in models[beta].parameters():
                weights.mul_(3 + 1 / beta)
    return models


@pytest.fixture(scope="session")
def own():
    torch.manual_seed(0)
    return Own()


@pytest.fixture(scope="session")
def sixty(mnist):
    """Images, 60 of them, and their labels."""
    return mnist.test.images[:60], mnist.test.labels[:60]


@pytest.fixture(params=MODELS)
def latent_map(request, sixty):
    """A map of each kind of model."""
    return vh.widgets.LatentMap(MODELS[request.param](), *sixty)


@pytest.fixture
def deep(sixty):
    """A map of a model with five latents."""
    return vh.widgets.LatentMap(MODELS["deep VAE"](), *sixty)
