"""Exercises on what goes wrong in training: free bits, active units, hidden betas, scores and averages."""

from . import charged_kl, count_active, epoch_loss, gaussian_distortion, hidden_beta

EXERCISES = [module.exercise for module in (charged_kl, count_active, hidden_beta, gaussian_distortion, epoch_loss)]
