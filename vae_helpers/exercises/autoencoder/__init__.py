"""Exercises on the autoencoder: its parameters, its loss, its map, a walk on it, and PCA for comparison."""

from . import count_parameters, error_per_image, grid_over_codes, pca_reconstruction, straight_walk

EXERCISES = [
    module.exercise
    for module in (count_parameters, error_per_image, grid_over_codes, straight_walk, pca_reconstruction)
]
