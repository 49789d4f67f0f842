r"""When the two codes have different lengths, neither the direction nor the length changes evenly along the
formula above. Write the walk on which both do: the *direction* turns from that of $z_0$ to that of $z_1$ through
equal angles, as on a great circle, and the *length* grows or shrinks by the same amount in each step. `steps` codes,
evenly spaced in $\alpha$, with $z_0$ the first and $z_1$ the last. (Here, the two never point in the same or in
opposite directions.)"""

import torch

from ..exercise import Exercise


def even_walk(z0, z1, steps):  # (latent_dim,), (latent_dim,), number => (steps, latent_dim)
    alpha = torch.linspace(0, 1, steps)[:, None]
    length = (1 - alpha) * z0.norm() + alpha * z1.norm()  # steps x 1
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(u0 @ u1)
    return length * (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)


def pairs_of_codes():
    """Two codes of different lengths, and a number of steps."""
    return [
        {"z0": torch.tensor([3.0, 0.0]), "z1": torch.tensor([0.0, 1.0]), "steps": 3},
        {"z0": 2 * torch.randn(5), "z1": 0.5 * torch.randn(5), "steps": 4},
        {"z0": 0.3 * torch.randn(20), "z1": torch.randn(20), "steps": 11},
    ]


exercise = Exercise(
    even_walk,
    title="An even walk",
    hints=(
        "Keep two things apart: the direction turns, the length grows.",
        "Divide both codes by their lengths. The formula of the page turns evenly between vectors of length 1.",
        "Multiply each direction by the length that is due there: (1 − α) times the first length plus α times "
        "the second.",
    ),
    idea="spherical interpolation, done evenly",
    minutes=15,
    difficulty=3,
    task=__doc__,
    right=(
        "All latents move, the walk begins and ends at the two codes, and in between no code is shorter than the "
        "shorter of them. Whether its images are better for it is a question of its own, and comes next."
    ),
    cases=pairs_of_codes,
    derivation=r"""Keep the two things apart. The formula of the page turns at an even rate between vectors of *equal*
length, so use it for the directions $u_0 = z_0 / \lVert z_0 \rVert$ and $u_1 = z_1 / \lVert z_1 \rVert$, whose
angle has the cosine $u_0^\top u_1$. What comes out has length 1. Multiply it by the length that is due at $\alpha$,
$(1 - \alpha) \lVert z_0 \rVert + \alpha \lVert z_1 \rVert$.""",
)


def _traversal(z0, steps, latent, start, end):
    """A walk from z0 on which one latent moves, from start to end."""
    walk = z0.repeat(steps, 1)
    walk[:, latent] = start + torch.linspace(0, 1, steps) * (end - start)
    return walk


def _share(steps):
    """The share of the way that is done, (steps, 1)."""
    return torch.linspace(0, 1, steps)[:, None]


def _lengths(z0, z1, steps):
    """The lengths on an even walk, (steps, 1)."""
    return torch.lerp(z0.norm(), z1.norm(), _share(steps))


@exercise.mistake
def straight_line(z0, z1, steps):
    """A straight line: its middle is too short, and it turns fastest there."""
    return torch.lerp(z0, z1, _share(steps))


@exercise.mistake
def farthest_latent(z0, z1, steps):
    """Only one latent moves, the one in which the two codes differ most: that is a traversal, which leaves the first
    code along one axis and never arrives at the second.
    """
    k = (z1 - z0).abs().argmax()
    return _traversal(z0, steps, k, z0[k], z1[k])


@exercise.mistake
def first_latent(z0, z1, steps):
    """Only the first latent moves: that is a traversal, which leaves the first code along one axis and never arrives
    at the second.
    """
    return _traversal(z0, steps, 0, z0[0], z1[0])


@exercise.mistake
def fixed_traversal(z0, z1, steps):
    """Only one latent moves, from −3 to 3: that is a traversal, which goes neither from z0 nor to z1."""
    return _traversal(z0, steps, 0, -3, 3)


@exercise.mistake
def lengths_of_slerp(z0, z1, steps):
    """This is the formula of the page. z0 and z1 bring their own lengths along, and the longer one pulls the direction
    to its side, too: turn two directions of length 1 into one another, and give the length afterwards.
    """
    alpha, theta = _share(steps), torch.acos(z0 @ z1 / (z0.norm() * z1.norm()))
    return (torch.sin((1 - alpha) * theta) * z0 + torch.sin(alpha * theta) * z1) / torch.sin(theta)


@exercise.mistake
def length_of_z0(z0, z1, steps):
    """The directions are right, but all codes are as long as z0, so the walk does not arrive at z1."""
    return z0.norm() * length_one(z0, z1, steps)


@exercise.mistake
def length_one(z0, z1, steps):
    """The directions are right, but all codes have length 1: the images' own codes have lengths of their own."""
    return even_walk(z0 / z0.norm(), z1 / z1.norm(), steps)


@exercise.mistake
def not_divided(z0, z1, steps):
    """Too short by one factor all along, even at both ends: what are the two sines divided by?"""
    return even_walk(z0, z1, steps) * torch.sin(torch.acos(z0 @ z1 / (z0.norm() * z1.norm())))


@exercise.mistake
def cosine_of_long_codes(z0, z1, steps):
    """The angle: a scalar product is a cosine only between vectors of length 1."""
    alpha, u0, u1, theta = _share(steps), z0 / z0.norm(), z1 / z1.norm(), torch.acos(z0 @ z1)
    directions = (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)
    return _lengths(z0, z1, steps) * directions


@exercise.mistake
def stretched_chord(z0, z1, steps):
    """The lengths are right and the angles are not equal: a straight line that is pushed out to the right length still
    turns fastest in the middle.
    """
    chord = torch.lerp(z0 / z0.norm(), z1 / z1.norm(), _share(steps))
    return _lengths(z0, z1, steps) * chord / chord.norm(dim=1, keepdim=True)


@exercise.mistake
def one_step_short(z0, z1, steps):
    """The walk stops one step before z1: the ends belong to it."""
    return even_walk(z0, z1, steps + 1)[:-1]
