"""The colours of formulas on decks and pages: encoder, decoder, prior and KL have those that they have in panels.

A notebook's own Markdown has none: JupyterLab's light and dark theme have no colour in common that can be read on both.
"""

from __future__ import annotations

import re

MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
TERMS = {
    "encoder": r"q\(z(?:_k)?(?: \\mid [xy][^()]*)?\)",
    "decoder": r"p\(x[^()]*\\mid z[^()]*\)",
    "prior": r"p\(z(?:_k)?(?: \\mid y)?\)",
    "kl": r"\\mathrm\{KL\}",
}


def colour_terms(markdown: str) -> str:
    """Markdown whose formulas name, for MathJax, what each of their terms is: `q(z \\mid x)` is the encoder's."""
    return MATH.sub(lambda formula: _coloured(formula[0]), markdown)


def _coloured(formula):
    for role, term in TERMS.items():
        formula = re.sub(term, lambda found, role=role: rf"\class{{role-{role}}}{{{found[0]}}}", formula)
    return formula
