"""Write the way there and back in one function. Project each code onto the first $k$ principal
components of all the codes, and return the places where they land, as codes of full width again. Both arrays have
shape `(N, latent_dim)`. The codes need not lie around the origin."""

import torch

from ..exercise import Exercise


def flattened(codes, k):  # (N, latent_dim), number => (N, latent_dim)
    mean = codes.mean(0)
    _, _, axes = torch.linalg.svd(codes - mean, full_matrices=False)  # one component a row
    return mean + (codes - mean) @ axes[:k].T @ axes[:k]


def clouds():
    """Codes that lie away from the origin and vary much more along some directions than along others, with a k."""
    cases = []
    for count, width, k in [(4, 2, 1), (30, 5, 2), (100, 20, 10)]:
        turn = torch.linalg.qr(torch.randn(width, width))[0]
        spread = torch.linspace(3, 0.3, width)
        cases.append({"codes": torch.randn(count, width) * spread @ turn + 2 * torch.randn(width), "k": k})
    return cases


exercise = Exercise(
    flattened,
    title="Flat, and back again",
    hints=(
        "What does PCA subtract before it looks for directions?",
        "`torch.linalg.svd(centred, full_matrices=False)` returns the components as the rows of its third result.",
        "Project with the first k rows, go back with their transpose, and add the mean again.",
    ),
    idea="projection and way back",
    minutes=7,
    difficulty=2,
    task=__doc__,
    right=(
        "No flat picture with k dimensions keeps more of the codes' variance. What a decoder makes of these places "
        "is what a map can show; how much is missing, you will measure now."
    ),
    cases=clouds,
)


def _axes(centred):
    """The principal components of centred codes, one a row."""
    return torch.linalg.svd(centred, full_matrices=False)[2]


@exercise.mistake
def not_centred(codes, k):
    """The codes are never centred, so the first direction points at their mean and not along their spread."""
    axes = _axes(codes)
    return codes @ axes[:k].T @ axes[:k]


@exercise.mistake
def still_centred(codes, k):
    """All places are off by the same vector: what was subtracted before the projection?"""
    return flattened(codes, k) - codes.mean(0)


@exercise.mistake
def on_components(codes, k):
    """These are the places on the components, k numbers each; the way back to full width is missing."""
    centred = codes - codes.mean(0)
    return centred @ _axes(centred)[:k].T


@exercise.mistake
def columns_as_components(codes, k):
    """Rows and columns are swapped: which of them are the components in what `svd` returns?"""
    mean = codes.mean(0)
    axes = _axes(codes - mean)
    return mean + (codes - mean) @ axes[:, :k] @ axes[:, :k].T


@exercise.mistake
def last_components(codes, k):
    """These are the components along which the codes vary least: in which order do they come?"""
    mean = codes.mean(0)
    axes = _axes(codes - mean)
    return mean + (codes - mean) @ axes[-k:].T @ axes[-k:]


@exercise.mistake
def first_latents(codes, k):
    """This keeps the first k latents; a component is a direction of its own, across many latents."""
    return torch.where(torch.arange(codes.shape[1]) < k, codes, codes.mean(0))


@exercise.mistake
def standardized(codes, k):
    """Each latent is divided by its spread first, so one that hardly varies has as much say as any other."""
    mean, spread = codes.mean(0), codes.std(0)
    return mean + spread * flattened((codes - mean) / spread, k)


@exercise.mistake
def axes_alone_centred(codes, k):
    """The axes are those of the centred codes, but the codes that you project on them are not centred."""
    axes = _axes(codes - codes.mean(0))
    return codes @ axes[:k].T @ axes[:k]
