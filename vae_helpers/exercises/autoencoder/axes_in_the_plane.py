r"""Training has found a plane, in axes of its own choosing. Find better ones. The columns of `V` (P, K) span the
plane (for $K > 2$, the subspace), and `x` (N, P) holds centred images. Return axes **in this plane**, orthonormal and
one per row, (K, P), such that the coordinates of `x` along them are uncorrelated, the one with the largest variance
first. Their signs are up to you. No matrix larger than $K \times K$ need be diagonalised."""

import torch

from ..exercise import Exercise
from ..values import stacked


def axes_in_the_plane(x, V):  # (N, P), (P, K) => (K, P)
    Q, _ = torch.linalg.qr(V)  # (P, K): an orthonormal basis of the same plane
    coordinates = x @ Q  # (N, K)
    _, turn = torch.linalg.eigh(coordinates.T @ coordinates)  # (K, K), the smallest variance first
    return (Q @ turn).T.flip(0)


def clouds_and_planes():
    """Centred clouds of various lengths along their axes, and planes that need not be those of PCA."""
    cases = []
    for count, width, k in [(40, 4, 2), (60, 6, 2), (80, 9, 3)]:
        x = torch.randn(count, width) * torch.linspace(1, 3, width)
        cases.append({"x": x - x.mean(0), "V": torch.randn(width, k)})
    return cases


def with_signs(answer, x, V):
    """The axes, each with the sign that makes its largest entry positive, since the signs are free."""
    found = stacked(answer(x, V))
    if not hasattr(found, "shape") and not isinstance(found, (list, tuple)):
        return found
    axes = torch.as_tensor(found)
    if axes.ndim != 2 or 0 in axes.shape:
        return axes
    largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    return axes * torch.where(largest < 0, -1.0, 1.0).to(axes.dtype)


exercise = Exercise(
    axes_in_the_plane,
    title="The axes of the plane",
    hints=(
        "Start from any orthonormal basis of the plane: `torch.linalg.qr(V)` gives one, in the columns of its "
        "first result.",
        "In that basis each image has K coordinates. They are correlated; which rotation of K axes makes them "
        "uncorrelated?",
        "The eigenvectors of the coordinates' K × K covariance. `eigh` gives them as columns, the smallest "
        "eigenvalue first.",
    ),
    idea="PCA inside a subspace; a loss that does not see the axes",
    minutes=12,
    difficulty=3,
    task=__doc__,
    right="On the plane of a trained linear autoencoder, these are the principal components. Ordered axes are lost "
    "in training, and cheap to get back.",
    cases=clouds_and_planes,
    observe=with_signs,
    tolerance=1e-3,
    derivation=r"""Every orthonormal basis of the plane is $QT$ with $V = QR$ and an orthogonal $K \times K$ matrix $T$.
The coordinates along it are $T^\top Q^\top x$, so their covariance is $T^\top M T$ with
$M = \mathbb E[Q^\top x x^\top Q]$. It is diagonal if the columns of $T$ are eigenvectors of $M$, which is only
$K \times K$. `eigh` sorts the eigenvalues from small to large, hence the `flip`.""",
)


def _turned(x, Q):
    _, turn = torch.linalg.eigh((x @ Q).T @ (x @ Q))
    return (Q @ turn).T.flip(0)


@exercise.mistake
def orthonormal_only(x, V):
    """These axes are orthonormal and in the plane, but the coordinates along them are still correlated."""
    return torch.linalg.qr(V)[0].T


@exercise.mistake
def columns_of_unit_length(x, V):
    """The columns of V, cut to unit length: they are not even orthogonal."""
    return (V / V.norm(dim=0)).T


@exercise.mistake
def principal_components(x, V):
    """These are the principal components of x. They need not lie in the plane."""
    return torch.linalg.svd(x, full_matrices=False)[2][: V.shape[1]]


@exercise.mistake
def singular_vectors(x, V):
    """These are the singular vectors of V. They depend on how long its columns are, and not on x."""
    return torch.linalg.svd(V, full_matrices=False)[0].T


@exercise.mistake
def smallest_first(x, V):
    """The right axes in the wrong order: the largest variance comes first."""
    return axes_in_the_plane(x, V).flip(0)


@exercise.mistake
def one_per_column(x, V):
    """The right axes as columns: return them as rows."""
    return axes_in_the_plane(x, V).T


@exercise.mistake
def within_the_plane(x, V):
    """These are the axes in the coordinates of the plane, K × K: the way back to images is missing."""
    Q, _ = torch.linalg.qr(V)
    return torch.linalg.eigh((x @ Q).T @ (x @ Q))[1].T.flip(0)


@exercise.mistake
def without_an_orthonormal_basis(x, V):
    """You took x's products with the columns of V for its coordinates, and V has no orthonormal columns: make it so."""
    return _turned(x, V)


@exercise.mistake
def turned_the_other_way(x, V):
    """The axes are turned the wrong way round: eigh's eigenvectors are the columns."""
    Q, _ = torch.linalg.qr(V)
    return (Q @ torch.linalg.eigh((x @ Q).T @ (x @ Q))[1].T).T.flip(0)
