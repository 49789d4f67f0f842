"""compression: what file formats make of images whose size is known."""

import gzip
import io

import numpy as np
import PIL.Image
import torch

import vae_helpers as vh
from vae_helpers.applications import compressed_bits
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
