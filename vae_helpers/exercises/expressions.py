"""Answers that are derived: expressions of SymPy, compared by their values at some points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from .exercise import Unfit


def labels_of(names: str, points: Sequence[Sequence[float]]) -> tuple[str, ...]:
    """What the values at these points are: "at a = 2, b = 1", ..., for names of one letter each."""
    return tuple(
        f"at {', '.join(f'{name} = {value}' for name, value in zip(names, point, strict=True))}" for point in points
    )


def values_at(found: Any, symbols: Sequence[sympy.Symbol], points: Sequence[Sequence[float]]) -> list[float]:
    """The values of an expression of these symbols, where each has the numbers of a point.

    Raises Unfit for what is no expression, has other symbols in it, or is no number at a point.
    """
    names = " and ".join(map(str, symbols))
    try:
        if isinstance(found, str):  # SymPy would make symbols of its own
            raise TypeError
        expression = sympy.sympify(found)
    except (sympy.SympifyError, TypeError, AttributeError):
        noun = "symbol" if len(symbols) == 1 else "symbols"
        raise Unfit(f"a {type(found).__name__}; expected an expression of the {noun} {names}") from None
    if other := getattr(expression, "free_symbols", {found}) - {*symbols}:
        own = ", ".join(sorted(map(str, other)))
        if {str(symbol) for symbol in other} <= {str(symbol) for symbol in symbols}:
            raise Unfit(f"an expression with symbols of your own that are also called {own}; use those you are given")
        raise Unfit(f"an expression with {own} in it; expected {names} alone")
    values = []
    for point in points:
        value = expression.subs(dict(zip(symbols, point, strict=True))).evalf()
        if not (value.is_real and value.is_finite):
            place = " and ".join(f"{symbol} = {number}" for symbol, number in zip(symbols, point, strict=True))
            raise Unfit(f"{expression}, which is no number everywhere: with {place} it is {value}")
        values.append(float(value))
    return values
