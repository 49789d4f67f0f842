"""Exercises on what a VAE is good for: compression, anomalies, missing pixels and the dimension of data."""

from . import anomaly_score, auroc_by_pairs, bits_per_pixel, dimension_by_neighbours, seen_nll

EXERCISES = [
    module.exercise for module in (bits_per_pixel, anomaly_score, auroc_by_pairs, seen_nll, dimension_by_neighbours)
]
