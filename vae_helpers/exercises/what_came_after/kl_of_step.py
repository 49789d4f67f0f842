r"""One step of a diffusion goes from $z_t$ back to $z_u$, with $u < t$. The encoder knows the clean code $z_0$, the
model has a guess $\hat z_0$ instead. Both draw from Gaussians of **one and the same variance** $v$, and their means
differ by $c\,(z_0 - \hat z_0)$. Write $S_t = a_t^2 / s_t^2$ for how much stronger than the noise the code is at time
$t$; then $c^2 / v = S_u - S_t$. Return the KL between the two Gaussians, in nats, one number for each code; `a_t`,
`s_t`, `a_u`, `s_u` are numbers."""

import math

import torch

from ..exercise import Exercise


def kl_of_step(z0, guess, a_t, s_t, a_u, s_u):  # codes (N, L) twice, four numbers => (N,)
    change = a_u**2 / s_u**2 - a_t**2 / s_t**2
    return 0.5 * change * ((z0 - guess) ** 2).sum(1)


def steps_back():
    """Codes, guesses, and two times."""
    cases = []
    for count, latents, t, u in [(1, 1, 0.5, 0.4), (3, 2, 0.9, 0.2), (6, 20, 0.35, 0.3)]:
        levels = [function(0.5 * math.pi * time) for time in (t, u) for function in (math.cos, math.sin)]
        codes = {"z0": torch.randn(count, latents), "guess": torch.randn(count, latents)}
        cases.append(codes | dict(zip(["a_t", "s_t", "a_u", "s_u"], levels, strict=True)))
    return cases


exercise = Exercise(
    kl_of_step,
    title="What one step costs",
    hints=(
        "Two Gaussians with one variance v: their KL is the squared distance of the means over 2v.",
        "The means differ by c (z₀ − ẑ₀), so the factor in front is ½ c²/v, and c²/v is given.",
    ),
    idea="a step of a diffusion as one more KL",
    minutes=10,
    difficulty=3,
    kind="derive",
    task=__doc__,
    right="A squared error with a weight: that is why a denoiser is trained by a squared error at all.",
    derivation=r"""With equal variances the KL of two Gaussians is the squared distance of their means over twice the
variance, $\lVert c\,(z_0 - \hat z_0)\rVert^2 / 2v$ (notebook 02), and $c^2 / v = S_u - S_t$. Where does that come from?
From $u$ to $t$ the code shrinks by $a_t / a_u$, and noise of variance $w = s_t^2 - (a_t/a_u)^2 s_u^2$ comes in. Two
Gaussians for $z_u$, one from $z_0$ (mean $a_u z_0$, variance $s_u^2$), one from $z_t$, multiply to one with
$v = w s_u^2 / s_t^2$ and a mean in which $z_0$ has the factor $c = a_u w / s_t^2$. So
$c^2 / v = a_u^2 w / (s_t^2 s_u^2) = a_u^2/s_u^2 - a_t^2/s_t^2$.""",
    cases=steps_back,
)


@exercise.mistake
def no_half(z0, guess, a_t, s_t, a_u, s_u):
    """Twice as large as it should be: the KL of two Gaussians has a ½ in front."""
    return 2 * kl_of_step(z0, guess, a_t, s_t, a_u, s_u)


@exercise.mistake
def flipped_sign(z0, guess, a_t, s_t, a_u, s_u):
    """Negative, which a KL never is: at the earlier time u there is less noise, and S is larger."""
    return -kl_of_step(z0, guess, a_t, s_t, a_u, s_u)


@exercise.mistake
def averaged(z0, guess, a_t, s_t, a_u, s_u):
    """An average over the latents; a KL per code is a sum over them."""
    return kl_of_step(z0, guess, a_t, s_t, a_u, s_u) / z0.shape[1] + 0 * torch.ones(len(z0))


@exercise.mistake
def unweighted(z0, guess, a_t, s_t, a_u, s_u):
    """The squared error alone: it is what many train on, but the KL weighs it by the change of S."""
    return 0.5 * ((z0 - guess) ** 2).sum(1)


@exercise.mistake
def not_squared_levels(z0, guess, a_t, s_t, a_u, s_u):
    """S is a ratio of squares, a² / s²."""
    return 0.5 * (a_u / s_u - a_t / s_t) * ((z0 - guess) ** 2).sum(1)


@exercise.mistake
def all_codes(z0, guess, a_t, s_t, a_u, s_u):
    """One number for all codes; expected one for each."""
    return kl_of_step(z0, guess, a_t, s_t, a_u, s_u).sum()
