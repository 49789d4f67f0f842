import pytest

from vae_helpers import _precision


@pytest.fixture
def few(mnist):
    return mnist.train.images[:300]


@pytest.fixture
def float32(monkeypatch):
    """No bfloat16, so that a hand computation agrees to the last digits."""
    monkeypatch.setattr(_precision, "has_fast_bfloat16", lambda device: False)
