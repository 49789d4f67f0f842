"""What lossless coders make of binarized images: the baselines of compression with a VAE."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma

import numpy as np
import PIL.Image
from torch import Tensor

from .._validation import check_images


def compressed_bits(images: Tensor) -> dict[str, float]:
    """What lossless compressors make of black-and-white images: {"gzip, each alone": bits per image, ...}.

    images: (N, 1, 28, 28), each pixel 0 or 1, packed into 98 bytes before gzip or xz sees it; bz2 gets a byte a pixel,
    which suits it better. "Pooled" means in one file, so that its header is paid once and an image can refer to those
    before it.

    Raises ValueError for images of another shape or with a pixel that is neither 0 nor 1.
    """
    pixels = _black_and_white(images)
    packed = np.packbits(pixels.reshape(len(pixels), -1), axis=1)  # => (N, 98) bytes
    sizes = {
        "PNG, each alone": sum(len(_png(image[0])) for image in pixels),
        "gzip, each alone": sum(len(gzip.compress(image.tobytes(), mtime=0)) for image in packed),
        "bz2, pooled": len(bz2.compress(pixels.tobytes())),
        "gzip, pooled": len(gzip.compress(packed.tobytes(), mtime=0)),
        "xz, pooled": len(lzma.compress(packed.tobytes(), preset=9 | lzma.PRESET_EXTREME)),
    }
    return {name: 8 * size / len(pixels) for name, size in sizes.items()}


def context_bits(images: Tensor) -> float:
    """The code length of a context coder for black-and-white images, in bits per image.

    images: (N, 1, 28, 28), each pixel 0 or 1, sent one after the other, row by row. Each pixel is predicted from its
    ten neighbours that were sent before it: two to the left, five above, three above those. For each of their 1,024
    patterns two counters say how often black and white have followed so far, from ½ each; the receiver counts along, so
    nothing else needs to be sent. The idea of JBIG (ITU-T T.82, 1993); the ½ is that of Krichevsky and Trofimov.

    Raises ValueError for images of another shape or with a pixel that is neither 0 nor 1.
    """
    pixels = _black_and_white(images)[:, 0]
    padded = np.pad(pixels, ((0, 0), (2, 0), (2, 2))).astype(np.int64)
    above = [(2, column) for column in (-1, 0, 1)] + [(1, column) for column in (-2, -1, 0, 1, 2)]
    sent = [(0, -2), (0, -1), *above]
    height, width = pixels.shape[1:]
    patterns = sum(
        padded[:, 2 - up : 2 - up + height, 2 + column : 2 + column + width] << place
        for place, (up, column) in enumerate(sent)
    )
    nats = 0.0
    for pattern in np.unique(patterns):
        white = pixels[patterns == pattern]  # in the order in which they are sent
        count = np.arange(len(white))
        whites = np.cumsum(white) - white  # before this one
        of_this = np.where(white, whites, count - whites)
        nats -= np.log((of_this + 0.5) / (count + 1)).sum()
    return float(nats / np.log(2) / len(pixels))


def _black_and_white(images):
    check_images(images)
    if not ((images == 0) | (images == 1)).all():
        raise ValueError("images: expected black and white pixels, 0 or 1, got grey ones: binarize them first")
    return images.bool().cpu().numpy()


def _png(pixels):
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG", optimize=True)  # one bit a pixel, since they are booleans
    return file.getvalue()
