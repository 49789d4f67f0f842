"""What a VAE is used for: samples, file sizes, anomalies, missing pixels, and the dimension of data.

Each use has its own few functions; notebook 06 holds each of them against a baseline. A mask of pixels is one
boolean tensor (1, 28, 28) for all images, True where a pixel is seen.
"""

import gzip
import io
import lzma
import math
from pathlib import Path

import matplotlib
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import torch

from ._checks import check_images, check_positive_int, check_vae
from ._torchvision import import_torchvision
from .data import data_folder
from .objective import bernoulli_nll, gaussian_kl, pixel_entropy, reconstruction_nll

# generation


@torch.no_grad()
def aggregate_posterior(model, images, count, seed=0):
    """Codes drawn from the average of q(z|x) over images: (N, 1, 28, 28) => (count, latent_dim).

    Each is a sample of the posterior of one image, chosen at random. Makhzani et al., "Adversarial Autoencoders",
    2015, arXiv:1511.05644, name this mixture.

    Raises ValueError for images of another shape or outside [0, 1], count < 1, or a plain autoencoder.
    """
    check_vae(model)
    check_images(images)
    check_positive_int("count", count)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        chosen = images[torch.randint(len(images), (count,))]
        return model.reparameterize(*model.encode(chosen.to(next(model.parameters())))).cpu()


# compression


def compressed_bits(images):
    """What lossless compressors make of black-and-white images: {"gzip, each alone": bits per image, ...}.

    images: (N, 1, 28, 28), each pixel 0 or 1, packed into 98 bytes before gzip or xz sees it. "Pooled" means in one
    file, so that its header is paid once and an image can refer to those before it.

    Raises ValueError for images of another shape or with a pixel that is neither 0 nor 1.
    """
    check_images(images)
    if not ((images == 0) | (images == 1)).all():
        raise ValueError("images must be black and white, 0 or 1, to be packed into bits; got grey ones: binarize them")
    pixels = images.bool().cpu().numpy()
    packed = np.packbits(pixels.reshape(len(pixels), -1), axis=1)  # => (N, 98) bytes
    sizes = {
        "PNG, each alone": sum(len(_png(image[0])) for image in pixels),
        "gzip, each alone": sum(len(gzip.compress(image.tobytes(), mtime=0)) for image in packed),
        "gzip, pooled": len(gzip.compress(packed.tobytes(), mtime=0)),
        "xz, pooled": len(lzma.compress(packed.tobytes(), preset=9 | lzma.PRESET_EXTREME)),
    }
    return {name: 8 * size / len(pixels) for name, size in sizes.items()}


def _png(pixels):
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG", optimize=True)  # one bit a pixel, since they are booleans
    return file.getvalue()


# anomalies


@torch.no_grad()
def anomaly_scores(model, images, seed=0):
    """Four scores of each image that are said to be high for anomalies: {name: (N,)}, the first three in nats.

    "−ELBO", at one sample of z. "reconstruction − entropy": what the decoder loses beyond the pixels' own entropy,
    at the same sample. "KL". "‖μ‖": how far the posterior mean lies from the prior's.

    Raises ValueError for images of another shape or outside [0, 1], or a model without Bernoulli pixels.
    """
    if getattr(model, "likelihood", None) != "bernoulli":
        raise ValueError(f"anomaly scores need Bernoulli pixels, got a model of class {type(model).__name__} without")
    check_images(images)
    parts = []
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for x in images.to(next(model.parameters())).split(1000):
            logits, mu, logvar = model(x)
            loss, kl = bernoulli_nll(logits, x), gaussian_kl(mu, logvar)
            parts.append(torch.stack([loss + kl, loss - pixel_entropy(x), kl, mu.norm(dim=1)]).cpu())
    return dict(zip(["−ELBO", "reconstruction − entropy", "KL", "‖μ‖"], torch.cat(parts, dim=1), strict=True))


def precision_recall(normal, anomalous, threshold):
    """Of the alarms, the share that is anomalous; of the anomalies, the share that raises one: two numbers in [0, 1].

    normal (N,), anomalous (M,): scores. A score above `threshold` raises an alarm. With no alarm there is no
    precision: it is NaN. Raises ValueError for a group without scores.
    """
    if not len(normal) or not len(anomalous):
        raise ValueError(f"scores of both groups are wanted, got {len(normal)} normal and {len(anomalous)} anomalous")
    false, true = (int((scores > threshold).sum()) for scores in (normal, anomalous))
    return true / (true + false) if true + false else math.nan, true / len(anomalous)


def other_sources(images, seed=0):
    """Images that are no upright MNIST digits, none of them from a network: {name: (M, 1, 28, 28) in [0, 1]}.

    Made of `images` (N, 1, 28, 28): the same, turned by 90°; the same, their pixels shuffled, all alike. Printed
    letters, in the fonts that come with matplotlib. Scanned digits of another collection, 8 × 8, from scikit-learn.
    And Fashion-MNIST's test images, if they lie on disk where MNIST does.

    Raises ValueError for images of another shape or outside [0, 1].
    """
    from sklearn.datasets import load_digits

    check_images(images)
    shuffle = torch.randperm(784, generator=torch.Generator().manual_seed(seed))
    scanned = torch.tensor(load_digits().images / 16, dtype=torch.float32).unsqueeze(1)
    scanned = torch.nn.functional.interpolate(scanned, size=(20, 20), mode="bilinear")  # 8x8 => 20x20
    sources = {
        "turned digits": torch.rot90(images, dims=(2, 3)),
        "shuffled pixels": images.flatten(1)[:, shuffle].view_as(images),
        "printed letters": _printed_letters(),
        "8 × 8 scans": torch.nn.functional.pad(scanned, (4, 4, 4, 4)),  # => 28x28, with MNIST's margin
    }
    fashion = data_folder() / "FashionMNIST" / "raw" / "t10k-images-idx3-ubyte"
    if fashion.is_file():
        read = import_torchvision().datasets.mnist.read_image_file
        sources["Fashion-MNIST"] = read(fashion).unsqueeze(1) / 255
    return sources


def _printed_letters():
    """A to Z and a to z in each of DejaVu's faces, as large and as centred as MNIST's digits."""
    letters = []
    faces = Path(matplotlib.get_data_path(), "fonts", "ttf").glob("DejaVuS*.ttf")
    for face in sorted(face for face in faces if "Display" not in face.name):  # those two lack most letters
        font = PIL.ImageFont.truetype(face, 40)
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
            left, top, right, bottom = font.getbbox(letter)
            glyph = PIL.Image.new("L", (right - left, bottom - top))
            PIL.ImageDraw.Draw(glyph).text((-left, -top), letter, fill=255, font=font)
            glyph.thumbnail((20, 20))
            image = PIL.Image.new("L", (28, 28))
            image.paste(glyph, ((28 - glyph.width) // 2, (28 - glyph.height) // 2))
            letters.append(np.asarray(image, dtype=np.float32) / 255)
    return torch.from_numpy(np.stack(letters)).unsqueeze(1)


# missing pixels


@torch.no_grad()
def impute_pseudo_gibbs(model, images, seen, steps=50, seed=0):
    """Fill in missing pixels by encoding and decoding in turn: (N, 1, 28, 28) => the same shape.

    Each step draws a code from q(z|x), where x has the seen pixels and the last guess of the others, and decodes the
    next guess from it. Starts from the decoder's image at z = 0; returns the average guess of the second half of the
    steps. Rezende, Mohamed and Wierstra, "Stochastic Backpropagation and Approximate Inference in Deep Generative
    Models", 2014, arXiv:1401.4082.

    Raises ValueError for images of another shape or outside [0, 1], a mask that is not as `seen` must be, fewer
    than one step, or a plain autoencoder.
    """
    x, seen = _checked_task(model, images, seen, steps)
    guess = model.decode(torch.zeros(len(x), model.latent_dim).to(x))
    total, kept = torch.zeros_like(x), steps - steps // 2
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for step in range(steps):
            guess = model.decode(model.reparameterize(*model.encode(torch.where(seen, x, guess))))
            if step >= steps // 2:
                total += guess / kept
    return torch.where(seen, x, total).cpu()


def impute_map(model, images, seen, steps=100):
    """Fill in missing pixels by decoding the most probable code: (N, 1, 28, 28) => the same shape.

    The code minimises −log p(seen pixels | z) − log p(z), found by Adam from z = 0. The encoder is not asked: it has
    never met an image with pixels missing. Raises ValueError as `impute_pseudo_gibbs` does.
    """
    x, seen = _checked_task(model, images, seen, steps)
    z = torch.zeros(len(x), model.latent_dim).to(x).requires_grad_()
    _minimise(lambda: _seen_nll(model, z, x, seen) + 0.5 * z.square().sum(1), [z], steps)
    with torch.no_grad():
        return torch.where(seen, x, model.decode(z)).cpu()


def plausible_completions(model, images, seen, count=6, steps=100, seed=0):
    """Several ways to fill in missing pixels: (N, 1, 28, 28) => (count, N, 1, 28, 28).

    Each starts at a random code, fits a Gaussian q(z) of its own to the seen pixels by their ELBO, and decodes one
    sample of it. So they differ where the seen pixels leave a choice: from mode to mode, and within one.

    Raises ValueError as `impute_pseudo_gibbs` does, and for count < 1.
    """
    check_positive_int("count", count)
    x, seen = _checked_task(model, images, seen, steps)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        everyone = x.repeat(count, 1, 1, 1)
        mu = torch.randn(len(everyone), model.latent_dim).to(x).requires_grad_()
        logvar = torch.full_like(mu, -2.0).requires_grad_()  # a narrow start, so that the seen pixels are heard

        def negative_elbo():
            return _seen_nll(model, model.reparameterize(mu, logvar), everyone, seen) + gaussian_kl(mu, logvar)

        _minimise(negative_elbo, [mu, logvar], steps)
        with torch.no_grad():
            filled = torch.where(seen, everyone, model.decode(model.reparameterize(mu, logvar)))
    return filled.cpu().unflatten(0, (count, len(x)))


def _minimise(loss, parameters, steps):
    """Adam on the sum of `loss()`: each image has its own parameters, so that each gets its own minimum."""
    optimizer = torch.optim.Adam(parameters, lr=0.1)
    for _ in range(steps):
        gradients = torch.autograd.grad(loss().sum(), parameters)  # of these only, and not of the model's weights
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()


def _seen_nll(model, z, x, seen):
    """-log p(seen pixels | z): pixels are independent given z, so the others are just left out. (N,) nats."""
    return reconstruction_nll(model, model.decode_logits(z)[:, seen], x[:, seen])


def _checked_task(model, images, seen, steps):
    """The images and the mask where the model is, once all is as it should be."""
    check_vae(model)
    check_images(images)
    check_positive_int("steps", steps)
    if not torch.is_tensor(seen) or seen.dtype != torch.bool or seen.shape != (1, 28, 28):
        what = f"{seen.dtype} of shape {tuple(seen.shape)}" if torch.is_tensor(seen) else f"a {type(seen).__name__}"
        raise ValueError(f"seen must be one boolean mask of shape (1, 28, 28) for all images, got {what}")
    if seen.all() or not seen.any():
        raise ValueError(f"seen must leave some pixels out and some in, got {int(seen.sum())} of 784")
    x = images.to(next(model.parameters()))
    return x, seen.to(x.device)


# the dimension of data


def two_nn(points):
    """Intrinsic dimension from the two nearest neighbours of each point: (N, ...) => one number.

    Where the density is even over the nearest two, their distances have a ratio r with P(ratio > r) = r^-d. So
    -log P against log r is a line through the origin with slope d; it is fitted to the lower 90 % of the ratios.
    Facco et al., "Estimating the intrinsic dimension of datasets by a minimal neighborhood information", 2017,
    arXiv:1803.06992.

    Raises ValueError for fewer than 20 points, or points that are copies of one another.
    """
    distances = _neighbour_distances(points, 2)
    log_ratio = np.sort(np.log(distances[:, 1] / distances[:, 0]))
    kept = int(0.9 * len(log_ratio))
    below = np.arange(1, kept + 1) / len(log_ratio)  # the share of points with this ratio or less
    x, y = log_ratio[:kept], -np.log(1 - below)
    return float(x @ y / (x @ x))


def levina_bickel(points, neighbours=10):
    """Intrinsic dimension by maximum likelihood from the nearest neighbours of each point: (N, ...) => one number.

    Around a point, the number of others grows with the distance as its d-th power. Levina and Bickel, "Maximum
    Likelihood Estimation of Intrinsic Dimension", 2004; the points' estimates are joined by averaging their inverses,
    as MacKay and Ghahramani proposed in 2005, since averaging the estimates themselves is biased upwards.

    Raises ValueError for neighbours < 2, too few points for them, or points that are copies of one another.
    """
    check_positive_int("neighbours", neighbours)
    if neighbours < 2:
        raise ValueError(f"neighbours must be 2 or more, got {neighbours}")
    distances = _neighbour_distances(points, neighbours)
    return float(1 / np.log(distances[:, -1:] / distances[:, :-1]).mean())


def participation_ratio(points):
    """How many directions share the variance, (sum of eigenvalues)² / (sum of their squares): (N, ...) => one number.

    D for a round Gaussian in D dimensions, 1 for a line. It looks at the covariance only, so a curved line counts
    for as many dimensions as it bends into. Raises ValueError for fewer than two points, or points all alike.
    """
    flat = _flat(points, 2)
    centred = flat - flat.mean(0)
    covariance = centred.T @ centred
    total = np.trace(covariance)
    if not total > 0:
        raise ValueError(f"points must differ, got {len(flat)} that are all alike")
    return float(total**2 / np.square(covariance).sum())


def _neighbour_distances(points, count):
    """The distances of each point to its `count` nearest others, nearest first: (N, count), in float64."""
    from sklearn.neighbors import NearestNeighbors

    flat = _flat(points, max(20, count + 1))
    neighbours = NearestNeighbors(n_neighbors=count).fit(flat).kneighbors(return_distance=False)
    # measured anew, since its own distances come from dot products, which lose the digits of a small one
    distances = np.stack([np.linalg.norm(flat - flat[nth], axis=1) for nth in neighbours.T], axis=1)
    distances = np.sort(distances.astype(np.float64), axis=1)
    copies = int((distances[:, 0] == 0).sum())
    if copies:
        raise ValueError(f"points must differ, got {copies} that have a copy; torch.unique(points, dim=0) helps")
    return distances


def _flat(points, least):
    flat = torch.as_tensor(points).detach().cpu().flatten(1).numpy() if np.ndim(points) > 1 else np.empty((0, 0))
    if len(flat) < least:
        raise ValueError(f"at least {least} points of shape (N, ...) are wanted, got shape {tuple(np.shape(points))}")
    return flat
