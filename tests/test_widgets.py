"""widgets: every slider moves its picture, the picture is the model's, and an error shows."""

import base64
import io

import ipywidgets
import numpy as np
import PIL.Image
import pytest
import torch

import vae_helpers as vh
from vae_helpers.widgets import kl_and_gradient

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def panels(trained, mnist):
    """Makers of each panel, by name."""
    images, labels = mnist.test.images[:200], mnist.test.labels[:200]
    return {
        "decoder": lambda: vh.DecoderPanel(trained, vh.posterior_means(trained, images), labels),
        "interpolation": lambda: vh.InterpolationPanel(trained, images[0], images[1]),
        "kl": vh.KLPanel,
    }


def pixels(panel):
    """The picture that the panel shows, (height, width, 3)."""
    return np.asarray(PIL.Image.open(io.BytesIO(panel.picture.value)).convert("RGB"))


def decoded_part(panel):
    """The decoded image as it stands in the picture: the colour in the middle of each of its 28 x 28 cells."""
    picture = pixels(panel)
    cells = np.stack(np.meshgrid(np.arange(28), np.arange(28)), -1).reshape(-1, 2)
    column, from_below = panel._image.axes.transData.transform(cells).astype(int).T
    colours = picture[picture.shape[0] - 1 - from_below, column]
    assert (colours == colours[:, :1]).all()  # grey
    return torch.tensor(colours[:, 0] / 255, dtype=torch.float32).reshape(28, 28)


def check_shows(panel, expected):
    """Assert that panel and picture show the image `expected`, the picture to two of its 256 greys."""
    np.testing.assert_allclose(panel._image.get_array(), expected, atol=1e-6)
    torch.testing.assert_close(decoded_part(panel), expected, atol=2.01 / 255, rtol=0)


def decode(model, z):
    with torch.no_grad():
        return model.decode(torch.as_tensor(z, dtype=torch.float32).unsqueeze(0))[0, 0]


@pytest.mark.parametrize("name", ["decoder", "interpolation", "kl"])
def test_every_slider_changes_picture_and_text(panels, name):
    panel = panels[name]()
    sliders = [child for child in panel.children if isinstance(child, ipywidgets.FloatSlider)]
    assert len(sliders) == {"decoder": 2, "interpolation": 1, "kl": 2}[name]
    assert {panel.text, panel.error, panel.picture} < set(panel.children)  # on the page
    for slider in sliders:
        for value in (slider.min, 0.3 * slider.min + 0.7 * slider.max, slider.max):
            picture, text = pixels(panel), panel.text.value
            slider.value = value
            assert (pixels(panel) != picture).any()
            assert panel.text.value != text
            assert f"{slider.value:.2f}" in panel.text.value or name == "kl"


@pytest.mark.parametrize("name", ["decoder", "interpolation", "kl"])
def test_a_picture_depends_on_where_the_sliders_are_and_not_on_the_way(panels, name):
    panel = panels[name]()
    first = pixels(panel)
    for slider in panel.children[:2]:
        if isinstance(slider, ipywidgets.FloatSlider):
            start, slider.value = slider.value, slider.max
            slider.value = start
    np.testing.assert_array_equal(pixels(panel), first)


@pytest.mark.parametrize("name", ["decoder", "interpolation", "kl"])
def test_a_page_without_a_kernel_shows_the_picture_and_its_text_alternative(panels, name):
    panel = panels[name]()
    bundle, metadata = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle  # live where there is a kernel
    assert base64.b64decode(bundle["image/png"]) == panel.picture.value
    assert len(metadata["image/png"]["alt"]) > 40
    assert metadata["image/png"]["alt"] in bundle["text/plain"]


def test_the_decoder_panel_decodes_at_its_sliders(panels, trained):
    panel = panels["decoder"]()
    check_shows(panel, decode(trained, [panel.z1.value, panel.z2.value]))
    panel.z1.value, panel.z2.value = 0.25, -0.5
    check_shows(panel, decode(trained, [0.25, -0.5]))
    (x,), (y,) = panel._ring.get_data()
    assert (x, y) == (0.25, -0.5)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_the_interpolation_panel_goes_from_one_code_to_the_other(panels, trained, mnist, alpha):
    panel = panels["interpolation"]()
    panel.alpha.value = alpha
    first, second = vh.posterior_means(trained, mnist.test.images[:2])
    check_shows(panel, decode(trained, (1 - alpha) * first + alpha * second))
    shown = [ax.images[0].get_array() for ax in panel._figure.axes]
    np.testing.assert_array_equal(shown[0], mnist.test.images[0, 0])
    np.testing.assert_array_equal(shown[2], mnist.test.images[1, 0])


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


@pytest.mark.parametrize(("name", "slider"), [("decoder", "z1"), ("interpolation", "alpha")])
def test_an_error_is_raised_and_shown_until_the_next_good_move(panels, trained, name, slider, monkeypatch):
    panel = panels[name]()
    picture, slider = panel.picture.value, getattr(panel, slider)
    with monkeypatch.context() as broken:
        broken.setattr(trained, "decode", lambda z: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            slider.value = slider.max
        assert "ZeroDivisionError" in panel.error.value
        assert panel.picture.value == picture  # the last good one
    slider.value = slider.min
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
    ],
)
def test_wrong_input_is_refused(images, make, named):
    with pytest.raises(ValueError, match=named):
        make(images)
