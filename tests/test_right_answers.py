"""Exercises, answered in another way than their solutions do: the checkers must take these answers for right."""

import math

import pytest
import torch
from sklearn.neighbors import NearestNeighbors

import vae_helpers as vh


def kl(mu, logvar):
    posterior = torch.distributions.Normal(mu, logvar.exp().sqrt())
    return torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum(1)


def linear_rate(eigenvalues, variance):
    """The KL of each latent, with its mean square and its variance, by torch."""
    total = 0.0
    for eigenvalue in eigenvalues.double().tolist():
        spread = min(variance / eigenvalue, 1.0)
        mean = torch.tensor(math.sqrt(1 - spread)).double()
        posterior = torch.distributions.Normal(mean, math.sqrt(spread))
        total += torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).item()
    return total


def conv_size(size, kernel, stride, padding):
    return torch.nn.functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding).shape[
        2
    ]


def same_digit_share(points, labels):
    nearest = NearestNeighbors(n_neighbors=2).fit(points.numpy()).kneighbors(points.numpy(), return_distance=False)
    return (labels[nearest[:, 1]] == labels).float().mean()


def dimension_by_neighbours(r1, r2):
    """The most probable of many dimensions, by its probability."""
    d = torch.linspace(0.2, 60, 300_000).double()
    log_ratio = (r2.double() / r1.double()).log()
    return d[(len(r1) * d.log() - (d + 1) * log_ratio.sum()).argmax()]


ANSWERS = [kl, linear_rate, conv_size, same_digit_share, dimension_by_neighbours]


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.__name__ for answer in ANSWERS])
def test_a_right_answer_that_goes_another_way_is_right(answer, capsys):
    getattr(vh.check, answer.__name__)(answer)
    assert capsys.readouterr().out.startswith("✓")
