"""Exercises on the autoencoder: its parameters, its loss, what a smear is, its map, and the axes of a plane."""

from . import axes_in_the_plane, best_answer, count_parameters, error_per_image, grid_over_codes

EXERCISES = [
    module.exercise for module in (count_parameters, error_per_image, best_answer, grid_over_codes, axes_in_the_plane)
]
