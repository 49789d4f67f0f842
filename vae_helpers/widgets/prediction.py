"""A question before a result, with answers to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from .._validation import shown
from .frontend import load, load_esm, slim


class Prediction(anywidget.AnyWidget):
    """A question whose answer the next cell shows, and two or more answers to choose from. Nothing is graded.

    question: one or two sentences, as plain text. answers: short ones, all different. A choice is kept in `choice`, and
    in the browser, so that it is still there when the page is opened again. It can be changed. No kernel is needed.

    What it shows: `choice`, one of the answers, or "" before there is one.

    Raises ValueError for an empty question, fewer than two answers, or two that are equal; TraitError for a choice that
    is none of them.
    """

    _esm = load_esm("prediction.js")
    _css = slim(load("prediction.css"))

    question = traitlets.Unicode().tag(sync=True)
    answers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    choice = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, answers: Sequence[str]):
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"question: expected a sentence, got {shown(question)}")
        texts = isinstance(answers, (list, tuple)) and all(isinstance(text, str) and text.strip() for text in answers)
        if not texts:
            raise ValueError(f"answers: expected a list of texts, got {shown(answers)}")
        if len(set(answers)) < max(2, len(answers)):
            raise ValueError(f"answers: expected two or more, all different, got {answers!r}")
        super().__init__(question=question, answers=list(answers))

    @traitlets.validate("choice")
    def _is_an_answer(self, proposal):
        if proposal["value"] not in ["", *self.answers]:
            raise traitlets.TraitError(f"choice: expected one of {self.answers}, got {proposal['value']!r}")
        return proposal["value"]

    def __repr__(self):
        return f"{self.question} {' / '.join(self.answers)}"

    def _repr_mimebundle_(self, **kwargs: Any):
        """The live question, and for pages that cannot show it, its text."""
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        choices = "\n".join(f"- {answer}" for answer in self.answers)
        texts = {"text/plain": repr(self), "text/markdown": f"**Predict.** {self.question}\n\n{choices}"}
        return {**bundle, **texts}, *(metadata or [{}])
