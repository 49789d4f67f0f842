"""Exercises on the VAE: its loss, what to score, and a Gaussian likelihood."""

from . import pixel_nll, show_and_score, vae_loss

EXERCISES = [module.exercise for module in (vae_loss, show_and_score, pixel_nll)]
