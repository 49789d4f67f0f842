"""What the tests of the panels share: what a panel's snapshot shows, and some of what panels need."""

import io

import ipywidgets
import numpy as np
import PIL.Image
import torch

import vae_helpers as vh


def values(slider):
    """Some values to move a slider to, its first and its last among them."""
    if isinstance(slider, (ipywidgets.SelectionSlider, ipywidgets.Dropdown)):
        return [option[1] if isinstance(option, tuple) else option for option in slider.options]
    return [slider.min, type(slider.value)(0.3 * slider.min + 0.7 * slider.max), slider.max]


def on_the_page(widget):
    """A widget and all widgets in it."""
    return [widget, *(inner for child in getattr(widget, "children", ()) for inner in on_the_page(child))]


def pixels(panel):
    """The picture that a panel drawn by Python shows, (height, width, 3)."""
    return picture_of(panel.picture.value)


def picture_of(png):
    """The bytes of a PNG as an array, (height, width, 3)."""
    return np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB"))


def images_of(png):
    """The images side by side in a PNG, in [0, 1]: (N, 28, 28)."""
    picture = np.asarray(PIL.Image.open(io.BytesIO(png)).convert("L")) / 255
    rows, columns = (side // 28 for side in picture.shape)
    return picture.reshape(rows, 28, columns, 28).swapaxes(1, 2).reshape(-1, 28, 28)


def shown_by(panel):
    """The pictures of a panel's snapshot by their titles; those of axes without one by their number."""
    axes = [ax for ax in panel.snapshot().axes if ax.images]
    return {ax.get_title() or number: np.asarray(ax.images[0].get_array()) for number, ax in enumerate(axes)}


def check_shows(panel, expected, label):
    """Assert that these axes of a panel drawn by Python, and its picture, show `expected`, to two of its 256 greys."""
    (image,) = panel.axes[label].images
    np.testing.assert_allclose(image.get_array(), expected, atol=1e-5)
    cells = np.stack(np.meshgrid(*map(np.arange, reversed(image.get_array().shape))), -1).reshape(-1, 2)
    column, from_below = image.axes.transData.transform(cells).astype(int).T
    picture = pixels(panel)
    colours = picture[picture.shape[0] - 1 - from_below, column]  # in the middle of each cell
    assert (colours == colours[:, :1]).all()  # grey
    shown = torch.tensor(colours[:, 0] / 255, dtype=torch.float32).reshape(image.get_array().shape)
    torch.testing.assert_close(shown, torch.as_tensor(expected), atol=2.01 / 255, rtol=0)


def decode(model, z):
    """What one code decodes to: (latent_dim,) => (28, 28)."""
    return film(model, torch.as_tensor(z, dtype=torch.float32).unsqueeze(0))


def film(model, codes):
    """What codes decode to, side by side: (N, latent_dim) => (28, 28 N)."""
    with torch.no_grad():
        return torch.cat(list(model.decode(codes)[:, 0]), dim=1)


def counted(panel, monkeypatch):
    """A list that grows by one entry each time that the panel updates."""
    calls, update = [], panel.update
    monkeypatch.setattr(panel, "update", lambda: calls.append(1) or update())
    return calls


def decoded_codes(models, monkeypatch):
    """A list of how many codes the models decode at a time."""
    counts = []
    for model in models:
        decode_all = model.decode
        monkeypatch.setattr(model, "decode", lambda z, decode_all=decode_all: counts.append(len(z)) or decode_all(z))
    return counts


def ink(images):
    """A score for the threshold panel: the mean of all pixels, in percent, the same for no two images."""
    return 100 * images.mean((1, 2, 3)) + torch.linspace(0, 1e-3, len(images))


MASKS = {
    "lower half": torch.arange(28).view(1, 28, 1).expand(1, 28, 28) < 14,
    "right half": torch.arange(28).view(1, 1, 28).expand(1, 28, 28) < 14,
    "left half": torch.arange(28).view(1, 1, 28).expand(1, 28, 28) >= 14,
}


def few_steps(model):
    """A way to fill in missing pixels."""
    return lambda images, seen: vh.applications.inpaint_map(model, images, seen, steps=5)


def black(images, seen):
    """Another way to fill in missing pixels."""
    return torch.where(seen, images, torch.zeros(()))
