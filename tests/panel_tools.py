"""What the tests of the panels share: values to move a slider to, the picture as a reader sees it, and the decoder."""

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
    """A widget and all that stands in it."""
    return [widget, *(inner for child in getattr(widget, "children", ()) for inner in on_the_page(child))]


def pixels(panel):
    """The picture that the panel shows, (height, width, 3)."""
    return np.asarray(PIL.Image.open(io.BytesIO(panel.picture.value)).convert("RGB"))


def shown_part(panel, image):
    """An image of the figure as it stands in the picture: the colour in the middle of each of its cells."""
    picture, shape = pixels(panel), image.get_array().shape
    cells = np.stack(np.meshgrid(np.arange(shape[1]), np.arange(shape[0])), -1).reshape(-1, 2)
    column, from_below = image.axes.transData.transform(cells).astype(int).T
    colours = picture[picture.shape[0] - 1 - from_below, column]
    assert (colours == colours[:, :1]).all()  # grey
    return torch.tensor(colours[:, 0] / 255, dtype=torch.float32).reshape(shape)


def check_shows(panel, expected, image=None):
    """Assert that panel and picture show `expected` where `image` lies, the picture to two of its 256 greys."""
    image = image or panel._image
    np.testing.assert_allclose(image.get_array(), expected, atol=1e-5)
    torch.testing.assert_close(shown_part(panel, image), torch.as_tensor(expected), atol=2.01 / 255, rtol=0)


def decode(model, z):
    """What one code decodes to: (latent_dim,) => (28, 28)."""
    with torch.no_grad():
        return model.decode(torch.as_tensor(z, dtype=torch.float32).unsqueeze(0))[0, 0]


def counted(panel, monkeypatch):
    """A list that grows by one entry each time that the panel moves what it shows."""
    calls, move = [], panel.move
    monkeypatch.setattr(panel, "move", lambda: calls.append(1) or move())
    return calls


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
    return lambda images, seen: vh.impute_map(model, images, seen, steps=5)


def black(images, seen):
    """Another way to fill in missing pixels."""
    return torch.where(seen, images, torch.zeros(()))
