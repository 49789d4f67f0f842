"""Exercises on the convolutional VAE: what convolutions put out, cost and see, the way back, and a target."""

from . import below_the_target, conv_multiplications, conv_size, receptive_field, transposed_kernel

EXERCISES = [
    module.exercise
    for module in (conv_size, conv_multiplications, transposed_kernel, receptive_field, below_the_target)
]
