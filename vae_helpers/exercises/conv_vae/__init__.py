"""Exercises on the convolutional VAE: sizes and costs of convolutions, and the heads of the encoder."""

from . import conv_multiplications, conv_size, sigma_of, two_heads

EXERCISES = [module.exercise for module in (conv_size, sigma_of, conv_multiplications, two_heads)]
