"""What the tests of drawn panels share: where a plot of the page has its curves, words, ticks and names."""

import re

import numpy as np


def points(path):
    """The points of a path, in the plot's own units: (N, 2)."""
    return np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path), float)


def ticks(svg, axis):
    """Where the ticks of an axis are, in the plot's own units, and what is written there: two arrays."""
    found = svg.locator(f".tick-{axis}").all()
    at = np.array([float(tick.get_attribute(axis)) for tick in found]) - (5 if axis == "y" else 0)
    return at, np.array([float(tick.text_content().replace("−", "-")) for tick in found])


def to_data(svg, places):
    """Places in the plot's own units (N, 2) as data (N, 2), read off the ticks; NaN along an axis without any."""
    columns = []
    for axis, place in zip("xy", np.transpose(places), strict=True):
        at, value = ticks(svg, axis)
        columns.append(np.polyval(np.polyfit(at, value, 1), place) if len(at) > 1 else np.full(len(place), np.nan))
    return np.stack(columns, 1)


def place(word):
    """Where a word, a bar's corner or a circle's middle is, in the plot's own units: (1, 2)."""
    names = ("cx", "cy") if word.get_attribute("cx") else ("x", "y")
    return np.array([[float(word.get_attribute(name)) for name in names]])


def word_of(svg, text):
    return svg.locator(".word").filter(has_text=re.compile(f"^{re.escape(text)}$"))


def names(page):
    """Of each plot: its title, and the names of its axes."""
    return [
        (
            next(iter(svg.locator("text.title").all_text_contents()), ""),
            *svg.locator("text.name").all_text_contents(),
        )
        for svg in page.locator(".plot svg").all()
    ]
