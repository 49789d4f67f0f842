"""The whole way of one image through a VAE, alive: every number is real, and follows the hand."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import numpy as np
import torch
from torch import Tensor, nn

from .. import plots
from .._validation import check_digits, check_images, check_vae, where
from ..latent import LatentPCA, decode, encode_mean
from ..losses import bernoulli_nll, gaussian_kl
from .decoder import dots
from .frontend import image_sheet
from .network import PageDecoder, PageEncoder
from .panel import subplot_mosaic
from .stage import PagePanel

MOST = 300  # images


class DiagramPanel(PagePanel):
    """The whole way of one image, drawn by hand or chosen: encoder, mu and sigma, epsilon, z, decoder, and both losses.

    model: a VAE of dense layers. images (N, 1, 28, 28) in [0, 1], labels (N,): at most the first 300 are used, to
    choose from, as dots on the map, and as known images to which a drawing is compared. image: the slider that chooses
    one. seed: the noise; its button draws again. In the page: draw with the pointer in the first picture; drag z on its
    map; point at a part to see its line of code and its term of the formula, press it to see its arithmetic.

    A drawing is centred and scaled as MNIST's digits are: its longer side becomes 20 pixels, and its centre of mass the
    centre of the image.

    What it shows, of the chosen image: `mu`, `sigma`, `epsilon`, `z`, (latent_dim,); `reconstruction` and `kl` in nats.

    Raises ValueError for a model that is no VAE of dense layers, images of another shape or outside [0, 1], fewer than
    two, or labels that do not fit.
    """

    def __init__(self, model: nn.Module, images: Tensor, labels: Tensor | Sequence[int]):
        check_vae(model)
        check_images(images)
        check_digits(labels, len(images))
        if len(images) < 2:
            raise ValueError(f"images: expected two or more, got {len(images)}")
        self.model, self.images, self.labels = model, images[:MOST].cpu(), torch.as_tensor(labels)[:MOST]
        codes = encode_mean(model, self.images)
        if model.latent_dim == 2:
            origin, plane = torch.zeros(2), torch.eye(2)
        else:
            pca = LatentPCA().fit(codes)
            origin, plane = pca.mean_, pca.components_[:2]
        points = (codes - origin) @ plane.T
        layout = ipywidgets.Layout(width="28em")
        self.image = ipywidgets.IntSlider(0, 0, len(self.images) - 1, description="image", layout=layout)
        self.seed = ipywidgets.IntSlider(0, 0, 99, description="noise", layout=layout)
        data = {
            "sheet": image_sheet(self.images, columns=30),
            "origin": origin.tolist(),
            "plane": plane.tolist(),
            "noise": self._noise().tolist(),
            "limit": 1.05 * points.abs().quantile(0.99).item(),
            "names": ["latent z₁", "latent z₂"] if model.latent_dim == 2 else ["component 1", "component 2"],
            **dots(points, self.labels),
        }
        controls = {"image": self.image, "seed": self.seed}
        super().__init__(["diagram.js"], controls, data, PageDecoder.of(model), encoder=PageEncoder.of(model))
        if not self.stage.decoder.layers:
            raise ValueError("model: expected a decoder of dense layers")

    def _noise(self):
        """The noise of each seed: (100, latent_dim)."""
        return torch.randn(100, self.model.latent_dim, generator=torch.Generator().manual_seed(0))

    @torch.no_grad()
    def _posterior(self):
        return [part[0].cpu().float() for part in self.model.encode(self._chosen())]

    def _chosen(self):
        """The chosen image, as the model takes it: (1, 1, 28, 28)."""
        return self.images[self.image.value][None].to(where(self.model))

    @property
    def mu(self) -> Tensor:
        """The mean of q(z|x): (latent_dim,)."""
        return self._posterior()[0]

    @property
    def sigma(self) -> Tensor:
        """The standard deviation of q(z|x): (latent_dim,)."""
        return (0.5 * self._posterior()[1]).exp()

    @property
    def epsilon(self) -> Tensor:
        """The noise: (latent_dim,)."""
        return self._noise()[self.seed.value]

    @property
    def z(self) -> Tensor:
        """The sample: (latent_dim,)."""
        return self.mu + self.sigma * self.epsilon

    @property
    def kl(self) -> float:
        """KL(q(z|x) || p(z)) in nats."""
        mu, logvar = self._posterior()
        return gaussian_kl(mu[None], logvar[None]).item()

    @property
    @torch.no_grad()
    def reconstruction(self) -> float:
        """-log p(x|z) at the sample, in nats."""
        logits = self.model.decode_logits(self.z[None].to(where(self.model)))
        return bernoulli_nll(logits, self._chosen()).item()

    def snapshot(self) -> plots.Plot:
        """The panel as a static figure."""
        alt = "An image, the means and spreads of its code, a sample, what it decodes to, and both terms of the loss."
        figure, axes = subplot_mosaic(
            alt, [["x", "code", "decoded", "loss"]], size=(11, 3.2), width_ratios=[1, 2, 1, 1]
        )
        plots.show_image(axes["x"], self.images[self.image.value])
        axes["x"].set_title("the image x")
        places = np.arange(self.model.latent_dim) + 1
        axes["code"].errorbar(places, self.mu, self.sigma, fmt="_", color=plots.PURPLE, label="μ ± σ")
        axes["code"].vlines(places, self.mu, self.z, color=plots.ORANGE, label="σε")
        axes["code"].plot(places, self.z, "o", color=plots.BLUE, ms=4, label="z")
        axes["code"].set(xlabel="latent")
        axes["code"].legend(fontsize=10)
        plots.show_image(axes["decoded"], decode(self.model, self.z[None])[0])
        axes["decoded"].set_title("decoded from z")
        axes["loss"].bar(["reconstruction", "KL"], [self.reconstruction, self.kl], color=[plots.GREEN, plots.GREY])
        axes["loss"].set(ylabel="nats", title=f"{self.reconstruction + self.kl:.1f} nats")
        return figure
