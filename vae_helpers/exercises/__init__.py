"""Exercises that check themselves: `vh.check.NAME(answer)`, and `vh.check.progress()`.

Each notebook has a room of its own here, and each exercise a file: its task, the solution, and the mistakes that are
known. From there `make notebooks` puts it into its notebook, and the tests run it unsolved, solved and with each
mistake.

A checker never reads an answer's code. It calls the answer and the solution with the same inputs and compares what
comes back; an answer that does what a known mistake does gets the hint that names it.
"""

from . import (
    autoencoder,
    codes_at_work,
    conv_vae,
    elbo_and_kl,
    how_good_is_it,
    latent_space,
    probabilities_at_work,
    training_challenges,
    vae,
    what_came_after,
)
from .all_checks import Check
from .checker import cases_of_a_teacher
from .exercise import Exercise

EXERCISES = {
    "01": autoencoder.EXERCISES,
    "02": elbo_and_kl.EXERCISES,
    "03": vae.EXERCISES,
    "04": training_challenges.EXERCISES,
    "05": conv_vae.EXERCISES,
    "06": latent_space.EXERCISES,
    "07": probabilities_at_work.EXERCISES,
    "08": codes_at_work.EXERCISES,
    "09": how_good_is_it.EXERCISES,
    "10": what_came_after.EXERCISES,
}
check = Check(EXERCISES, cases=cases_of_a_teacher)

__all__ = ["EXERCISES", "Exercise", "check"]
