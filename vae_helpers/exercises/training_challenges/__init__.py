"""Exercises on training: a β for a rate, the rate of a linear VAE, free bits, a hidden β, and a loop to mend."""

from . import charged_kl, find_beta, hidden_beta, linear_rate, mean_loss

EXERCISES = [module.exercise for module in (linear_rate, find_beta, charged_kl, hidden_beta, mean_loss)]
