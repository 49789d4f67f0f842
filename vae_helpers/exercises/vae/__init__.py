"""Exercises on the VAE: its draw, its loss, what to score, a Gaussian likelihood, and a test for the draw."""

from . import is_a_right_draw, pixel_nll, sample_posterior, show_and_score, vae_loss

EXERCISES = [module.exercise for module in (sample_posterior, vae_loss, show_and_score, pixel_nll, is_a_right_draw)]
