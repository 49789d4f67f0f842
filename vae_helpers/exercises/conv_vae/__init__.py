"""Exercises on the convolutional VAE: what convolutions put out, what they cost, what they see, and the way back."""

from . import conv_multiplications, conv_size, receptive_field, transposed_kernel

EXERCISES = [module.exercise for module in (conv_size, conv_multiplications, transposed_kernel, receptive_field)]
