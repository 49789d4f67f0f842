"""Exercises on what a VAE's codes are used for: missing pixels and intrinsic dimension."""

from . import dimension_by_neighbours, seen_nll

EXERCISES = [module.exercise for module in (seen_nll, dimension_by_neighbours)]
