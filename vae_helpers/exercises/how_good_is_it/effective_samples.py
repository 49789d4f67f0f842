r"""How would you notice a bad proposal without knowing the truth? Look at the weights. If one of $K$ is as large
as all others together, you have a handful of samples and not $K$. The usual measure is the **effective sample size**,
$\frac{(\sum_k w_k)^2}{\sum_k w_k^2}$: $K$ if all weights are equal, 1 if a single one counts. Write it for each image;
you get the logarithms of the weights, some of them below $-1000$."""

import torch

from ..exercise import Case, Exercise


def effective_samples(log_weights):  # (N, K) nats => (N,), between 1 and K
    return (2 * log_weights.logsumexp(1) - (2 * log_weights).logsumexp(1)).exp()


def weights():
    """Log weights with small and large spreads, at several heights."""
    even = {"log_weights": torch.full((2, 8), -90.0)}
    far_apart = torch.tensor([[0.0], [-300.0], [-1100.0]]) + torch.randn(3, 12)
    return [even, Case("images whose weights are far apart", log_weights=far_apart)] + [
        {"log_weights": height + spread * torch.randn(count, samples)}
        for height, spread, count, samples in [(-3, 0.5, 3, 10), (-1200, 1.0, 4, 50), (-90, 8.0, 5, 200)]
    ]


exercise = Exercise(
    effective_samples,
    title="How many samples you have",
    hints=(
        "The measure does not change if all weights are divided by the same number.",
        "log (Σ w)² is twice `logsumexp(1)`; log Σ w² is `(2 * log_weights).logsumexp(1)`. Subtract, then `exp`.",
    ),
    idea="how many samples carry the weight",
    minutes=5,
    difficulty=2,
    task=__doc__,
    right=(
        "Few effective samples say that the bound is short. Many say nothing of the sort: a q that misses a second "
        "hill altogether has beautiful weights, as no sample ever shows it what it misses."
    ),
    cases=weights,
    tolerance=1e-3,
    derivation=r"""The logarithm of the ratio is $2 \log \sum_k w_k - \log \sum_k w_k^2$, and $w_k^2$ has the logarithm
$2 \log w_k$. Both sums are a `logsumexp`.""",
)


@exercise.mistake
def underflow(log_weights):
    """Right where the weights are not too small; below e⁻¹⁰⁰ they are 0 in a float, and so are both sums. The ratio
    does not change if all weights are divided by the largest.
    """
    w = log_weights.exp()
    return w.sum(1) ** 2 / (w**2).sum(1)


@exercise.mistake
def one_over_largest(log_weights):
    """One over the largest share: near it, but the measure that is asked for has the squares of all shares in it."""
    return 1 / log_weights.softmax(1).max(1).values


@exercise.mistake
def of_logs(log_weights):
    """These are sums of the logarithms; the weights themselves are meant."""
    return log_weights.sum(1) ** 2 / (log_weights**2).sum(1)


@exercise.mistake
def share(log_weights):
    """As a share of K; the number itself is asked for."""
    return effective_samples(log_weights) / log_weights.shape[1]


@exercise.mistake
def sum_of_squares(log_weights):
    """The sum of the squared shares: one over it is the number of samples."""
    return 1 / effective_samples(log_weights)


@exercise.mistake
def perplexity(log_weights):
    """The exponential of the entropy of the shares: another measure of the same thing, and a larger number."""
    return torch.distributions.Categorical(logits=log_weights).entropy().exp()
