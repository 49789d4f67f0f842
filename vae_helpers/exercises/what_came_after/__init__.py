"""Exercises on what came after the plain VAE: learned priors, labels, discrete codes, and diffusion."""

from . import conditional_vae, kl_of_step, label_posterior, mixture_log_density, straight_through

EXERCISES = [
    module.exercise for module in (mixture_log_density, conditional_vae, label_posterior, straight_through, kl_of_step)
]
