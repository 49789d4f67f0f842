"""What β buys: rate against distortion, with the pictures that belong to them."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_at_least, check_images, check_named, check_vae, where
from ..latent import decode
from ..losses import bernoulli_nll, pixel_entropy, reparameterize
from ..training import evaluate
from .frontend import image_sheet
from .panel import subplot_mosaic
from .stage import PagePanel

PICTURES = {"images": "test images", "reconstructions": "reconstructed", "samples": "samples of the prior"}


class BetaPanel(PagePanel):
    """What β buys: reconstructions, samples of the prior, and the place on the rate-distortion curve, together.

    models: {beta: VAE, ...}, all with one latent_dim and Bernoulli pixels. images: (N, 1, 28, 28) in [0, 1], eight or
    more; the first eight are shown, all are scored. no_code: the landmark "mean image, no code", in nats per image; by
    default the distortion of the mean of `images`. beta: the slider; or drag the ring along the curve.

    What it shows: `scores`, {beta: Scores}, in nats per image; `reconstructions` (8, 1, 28, 28) and `samples`
    (16, 1, 28, 28), {beta: images}.

    Raises ValueError for no models, fewer images, images of another shape or outside [0, 1], a plain autoencoder, or
    models whose latent_dim differ.
    """

    def __init__(self, models: Mapping[float, nn.Module], images: Tensor, no_code: float | None = None):
        _check_input(models, images)
        self.scores = {beta: evaluate(model, images) for beta, model in sorted(models.items())}
        pictures = {beta: _reconstruct_and_sample(models[beta], images[:8]) for beta in self.scores}
        self.reconstructions, self.samples = ({beta: pair[k] for beta, pair in pictures.items()} for k in (0, 1))
        self.beta = ipywidgets.SelectionSlider(
            options=[(f"{beta:g}", beta) for beta in self.scores],
            value=min(self.scores, key=lambda beta: abs(beta - 1)),
            description="β",
            layout=ipywidgets.Layout(width="28em"),
        )
        if no_code is None:
            mean_image = images.mean(0, keepdim=True).logit(1e-6).expand_as(images)
            no_code = bernoulli_nll(mean_image, images).mean().item()
        self.images, self.floor, self.no_code = images[:8].cpu(), pixel_entropy(images).mean().item(), no_code
        shown = [part for beta in self.scores for part in (self.reconstructions[beta], self.samples[beta])]
        data = {
            "betas": [f"{beta:g}" for beta in self.scores],
            "rates": [scores.kl for scores in self.scores.values()],
            "distortions": [scores.reconstruction for scores in self.scores.values()],
            "floor": self.floor,
            "no_code": no_code,
            "sheet": image_sheet(torch.cat([self.images, *shown]), columns=8),
        }
        super().__init__(["beta.js"], {"beta": self.beta}, data)

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = (
            "Eight images and what they decode to, sixteen samples of the prior, and a ring on a falling curve of "
            "distortion against rate."
        )
        beta = self.beta.value
        places, ratios = [[name, "curve"] for name in PICTURES], {"width_ratios": [1.2, 1], "height_ratios": [1, 1, 2]}
        figure, axes = subplot_mosaic(alt, places, size=(11, 5), **ratios)
        shown = {"images": self.images, "reconstructions": self.reconstructions[beta], "samples": self.samples[beta]}
        for (name, images), title in zip(shown.items(), PICTURES.values(), strict=True):
            plots.show_image(axes[name], plots.mosaic(images, 8))
            axes[name].set_title(title)
        runs = {f"β = {beta:g}": scores for beta, scores in self.scores.items()}
        plots.rate_distortion(runs, self.floor, self.no_code, axes["curve"])
        scores = self.scores[beta]
        axes["curve"].plot(scores.kl, scores.reconstruction, "o", ms=17, mfc="none", mec="black", mew=2.5)
        return figure


def _check_input(models, images):
    check_images(images)
    check_named("models", models, "VAEs by their beta")
    for beta, model in models.items():
        check_at_least("beta", beta, 0)
        check_vae(model)
    widths = sorted({model.latent_dim for model in models.values()})
    if len(widths) != 1:
        raise ValueError(f"models: expected one or more, all with one latent_dim, got latent_dims {widths}")
    if len(images) < 8:
        raise ValueError(f"images: expected 8 or more, got {len(images)}")


@torch.no_grad()
def _reconstruct_and_sample(model, images):
    """What one sample of z of each image decodes to, and 16 samples of the prior; the same noise for each model."""
    mu, logvar = model.encode(images.to(where(model)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        posterior = reparameterize(mu.cpu(), logvar.cpu())
        prior = torch.randn(16, model.latent_dim)
    return decode(model, posterior), decode(model, prior)
