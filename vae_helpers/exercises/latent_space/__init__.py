"""Exercises on the latent space: projections, grids, walks and directions."""

from . import even_walk, flattened, how_far, largest_step, prior_grid

EXERCISES = [module.exercise for module in (flattened, prior_grid, even_walk, largest_step, how_far)]
