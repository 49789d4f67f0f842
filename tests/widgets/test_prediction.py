"""Prediction: a question, its answers, and the choice."""

import pytest
import traitlets

from vae_helpers.authoring.notebooks import VIEW
from vae_helpers.widgets import Prediction


@pytest.fixture
def prediction():
    return Prediction("Which costs more?", ["the narrow one", "the wide one"])


def test_nothing_is_chosen_at_first_and_a_choice_can_be_changed(prediction):
    assert prediction.choice == ""
    for answer in (*prediction.answers, ""):
        prediction.choice = answer
        assert prediction.choice == answer


def test_a_choice_that_is_no_answer_is_refused_and_the_old_one_stays(prediction):
    prediction.choice = "the wide one"
    with pytest.raises(traitlets.TraitError, match=r"expected one of .*got 'both'"):
        prediction.choice = "both"
    assert prediction.choice == "the wide one"


def test_it_needs_no_kernel_and_reads_as_text_where_it_cannot_be_shown(prediction):
    bundle, metadata = prediction._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == prediction.model_id
    assert not metadata
    assert bundle["text/markdown"] == "**Predict.** Which costs more?\n\n- the narrow one\n- the wide one"
    assert bundle["text/plain"] == repr(prediction) == "Which costs more? the narrow one / the wide one"


def test_the_page_gets_the_question_and_the_answers_in_order(prediction):
    state = prediction.get_state()
    assert (state["question"], state["answers"]) == (prediction.question, ["the narrow one", "the wide one"])
