"""Panels and maps of models whose weights are no float32."""

import pytest
import torch

import vae_helpers as vh

w = vh.widgets
PANELS = {
    "LatentMap": lambda model, plane, images, labels: w.LatentMap(model, images, labels),
    "DecoderPanel": lambda model, plane, images, labels: w.DecoderPanel(plane, plane.encode(images)[0], labels),
    "DiagramPanel": lambda model, plane, images, labels: w.DiagramPanel(model, images, labels),
    "PathPanel": lambda model, plane, images, labels: w.PathPanel({"20": model, "2": plane}, images, labels),
    "TraversalPanel": lambda model, plane, images, labels: w.TraversalPanel(model, images),
    "InterpolationPanel": lambda model, plane, images, labels: w.InterpolationPanel(model, images[0], images[1]),
    "BetaPanel": lambda model, plane, images, labels: w.BetaPanel({1.0: model, 4.0: model}, images),
    "ComponentPanel": lambda model, plane, images, labels: w.ComponentPanel(
        model, vh.LatentPCA().fit(vh.encode_mean(model, images))
    ),
}


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_takes_a_model_of_another_kind_of_number(mnist, panel, kind):
    images, labels = mnist.test.images[:60].to(kind), mnist.test.labels[:60]
    model, plane = (vh.VAE(size, hidden_dims=(16,)).to(kind).requires_grad_(False) for size in (20, 2))
    made = PANELS[panel](model, plane, images, labels)
    assert made.snapshot()
