"""Exercises on what a VAE's codes are used for: missing pixels, maps, and intrinsic dimension."""

from . import dimension_by_neighbours, fill_in, same_digit_share, seen_nll

EXERCISES = [module.exercise for module in (seen_nll, fill_in, same_digit_share, dimension_by_neighbours)]
