"""The panels of notebook 10: what they show is what the models make, and the page decodes as they do."""

import numpy as np
import pytest
import torch
from panel_tools import images_of, shown_by
from test_network import unpacked

import vae_helpers as vh
from vae_helpers import successors
from vae_helpers.widgets import CodebookPanel, DenoisingPanel, LabelPanel
from vae_helpers.widgets.codebook import convolutional_decoder
from vae_helpers.widgets.label import decoder_with_label


@pytest.fixture(scope="module")
def cvae():
    torch.manual_seed(0)
    return successors.ConditionalVAE(4, 16)


@pytest.fixture(scope="module")
def vq():
    torch.manual_seed(0)
    return successors.VectorQuantizedVAE(5, 3, 4)


def test_the_page_s_decoder_with_a_label_is_near_to_the_model_s(cvae):
    z, labels = torch.randn(30, 4), torch.arange(30) % 10
    given = torch.cat([z, torch.nn.functional.one_hot(labels, 10)], 1)
    error = unpacked(decoder_with_label(cvae))(given) - cvae.decode(z, labels).flatten(1)
    assert error.abs().mean() < 1 / 255


def test_the_page_s_convolutions_as_matrices_are_near_to_the_model_s(vq):
    codes = torch.randint(5, (20, 7, 7))
    given = vq.look_up(codes).flatten(1)
    error = unpacked(convolutional_decoder(vq))(given) - vq.decode(codes).flatten(1)
    assert error.abs().mean() < 1 / 255


def test_the_label_panel_decodes_one_code_with_each_label(cvae, sixty):
    panel = LabelPanel(cvae, *sixty)
    with torch.no_grad():
        mu, logvar = cvae.encode(*sixty)
    cost = (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(0)
    assert set(panel.moved) == set(cost.argsort(descending=True)[:2].tolist())
    assert panel.label.value == sixty[1][0]
    panel.hand.value, panel.label.value, panel.z1.value, panel.z2.value = 3, 7, -1.0, 0.5
    code = mu[3].clone()
    code[panel.moved[0]], code[panel.moved[1]] = -1.0, 0.5
    torch.testing.assert_close(panel.code, code)
    expected = cvae.decode(code.expand(10, -1), torch.arange(10)).detach()
    torch.testing.assert_close(panel.row, expected)
    np.testing.assert_allclose(panel.image, expected[7, 0])
    shown = shown_by(panel)
    np.testing.assert_allclose(shown["decoded, label 7"], panel.image)
    np.testing.assert_allclose(shown["this hand"], sixty[0][3, 0])
    assert panel.stage.data["codes"] == mu[:12].tolist()


def test_a_code_that_is_swapped_changes_the_image_as_the_model_says(vq, sixty):
    panel = CodebookPanel(vq, sixty[0][:4])
    codes = vq.encode(sixty[0][:4])
    assert torch.equal(panel.codes, codes[0])
    numbers = panel.written.value.split()
    numbers[24] = str((codes[0].flatten()[24].item() + 1) % 5)
    panel.written.value = " ".join(numbers)
    changed = codes[0].clone()
    changed[3, 3] = int(numbers[24])
    np.testing.assert_allclose(panel.image, vq.decode(changed[None])[0, 0].detach())
    np.testing.assert_allclose(shown_by(panel)["decoded"], panel.image)
    assert panel.stage.data["codes"] == codes.flatten(1).tolist()


def test_a_choice_is_the_image_with_that_entry_at_the_place(vq, sixty):
    panel = CodebookPanel(vq, sixty[0][:4])
    panel.place.value = 10
    own = panel.codes[1, 3]
    codes = panel.codes.clone()
    codes[1, 3] = (own + 1) % 5
    np.testing.assert_allclose(panel.choices[own, 0], panel.image, atol=1e-6)
    torch.testing.assert_close(panel.choices[codes[1, 3]], vq.decode(codes[None])[0].detach())


def test_the_denoising_panel_shows_each_moment(two):
    path = successors.diffuse(successors.Denoiser(2, 8, 1), 30, 40)
    panel = DenoisingPanel(two, path)
    assert len(panel.images) == 24
    for moment, step in [(0, 0), (10, 20), (20, 40)]:
        panel.moment.value = moment
        torch.testing.assert_close(panel.images, vh.latent.decode(two, path[step][:24]))
    sheet = images_of(panel.stage.data["sheet"]).reshape(21, 24, 28, 28)
    assert np.abs(sheet[20] - panel.images[:, 0].numpy()).max() < 1 / 30  # 16 greys
    torch.testing.assert_close(panel.film[-1], panel.images[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda c, v, x, y: LabelPanel(c, 2 * x, y), "pixels in"),
        (lambda c, v, x, y: LabelPanel(c, x, y[:3]), "labels: expected one for each"),
        (lambda c, v, x, y: CodebookPanel(v, x[0]), r"\(1, 28, 28\)"),
        (lambda c, v, x, y: DenoisingPanel(vh.load_pretrained("vae2"), [torch.zeros(3, 2)]), "two or more moments"),
        (lambda c, v, x, y: DenoisingPanel(vh.load_pretrained("vae2"), [torch.zeros(3, 3)] * 2), r"\(3, 3\)"),
    ],
)
def test_wrong_input_is_refused(cvae, vq, sixty, make, message):
    with pytest.raises(ValueError, match=message):
        make(cvae, vq, *sixty)
