"""Exercises on the ELBO and its KL: the formula, a test of it, and two ways to a gradient."""

from . import is_the_kl, kl, sample_posterior, score_function_gradient

EXERCISES = [module.exercise for module in (kl, is_the_kl, score_function_gradient, sample_posterior)]
