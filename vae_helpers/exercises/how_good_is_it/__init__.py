"""Exercises on how far the ELBO is from log p(x), and on the importance-weighted bound."""

from . import effective_samples, largest_gap, linear_gaussian_bound, log_evidence

EXERCISES = [module.exercise for module in (log_evidence, largest_gap, linear_gaussian_bound, effective_samples)]
