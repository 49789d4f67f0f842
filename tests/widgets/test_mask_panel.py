"""MaskPanel: the answers are those of the methods, the completions the model's."""

import pytest
import torch
from panel_tools import MASKS, black, check_shows, few_steps

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
    masked = torch.where(seen, images[number], torch.tensor(0.4))
    answers = {"latent MAP": few_steps(two)(images, seen), "black": black(images, seen)}
    torch.testing.assert_close(panel.answers[mask], answers)
    check_shows(panel, images[number, 0], "image")
    check_shows(panel, masked[0], "seen")
    for name, answer in answers.items():
        check_shows(panel, answer[number, 0], f"answer: {name}")
        error = (answer[number] - images[number])[~seen].square().mean()
        assert f"{name} {error:.3f}" in panel.text.value
    check_shows(panel, plots.mosaic(panel.completions[mask][:, number], 6), "completions")
    assert f"Image {number + 1}, missing: {mask}." in panel.text.value


def test_its_completions_are_the_model_s(panel, two, shown):
    expected = vh.applications.plausible_completions(two, shown[0][:3], MASKS["left half"])
    torch.testing.assert_close(panel.completions["left half"], expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x[:1], MASKS, {"black": black}), "images: expected 2 or more, got 1"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x, {"a": x[0] > 0.5}, {"black": black}), "masks: .*got 1"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x, MASKS, {}), "methods: expected 1 or more, got 0"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x / 0.1, MASKS, {"black": black}), "values from"),
        (lambda x: MaskPanel(vh.Autoencoder(2, (8,)), x, MASKS, {"black": black}), "expected a VAE"),
        (lambda x: MaskPanel(vh.VAE(2, (8,)), x, dict.fromkeys("ab", x[0] > 2), {"black": black}), "784"),
    ],
)
def test_wrong_input_is_refused(images, make, message):
    with pytest.raises(ValueError, match=message):
        make(images)
