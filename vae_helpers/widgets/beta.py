"""What β buys: rate against distortion, with the pictures that belong to them."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets
import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_images, check_vae, where
from ..latent import decode
from ..losses import bernoulli_nll, pixel_entropy, reparameterize
from ..training import evaluate
from .panel import Panel, blank, subplot_mosaic

PICTURES = ("images", "reconstructions", "samples")


class BetaPanel(Panel):
    """What β buys: reconstructions, samples of the prior, and the place on the rate-distortion curve, together.

    models: {beta: VAE, ...}, all with one latent_dim and Bernoulli pixels. images: (N, 1, 28, 28) in [0, 1], eight or
    more; the first eight are shown, all are scored. no_code: the landmark "mean image, no code", in nats per image; by
    default the distortion of the mean of `images`. beta: the slider.

    What it shows: `scores`, {beta: Scores}, in nats per image; `point`, the ring's rate and distortion, (2,);
    `reconstructions` (8, 1, 28, 28) and `samples` (16, 1, 28, 28), {beta: images}. Axes: "images", "reconstructions",
    "samples", "curve".

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
        alt = (
            "Eight images and what they decode to, sixteen samples of the prior, and a ring on a falling curve of "
            "distortion against rate."
        )
        places, ratios = [[name, "curve"] for name in PICTURES], {"width_ratios": [1.2, 1], "height_ratios": [1, 1, 2]}
        figure, axes = subplot_mosaic(alt, places, size=(11, 5), **ratios)
        titles = ["test images", "reconstructed", "samples of the prior"]
        for name, title in zip(PICTURES, titles, strict=True):
            axes[name].set_title(title)
        plots.show_image(axes["images"], plots.mosaic(images[:8], 8))
        self._images = [blank(axes["reconstructions"], 1, 8), blank(axes["samples"], 2, 8)]
        if no_code is None:
            mean_image = images.mean(0, keepdim=True).logit(1e-6).expand_as(images)
            no_code = bernoulli_nll(mean_image, images).mean().item()
        runs = {f"β = {beta:g}": scores for beta, scores in self.scores.items()}
        plots.rate_distortion(runs, pixel_entropy(images).mean().item(), no_code, axes["curve"])
        (self._ring,) = axes["curve"].plot([], [], "o", ms=17, mfc="none", mec="black", mew=2.5)
        super().__init__(figure, [*self._images, self._ring], [self.beta])

    @property
    def point(self) -> np.ndarray:
        """The ring's rate and distortion, in nats per image: (2,)."""
        return self._ring.get_xydata()[0]

    def update(self) -> str:
        """Show the pictures and the scores of the chosen β."""
        beta = self.beta.value
        scores = self.scores[beta]
        for shown, images in zip(self._images, [self.reconstructions[beta], self.samples[beta]], strict=True):
            shown.set_data(plots.mosaic(images, 8))
        self._ring.set_data([scores.kl], [scores.reconstruction])
        return (
            f"β = {beta:g}: rate {scores.kl:.1f} + distortion {scores.reconstruction:.1f} "
            f"= negative ELBO <b>{scores.negative_elbo:.1f}</b> nats per image"
        )


def _check_input(models, images):
    check_images(images)
    for model in models.values():
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
