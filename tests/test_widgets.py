"""widgets: every slider moves its picture, the picture is the model's, and an error shows."""

import base64
import copy
import io

import numpy as np
import PIL.Image
import pytest
import torch
import traitlets
from panel_tools import MASKS, black, check_shows, counted, decode, few_steps, ink, on_the_page, pixels, values

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.widgets import VIEW, _reconstructions_and_samples, kl_and_gradient

pytestmark = pytest.mark.usefixtures("style")


SLIDERS = {"decoder": 2, "kl": 2, "beta": 1, "component": 2, "traversal": 2, "path": 5}
SLIDERS |= {"threshold": 1, "mask": 2}
TOLD = {"kl": [], "traversal": ["value"], "path": [], "mask": []}  # the sliders whose value the text tells, if not all
PANELS = pytest.mark.parametrize("name", SLIDERS)


@pytest.fixture(scope="module")
def betas(trained, mnist):
    """Small VAEs by their beta, in no order; that of beta 1 is `trained`."""
    models = {8: copy.deepcopy(trained), 1: trained, 0.25: copy.deepcopy(trained)}
    for beta in (8, 0.25):
        vh.fit(models[beta], mnist.train.images[:300], epochs=2, beta=beta, batch_size=50, progress=False)
    return models


@pytest.fixture
def panels(trained, betas, mnist):
    """Makers of each panel, by name."""
    images, labels = mnist.test.images[:200], mnist.test.labels[:200]
    return {
        "decoder": lambda: vh.DecoderPanel(trained, vh.posterior_means(trained, images), labels),
        "kl": vh.KLPanel,
        "beta": lambda: vh.BetaPanel(betas, images),
        "component": lambda: vh.ComponentPanel(trained, vh.LatentPCA(vh.posterior_means(trained, images))),
        "traversal": lambda: vh.TraversalPanel(trained, images),
        "threshold": lambda: vh.ThresholdPanel(images, images[:30].sqrt(), ink, "ink"),
        "mask": lambda: vh.MaskPanel(trained, images[:3], MASKS, {"latent MAP": few_steps(trained), "black": black}),
        "path": lambda: vh.PathPanel({"vae2": vh.load_pretrained("vae2")}, images, labels),
    }


@PANELS
def test_every_slider_changes_picture_and_text(panels, name):
    panel = panels[name]()
    assert len(panel.sliders) == SLIDERS[name]
    assert {*panel.sliders, panel.text, panel.error, panel.picture} < set(on_the_page(panel))
    for slider in panel.sliders:
        for value in values(slider):
            if value == slider.value:
                continue
            picture, text = pixels(panel), panel.text.value
            slider.value = value
            assert (pixels(panel) != picture).any()
            assert panel.text.value != text or (name, slider.description) == ("path", "α")  # it tells of the whole path
            if slider.description in TOLD.get(name, [slider.description]):
                told = panel.text.value.replace("−", "-")
                assert any(f"{slider.value:{form}}" in told for form in ("g", ".1f", ".2f"))


@PANELS
def test_a_picture_depends_on_where_the_sliders_are_and_not_on_the_way(panels, name):
    panel = panels[name]()
    first = pixels(panel)
    for slider in panel.sliders:
        for value in (values(slider)[0], values(slider)[-1], slider.value):
            slider.value = value
        np.testing.assert_array_equal(pixels(panel), first)


@PANELS
def test_the_picture_is_what_the_whole_figure_would_show_if_it_were_drawn_anew(panels, name):
    panel = panels[name]()
    for slider in panel.sliders:
        slider.value = values(slider)[1]
    shown = pixels(panel)
    for order, artist in enumerate(
        [*panel._rarely, *panel._moving], start=100
    ):  # over what stands still, in this order
        artist.set(animated=False, zorder=order)
    panel._figure.canvas.draw()
    np.testing.assert_array_equal(np.asarray(panel._figure.canvas.buffer_rgba())[..., :3], shown)


@PANELS
def test_a_page_without_a_kernel_shows_the_picture_and_its_text_alternative(panels, name):
    panel = panels[name]()
    bundle, metadata = panel._repr_mimebundle_()
    assert VIEW in bundle  # live where there is a kernel
    png = base64.b64decode(bundle["image/png"])
    still = np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB"))
    assert still.shape == pixels(panel).shape
    assert np.abs(still - pixels(panel).astype(float)).mean() < 1  # with fewer colours, for fewer bytes
    assert len(png) < 0.7 * len(panel.picture.value)
    assert len(metadata["image/png"]["alt"]) > 40
    assert panel.picture.alt == metadata["image/png"]["alt"]
    assert metadata[VIEW] == {"needs_kernel": True}
    assert bundle["text/plain"] == f"{metadata['image/png']['alt']} Run this notebook to move the sliders."


def test_several_sliders_move_and_the_panel_draws_once(panels, monkeypatch):
    one_by_one, panel = panels["kl"](), panels["kl"]()
    one_by_one.mu.value, one_by_one.sigma.value = -1.0, 2.0
    drawn = counted(panel, monkeypatch)
    panel.move_all({panel.mu: -1.0, panel.sigma: 2.0})
    assert len(drawn) == 1
    assert (panel.mu.value, panel.sigma.value) == (-1, 2)
    assert panel.text.value == one_by_one.text.value
    np.testing.assert_array_equal(pixels(panel), pixels(one_by_one))
    panel.mu.value = 1.0  # and one alone draws again
    assert len(drawn) == 2


def refused(panel):
    """The panel, after one of two sliders has refused its value."""
    with pytest.raises(traitlets.TraitError, match="half"):
        panel.move_all({panel.mu: -1.0, panel.sigma: "half"})
    return panel


def test_a_panel_shows_where_its_sliders_are_also_when_one_of_several_refuses_its_value(panels):
    panel, expected = refused(panels["kl"]()), panels["kl"]()
    expected.mu.value = -1.0
    assert panel.text.value == expected.text.value


def test_a_panel_follows_its_sliders_after_one_of_several_refused_its_value(panels):
    panel, expected = refused(panels["kl"]()), panels["kl"]()
    for slider in (panel.sigma, expected.mu, expected.sigma):
        slider.value = 2.0 if slider.description == "σ" else -1.0
    assert panel.text.value == expected.text.value


def test_the_decoder_panel_decodes_at_its_sliders(panels, trained):
    panel = panels["decoder"]()
    check_shows(panel, decode(trained, [panel.z1.value, panel.z2.value]))
    panel.z1.value, panel.z2.value = 0.25, -0.5
    check_shows(panel, decode(trained, [0.25, -0.5]))
    (x,), (y,) = panel._ring.get_data()
    assert (x, y) == (0.25, -0.5)


@pytest.fixture
def interpolation(trained, mnist):
    return vh.InterpolationPanel(trained, *mnist.test.images[:2])


def film(panel):
    """The images that the page gets, from 0 to 255: the ends, and the frames between them."""
    mosaic = np.asarray(PIL.Image.open(io.BytesIO(panel.children[1]._images))).astype(float)
    rows, columns = (side // 28 for side in mosaic.shape)
    images = mosaic.reshape(rows, 28, columns, 28).swapaxes(1, 2).reshape(-1, 28, 28)
    return images[:2], images[2 : 2 + panel.children[1]._frames]


def along(model, images, alpha):
    """What lies between two images, as the model decodes it."""
    first, second = vh.posterior_means(model, images)
    return decode(model, (1 - alpha) * first + alpha * second)


def test_the_film_of_an_interpolation_goes_from_one_code_to_the_other(interpolation, trained, mnist):
    images = mnist.test.images[:2]
    ends, frames = film(interpolation)
    np.testing.assert_allclose(ends, 255 * images[:, 0], atol=0.51)
    assert len(frames) == 101
    expected = np.stack([along(trained, images, alpha) for alpha in np.linspace(0, 1, 101)])
    np.testing.assert_allclose(frames, 255 * expected, atol=0.51)


def test_the_page_knows_which_slider_moves_the_film(interpolation):
    slider, shown = interpolation.children
    assert slider is interpolation.alpha
    assert (slider.min, slider.max, slider.value) == (0, 1, 0.5)
    assert slider.model_id in shown.get_state()["slider"]


def test_an_interpolation_shows_the_model_as_it_was_when_the_panel_was_made(trained, mnist):
    model, images = copy.deepcopy(trained), mnist.test.images[:2]
    panel = vh.InterpolationPanel(model, *images)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
    panel.alpha.value = 0.25
    _, decoded, _ = panel.still().axes
    np.testing.assert_allclose(decoded.images[0].get_array(), along(trained, images, 0.25), atol=1e-5)


@pytest.mark.parametrize("alpha", [0.0, 0.29, 1.0])
def test_the_still_of_an_interpolation_stands_where_its_slider_does(interpolation, trained, mnist, alpha):
    images = mnist.test.images[:2]
    interpolation.alpha.value = alpha
    axes = interpolation.still().axes
    for ax, image in zip(axes, [images[0, 0], along(trained, images, alpha), images[1, 0]], strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), image, atol=1e-5)
    assert axes[1].get_title() == f"decoded at α = {alpha:.2f}"


def test_an_interpolation_needs_no_kernel_and_comes_with_its_still(interpolation):
    bundle, metadata = interpolation._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == interpolation.model_id
    assert VIEW not in metadata
    assert bundle["image/png"] == interpolation.still()._repr_mimebundle_()[0]["image/png"]
    alt = metadata["image/png"]["alt"]
    assert len(alt) > 40
    assert bundle["text/plain"] == f"{alt} Run this notebook to move the slider."


def test_the_beta_panel_starts_nearest_to_one_and_offers_every_beta_in_order(betas, mnist):
    images = mnist.test.images[:20]
    panel = vh.BetaPanel(betas, images)
    assert panel.beta.value == 1
    assert list(panel.beta.options) == [(f"{beta:g}", beta) for beta in sorted(betas)]
    assert vh.BetaPanel({beta: betas[beta] for beta in (8, 0.25)}, images).beta.value == 0.25


@pytest.mark.parametrize("beta", [0.25, 1, 8])
def test_the_beta_panel_shows_what_the_model_of_its_beta_decodes(panels, betas, mnist, beta):
    panel, images = panels["beta"](), mnist.test.images[:8]
    panel.beta.value = beta
    for image, expected in zip(panel._images, _reconstructions_and_samples(betas[beta], images), strict=True):
        check_shows(panel, plots.mosaic(expected, 8), image)
    np.testing.assert_array_equal(panel._figure.axes[0].images[0].get_array(), plots.mosaic(images, 8))


@pytest.mark.parametrize("beta", [0.25, 1, 8])
def test_the_beta_panel_tells_and_rings_the_scores_of_all_images(panels, betas, mnist, beta):
    panel, images = panels["beta"](), mnist.test.images[:200]
    panel.beta.value = beta
    scores = vh.evaluate(betas[beta], images)
    assert f"rate {scores.kl:.1f} + distortion {scores.reconstruction:.1f}" in panel.text.value
    assert f"<b>{scores.negative_elbo:.1f}</b> nats" in panel.text.value
    assert panel._point.get_xydata().tolist() == [[scores.kl, scores.reconstruction]]


def test_the_beta_panel_draws_the_curve_of_all_models_between_the_entropy_and_the_mean_image(panels, betas, mnist):
    panel, images = panels["beta"](), mnist.test.images[:200]
    no_code, floor, joined, _ = panel._point.axes.lines
    mean_image = images.mean(0, keepdim=True).clamp(1e-6, 1 - 1e-6).logit().expand_as(images)
    assert no_code.get_ydata()[0] == pytest.approx(vh.bernoulli_nll(mean_image, images).mean().item(), rel=1e-4)
    assert floor.get_ydata()[0] == pytest.approx(vh.pixel_entropy(images).mean().item())
    scores = [vh.evaluate(betas[beta], images) for beta in sorted(betas)]
    assert joined.get_xydata().tolist() == [[score.kl, score.reconstruction] for score in scores]


class Recording(vh.VAE):
    """A VAE with one mu and one sigma for every image, which keeps each z that it decodes."""

    def __init__(self, latent_dim, mu, sigma):
        super().__init__(latent_dim, (8,))
        self.posterior, self.decoded = (mu, 2 * np.log(sigma)), []

    def encode(self, x):
        return tuple(torch.full((len(x), self.latent_dim), float(value)) for value in self.posterior)

    def decode(self, z):
        self.decoded.append(z)
        return super().decode(z)


def test_reconstructions_come_from_the_posterior_and_samples_from_the_prior_with_the_same_noise_for_each_model(images):
    first, second = Recording(200, 3, 0.5), Recording(200, -1, 2)
    for model in (first, second):
        reconstructions, samples = _reconstructions_and_samples(model, images)
        torch.testing.assert_close([reconstructions, samples], [model.decode(z).detach() for z in model.decoded[:2]])
        assert len(samples) == 16
        noise = torch.cat([(model.decoded[0] - model.posterior[0]) / np.exp(model.posterior[1] / 2), model.decoded[1]])
        assert noise.mean().abs() < 5 / noise.numel() ** 0.5
        assert (noise.std() - 1).abs() < 5 / (2 * noise.numel()) ** 0.5
        assert len(noise.unique()) > 0.99 * noise.numel()  # none is used twice
    torch.testing.assert_close((first.decoded[0] - 3) / 0.5, (second.decoded[0] + 1) / 2)
    assert torch.equal(first.decoded[1], second.decoded[1])


PLACES = pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (-2.0, 0.3), (1.5, 2.5)])


@PLACES
def test_the_kl_panel_shows_the_kl_and_its_gradients(mu, sigma):
    panel = vh.KLPanel()
    panel.mu.value, panel.sigma.value = mu, sigma
    kl = vh.gaussian_kl(torch.tensor([[mu]]), 2 * torch.tensor([[sigma]]).log()).item()
    assert f"<b>{kl:.3f}</b> nats" in panel.text.value
    assert f"∂μ = {mu:+.2f}" in panel.text.value
    assert f"∂σ = {sigma - 1 / sigma:+.2f}" in panel.text.value
    assert kl_and_gradient(mu, sigma) == pytest.approx((kl, mu, sigma - 1 / sigma), rel=1e-5)


@PLACES
def test_the_kl_panel_points_downhill(mu, sigma):
    panel = vh.KLPanel()
    panel.mu.value, panel.sigma.value = mu, sigma
    (from_mu, to_mu), (from_sigma, to_sigma) = panel._descent.get_data()
    assert [from_mu, from_sigma] == [mu, sigma] == [part[0] for part in panel._point.get_data()]
    slope = np.hypot(mu, sigma - 1 / sigma) or 1.0
    length = np.hypot(to_mu - mu, to_sigma - sigma)
    assert [to_mu - mu, to_sigma - sigma] == pytest.approx(
        [-length * mu / slope, -length * (sigma - 1 / sigma) / slope]
    )
    assert (length > 0.1) == (mu != 0)


@PLACES
def test_the_kl_panel_shades_q_log_q_over_p_down_to_zero(mu, sigma):
    panel = vh.KLPanel()
    panel.mu.value, panel.sigma.value = mu, sigma
    x, y = panel._area.get_xy().T
    area = np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)  # around the polygon
    assert area == pytest.approx(kl_and_gradient(mu, sigma)[0], abs=0.002)


@pytest.mark.parametrize("name", [name for name in SLIDERS if name != "kl"])
def test_an_error_is_raised_and_shown_until_the_next_good_move(panels, name, monkeypatch):
    panel = panels[name]()
    picture, slider = panel.picture.value, panel.sliders[-1]
    with monkeypatch.context() as broken:
        broken.setattr(vh.VAE, "decode", lambda model, z: 1 / 0)
        broken.setattr(plots, "mosaic", lambda images, columns: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            slider.value = values(slider)[-1]
        assert "ZeroDivisionError" in panel.error.value
        assert panel.picture.value == picture  # the last good one
    slider.value = values(slider)[0]
    assert panel.error.value == ""
    assert panel.picture.value != picture


def test_the_text_of_an_error_is_not_read_as_html(panels, monkeypatch):
    panel = panels["kl"]()

    def move():
        raise ValueError("<script>")

    monkeypatch.setattr(panel, "move", move)
    with pytest.raises(ValueError, match="<script>"):
        panel.mu.value = 0.0
    assert "<script>" not in panel.error.value


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda x: vh.DecoderPanel(vh.VAE(3, (8,)), torch.randn(6, 3), torch.zeros(6)), "latent_dim 2, got 3"),
        (lambda x: vh.DecoderPanel(vh.VAE(2, (8,)), torch.randn(6, 2), torch.zeros(5)), "6 .*5"),
        (lambda x: vh.DecoderPanel(vh.VAE(2, (8,)), torch.randn(6, 3), torch.zeros(6)), r"\(6, 3\)"),
        (lambda x: vh.InterpolationPanel(vh.VAE(2, (8,)), x[0], 2 * x[1]), "values from"),
        (lambda x: vh.InterpolationPanel(vh.VAE(2, (8,)), x[0, 0], x[1, 0]), r"first .*\(1, 28, 28\), got \(28, 28\)"),
        (lambda x: vh.InterpolationPanel(vh.VAE(2, (8,)), x[0], x[1, :, 1:]), r"\(1, 27, 28\)"),
        (lambda x: vh.BetaPanel({}, x.repeat(2, 1, 1, 1)), r"latent_dims \[\]"),
        (lambda x: vh.BetaPanel({1: vh.VAE(2, (8,)), 2: vh.VAE(3, (8,))}, x.repeat(2, 1, 1, 1)), r"\[2, 3\]"),
        (lambda x: vh.BetaPanel({1: vh.Autoencoder(2, (8,))}, x.repeat(2, 1, 1, 1)), "needs a VAE"),
        (lambda x: vh.BetaPanel({1: vh.VAE(2, (8,))}, None), "NoneType"),
        (lambda x: vh.BetaPanel({1: vh.VAE(2, (8,))}, x), "at least 8 images.* 6 images"),
        (lambda x: vh.BetaPanel({1: vh.VAE(2, (8,))}, 2 * x.repeat(2, 1, 1, 1)), "values from"),
        (lambda x: vh.BetaPanel({1: vh.VAE(2, (8,))}, x.repeat(2, 1, 1, 1).flatten(1)), r"\(12, 784\)"),
    ],
)
def test_wrong_input_is_refused(images, make, named):
    with pytest.raises(ValueError, match=named):
        make(images)
