"""What a panel drawn by Python promises: each slider moves the picture, which is the figure's, and an error shows."""

import base64

import numpy as np
import pytest
import traitlets
from panel_tools import counted, on_the_page, picture_of, pixels, values

import vae_helpers as vh
from vae_helpers import plots
from vae_helpers.widgets.panel import VIEW


class Line(vh.widgets.Panel):
    """A panel of one's own: two sliders, and a line from the one to the other. Axes: "line"."""

    def __init__(self):
        self.start, self.end = vh.widgets.slider("start", 0.5, 0.0, 2.0), vh.widgets.slider("end", 1.0, 0.0, 2.0)
        figure, ax = vh.figure("A line as long as the sliders say, between two places.")
        ax.set(xlim=(0, 2), label="line")
        (self.line,) = ax.plot([0, 0], [0, 0])
        super().__init__(figure, [self.line], [self.start, self.end])

    def update(self):
        self.line.set_xdata([self.start.value, self.end.value])
        return f"from {self.start.value:.2f} to {self.end.value:.2f}"


@pytest.fixture(scope="module")
def make(two, shown):
    """Makes a panel, by its name, of a model."""

    def make(name, model=two):
        return Line() if name == "line" else vh.widgets.PathPanel({"vae2": model}, *shown)

    return make


@pytest.fixture(scope="module", params=["line", "path"])
def panel(request, make):
    """A panel of each kind, wherever the last test left its sliders."""
    panel = make(request.param)
    panel.test_name = request.param
    return panel


def test_every_slider_changes_picture_and_text(panel):
    name = panel.test_name
    assert {*panel.sliders, panel.text, panel.error, panel.picture} < set(on_the_page(panel))
    for slider in panel.sliders:
        for value in values(slider):
            if value == slider.value:
                continue
            picture, text = pixels(panel), panel.text.value
            slider.value = value
            assert (pixels(panel) != picture).any()
            assert panel.text.value != text or (name, slider.description) == ("path", "α")  # it is about the whole path


def test_a_picture_depends_on_where_the_sliders_are_and_not_on_the_way(panel):
    first = pixels(panel)
    for slider in panel.sliders:
        for value in (values(slider)[0], values(slider)[-1], slider.value):
            slider.value = value
        np.testing.assert_array_equal(pixels(panel), first)


def test_the_picture_is_what_the_whole_figure_would_show_if_it_were_drawn_at_once(panel):
    for slider in panel.sliders:
        slider.value = values(slider)[1]
    artists = [*panel.slow, *panel.animated]
    orders = [artist.get_zorder() for artist in artists]
    for order, artist in enumerate(artists, start=100):  # over what is static, in this order
        artist.set(animated=False, zorder=order)
    panel.figure.canvas.draw()
    np.testing.assert_array_equal(np.asarray(panel.figure.canvas.buffer_rgba())[..., :3], pixels(panel))
    for order, artist in zip(orders, artists, strict=True):
        artist.set(animated=True, zorder=order)


def test_a_page_without_a_kernel_shows_the_picture_and_its_text_alternative(panel):
    bundle, metadata = panel._repr_mimebundle_()
    assert VIEW in bundle  # live where there is a kernel
    png = base64.b64decode(bundle["image/png"])
    assert picture_of(png).shape == pixels(panel).shape
    difference = picture_of(png) - pixels(panel).astype(float)
    assert np.abs(difference).mean() < 1  # with fewer colours, for fewer bytes
    assert len(png) < 0.7 * len(panel.picture.value)
    assert len(metadata["image/png"]["alt"]) > 40
    assert panel.picture.alt == metadata["image/png"]["alt"]
    assert metadata[VIEW] == {"needs_kernel": True}
    assert bundle["text/plain"] == f"{metadata['image/png']['alt']} Run this notebook to move the sliders."


def test_every_axes_of_a_panel_has_a_name(panel):
    labels = [ax.get_label() for ax in panel.figure.axes]
    assert list(panel.axes) == labels
    assert all(f'"{label}"' in type(panel).__doc__ for label in labels if "vae2" not in label and ":" not in label)


@pytest.mark.parametrize("name", ["path"])
def test_an_error_is_raised_and_shown_until_the_next_good_move(make, own, name, monkeypatch):
    panel = make(name, own)
    picture, slider, first = panel.picture.value, panel.sliders[-1], panel.sliders[0]
    before = first.value
    other = next(value for value in values(slider) if value != slider.value)
    with monkeypatch.context() as broken:
        broken.setattr(type(own), "decode", lambda model, z: 1 / 0)
        broken.setattr(plots, "mosaic", lambda images, columns: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            slider.value = other
        assert "ZeroDivisionError" in panel.error.value
        assert panel.picture.value == picture  # the last good one
    first.value = next(value for value in values(first) if value not in (before, first.value))
    assert panel.error.value == ""
    assert panel.picture.value != picture


def test_several_sliders_move_and_the_panel_draws_once(make, monkeypatch):
    one_by_one, panel = make("line"), make("line")
    one_by_one.start.value, one_by_one.end.value = 1.5, 2.0
    drawn = counted(panel, monkeypatch)
    panel.set_values({panel.start: 1.5, panel.end: 2.0})
    assert len(drawn) == 1
    assert (panel.start.value, panel.end.value) == (1.5, 2)
    assert panel.text.value == one_by_one.text.value
    np.testing.assert_array_equal(pixels(panel), pixels(one_by_one))
    panel.start.value = 1.0  # and one alone draws again
    assert len(drawn) == 2


def test_a_panel_follows_its_sliders_also_when_one_of_several_refuses_its_value(make):
    panel, expected = make("line"), make("line")
    with pytest.raises(traitlets.TraitError, match="half"):
        panel.set_values({panel.start: 1.5, panel.end: "half"})
    expected.start.value = 1.5
    assert panel.text.value == expected.text.value
    panel.end.value = expected.end.value = 2.0
    assert panel.text.value == expected.text.value


def test_the_text_of_an_error_is_not_read_as_html(make, monkeypatch):
    panel = make("line")

    def update():
        raise ValueError("<script>")

    monkeypatch.setattr(panel, "update", update)
    with pytest.raises(ValueError, match="<script>"):
        panel.start.value = 0.0
    assert "<script>" not in panel.error.value
