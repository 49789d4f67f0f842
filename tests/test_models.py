"""models: shapes, the two ways through a VAE, the reparameterization, and what is refused."""

from itertools import pairwise

import pytest
import torch

import vae_helpers as vh

MODELS = [vh.VAE, vh.Autoencoder]
SIZES = [(2, (16,)), (5, (32, 16))]


@pytest.fixture(params=[(model, *sizes) for model in MODELS for sizes in SIZES], ids=str)
def model(request):
    model, latent_dim, hidden_dims = request.param
    return model(latent_dim, hidden_dims)


def test_encode_gives_codes_and_decode_gives_images_in_the_unit_interval(model, images):
    codes = model.encode(images)
    for code in codes if isinstance(model, vh.VAE) else [codes]:
        assert code.shape == (6, model.latent_dim)
    z = 100 * torch.randn(6, model.latent_dim)  # far out too
    pixels = model.decode(z)
    assert pixels.shape == images.shape
    assert 0 <= pixels.min() <= pixels.max() <= 1
    torch.testing.assert_close(pixels, torch.sigmoid(model.decode_logits(z)))


def test_forward_of_a_vae_is_encode_then_reparameterize_then_decode_logits(images):
    model = vh.VAE(3, (16,))
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
    copy = type(model)(model.latent_dim, model.hidden_dims)
    copy.load_state_dict(model.state_dict())
    torch.testing.assert_close(copy.encode(images), model.encode(images))
    z = torch.randn(6, model.latent_dim)
    torch.testing.assert_close(copy.decode(z), model.decode(z))


def test_the_number_of_parameters_is_that_of_the_layers_in_the_docstring(model):
    heads = 2 if isinstance(model, vh.VAE) else 1
    encoder, decoder = (784, *model.hidden_dims), (model.latent_dim, *reversed(model.hidden_dims), 784)
    layers = [*pairwise(encoder), *[(encoder[-1], model.latent_dim)] * heads, *pairwise(decoder)]
    assert sum(p.numel() for p in model.parameters()) == sum(n_in * n_out + n_out for n_in, n_out in layers)


def test_the_output_bias_starts_at_zero_and_is_the_last_layer_s(model):
    assert model.output_bias.shape == (784,)
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
    for model in MODELS:
        with pytest.raises(ValueError, match=r"\(N, 2\)") as error:
            model(2, (8,)).decode(torch.zeros(shape))
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


def test_another_likelihood_is_refused():
    with pytest.raises(ValueError, match="'poisson'"):
        vh.VAE(likelihood="poisson")
