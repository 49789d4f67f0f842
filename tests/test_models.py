"""models: shapes, the ways through, the number of parameters, and the interface that the package asks of a model."""

from itertools import pairwise

import pytest
import torch

import vae_helpers as vh
from vae_helpers import models
from vae_helpers._validation import INTERFACE, check_model
from vae_helpers.losses import reparameterize
from vae_helpers.models import PixelBias

MODELS = [vh.VAE, vh.Autoencoder]
SIZES = [(2, (16,)), (5, (32, 16))]
CONVS = [(vh.ConvVAE, 2, 4, 1), (vh.ConvVAE, 5, 3, 2)]


@pytest.fixture(params=[(model, *sizes) for model in MODELS for sizes in SIZES] + CONVS, ids=str)
def model(request):
    return new(request.param)


def new(kind_and_sizes):
    kind, *sizes = kind_and_sizes
    return kind(*sizes)


def sizes_of(model):
    if isinstance(model, vh.ConvVAE):
        return model.latent_dim, model.channels, model.layers
    return model.latent_dim, model.hidden_dims


def test_encode_gives_codes_and_decode_gives_images_in_the_unit_interval(model, images):
    codes = model.encode(images)
    for code in [codes] if isinstance(model, vh.Autoencoder) else codes:
        assert code.shape == (6, model.latent_dim)
    z = 100 * torch.randn(6, model.latent_dim)  # far out too
    pixels = model.decode(z)
    assert pixels.shape == images.shape
    assert 0 <= pixels.min() <= pixels.max() <= 1
    torch.testing.assert_close(pixels, torch.sigmoid(model.decode_logits(z)))


@pytest.mark.parametrize("kind_and_sizes", [(vh.VAE, 3, (16,)), (vh.ConvVAE, 3, 4)], ids=str)
def test_forward_of_a_vae_is_encode_then_reparameterize_then_decode_logits(images, kind_and_sizes):
    model = new(kind_and_sizes)
    torch.manual_seed(1)
    output = model(images)
    torch.manual_seed(1)
    mu, logvar = model.encode(images)
    torch.testing.assert_close(output, (model.decode_logits(reparameterize(mu, logvar)), mu, logvar))


def test_forward_of_an_autoencoder_is_encode_then_decode(images):
    model = vh.Autoencoder(3, (16,))
    torch.testing.assert_close(model(images), model.decode(model.encode(images)))


def test_a_state_dict_carries_a_model_over(model, images):
    copy = type(model)(*sizes_of(model))
    copy.load_state_dict(model.state_dict())
    torch.testing.assert_close(copy.encode(images), model.encode(images))
    z = torch.randn(6, model.latent_dim)
    torch.testing.assert_close(copy.decode(z), model.decode(z))


@pytest.mark.parametrize("kind_and_sizes", [(model, *sizes) for model in MODELS for sizes in SIZES], ids=str)
def test_the_number_of_parameters_is_that_of_the_layers_in_the_docstring(kind_and_sizes):
    model = new(kind_and_sizes)
    heads = 2 if isinstance(model, vh.VAE) else 1
    encoder, decoder = (784, *model.hidden_dims), (model.latent_dim, *reversed(model.hidden_dims), 784)
    layers = [*pairwise(encoder), *[(encoder[-1], model.latent_dim)] * heads, *pairwise(decoder)]
    assert sum(p.numel() for p in model.parameters()) == sum(n_in * n_out + n_out for n_in, n_out in layers)


@pytest.mark.parametrize(("kind", "latent_dim", "channels", "layers"), CONVS)
def test_the_parameters_of_a_conv_vae_are_those_of_its_layers(kind, latent_dim, channels, layers):
    features = 49 * channels  # 7x7
    long_stride, small = 8 * 8 * channels, layers * (3 * 3 * channels**2 + channels)
    encoder = long_stride + channels + small + 2 * (features * latent_dim + latent_dim)
    decoder = latent_dim * features + features + small + long_stride + 28 * 28
    assert sum(p.numel() for p in kind(latent_dim, channels, layers).parameters()) == encoder + decoder


@pytest.mark.parametrize("layers", [1, 3])
def test_a_conv_vae_works_on_7x7_features_between_its_first_and_its_last_layer(images, layers):
    model, shapes = vh.ConvVAE(2, 4, layers), []
    for layer in [*model.encoder, *model.decoder]:
        layer.register_forward_hook(lambda layer, x, y: shapes.append(tuple(y.shape[1:])))
    assert model(images)[0].shape == images.shape
    small = [(4, 7, 7)] * 2 * (1 + layers)
    assert shapes == [*small, (196,), (196,), *small, (1, 28, 28), (1, 28, 28)]


def test_a_conv_vae_sees_every_pixel_and_draws_every_pixel(images):
    model = vh.ConvVAE(2, 4)
    images.requires_grad_()
    model.encode(images)[0].sum().backward()
    assert images.grad.all()
    logits = model.decode_logits(torch.randn(8, 2))
    assert (logits.std(0) > 0).all()


def test_a_pixel_bias_is_each_pixel_s_own(images):
    layer = PixelBias()
    assert torch.equal(layer(images), images)
    with torch.no_grad():
        layer.bias[0, 3, 20] = 1.5
    changed = layer(images) - images
    torch.testing.assert_close(changed[:, 0, 3, 20], torch.full((6,), 1.5))
    assert changed.count_nonzero() == 6


def test_the_output_bias_is_the_last_layer_s(model):
    assert model.output_bias.numel() == 784
    logits = model.decode_logits(torch.zeros(1, model.latent_dim))
    with torch.no_grad():
        model.output_bias.add_(2)
    torch.testing.assert_close(model.decode_logits(torch.zeros(1, model.latent_dim)), logits + 2)


# the interface


class Own(torch.nn.Module):
    """A reader's own VAE: the interface, and nothing else."""

    latent_dim = 2

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = torch.nn.Linear(784, 4), torch.nn.Linear(2, 784)

    def encode(self, x):
        return self.encoder(x.flatten(1)).chunk(2, dim=1)

    def decode_logits(self, z):
        return self.decoder(z).view(-1, 1, 28, 28)

    def decode(self, z):
        return self.decode_logits(z).sigmoid()


def test_the_interface_is_all_that_is_asked_of_a_model(model):
    assert check_model(model) is not isinstance(model, vh.Autoencoder)
    assert check_model(Own())
    assert all(part in models.__doc__ for part in INTERFACE)


def test_looking_at_a_model_leaves_it_and_the_random_numbers_as_they_were():
    model, before = Own(), torch.get_rng_state()
    check_model(model)
    assert model.training
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        ({"latent_dim": 3}, r"encode to return mu and logvar, or z alone, each \(N, 3\) .* \[\(4, 2\), \(4, 2\)\]"),
        ({"encode": lambda self, x: None}, "encode to return .*NoneType"),
        ({"encode": lambda self, x: (x.flatten(1)[:, :2],) * 3}, "mu and logvar"),
        ({"decode_logits": lambda self, z: self.decoder(z)}, r"decode_logits to return \(N, 1, 28, 28\).*\(4, 784\)"),
        (
            {"decode_logits": lambda self, z: Own.decode_logits(self, z).sigmoid()},
            "Spoilt.decode_logits: expected logits.*sigmoid",
        ),
        ({"decode": lambda self, z: self.decode_logits(z)}, "decode to return sigmoid"),
        ({"decode": lambda self, z: [1]}, "decode to return .*a list"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_a_sentence(spoil, named):
    model = type("Spoilt", (Own,), spoil)()
    with pytest.raises(ValueError, match=named) as error:
        check_model(model)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("part", INTERFACE)
def test_what_is_missing_is_named(part):
    parts = {name: value for name, value in vars(Own).items() if name != part}
    parts["__init__"] = lambda self: torch.nn.Module.__init__(self)
    with pytest.raises(ValueError, match=f"Lacking has no {part}$"):
        check_model(type("Lacking", (torch.nn.Module,), parts)())


def test_a_model_that_is_none_is_refused():
    with pytest.raises(ValueError, match="expected a torch module, got a str"):
        check_model("vae20")
