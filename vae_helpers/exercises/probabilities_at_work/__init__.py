"""Exercises on what a VAE's probabilities are used for: code lengths and anomalies."""

from . import anomaly_score, auroc_by_pairs, bits_by_counting

EXERCISES = [module.exercise for module in (bits_by_counting, anomaly_score, auroc_by_pairs)]
