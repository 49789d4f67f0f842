"""Exercises that check themselves: `vh.check.NAME(answer)`, and `vh.check.progress()`.

Each notebook has a room of its own here, and each exercise a file: its task, the solution, and the mistakes that are
known. From there `make notebooks` puts it into its notebook, and the tests run it unsolved, solved and with each
mistake.

A checker never reads an answer's code. It calls the answer and the solution with the same inputs and compares what
comes back; an answer that does what a known mistake does gets the hint that names it.
"""

from . import applications, autoencoder, conv_vae, latent_space, training_challenges, vae_and_kl
from .checker import Check, Exercise

EXERCISES = {
    "01": autoencoder.EXERCISES,
    "02": vae_and_kl.EXERCISES,
    "03": training_challenges.EXERCISES,
    "04": conv_vae.EXERCISES,
    "05": latent_space.EXERCISES,
    "06": applications.EXERCISES,
}
check = Check(EXERCISES)

__all__ = ["EXERCISES", "Exercise", "check"]
