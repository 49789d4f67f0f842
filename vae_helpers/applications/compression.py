"""What lossless file formats make of binarized images: the baselines of compression with a VAE."""

from __future__ import annotations

import gzip
import io
import lzma

import numpy as np
import PIL.Image
from torch import Tensor

from .._validation import check_images


def compressed_bits(images: Tensor) -> dict[str, float]:
    """What lossless compressors make of black-and-white images: {"gzip, each alone": bits per image, ...}.

    images: (N, 1, 28, 28), each pixel 0 or 1, packed into 98 bytes before gzip or xz sees it. "Pooled" means in one
    file, so that its header is paid once and an image can refer to those before it.

    Raises ValueError for images of another shape or with a pixel that is neither 0 nor 1.
    """
    check_images(images)
    if not ((images == 0) | (images == 1)).all():
        raise ValueError("images: expected black and white pixels, 0 or 1, got grey ones: binarize them first")
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
