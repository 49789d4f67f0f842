"""Exercises on the ELBO and its KL: the formula, one to derive, a test, and a gradient without a slope."""

from . import is_the_kl, kl, kl_of_exponentials, score_function_gradient

EXERCISES = [module.exercise for module in (kl, kl_of_exponentials, is_the_kl, score_function_gradient)]
