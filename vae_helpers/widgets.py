"""Panels: sliders over a picture that follows them.

A panel is a thin ipywidgets VBox. What it shows is worked out by functions that are tested alone. The part
of its figure that never moves is drawn once; each move draws the rest over it and sends one PNG, which is
several times faster than drawing a whole matplotlib figure anew.
"""

import html
import io

import ipywidgets
import numpy as np
import PIL.Image
import torch

from . import plots
from ._checks import check_images, check_labels, check_vae
from .latent import interpolate, posterior_means
from .objective import bernoulli_nll, gaussian_kl, pixel_entropy
from .page import Film, Picture
from .training import evaluate

VIEW = "application/vnd.jupyter.widget-view+json"


class Panel(ipywidgets.VBox):
    """Sliders, a line of text and a picture. A subclass says in `move` what a slider's move changes.

    figure: drawn once, but for its artists in `moving`. sliders: widgets with a value. arranged: boxes that hold
    the sliders, if they are not to stand one under another. rarely: artists that stand still until `move` changes
    them and calls `redraw_rarely`.

    An exception in `move` is shown in the panel, above the last good picture, and raised.
    """

    def __init__(self, figure, moving, sliders, arranged=None, rarely=()):
        for artist in [*rarely, *moving]:
            artist.set_animated(True)
        figure.canvas.draw()
        figure.set_layout_engine("none")  # nothing shifts from here on
        self._figure, self._moving, self._rarely = figure, moving, rarely
        self._still = self._empty = figure.canvas.copy_from_bbox(figure.bbox)
        self.picture = Picture(alt=figure.alt)
        self.picture.layout = ipywidgets.Layout(max_width="100%", align_self="flex-start")
        self.text = ipywidgets.HTML()
        self.error = ipywidgets.HTML()
        self.sliders, self._held = list(sliders), False
        for slider in sliders:
            slider.observe(self._on_move, "value")
        super().__init__([*(arranged or sliders), self.text, self.error, self.picture])
        self._on_move()

    def move(self):
        """Move the artists to where the sliders are; return the line of text, as HTML."""
        raise NotImplementedError

    def redraw_rarely(self):
        """Draw what moves rarely over what never does."""
        self._figure.canvas.restore_region(self._empty)
        for artist in self._rarely:
            artist.axes.draw_artist(artist)
        self._still = self._figure.canvas.copy_from_bbox(self._figure.bbox)

    def move_all(self, places):
        """Move several sliders, {slider: value, ...}, and draw once."""
        self._held = True
        try:
            for slider, value in places.items():
                slider.value = value
        finally:
            self._held = False
            self._on_move()

    def _on_move(self, change=None):
        if self._held:
            return
        try:
            text = self.move()
            self.picture.value = self._png()  # sent first, since it is what the eye waits for
            self.text.value = text
        except Exception as error:
            self.error.value = f"<b>{type(error).__name__}:</b> {html.escape(str(error))}"
            raise
        self.error.value = ""

    def _png(self):
        canvas = self._figure.canvas
        canvas.restore_region(self._still)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        pixels = canvas.buffer_rgba()  # not copied
        picture = PIL.Image.frombuffer("RGBA", canvas.get_width_height(), pixels, "raw", "RGBA", 0, 1)
        png = io.BytesIO()
        picture.convert("RGB").save(png, "PNG", compress_level=1)
        return png.getvalue()

    def __repr__(self):
        return f"{self._figure.alt} Run this notebook to move the sliders."

    def _repr_mimebundle_(self, **kwargs):
        """The live panel, and for pages without a kernel its picture."""
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = repr(self)  # ipywidgets cuts it short
        bundle["image/png"] = plots.small_png(PIL.Image.open(io.BytesIO(self.picture.value)))
        return bundle, {"image/png": {"alt": self._figure.alt}, VIEW: {"needs_kernel": True}}


def slider(name, value, low, high, step=0.05):
    """A slider that sends its value while it moves."""
    return ipywidgets.FloatSlider(
        value, min=low, max=high, step=step, description=name, layout=ipywidgets.Layout(width="28em")
    )


class DecoderPanel(Panel):
    """A point of a two-dimensional latent plane, among the codes of known images, and what it decodes to.

    model: an Autoencoder or a VAE with latent_dim 2. codes (N, 2), labels (N,): the dots on the map.
    z1, z2: the sliders. Raises ValueError for another latent_dim, or labels of another length.
    """

    def __init__(self, model, codes, labels):
        if model.latent_dim != 2:
            raise ValueError(f"a DecoderPanel needs a model with latent_dim 2, got {model.latent_dim}")
        check_labels(labels, len(codes))
        self.model = model
        low, high = codes.quantile(0.01, dim=0).tolist(), codes.quantile(0.99, dim=0).tolist()
        start = codes[0].clamp(torch.tensor(low), torch.tensor(high)).tolist()
        self.z1, self.z2 = (
            slider(name, value=start[i], low=low[i], high=high[i], step=(high[i] - low[i]) / 200)
            for i, name in enumerate(["z₁", "z₂"])
        )
        alt = "A map of codes, each drawn as its digit, with a ring at one place, and the image decoded there."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 5.4), width_ratios=[1.25, 1])
        plots.latent_scatter(codes, labels, left, most=1500)
        margin = [0.05 * (h - l) for l, h in zip(low, high, strict=True)]
        left.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
        right.set_title("decoded")
        (self._halo,) = left.plot([], [], "o", ms=19, mfc="none", mec="white", mew=6)
        (self._ring,) = left.plot([], [], "o", ms=19, mfc="none", mec="black", mew=2.5)
        self._image = plots.show_image(right, np.zeros((28, 28)))
        super().__init__(figure, [self._halo, self._ring, self._image], [self.z1, self.z2])

    def move(self):
        z = torch.tensor([[self.z1.value, self.z2.value]])
        for ring in (self._halo, self._ring):
            ring.set_data([self.z1.value], [self.z2.value])
        self._image.set_data(_decode(self.model, z)[0, 0].numpy())
        return f"The decoder at z = ({self.z1.value:.2f}, {self.z2.value:.2f})"


class InterpolationPanel(ipywidgets.VBox):
    """From one image to another through latent space: alpha 0 is the first, 1 the second.

    model: any model. first, second: images (1, 28, 28) in [0, 1]. alpha: the slider. Walks straight from
    one posterior mean to the other, on a film of 101 images that is decoded once: the panel shows the model as it was
    when the panel was made, and in return needs no kernel. Raises ValueError for images of another shape or outside
    [0, 1].
    """

    def __init__(self, model, first, second):
        for name, image in {"first": first, "second": second}.items():
            if tuple(image.shape) != (1, 28, 28):
                raise ValueError(f"{name} must be one image of shape (1, 28, 28), got {tuple(image.shape)}")
        self._ends = torch.stack([first, second]).cpu()
        self._frames = _decode(model, interpolate(*posterior_means(model, self._ends), 101))
        self.alpha = slider("α", 0.5, 0.0, 1.0, step=0.01)
        super().__init__([self.alpha, Film(self._ends, self._frames, self.alpha)])

    def still(self):
        """The images at the slider's place, as a Figure: what a page shows that cannot draw the panel itself."""
        alt = "Two images, and between them the image decoded at a place on the way from one code to the other."
        figure, axes = plots.figure(alt, 1, 3, size=(9, 3.3))
        images = [self._ends[0], self._frames[round(100 * self.alpha.value)], self._ends[1]]
        titles = ["first image", f"decoded at α = {self.alpha.value:.2f}", "second image"]
        for ax, image, title in zip(axes, images, titles, strict=True):
            plots.show_image(ax, image)
            ax.set_title(title)
        return figure

    def __repr__(self):
        return f"{self.still().alt} Run this notebook to move the slider."

    def _repr_mimebundle_(self, **kwargs):
        """The live panel, and for pages that cannot show it a still figure."""
        bundle = super()._repr_mimebundle_(**kwargs)
        still, metadata = self.still()._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self), "image/png": still["image/png"]}, metadata


class KLPanel(Panel):
    """Two densities, q = N(mu, sigma²) and p = N(0, 1), their KL in nats and its gradients.

    mu, sigma: the sliders. Left: the densities, and q log(q/p), whose area is the KL. Right: the KL over
    the plane of (mu, sigma), the point, and the direction of steepest descent.
    """

    def __init__(self):
        self.mu = slider("μ", 1.5, -3.0, 3.0)
        self.sigma = slider("σ", 0.5, 0.1, 3.0)
        alt = "Two Gaussian densities with q log(q/p) shaded, and the KL in nats as contours over mu and sigma."
        figure, (left, right) = plots.figure(alt, 1, 2, size=(10, 4.6), width_ratios=[1.2, 1])
        self._x = np.linspace(-16, 16, 1200)  # wider than the axes, so that the shaded area is all of the KL
        left.plot(self._x, _density(self._x, 0, 1), "--", color=plots.ORANGE, label="p = N(0, 1)")
        (self._q,) = left.plot(self._x, 0 * self._x, color=plots.BLUE, label="q = N(μ, σ²)")
        (self._area,) = left.fill(self._x, 0 * self._x, color=plots.GREY, alpha=0.45, lw=0, label="q log(q/p)")
        left.set(xlim=(-8, 8), ylim=(-0.5, 2.1), xlabel="z", ylabel="density")
        left.legend(loc="upper left", fontsize=11)

        mu, sigma = np.meshgrid(np.linspace(-3.2, 3.2, 120), np.linspace(0.05, 3.2, 120))
        levels = right.contour(
            mu, sigma, 0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma), [0.1, 0.5, 1, 2, 4], colors=plots.GREY
        )
        right.clabel(levels, fmt="%g")
        right.plot(0, 1, "+", color=plots.ORANGE, ms=14, mew=3)
        right.set(xlabel="μ", ylabel="σ", title="KL in nats")
        (self._point,) = right.plot([], [], "o", color=plots.BLUE, ms=11)
        (self._descent,) = right.plot([], [], color=plots.BLUE)
        super().__init__(figure, [self._area, self._q, self._descent, self._point], [self.mu, self.sigma])

    def move(self):
        kl, d_mu, d_sigma = kl_and_gradient(self.mu.value, self.sigma.value)
        mu, sigma = self.mu.value, self.sigma.value
        q = _density(self._x, mu, sigma)
        log_ratio = 0.5 * (self._x**2 - ((self._x - mu) / sigma) ** 2) - np.log(sigma)
        self._q.set_ydata(q)
        self._area.set_xy([(self._x[0], 0), *zip(self._x, q * log_ratio, strict=True), (self._x[-1], 0)])
        length = max(np.hypot(d_mu, d_sigma), 1e-9)
        step = 0.5 * np.tanh(length) / length  # points downhill; at most half a unit long
        self._point.set_data([mu], [sigma])
        self._descent.set_data([mu, mu - step * d_mu], [sigma, sigma - step * d_sigma])
        return f"KL = <b>{kl:.3f}</b> nats, ∂KL/∂μ = {d_mu:+.2f}, ∂KL/∂σ = {d_sigma:+.2f}"


class BetaPanel(Panel):
    """What β buys: reconstructions, samples of the prior, and the place on the rate-distortion curve, together.

    models: {beta: VAE, ...}, all with one latent_dim. images: (N, 1, 28, 28) in [0, 1], eight or more; the first
    eight are shown, all are scored. beta: the slider. Raises ValueError for no models, fewer images, images of
    another shape or outside [0, 1], a plain autoencoder, or models whose latent_dim differ.
    """

    def __init__(self, models, images):
        check_images(images)
        for model in models.values():
            check_vae(model)
        widths = {model.latent_dim for model in models.values()}
        if len(widths) != 1 or len(images) < 8:
            raise ValueError(
                "a BetaPanel needs models of one latent_dim and at least 8 images, "
                f"got latent_dims {sorted(widths)} and {len(images)} images"
            )
        self.scores = {beta: evaluate(model, images) for beta, model in sorted(models.items())}
        self._pictures = {beta: _reconstructions_and_samples(models[beta], images[:8]) for beta in self.scores}
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
        figure, axes = plots.figure(alt, 3, 2, size=(11, 5), width_ratios=[1.2, 1], height_ratios=[1, 1, 2])
        grid = axes[0, 1].get_gridspec()
        for ax in axes[:, 1]:
            ax.remove()
        plots.show_image(axes[0, 0], plots.mosaic(images[:8], 8))
        axes[0, 0].set_title("test images")
        axes[1, 0].set_title("reconstructed")
        axes[2, 0].set_title("samples of the prior")
        self._images = [
            plots.show_image(ax, np.zeros((28 * rows, 28 * 8))) for ax, rows in zip(axes[1:, 0], (1, 2), strict=True)
        ]
        curve = figure.add_subplot(grid[:, 1])
        no_code = bernoulli_nll(images.mean(0, keepdim=True).logit(1e-6).expand_as(images), images).mean().item()
        runs = {f"β = {beta:g}": scores for beta, scores in self.scores.items()}
        plots.rate_distortion(runs, pixel_entropy(images).mean().item(), no_code, curve)
        (self._point,) = curve.plot([], [], "o", ms=17, mfc="none", mec="black", mew=2.5)
        super().__init__(figure, [*self._images, self._point], [self.beta])

    def move(self):
        scores = self.scores[self.beta.value]
        for shown, images in zip(self._images, self._pictures[self.beta.value], strict=True):
            shown.set_data(plots.mosaic(images, 8))
        self._point.set_data([scores.kl], [scores.reconstruction])
        return (
            f"β = {self.beta.value:g}: rate {scores.kl:.1f} + distortion {scores.reconstruction:.1f} "
            f"= negative ELBO <b>{scores.negative_elbo:.1f}</b> nats per image"
        )


@torch.no_grad()
def _reconstructions_and_samples(model, images):
    """What one sample of z of each image decodes to, and 16 samples of the prior; the same noise for each model."""
    noise = torch.Generator().manual_seed(0)
    mu, logvar = model.encode(images)
    z = mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape, generator=noise)
    return model.decode(z), model.decode(torch.randn(16, model.latent_dim, generator=noise))


def kl_and_gradient(mu, sigma):
    """KL(N(mu, sigma²) || N(0, 1)) in nats, and its derivatives with respect to mu and to sigma, by autograd."""
    point = torch.tensor([mu, sigma], dtype=torch.float64, requires_grad=True)
    kl = gaussian_kl(point[:1].unsqueeze(0), 2 * point[1:].log().unsqueeze(0)).sum()
    (gradient,) = torch.autograd.grad(kl, point)
    return kl.item(), *gradient.tolist()


def _density(x, mu, sigma):
    return np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


@torch.no_grad()
def _decode(model, codes):
    """Codes => images: (N, latent_dim) => (N, 1, 28, 28), on the CPU."""
    return model.decode(codes.to(next(model.parameters()).device)).cpu()
