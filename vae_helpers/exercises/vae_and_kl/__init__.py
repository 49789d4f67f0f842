"""Exercises on the VAE and its KL: the two terms of the loss, the draw of a code, and what to score."""

from . import kl, pixel_nll, sample_posterior, show_and_score, vae_loss

EXERCISES = [module.exercise for module in (kl, sample_posterior, vae_loss, show_and_score, pixel_nll)]
