"""models: shapes, the two ways through a VAE, the reparameterization, a pixel's variance, and what is refused."""

import math
from itertools import pairwise

import pytest
import torch

import vae_helpers as vh
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
    torch.testing.assert_close(output, (model.decode_logits(model.reparameterize(mu, logvar)), mu, logvar))


def test_forward_of_an_autoencoder_is_encode_then_decode_logits(images):
    model = vh.Autoencoder(3, (16,))
    torch.testing.assert_close(model(images), model.decode_logits(model.encode(images)))


def test_reparameterize_samples_the_posterior():
    mu, logvar = torch.tensor([-2.0, 0.0, 3.0]), torch.tensor([-4.0, 0.0, 1.5])
    count = 40_000
    z = vh.VAE(3).reparameterize(mu.expand(count, 3), logvar.expand(count, 3))
    sigma = (logvar / 2).exp()
    assert ((z.mean(0) - mu).abs() < 5 * sigma / count**0.5).all()
    assert ((z.std(0) - sigma).abs() < 5 * sigma / (2 * count) ** 0.5).all()


def test_gradients_pass_through_reparameterize():
    mu, logvar = torch.randn(4, 3, requires_grad=True), torch.randn(4, 3, requires_grad=True)
    z = vh.VAE(3).reparameterize(mu, logvar)
    z.sum().backward()
    torch.testing.assert_close(mu.grad, torch.ones(4, 3))
    torch.testing.assert_close(logvar.grad, ((z - mu) / 2).detach())  # noise * sigma / 2


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
def test_the_parameters_of_a_conv_vae_are_its_convolutions_each_way_dense_layers_between_and_a_bias_a_pixel(
    kind, latent_dim, channels, layers
):
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


def test_the_output_bias_starts_at_zero_and_is_the_last_layer_s(model):
    assert model.output_bias.numel() == 784
    assert not model.output_bias.any()
    logits = model.decode_logits(torch.zeros(1, model.latent_dim))
    with torch.no_grad():
        model.output_bias.add_(2)
    torch.testing.assert_close(model.decode_logits(torch.zeros(1, model.latent_dim)), logits + 2)


@pytest.mark.parametrize("shape", [(28, 28), (3, 28, 28), (2, 3, 28, 28), (2, 1, 32, 32), (2, 784), (0, 1, 28, 28)])
def test_images_of_another_shape_are_refused_by_name(model, shape):
    with pytest.raises(ValueError, match=r"\(N, 1, 28, 28\)") as error:
        model.encode(torch.zeros(shape))
    assert str(shape) in str(error.value)


def test_images_that_are_no_floats_or_no_tensor_are_refused(model, images):
    with pytest.raises(ValueError, match=r"uint8.*divide"):
        model.encode((255 * images).to(torch.uint8))
    with pytest.raises(ValueError, match="ndarray"):
        model.encode(images.numpy())


@pytest.mark.parametrize("shape", [(4, 3), (2,), (1, 4, 2)])
def test_a_latent_of_another_width_is_refused(shape):
    for model in [vh.VAE(2, (8,)), vh.Autoencoder(2, (8,)), vh.ConvVAE(2, 8)]:
        with pytest.raises(ValueError, match=r"\(N, 2\)") as error:
            model.decode(torch.zeros(shape))
        assert str(shape) in str(error.value)


def test_a_latent_that_is_no_tensor_is_refused(model):
    with pytest.raises(ValueError, match="list"):
        model.decode([0.0] * model.latent_dim)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        ({"latent_dim": 0}, "latent_dim.*0"),
        ({"latent_dim": 2.5}, r"latent_dim.*2\.5"),
        ({"latent_dim": True}, "latent_dim.*True"),
        ({"hidden_dims": ()}, "hidden_dims.*got \\(\\)"),
        ({"hidden_dims": (16, -1)}, "hidden_dims.*-1"),
        ({"hidden_dims": 400}, "hidden_dims.*400"),
    ],
)
def test_impossible_sizes_are_refused(model, sizes, named):
    with pytest.raises(ValueError, match=named):
        model(**sizes)


@pytest.mark.parametrize(
    ("name", "size"), [("latent_dim", 0), ("latent_dim", 2.5), ("channels", 0), ("channels", None), ("layers", 0)]
)
def test_impossible_sizes_of_a_conv_vae_are_refused(name, size):
    with pytest.raises(ValueError, match=name) as error:
        vh.ConvVAE(**{name: size})
    assert str(size) in str(error.value)


# the variance of a pixel


def test_the_variance_is_a_half_or_the_number_that_was_given():
    assert vh.VAE(likelihood="gaussian").variance == 0.5
    assert vh.VAE(likelihood="gaussian", variance=0.1).variance == 0.1
    assert not hasattr(vh.VAE(likelihood="gaussian", variance=0.1), "log_sigma")


def test_a_learned_variance_is_one_parameter_that_starts_near_the_spread_of_the_pixels(mnist):
    model = vh.VAE(2, (8,), "gaussian", "learned")
    extra = dict(model.named_parameters()).keys() - dict(vh.VAE(2, (8,)).named_parameters()).keys()
    assert extra == {"log_sigma"}
    assert model.log_sigma.shape == ()
    assert model.variance.item() == pytest.approx(mnist.train.images.var().item(), rel=0.1)


def test_a_learned_variance_is_sigma_squared_and_gradients_reach_it():
    model = vh.VAE(2, (8,), "gaussian", "learned")
    with torch.no_grad():
        model.log_sigma.fill_(math.log(0.7))
    assert model.variance.item() == pytest.approx(0.7**2)
    model.variance.backward()
    assert model.log_sigma.grad.item() == pytest.approx(2 * 0.7**2)


def test_a_state_dict_carries_a_learned_variance_over():
    model, copy = (vh.VAE(2, (8,), "gaussian", "learned") for _ in range(2))
    with torch.no_grad():
        model.log_sigma.add_(1)
    copy.load_state_dict(model.state_dict())
    assert copy.variance == model.variance


@pytest.mark.parametrize("variance", [0, -0.5, math.nan, "free", None])
def test_another_variance_is_refused(variance):
    with pytest.raises(ValueError, match=f"variance.*{variance}"):
        vh.VAE(likelihood="gaussian", variance=variance)


def test_another_likelihood_is_refused():
    with pytest.raises(ValueError, match="'poisson'"):
        vh.VAE(likelihood="poisson")
