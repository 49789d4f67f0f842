"""Exercises that check themselves: `vh.check.NAME(answer)`, and `vh.check.progress()`.

An exercise stands in one place, as an `Exercise` in the module of its notebook: task, stub, solution, known mistakes.
From there `make notebooks` puts it into its notebook, and the tests run it unsolved, solved and with each mistake.

A checker never reads an answer's code. It calls the answer and the solution with the same inputs and compares what
comes back; an answer that does what a known mistake does gets the hint that names it.
"""

from . import applications, autoencoder, conv_vae, latent_space, training_challenges, vae_and_kl
from .checker import Check, Exercise

MODULES = {
    "01": autoencoder,
    "02": vae_and_kl,
    "03": training_challenges,
    "04": conv_vae,
    "05": latent_space,
    "06": applications,
}
EXERCISES = {notebook: module.EXERCISES for notebook, module in MODULES.items()}
check = Check(EXERCISES)

__all__ = ["EXERCISES", "Exercise", "check"]
