"""The exercises of notebook 05."""

import torch

from .checker import Exercise


def _clouds():
    """Codes that lie away from the origin and vary much more along some directions than along others, with a k."""
    cases = []
    for count, width, k in [(4, 2, 1), (30, 5, 2), (100, 20, 10)]:
        turn = torch.linalg.qr(torch.randn(width, width))[0]
        spread = torch.linspace(3, 0.3, width)
        cases.append({"codes": torch.randn(count, width) * spread @ turn + 2 * torch.randn(width), "k": k})
    return cases


def _pairs_of_codes():
    """Two codes of different lengths, and a number of steps."""
    return [
        {"z0": torch.tensor([3.0, 0.0]), "z1": torch.tensor([0.0, 1.0]), "steps": 3},
        {"z0": 2 * torch.randn(5), "z1": 0.5 * torch.randn(5), "steps": 4},
        {"z0": 0.3 * torch.randn(20), "z1": torch.randn(20), "steps": 11},
    ]


def _films():
    """Images that change from one to the next, now much, now little."""
    return [
        {"film": torch.sigmoid(1 + (torch.rand(count, 1, 1, 1) * torch.randn(count, 1, 28, 28)).cumsum(0))}
        for count in (3, 6, 11)
    ]


def _codes_and_means():
    """Codes about the mean of a source class, that mean, and the mean of a target class."""
    cases = []
    for count, width in [(2, 2), (5, 8), (20, 20)]:
        source, target = torch.randn(2, width)
        cases.append({"z": source + 0.7 * torch.randn(count, width), "source": source, "target": target})
    return cases


def _grid(places, layout="y, x = torch.meshgrid(places.flip(0), places, indexing='ij')"):
    """Code for a grid of the given places, as `prior_grid` wants it laid out or in another way."""
    return f"""
def prior_grid(count):
    places = {places}
    {layout}
    return torch.stack([x, y], dim=-1)
"""


MIDDLES = "torch.special.ndtri((torch.arange(count) + 0.5) / count)"
UPSIDE_DOWN = "y, x = torch.meshgrid(places, places, indexing='ij')"
TURNED = "x, y = torch.meshgrid(places, places, indexing='ij')"
TRANSPOSED = "x, y = torch.meshgrid(places, places.flip(0), indexing='ij')"
TOO_SMALL = (
    "only from −1 σ to 1 σ: that square holds less than half of a two-dimensional prior, and what the decoder draws "
    "outside is never seen"
)
ONE_AXIS = (
    "only one latent moves: that is a traversal, which leaves the first image along one axis and never arrives at the "
    "second"
)


EXERCISES = [
    Exercise(
        name="flattened",
        title="Flat, and back again",
        task=r"""Write the way there and back in one function. Project each code onto the first $k$ principal
components of all the codes, and return the places where they land, as codes of full width again. Both arrays have
shape `(N, latent_dim)`. The codes need not lie around the origin.""",
        stub="""
def flattened(codes, k):  # (N, latent_dim), number => (N, latent_dim)
    ...
""",
        solution="""
def flattened(codes, k):
    mean = codes.mean(0)
    _, _, axes = torch.linalg.svd(codes - mean, full_matrices=False)  # one component a row
    return mean + (codes - mean) @ axes[:k].T @ axes[:k]
""",
        right=(
            "No flat picture with k dimensions keeps more of the codes' variance. What a decoder makes of these places "
            "is what a map can show; how much is missing, you will measure now."
        ),
        cases=_clouds,
        mistakes=(
            (
                "the codes are never centred, so the first direction points at their mean and not along their spread",
                """
def flattened(codes, k):
    _, _, axes = torch.linalg.svd(codes, full_matrices=False)
    return codes @ axes[:k].T @ axes[:k]
""",
            ),
            (
                "all places are off by the same vector: what was taken away before the projection?",
                """
def flattened(codes, k):
    centred = codes - codes.mean(0)
    _, _, axes = torch.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:k].T @ axes[:k]
""",
            ),
            (
                "these are the places on the components, k numbers each; the way back to full width is missing",
                """
def flattened(codes, k):
    centred = codes - codes.mean(0)
    _, _, axes = torch.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:k].T
""",
            ),
            (
                "rows and columns are exchanged: which of them are the components in what `svd` returns?",
                """
def flattened(codes, k):
    mean = codes.mean(0)
    _, _, axes = torch.linalg.svd(codes - mean, full_matrices=False)
    return mean + (codes - mean) @ axes[:, :k] @ axes[:, :k].T
""",
            ),
            (
                "these are the components along which the codes vary least: in which order do they come?",
                """
def flattened(codes, k):
    mean = codes.mean(0)
    _, axes = torch.linalg.eigh((codes - mean).T @ (codes - mean))
    return mean + (codes - mean) @ axes[:, :k] @ axes[:, :k].T
""",
            ),
            (
                "this keeps the first k latents; a component is a direction of its own, across many latents",
                """
def flattened(codes, k):
    mean = codes.mean(0)
    kept = torch.arange(codes.shape[1]) < k
    return torch.where(kept, codes, mean)
""",
            ),
            (
                "each latent is divided by its spread first, so one that hardly varies has as much say as any other",
                """
def flattened(codes, k):
    mean, spread = codes.mean(0), codes.std(0)
    scaled = (codes - mean) / spread
    _, _, axes = torch.linalg.svd(scaled, full_matrices=False)
    return mean + spread * (scaled @ axes[:k].T @ axes[:k])
""",
            ),
        ),
    ),
    Exercise(
        name="prior_grid",
        title="A grid that the prior would lay",
        task=r"""Cut $\mathcal N(0, 1)$ into `count` slices of equal probability, and take of each slice the point
that halves its probability. Lay these points along both axes and return the grid as you would print it: `[i, j]` is
the point $(x, y)$ in row $i$ and column $j$, with $x$ growing to the right and $y$ growing *upwards*, so that the
first row has the largest $y$. `torch.special.ndtri(p)` gives the point below which $\mathcal N(0, 1)$ has the
probability `p`.""",
        stub="""
def prior_grid(count):  # number => (count, count, 2)
    ...
""",
        solution="""
def prior_grid(count):
    places = torch.special.ndtri((torch.arange(count) + 0.5) / count)
    y, x = torch.meshgrid(places.flip(0), places, indexing="ij")
    return torch.stack([x, y], dim=-1)
""",
        right=(
            "Every point stands for the same share of the prior, so the picture shows what samples would show. Look at "
            "it: `vh.image_grid(vae2.decode(prior_grid(12).flatten(0, 1)), 12)`."
        ),
        cases=lambda: [{"count": count} for count in (2, 3, 5, 12)],
        mistakes=(
            (TOO_SMALL, _grid("torch.linspace(-1, 1, count)")),
            (TOO_SMALL, _grid("torch.linspace(-1, 1, count)", UPSIDE_DOWN)),
            (TOO_SMALL, _grid("torch.linspace(-1, 1, count)", TURNED)),
            (
                "evenly spaced: so the few codes far out get as many points as the many in the middle",
                _grid("torch.linspace(-3, 3, count)"),
            ),
            (
                "the outermost points are infinite: they are the ends of their slices and not inside them",
                _grid("torch.special.ndtri(torch.linspace(0, 1, count))"),
            ),
            (
                "the outermost points cut off 5 % each, whatever the count: how wide is the first slice?",
                _grid("torch.special.ndtri(torch.linspace(0.05, 0.95, count))"),
            ),
            (
                "these are the borders between count + 1 slices; count slices are wanted, and a point within each",
                _grid("torch.special.ndtri(torch.arange(1, count + 1) / (count + 1))"),
            ),
            (
                "all too near the origin by one factor: erf belongs to a Gaussian of variance ½",
                _grid("torch.erfinv(2 * (torch.arange(count) + 0.5) / count - 1)"),
            ),
            ("upside down: rows are printed from the top, and y grows upwards", _grid(MIDDLES, UPSIDE_DOWN)),
            (
                "the picture is turned by a quarter: along a row y changes, and down a column x",
                _grid(MIDDLES, TURNED),
            ),
            ("rows and columns are exchanged: along a row, which of x and y changes?", _grid(MIDDLES, TRANSPOSED)),
        ),
    ),
    Exercise(
        name="even_walk",
        title="An even walk",
        task=r"""When the two codes have different lengths, the length along the formula above does not change evenly.
Write the walk that does both evenly: the *direction* turns from that of $z_0$ to that of $z_1$ through equal angles,
as on a great circle, and the *length* grows or shrinks by the same amount in each step. `steps` codes, evenly spaced
in $\alpha$, with $z_0$ the first and $z_1$ the last. (Here, the two never point in the same or in opposite
directions.)""",
        stub="""
def even_walk(z0, z1, steps):  # (latent_dim,), (latent_dim,), number => (steps, latent_dim)
    ...
""",
        solution="""
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    length = (1 - alpha) * z0.norm() + alpha * z1.norm()  # steps x 1
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(u0 @ u1)
    return length * (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)
""",
        right=(
            "All latents move, the walk begins and ends at the two codes, and in between no code is shorter than the "
            "shorter of them. Whether its images are better for it is a question of its own, and comes next."
        ),
        cases=_pairs_of_codes,
        mistakes=(
            (
                "a straight line: its middle is too short, and it turns fastest there",
                """
def even_walk(z0, z1, steps):
    return torch.lerp(z0, z1, torch.linspace(0, 1, steps)[:, None])
""",
            ),
            (
                ONE_AXIS,
                """
def even_walk(z0, z1, steps):
    walk = z0.repeat(steps, 1)
    k = (z1 - z0).abs().argmax()
    walk[:, k] = torch.linspace(0, 1, steps) * (z1[k] - z0[k]) + z0[k]
    return walk
""",
            ),
            (
                ONE_AXIS,
                """
def even_walk(z0, z1, steps):
    walk = z0.repeat(steps, 1)
    walk[:, 0] = torch.linspace(0, 1, steps) * (z1[0] - z0[0]) + z0[0]
    return walk
""",
            ),
            (
                "only one latent moves, from −3 to 3: that is a traversal, which goes neither from z0 nor to z1",
                """
def even_walk(z0, z1, steps):
    walk = z0.repeat(steps, 1)
    walk[:, 0] = torch.linspace(-3, 3, steps)
    return walk
""",
            ),
            (
                "the directions are right and the lengths in between are not: z0 and z1 bring their own lengths along",
                """
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    theta = torch.acos(z0 @ z1 / (z0.norm() * z1.norm()))
    return (torch.sin((1 - alpha) * theta) * z0 + torch.sin(alpha * theta) * z1) / torch.sin(theta)
""",
            ),
            (
                "the directions are right, and all codes are as long as z0: so the walk does not arrive at z1",
                """
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(u0 @ u1)
    return z0.norm() * (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)
""",
            ),
            (
                (
                    "the directions are right, and all codes have length 1: the images' own codes have lengths of "
                    "their own"
                ),
                """
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(u0 @ u1)
    return (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)
""",
            ),
            (
                "too short by one factor all along, even at both ends: what are the two sines divided by?",
                """
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    length = (1 - alpha) * z0.norm() + alpha * z1.norm()
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(u0 @ u1)
    return length * (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1)
""",
            ),
            (
                "the angle: a scalar product is a cosine only between vectors of length 1",
                """
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    length = (1 - alpha) * z0.norm() + alpha * z1.norm()
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(z0 @ z1)
    return length * (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)
""",
            ),
            (
                (
                    "the lengths are right and the angles are not equal: a straight line that is pushed out to the "
                    "right length still turns fastest in the middle"
                ),
                """
def even_walk(z0, z1, steps):
    alpha = torch.linspace(0, 1, steps)[:, None]
    length = (1 - alpha) * z0.norm() + alpha * z1.norm()
    chord = torch.lerp(z0 / z0.norm(), z1 / z1.norm(), alpha)
    return length * chord / chord.norm(dim=1, keepdim=True)
""",
            ),
            (
                "the walk stops one step before z1: the ends belong to it",
                """
def even_walk(z0, z1, steps):
    alpha = torch.arange(steps)[:, None] / steps
    length = (1 - alpha) * z0.norm() + alpha * z1.norm()
    u0, u1 = z0 / z0.norm(), z1 / z1.norm()
    theta = torch.acos(u0 @ u1)
    return length * (torch.sin((1 - alpha) * theta) * u0 + torch.sin(alpha * theta) * u1) / torch.sin(theta)
""",
            ),
        ),
    ),
    Exercise(
        name="largest_step",
        title="The largest step",
        task=r"""Write the first of the two numbers. A film of $N$ images has $N - 1$ steps; the size of a step is the
Euclidean distance between two images that follow one another, all pixels taken as one vector. Return the largest step
divided by the average step, one number for the film. Pixels lie in $[0, 1]$.""",
        stub="""
def largest_step(film):  # (N, 1, 28, 28) => one number
    ...
""",
        solution="""
def largest_step(film):
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)  # N - 1 of them
    return steps.max() / steps.mean()
""",
        right=(
            "It has no unit, so films of different models can be compared, whatever the distance between their ends. 1 "
            "is perfectly even; with ten steps, 10 would be one jump and nine rests."
        ),
        cases=_films,
        mistakes=(
            (
                "squared distances: they make a large step look larger than it is",
                """
def largest_step(film):
    steps = (film[1:] - film[:-1]).flatten(1).square().sum(1)
    return steps.max() / steps.mean()
""",
            ),
            (
                "absolute differences, added up or averaged: that is a distance, too, but not the Euclidean one",
                """
def largest_step(film):
    steps = (film[1:] - film[:-1]).flatten(1).abs().sum(1)
    return steps.max() / steps.mean()
""",
            ),
            (
                "the distances from the first image: a step goes from each image to the next",
                """
def largest_step(film):
    steps = (film[1:] - film[0]).flatten(1).norm(dim=1)
    return steps.max() / steps.mean()
""",
            ),
            (
                "one step too many: the film does not go back from its last image to its first",
                """
def largest_step(film):
    steps = (film.roll(-1, 0) - film).flatten(1).norm(dim=1)
    return steps.max() / steps.mean()
""",
            ),
            (
                "the average divides by the number of images, but how many steps are there?",
                """
def largest_step(film):
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)
    return steps.max() / (steps.sum() / len(film))
""",
            ),
            (
                "the largest step alone, in pixels: it is not yet held against the average step",
                """
def largest_step(film):
    return (film[1:] - film[:-1]).flatten(1).norm(dim=1).max()
""",
            ),
            (
                "upside down: this is the average step against the largest",
                """
def largest_step(film):
    steps = (film[1:] - film[:-1]).flatten(1).norm(dim=1)
    return steps.mean() / steps.max()
""",
            ),
            (
                "each pixel has its own steps here: a step of the film takes all its pixels as one vector",
                """
def largest_step(film):
    steps = (film[1:] - film[:-1]).abs()
    return steps.max() / steps.mean()
""",
            ),
        ),
    ),
    Exercise(
        name="how_far",
        title="How far to go",
        task=r"""A classifier that calls each code by the nearest mean changes its mind on the way from $z$ to $z +
t\,(m_\text{target} - m_\text{source})$. Where? For each code return the $t$ at which the moved code is as near to the
target's mean as to the source's. (It is negative for a code that lies nearer to the target from the start.)""",
        stub="""
def how_far(z, source, target):  # codes (N, latent_dim), two means (latent_dim,) => (N,)
    ...
""",
        solution="""
def how_far(z, source, target):
    direction = target - source
    return ((source + target) / 2 - z) @ direction / (direction @ direction)
""",
        right=(
            "Each code has a t of its own, and only its place along the one direction counts. The images that the "
            "table counts as failures had, on average, farther to go than the others."
        ),
        cases=_codes_and_means,
        mistakes=(
            (
                "the sign is turned: a code at the source's own mean has to move towards the target",
                """
def how_far(z, source, target):
    direction = target - source
    return (z - (source + target) / 2) @ direction / (direction @ direction)
""",
            ),
            (
                "this is a distance in latent space; t counts in units of target − source, so how long is that unit?",
                """
def how_far(z, source, target):
    direction = target - source
    return ((source + target) / 2 - z) @ direction / direction.norm()
""",
            ),
            (
                "a scalar product alone grows with the square of the distance between the means: what is missing?",
                """
def how_far(z, source, target):
    return ((source + target) / 2 - z) @ (target - source)
""",
            ),
            (
                "this goes on until the code is level with the target's mean; the classifier changes its mind earlier",
                """
def how_far(z, source, target):
    direction = target - source
    return (target - z) @ direction / (direction @ direction)
""",
            ),
            (
                "measured from the origin of latent space, as if the border ran through it; where does it run?",
                """
def how_far(z, source, target):
    direction = target - source
    return -z @ direction / (direction @ direction)
""",
            ),
            (
                "the same for all codes: this is the way of the source's mean, but each code has its own place",
                """
def how_far(z, source, target):
    return torch.full((len(z),), 0.5)
""",
            ),
        ),
    ),
]
