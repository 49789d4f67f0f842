"""Exercises on what a VAE's probabilities are used for: code lengths and anomalies."""

from . import anomaly_score, auroc_by_pairs, bits_per_pixel

EXERCISES = [module.exercise for module in (bits_per_pixel, anomaly_score, auroc_by_pairs)]
