"""Exercises on what goes wrong in training: prices, collapse, free bits, hidden betas and averages."""

from . import break_even, charged_kl, epoch_loss, hidden_beta, linear_rate

EXERCISES = [module.exercise for module in (break_even, linear_rate, charged_kl, hidden_beta, epoch_loss)]
