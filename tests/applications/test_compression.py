"""compression: what file formats make of images whose size is known."""

import gzip
import io
import math

import numpy as np
import PIL.Image
import torch

import vae_helpers as vh
from vae_helpers.applications import compressed_bits, context_bits
from vae_helpers.applications.compression import _png


def test_an_image_that_cannot_be_compressed_costs_its_bits_and_gzip_s_frame():
    images = vh.binarize(torch.full((300, 1, 28, 28), 0.5))
    bits = compressed_bits(images)
    assert bits["gzip, each alone"] == 8 * (98 + 18 + 5)  # 784 bits stored; header and checksum; one block
    assert 784 < bits["gzip, pooled"] < 786
    assert 784 < bits["xz, pooled"] < 790
    assert bits["PNG, each alone"] > 784


def test_black_images_cost_nearly_nothing_when_pooled():
    bits = compressed_bits(torch.zeros(2000, 1, 28, 28))
    assert max(bits["gzip, pooled"], bits["xz, pooled"]) < 1
    assert min(bits["gzip, each alone"], bits["PNG, each alone"]) > 150  # a header for each


def test_what_is_compressed_is_the_images(images):
    black_and_white = vh.binarize(images, seed=1)  # not the seed that drew them
    black_and_white[0] = 0  # so that their sizes differ
    for image in black_and_white:
        opened = PIL.Image.open(io.BytesIO(_png(image[0].bool().numpy())))
        assert opened.mode == "1"
        np.testing.assert_array_equal(np.asarray(opened), image[0].bool())
    packed = np.packbits(black_and_white.flatten(1).bool().numpy(), axis=1)
    sizes = [8 * len(gzip.compress(row.tobytes(), mtime=0)) for row in packed]
    bits = compressed_bits(black_and_white)
    assert bits["gzip, each alone"] == np.mean(sizes)
    assert bits["PNG, each alone"] == np.mean([8 * len(_png(image[0].bool().numpy())) for image in black_and_white])


def test_the_context_coder_counts_pixel_by_pixel(images):
    """Against a loop over pixels: each from its ten neighbours that were sent before it, black outside the image."""
    black_and_white = vh.binarize(images, seed=1)
    counts, bits = {}, 0.0
    for image in black_and_white[:, 0].int().tolist():
        for row in range(28):
            for column in range(28):

                def at(up, right, row=row, column=column, image=image):
                    inside = row >= up and 0 <= column + right < 28
                    return image[row - up][column + right] if inside else 0

                seen = (*(at(2, right) for right in (-1, 0, 1)), *(at(1, right) for right in range(-2, 3)))
                seen += at(0, -2), at(0, -1)
                black, white = counts.setdefault(seen, [0.5, 0.5])
                pixel = image[row][column]
                bits -= math.log2((black, white)[pixel] / (black + white))
                counts[seen][pixel] += 1
    assert math.isclose(context_bits(black_and_white), bits / len(black_and_white), rel_tol=1e-9)


def test_the_context_coder_pays_a_bit_for_each_pixel_of_noise_and_little_for_black():
    noise = vh.binarize(torch.full((300, 1, 28, 28), 0.5))
    assert 784 < context_bits(noise) < 784 * 1.05  # and some for learning 1,024 patterns
    assert context_bits(torch.zeros(2000, 1, 28, 28)) < 0.02
