"""An exercise with a target: what is measured, and what is no honest try."""

import dataclasses
import os
import time
from pathlib import Path

import pytest
import torch

import vae_helpers as vh
from vae_helpers.exercises import EXERCISES
from vae_helpers.exercises.record import Record
from vae_helpers.exercises.target import TargetChecker

TARGET = next(exercise for own in EXERCISES.values() for exercise in own if exercise.target)


@pytest.fixture
def target():
    """A target of 10 nats in a tenth of a second, and what is tried: a function that returns the nats."""
    quick = dataclasses.replace(TARGET, target=lambda train: (train(None), 0.01, (10.0, 0.1)))
    return TargetChecker(quick, Record(Path(os.devnull)))


def test_a_target_keeps_a_table_of_the_tries(target, capsys):
    for nats, verdict_of_it in [(12.0, "✗"), (9.5, "✓")]:
        target(lambda images, nats=nats: nats)
        said = capsys.readouterr().out
        assert said.startswith(f"{verdict_of_it} {TARGET.name}: the target is 10 nats in 0.1 seconds")
    assert [line.split()[:2] for line in said.splitlines()[2:4]] == [["1", "12.00"], ["2", "9.50"]]
    assert said.splitlines()[3].endswith("✓")


def test_a_try_that_raises_gets_a_sentence(target, capsys):
    target(lambda images: images.nothing)
    assert "raised AttributeError" in capsys.readouterr().out


def test_a_try_that_ends_python_or_does_not_end_gets_a_sentence(target, capsys, monkeypatch):
    monkeypatch.setattr("vae_helpers.exercises.target.SECONDS", 0.2)
    target(lambda images: exit())
    assert "raised SystemExit" in capsys.readouterr().out
    target(lambda images: time.sleep(1))
    assert "took more than 0.2 seconds" in capsys.readouterr().out


def test_a_model_is_scored_on_test_images(mnist, monkeypatch):
    monkeypatch.setattr("vae_helpers.data.load_mnist", lambda: mnist)
    nats, seconds, enough = TARGET.target(lambda images: vh.VAE(2, (8,)))
    assert 400 < nats < 700
    assert seconds < 60
    assert enough == (110.0, 60.0)


class Late(vh.VAE):
    """Trains while it is scored, when no clock runs."""

    def encode(self, x):
        with torch.no_grad():
            self.output_bias.add_(0.01)
        return super().encode(x)


class Peeping(vh.VAE):
    """Decodes what its encoder has just seen."""

    def encode(self, x):
        self.seen = x.flatten(1).mean(1)
        return super().encode(x)

    def decode_logits(self, z):
        return super().decode_logits(z) + self.seen.mean() if hasattr(self, "seen") else super().decode_logits(z)


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (lambda images: vh.load_pretrained("vae20"), "trained on others, or before the clock ran"),
        (lambda images: Late(2, (8,)), "the model's weights changed while it was scored"),
        (lambda images: Peeping(2, (8,)), "the decoder gives something else after the encoder has seen an image"),
        (lambda images: vh.Autoencoder(2, (8,)), "returned an autoencoder: expected a VAE"),
        (lambda images: None, "did you forget `return`?"),
        (lambda images: vh, "raised ValueError"),
    ],
)
def test_what_is_no_honest_try_gets_a_sentence(mnist, monkeypatch, capsys, train, said):
    monkeypatch.setattr("vae_helpers.data.load_mnist", lambda: mnist)
    TargetChecker(TARGET, Record(Path(os.devnull)))(train)
    printed = capsys.readouterr().out
    assert said in printed
    assert printed.startswith(f"✗ {TARGET.name}: ")
    assert "  try " not in printed


def test_a_model_that_is_trained_on_turned_images_is_an_honest_try(mnist, monkeypatch):
    monkeypatch.setattr("vae_helpers.data.load_mnist", lambda: mnist)

    def train(images):
        assert not torch.equal(images, mnist.train.images)
        model = vh.VAE(2, (64,))
        vh.start_at_mean(model.output_bias, images)
        vh.fit(model, images, epochs=1, lr=5e-3, progress=False)
        return model

    for _ in range(3):
        assert 120 < TARGET.target(train)[0] < 205
