"""The base of the panels that the page draws: ipywidgets, and beside them a picture that follows and can be grabbed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from .. import plots
from .frontend import load_css, load_esm
from .network import PageDecoder, PageEncoder
from .page import save_page
from .panel import VIEW


def _references(controls, stage):
    return {name: f"anywidget:{control.model_id}" for name, control in controls.items()}


class Stage(anywidget.AnyWidget):
    """The picture of a panel, drawn in the page, with a kernel or without.

    scripts: the JavaScript files that draw it. controls: ipywidgets, by the names that the script uses. data: what it
    draws, numbers, words and bytes. decoder, encoder: for those that decode and encode. decoders: for those that decode
    with several models, by name.
    """

    _css = load_css("stage.css")

    controls = traitlets.Dict().tag(sync=True, to_json=_references)
    decoder = anywidget.WidgetTrait().tag(sync=True)
    encoder = anywidget.WidgetTrait().tag(sync=True)
    decoders = traitlets.Dict().tag(sync=True, to_json=_references)
    data = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        scripts: Sequence[str],
        controls: Mapping[str, ipywidgets.Widget],
        data: Mapping[str, Any],
        decoder: PageDecoder | None,
        encoder: PageEncoder | None,
        decoders: Mapping[str, PageDecoder],
    ):
        self._esm = load_esm("stage.js", "network.js", "plot.js", *scripts)
        networks = {"decoder": decoder, "encoder": encoder, "decoders": dict(decoders)}
        super().__init__(controls=dict(controls), data=dict(data), **networks)


class PagePanel(ipywidgets.VBox):
    """Controls, and under them a stage. A subclass makes both, and says in `snapshot` how it looks where nothing runs.

    scripts, controls, data, decoder, encoder, decoders: as for Stage, which is `stage`. boxes: widgets that hold the
    controls; by default they stand in a column. sliders_on_page: whether a saved page has the controls, too.
    """

    sliders_on_page = True

    def __init__(
        self,
        scripts: Sequence[str],
        controls: Mapping[str, ipywidgets.Widget],
        data: Mapping[str, Any] | None = None,
        decoder: PageDecoder | None = None,
        boxes: Sequence[ipywidgets.Widget] | None = None,
        encoder: PageEncoder | None = None,
        decoders: Mapping[str, PageDecoder] | None = None,
    ):
        self.stage = Stage(scripts, controls, data or {}, decoder, encoder, decoders or {})
        super().__init__([*(controls.values() if boxes is None else boxes), self.stage])

    def snapshot(self) -> plots.Plot:
        """The panel as it stands, as a figure, for pages that cannot run it."""
        raise NotImplementedError

    def save(self, path: str | Path, title: str = "") -> Path:
        """Save the panel as one page that needs neither a kernel nor a network nor any other file; return its path.

        Sliders and pointer work there as in the notebook. A model that only the kernel can run stays as it stands.
        """
        networks = [self.stage.decoder, self.stage.encoder, *self.stage.decoders.values()]
        networks = [network for network in networks if network is not None]
        parts = [*self.stage.controls.values(), *networks]
        name = title or re.sub("(?<=[a-zL])(?=Panel)", " ", type(self).__name__)
        shown = list(self.stage.controls.values()) if self.sliders_on_page else []
        return save_page(path, name, self.snapshot().alt, self.stage, parts, shown)

    def __repr__(self):
        return f"{self.snapshot().alt} Run this notebook to move it."

    def _repr_mimebundle_(self, **kwargs):
        """The live panel, and its snapshot."""
        bundle = super()._repr_mimebundle_(**kwargs)
        snapshot, metadata = self.snapshot()._repr_mimebundle_()
        words = f"{snapshot['text/plain']} Run this notebook to move it."
        decoders = [self.stage.decoder, *self.stage.decoders.values()]
        if any(decoder is not None and not decoder.layers for decoder in decoders):
            metadata = {**metadata, VIEW: {"needs_kernel": True}}
        return {**bundle, "text/plain": words, "image/png": snapshot["image/png"]}, metadata
