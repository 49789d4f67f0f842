"""Exercises on the convolutional VAE: what convolutions put out, what they cost, and what they see."""

from . import conv_multiplications, conv_size, receptive_field

EXERCISES = [module.exercise for module in (conv_size, conv_multiplications, receptive_field)]
