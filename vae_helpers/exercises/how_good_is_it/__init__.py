"""Exercises on how far the ELBO is from log p(x), and on the importance-weighted bound."""

from . import effective_samples, largest_gap, linear_gaussian_bound, log_evidence, relative_variance

EXERCISES = [
    module.exercise
    for module in (log_evidence, largest_gap, relative_variance, linear_gaussian_bound, effective_samples)
]
