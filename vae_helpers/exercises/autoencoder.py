"""The exercises of notebook 01."""

import torch

from .checker import Exercise


def _widths():
    """Widths of an autoencoder's layers."""
    return [{"hidden_dim": h, "latent_dim": d} for h, d in [(512, 2), (400, 20), (10, 3)]]


def _pairs_of_images():
    """Two sets of images, pixels in [0, 1]."""
    shapes = [(2, 1, 28, 28), (1, 1, 28, 28), (3, 1, 2, 2)]
    return [{"x_hat": torch.rand(shape), "x": torch.rand(shape)} for shape in shapes]


def _codes():
    """Clouds of codes, neither round nor centred."""
    scales, centres = torch.tensor([3.0, 0.7]), torch.tensor([[1.0, -2.0], [-4.0, 0.3], [0.5, 5.0]])
    return [
        {"codes": centre + scales.roll(k) * torch.randn(1000, 2), "size": size}
        for k, (centre, size) in enumerate(zip(centres, [2, 3, 5], strict=True))
    ]


def _ends():
    """Two codes and a number of steps."""
    return [
        {"start": torch.randn(dim), "end": torch.randn(dim), "steps": steps} for dim, steps in [(2, 3), (2, 5), (3, 4)]
    ]


def _principal_components():
    """Vectors that are not centred, their mean, and more orthonormal components than are wanted."""
    cases = []
    for count, pixels, most, k in [(1, 3, 2, 1), (4, 6, 4, 2), (5, 20, 10, 3)]:
        components, _ = torch.linalg.qr(torch.randn(pixels, most))
        x = 1 + torch.randn(count, pixels)
        cases.append({"x": x, "mean": 1 + 0.3 * torch.randn(pixels), "components": components.T, "k": k})
    return cases


EXERCISES = [
    Exercise(
        name="count_parameters",
        title="The number of parameters",
        task=r"""Without building it, count the parameters of an autoencoder 784 → `hidden_dim` → `latent_dim` →
`hidden_dim` → 784. Remember what `nn.Linear(a, b)` computes: $Wh + c$. Your function gets two whole numbers and
returns one.""",
        stub="""
def count_parameters(hidden_dim, latent_dim):  # two whole numbers => one
    ...
""",
        solution="""
def count_parameters(hidden_dim, latent_dim):
    widths = [784, hidden_dim, latent_dim, hidden_dim, 784]
    return sum(n_in * n_out + n_out for n_in, n_out in zip(widths, widths[1:]))
""",
        right="Nearly all of them sit in the first and the last layer; the code itself costs next to nothing.",
        cases=_widths,
        mistakes=(
            (
                "you counted the weights. What else does a linear layer learn?",
                """
def count_parameters(hidden_dim, latent_dim):
    return 2 * (784 * hidden_dim + hidden_dim * latent_dim)
""",
            ),
            (
                "this is the encoder alone; the decoder learns as well",
                """
def count_parameters(hidden_dim, latent_dim):
    return 784 * hidden_dim + hidden_dim + hidden_dim * latent_dim + latent_dim
""",
            ),
            (
                "this is twice the encoder. The weights are mirrored, but are the biases? Look at what each layer of"
                " the decoder puts out",
                """
def count_parameters(hidden_dim, latent_dim):
    return 2 * (784 * hidden_dim + hidden_dim + hidden_dim * latent_dim + latent_dim)
""",
            ),
            (
                "some biases are missing: does the last layer have them too?",
                """
def count_parameters(hidden_dim, latent_dim):
    return 2 * (784 * hidden_dim + hidden_dim * latent_dim) + 2 * hidden_dim + latent_dim
""",
            ),
        ),
        tolerance=1e-9,
    ),
    Exercise(
        name="error_per_image",
        title="The loss, one number an image",
        task=r"""Write the inner sum of this formula: the squared error of each image, summed over its pixels, for
`x_hat` and `x` of shape (N, 1, 28, 28) with pixels in [0, 1]. Return N numbers; the average over the images comes
later.""",
        stub="""
def error_per_image(x_hat, x):  # (N, 1, 28, 28), (N, 1, 28, 28) => (N,)
    ...
""",
        solution="""
def error_per_image(x_hat, x):
    return ((x_hat - x) ** 2).flatten(1).sum(1)
""",
        right="Summed within an image, and no average yet: in this form you can put a KL beside it later.",
        cases=_pairs_of_images,
        mistakes=(
            (
                "this is an average over the pixels; the formula has a sum over i",
                """
def error_per_image(x_hat, x):
    return ((x_hat - x) ** 2).flatten(1).mean(1)
""",
            ),
            (
                "the images were summed up too: one number is left, where each image should keep its own",
                """
def error_per_image(x_hat, x):
    return ((x_hat - x) ** 2).sum()
""",
            ),
            (
                "one average over pixels and images together, as a mean squared error of most libraries does by"
                " default; each image should keep a number of its own",
                """
def error_per_image(x_hat, x):
    return ((x_hat - x) ** 2).mean()
""",
            ),
            (
                "the sum over pixels is right already, but the average over the images was taken as well; it comes"
                " later",
                """
def error_per_image(x_hat, x):
    return ((x_hat - x) ** 2).flatten(1).sum(1).mean()
""",
            ),
            (
                "there is a root too many: this is the distance between the images, not its square",
                """
def error_per_image(x_hat, x):
    return ((x_hat - x) ** 2).flatten(1).sum(1).sqrt()
""",
            ),
            (
                "the absolute values of the differences, where their squares are wanted",
                """
def error_per_image(x_hat, x):
    return (x_hat - x).abs().flatten(1).sum(1)
""",
            ),
        ),
    ),
    Exercise(
        name="grid_over_codes",
        title="A grid that covers the map",
        task=r"""Lay a grid of `size` × `size` evenly spaced points over the codes: along each axis from the smallest
code to the largest, both included. Return them as codes, in the order in which one reads a page: the top row (the
largest $z_2$) first, and each row from left to right.""",
        stub="""
def grid_over_codes(codes, size):  # (N, 2), a whole number => (size * size, 2)
    ...
""",
        solution="""
def grid_over_codes(codes, size):
    (left, bottom), (right, top) = codes.min(0).values, codes.max(0).values
    z2, z1 = torch.meshgrid(torch.linspace(top, bottom, size), torch.linspace(left, right, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
        right="Decode such a grid and put the images in rows: each lies where its code does. You will see that next.",
        cases=_codes,
        mistakes=(
            (
                "the grid spans one standard deviation to each side of the mean: about a third of the codes lie"
                " outside, along each axis, and the arms of the map with them",
                """
def grid_over_codes(codes, size):
    (left, bottom), (right, top) = codes.mean(0) - codes.std(0), codes.mean(0) + codes.std(0)
    z2, z1 = torch.meshgrid(torch.linspace(top, bottom, size), torch.linspace(left, right, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
            ),
            (
                "the grid spans -1 to 1, wherever the codes lie. Nothing has told the autoencoder to use that scale:"
                " look at the axes of the map",
                """
def grid_over_codes(codes, size):
    z2, z1 = torch.meshgrid(torch.linspace(1, -1, size), torch.linspace(-1, 1, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
            ),
            (
                "one range for both axes, but the codes are not spread alike along the two",
                """
def grid_over_codes(codes, size):
    low, high = codes.min(), codes.max()
    z2, z1 = torch.meshgrid(torch.linspace(high, low, size), torch.linspace(low, high, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
            ),
            (
                "the right points, upside down: the first row should be the top one",
                """
def grid_over_codes(codes, size):
    (left, bottom), (right, top) = codes.min(0).values, codes.max(0).values
    z2, z1 = torch.meshgrid(torch.linspace(bottom, top, size), torch.linspace(left, right, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
            ),
            (
                "the right points, transposed: you go down the columns, and one reads along the rows",
                """
def grid_over_codes(codes, size):
    (left, bottom), (right, top) = codes.min(0).values, codes.max(0).values
    z1, z2 = torch.meshgrid(torch.linspace(left, right, size), torch.linspace(top, bottom, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
            ),
            (
                "the right points, but they go up the columns: transposed, and upside down as well",
                """
def grid_over_codes(codes, size):
    (left, bottom), (right, top) = codes.min(0).values, codes.max(0).values
    z1, z2 = torch.meshgrid(torch.linspace(left, right, size), torch.linspace(bottom, top, size), indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)
""",
            ),
            (
                "the two coordinates have changed places: a code is (z₁, z₂), along the page and then up",
                """
def grid_over_codes(codes, size):
    (left, bottom), (right, top) = codes.min(0).values, codes.max(0).values
    z2, z1 = torch.meshgrid(torch.linspace(top, bottom, size), torch.linspace(left, right, size), indexing="ij")
    return torch.stack([z2.flatten(), z1.flatten()], dim=1)
""",
            ),
        ),
        tolerance=1e-3,
    ),
    Exercise(
        name="straight_walk",
        title="The walk, by hand",
        task=r"""Write the walk between two codes: `steps` codes, evenly spaced on the straight line from `start` to
`end`, both ends included. It should work for codes of any length $D$ and for two steps or more.""",
        stub="""
def straight_walk(start, end, steps):  # (D,), (D,), a whole number => (steps, D)
    ...
""",
        solution="""
def straight_walk(start, end, steps):
    share = torch.linspace(0, 1, steps).unsqueeze(1)  # (steps, 1): how much of the way is done
    return (1 - share) * start + share * end
""",
        right="All coordinates move at once. Notebook 05 walks like this, and along an arc, in 20 dimensions.",
        cases=_ends,
        mistakes=(
            (
                "only the first coordinate moves. That is a traversal of one axis, and it doesn't arrive: compare"
                " your last code with the end",
                """
def straight_walk(start, end, steps):
    codes = start.repeat(steps, 1)
    codes[:, 0] = torch.linspace(start[0].item(), end[0].item(), steps)
    return codes
""",
            ),
            (
                "one coordinate after the other: this way goes along the axes and round a corner, not straight",
                """
def straight_walk(start, end, steps):
    dim = len(start)
    share = torch.linspace(0, dim, steps).unsqueeze(1) - torch.arange(dim)
    return start + share.clamp(0, 1) * (end - start)
""",
            ),
            (
                "the walk stops one step short of its end: of the codes asked for, the last should be the end",
                """
def straight_walk(start, end, steps):
    share = torch.arange(steps).unsqueeze(1) / steps
    return (1 - share) * start + share * end
""",
            ),
            (
                "the right codes in the wrong direction: this goes from the end to the start",
                """
def straight_walk(start, end, steps):
    share = torch.linspace(1, 0, steps).unsqueeze(1)
    return (1 - share) * start + share * end
""",
            ),
            (
                "the right numbers in the wrong places: a reshape does not turn columns into rows",
                """
def straight_walk(start, end, steps):
    share = torch.linspace(0, 1, steps)
    return torch.stack([(1 - share) * a + share * b for a, b in zip(start, end)]).reshape(steps, -1)
""",
            ),
            (
                "rows and columns have changed places: one row for each step is wanted",
                """
def straight_walk(start, end, steps):
    share = torch.linspace(0, 1, steps)
    return torch.stack([(1 - share) * a + share * b for a, b in zip(start, end)])
""",
            ),
        ),
    ),
    Exercise(
        name="pca_reconstruction",
        title="The best that a plane can do",
        task=r"""Squeeze images through PCA and back. `x` holds flattened images as they are, **not** centred; `mean`
is the mean image; the rows of `components` are orthonormal, most important first. Use the first `k` of them and return
images, not codes.""",
        stub="""
def pca_reconstruction(x, mean, components, k):  # (N, 784), (784,), (K, 784), k <= K => (N, 784)
    ...
""",
        solution="""
def pca_reconstruction(x, mean, components, k):
    codes = (x - mean) @ components[:k].T  # (N, k): the encoder
    return mean + codes @ components[:k]  # (N, 784): the decoder
""",
        right="A linear encoder and a linear decoder, and no training. Now let us see what the curves are worth.",
        cases=_principal_components,
        mistakes=(
            (
                "the images were not centred: components are directions from the mean image, not from the black one",
                """
def pca_reconstruction(x, mean, components, k):
    return x @ components[:k].T @ components[:k]
""",
            ),
            (
                "what you return is still centred: something was taken away before, and never given back",
                """
def pca_reconstruction(x, mean, components, k):
    return (x - mean) @ components[:k].T @ components[:k]
""",
            ),
            (
                "the mean is given back, though it was never taken away",
                """
def pca_reconstruction(x, mean, components, k):
    return mean + x @ components[:k].T @ components[:k]
""",
            ),
            (
                "all the components were used: what is k for?",
                """
def pca_reconstruction(x, mean, components, k):
    return mean + (x - mean) @ components.T @ components
""",
            ),
            (
                "these are the last components, the least important ones",
                """
def pca_reconstruction(x, mean, components, k):
    return mean + (x - mean) @ components[-k:].T @ components[-k:]
""",
            ),
            (
                "these are the codes; images are wanted, so there is a way back to go",
                """
def pca_reconstruction(x, mean, components, k):
    return (x - mean) @ components[:k].T
""",
            ),
        ),
    ),
]
