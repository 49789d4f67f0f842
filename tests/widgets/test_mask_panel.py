"""MaskPanel: the answers are those of the methods, the completions the model's."""

import numpy as np
import pytest
import torch
from panel_tools import MASKS, black, few_steps, images_of, shown_by

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.widgets import MaskPanel


@pytest.fixture(scope="module")
def panel(two, shown):
    return MaskPanel(two, shown[0][:3], MASKS, {"latent MAP": few_steps(two), "black": black})


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("number", [0, 2])
def test_it_shows_the_image_its_seen_pixels_and_every_answer(panel, two, shown, mask, number):
    images, seen = shown[0][:3], MASKS[mask]
    panel.image.value, panel.mask.value = number, mask
    answers = {"latent MAP": few_steps(two)(images, seen), "black": black(images, seen)}
    torch.testing.assert_close(panel.answers[mask], answers)
    pictures = shown_by(panel)
    np.testing.assert_allclose(pictures["image"], images[number, 0])
    np.testing.assert_allclose(pictures["seen"], torch.where(seen, images[number], torch.tensor(0.4))[0])
    for name, answer in answers.items():
        np.testing.assert_allclose(pictures[name], answer[number, 0], atol=1e-5)
    expected = plots.mosaic(panel.completions[mask][:, number], 6)
    np.testing.assert_allclose(pictures["six plausible completions"], expected)


def test_its_completions_are_the_model_s(panel, two, shown):
    expected = vh.applications.plausible_completions(two, shown[0][:3], MASKS["left half"])
    torch.testing.assert_close(panel.completions["left half"], expected)


def test_the_page_gets_all_answers_and_completions_mask_by_mask(panel, shown):
    data, sheet = panel.stage.data, images_of(panel.stage.data["sheet"])
    assert (data["methods"], data["maskNames"], data["count"]) == (["latent MAP", "black"], list(MASKS), 3)
    np.testing.assert_allclose(sheet[:3], shown[0][:3, 0], atol=0.51 / 255)
    for m, (name, seen) in enumerate(MASKS.items()):
        own = sheet[3 + m * 24 : 3 + (m + 1) * 24].reshape(8, 3, 28, 28)
        expected = torch.stack([*panel.answers[name].values(), *panel.completions[name]])[:, :, 0]
        np.testing.assert_allclose(own, expected, atol=0.51 / 255)
        bits = np.frombuffer(data["masks"], "u1").reshape(3, 28, 28)[m]
        np.testing.assert_array_equal(bits, seen[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x[:1], MASKS, {"black": black}), "images: expected 2 or more, got 1"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x, {"a": x[0] > 0.5}, {"black": black}), "masks: .*got 1"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x, MASKS, {}), "methods: expected a dict of functions .*one or more"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x / 0.1, MASKS, {"black": black}), "values from"),
        (lambda x: MaskPanel(vh.Autoencoder(2, (8,)), x, MASKS, {"black": black}), "expected a VAE"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x, dict.fromkeys("ab", x[0] > 2), {"black": black}), "784"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
