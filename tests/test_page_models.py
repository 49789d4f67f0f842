"""What a reader writes is what runs: the classes and losses of the notebooks, in every tool that takes a model.

The package's own classes only show that the tools work; these show that they ask for nothing but the interface.
"""

import pytest
import torch
from series import definitions

import vae_helpers as vh
from vae_helpers import applications, latent, widgets
from vae_helpers.authoring.notebooks import NOTEBOOKS

PAGES = {path.stem: path for path in NOTEBOOKS}


def page(name):
    return definitions(PAGES[name])


def autoencoder():
    names = page("01_autoencoder")
    return names["Autoencoder"](), names["reconstruction_loss"], vh.Autoencoder(), vh.SquaredError(), -2


def vae():
    names = page("03_vae")
    return names["VAE"](), names["negative_elbo"], vh.VAE(), vh.NegativeELBO(), None


def conv():
    loss = page("03_vae")["negative_elbo"]
    return page("05_conv_vae")["ConvVAE"](), loss, vh.ConvVAE(), vh.NegativeELBO(), -1


def small_vae():
    """The class of notebook 03 with two latents, for the tools that draw a plane."""
    names = page("03_vae")
    return names["VAE"](hidden_dim=16, latent_dim=2), names["negative_elbo"]


@pytest.fixture(scope="module", params=[autoencoder, vae, conv], ids=["01 autoencoder", "03 VAE", "05 conv"])
def trained_pair(request, mnist):
    """A page's model trained with the page's loss, its History, and the same of the package, from the same weights."""
    torch.manual_seed(0)
    written, own_loss, packaged, loss, _ = request.param()
    with torch.no_grad():
        for theirs, ours in zip(packaged.parameters(), written.parameters(), strict=True):
            theirs.copy_(ours)
    settings = {"epochs": 2, "lr": 5e-3, "batch_size": 50, "progress": False}
    images = mnist.train.images[:400]
    histories = [vh.fit(model, images, loss=of, **settings) for model, of in ((written, own_loss), (packaged, loss))]
    return written, histories[0], packaged, histories[1]


def test_the_page_s_class_with_the_page_s_loss_trains_as_the_package_s_does(trained_pair):
    _, own, _, packaged = trained_pair
    assert own.loss == pytest.approx(packaged.loss, rel=1e-3)  # sums in another order, over all steps
    for name in packaged.parts:
        assert own.parts[name] == pytest.approx(packaged.parts[name], rel=1e-3)


def test_the_page_s_class_is_scored_as_the_package_s_is(trained_pair, mnist):
    written, _, packaged, _ = trained_pair
    images = mnist.test.images[:100]
    for own, theirs in zip(vh.evaluate(written, images), vh.evaluate(packaged, images), strict=True):
        assert own == (None if theirs is None else pytest.approx(theirs, rel=1e-3))


def test_the_latent_tools_take_the_page_s_class(trained_pair, mnist):
    written, _, packaged, _ = trained_pair
    images = mnist.test.images[:100]
    codes = vh.encode_mean(written, images)
    torch.testing.assert_close(codes, vh.encode_mean(packaged, images), atol=1e-2, rtol=1e-2)
    assert latent.decode(written, codes).shape == images.shape
    assert vh.active_units(written, images).shape == (written.latent_dim,)
    assert vh.LatentPCA().fit(codes).components_.shape == (written.latent_dim, written.latent_dim)
    variational = isinstance(packaged, (vh.VAE, vh.ConvVAE))
    if variational:
        assert vh.kl_per_dimension(written, images).shape == (written.latent_dim,)
        assert latent.aggregate_posterior(written, images, 5).shape == (5, written.latent_dim)
        assert vh.elbo(written, images).shape == vh.iwae_bound(written, images, samples=2).shape == (100,)


def test_the_applications_take_the_page_s_class(mnist):
    model, _ = small_vae()
    images, seen = mnist.test.images[:3], torch.arange(28).view(1, 28, 1).expand(1, 28, 28) < 14
    assert applications.anomaly_scores(model, images)["KL"].shape == (3,)
    for fill_in in (applications.inpaint_map, applications.inpaint_pseudo_gibbs):
        assert fill_in(model, images, seen, steps=2).shape == images.shape
    assert applications.plausible_completions(model, images, seen, count=2, steps=2).shape == (2, 3, 1, 28, 28)


PANELS = {
    "DecoderPanel": lambda model, x, y: widgets.DecoderPanel(model, vh.encode_mean(model, x), y),
    "InterpolationPanel": lambda model, x, y: widgets.InterpolationPanel(model, x[0], x[1]),
    "BetaPanel": lambda model, x, y: widgets.BetaPanel({1.0: model, 2.0: model}, x),
    "ComponentPanel": lambda model, x, y: widgets.ComponentPanel(model, vh.LatentPCA().fit(vh.encode_mean(model, x))),
    "TraversalPanel": lambda model, x, y: widgets.TraversalPanel(model, x),
    "PathPanel": lambda model, x, y: widgets.PathPanel({"mine": model}, x, y),
    "LatentMap": lambda model, x, y: widgets.LatentMap(model, x, y),
    "DiagramPanel": lambda model, x, y: widgets.DiagramPanel(model, x, y),
    "MaskPanel": lambda model, x, y: widgets.MaskPanel(model, x[:2], {"a": HALF, "b": ~HALF}, {"none": lambda x, s: x}),
    "ThresholdPanel": lambda model, x, y: widgets.ThresholdPanel(
        x, 1 - x, lambda x: applications.anomaly_scores(model, x)["KL"], "KL (nats)"
    ),
}
HALF = torch.arange(28).view(1, 28, 1).expand(1, 28, 28) < 14


@pytest.mark.parametrize("name", PANELS)
def test_the_panels_take_the_page_s_class(name, mnist):
    torch.manual_seed(0)
    model, loss = small_vae()
    vh.fit(model, mnist.train.images[:200], loss=loss, epochs=1, progress=False)
    images, labels = mnist.test.images[:60], mnist.test.labels[:60]
    assert PANELS[name](model, images, labels)._repr_mimebundle_()


NO_MODEL = {"KLPanel", "GapPanel", "ReparameterizationPanel"}
OF_OTHER_MODELS = {"PosteriorPanel", "LabelPanel", "CodebookPanel", "DenoisingPanel"}  # their own tests try them


def test_every_panel_that_takes_a_model_is_tried():
    panels = {name for name in widgets.__all__ if name.endswith("Panel")} - {"PagePanel"} | {"LatentMap"}
    assert panels - set(PANELS) == NO_MODEL | OF_OTHER_MODELS
