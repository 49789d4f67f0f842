"""The page's decoder and encoder: the layers found amount to the model's, and quantized they are near to it."""

import zlib

import numpy as np
import pytest
import torch
from torch import nn

import vae_helpers as vh
from vae_helpers.widgets.network import ACTIVATIONS, PageDecoder, PageEncoder, dense_layers


def unpacked(network):
    """What a network of the page computes, from what it sends: a decoder's codes (N, latent_dim) => (N, 784)."""
    weights = np.frombuffer(zlib.decompress(network.weights), np.int8)
    numbers = np.frombuffer(network.rows, "<f4")

    def run(z):
        weight = number = 0
        for layer in network.layers:
            rows, columns = layer["rows"], layer["columns"]
            matrix = torch.tensor(weights[weight : weight + rows * columns].reshape(columns, rows).T.astype("f4"))
            scale, bias = (torch.tensor(numbers[number + k * rows :][:rows]) for k in (0, 1))
            z = ACTIVATIONS[layer["activation"]](z @ (matrix * scale[:, None]).T + bias)
            weight, number = weight + rows * columns, number + 2 * rows
        assert (weight, number) == (len(weights), len(numbers))
        return z

    return run


@pytest.mark.parametrize("name", ["vae2", "vae20", "ae2"])
def test_a_decoder_of_the_page_is_near_to_the_model_s(name, mnist):
    model = vh.load_pretrained(name)
    codes = vh.encode_mean(model, mnist.test.images[:200])
    with torch.no_grad():
        error = (unpacked(PageDecoder.of(model))(codes) - model.decode(codes).flatten(1)).abs()
    assert error.mean() < 1 / 255
    assert error.quantile(0.99) < 10 / 255


def test_an_encoder_of_the_page_is_near_to_the_model_s(mnist):
    model, images = vh.load_pretrained("vae20_beta1"), mnist.test.images[:200]
    with torch.no_grad():
        error = unpacked(PageEncoder.of(model))(images.flatten(1)) - torch.cat(model.encode(images), 1)
    assert error.abs().mean() < 0.02


class Functional(nn.Module):
    """A reader's class that calls its layers by hand."""

    latent_dim = 3

    def __init__(self, activation=torch.tanh):
        super().__init__()
        self.one, self.two, self.three = nn.Linear(3, 50), nn.Linear(50, 50, bias=False), nn.Linear(50, 784)
        self.unused = nn.Linear(3, 3)
        self.activation = activation

    def encode(self, x):
        return x.flatten(1)[:, :3]

    def decode_logits(self, z):
        self.unused(z)
        h = self.activation(self.two(self.activation(self.one(z))))
        return self.three(h).view(-1, 1, 28, 28)

    def decode(self, z):
        return torch.sigmoid(self.decode_logits(z))


@pytest.mark.parametrize("activation", [torch.tanh, torch.relu, nn.functional.silu, torch.sigmoid, lambda x: x])
def test_the_layers_of_any_class_are_found_by_what_they_compute(activation):
    torch.manual_seed(0)
    model = Functional(activation)
    decoder, codes = PageDecoder.of(model), torch.randn(50, 3)
    assert [layer["rows"] for layer in decoder.layers] == [50, 50, 784]
    with torch.no_grad():
        torch.testing.assert_close(unpacked(decoder)(codes), model.decode(codes).flatten(1), atol=0.03, rtol=0)


@pytest.mark.parametrize("activation", [torch.sin, nn.functional.gelu])
def test_what_is_no_stack_of_dense_layers_is_left_to_the_kernel(activation):
    model = Functional(activation)
    assert dense_layers(model, model.decode, torch.randn(4, 3)) == []
    conv = PageDecoder.of(vh.ConvVAE(2))
    assert conv.layers == []
    assert conv.model is not None


def test_the_kernel_decodes_for_the_page_where_the_page_cannot(monkeypatch):
    torch.manual_seed(0)
    model, sent = vh.ConvVAE(2), []
    decoder = PageDecoder.of(model)
    monkeypatch.setattr(decoder, "send", lambda content, buffers: sent.append((content, buffers)))
    decoder._answer(decoder, {"number": "7", "code": [0.5, -1.0]}, [])
    ((content, (pixels,)),) = sent
    assert content == {"number": "7"}
    expected = model.decode(torch.tensor([[0.5, -1.0]])).flatten().detach()
    np.testing.assert_allclose(np.frombuffer(pixels, "<f4"), expected, atol=1e-6)


def test_equal_weights_travel_once_and_others_apart():
    first, second = vh.load_pretrained("vae20"), vh.load_pretrained("vae20")
    decoder = PageDecoder.of(first)
    assert PageDecoder.of(second) is decoder
    with torch.no_grad():
        second.decoder[0].weight[0, 0] += 1
    assert PageDecoder.of(second) is not decoder


def test_no_hook_stays_on_the_model():
    model = vh.VAE(2, (8,))
    PageDecoder.of(model)
    assert not any(layer._forward_hooks for layer in model.modules())
