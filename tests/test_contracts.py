"""Contracts: what every public function does with a bad argument, its seed, torch's generator and what it is given.

`kinds` lists good and bad values, `contracts` says which argument is of which kind. A public function that is not in
that table fails the first test.
"""

import copy
import inspect
import re
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
import torch
from contracts import FUNCTIONS, METHODS, NOT_CALLED, TABLE, public
from kinds import Own
from torch import nn

ANYTHING = {
    "ax",
    "folder",
    "logvar",
    "mu",
    "prior_mu",
    "prior_logvar",
    "size",
    "spherical",
    "step",
    "subplots",
    "title",
}
DRAWS = {  # from torch's global generator, as documented: what is trained, and what trains it
    "models.Autoencoder", "models.VAE", "models.ConvVAE", "models.MixtureVAE", "NegativeELBO()",
    "losses.elbo", "losses.elbo_terms", "losses.reparameterize",
    "importance.log_weights", "ImportanceWeighted()", "vamp_elbo", "conditional_elbo",
    "successors.ConditionalVAE", "successors.VampVAE", "successors.VectorQuantizedVAE", "successors.CodePrior",
    "successors.Denoiser", "successors.Reader", "successors.revive_dead_codes", "VampVAE.start_at",
    "VampVAE.sample_prior", "CodePrior.sample",
}  # fmt: skip
CHANGES = {
    "training.fit",
    "training.start_at_mean",
    "successors.revive_dead_codes",
}  # what they are given, as documented
ARGUMENTS = [(name, argument) for name in TABLE for argument in TABLE[name] if TABLE[name][argument].bad]
SEEDED = [name for name in TABLE if "seed" in TABLE[name]]
OF_MODELS = [name for name in TABLE if "model" in TABLE[name] and "x" not in TABLE[name]]  # x is there already
OF_THEIR_OWN = {  # panels of models with parts that these have not
    "widgets.DiagramPanel": "dense layers",
    "widgets.LabelPanel": "conditional",
    "widgets.CodebookPanel": "codebook",
}


class Formula(Own):
    """A model without a single parameter."""

    def __init__(self):
        super().__init__()
        weight = self.weight.detach()
        del self.weight
        self.weight = weight


OTHER_MODELS = {"float64": lambda: Own().double(), "no parameters": Formula}
if torch.cuda.is_available():
    OTHER_MODELS["on a GPU"] = lambda: Own().cuda()


def call(name, /, **changed):
    """The function with good arguments but for the changed ones, quietly."""
    good = {argument: copy.deepcopy(kind.good) for argument, kind in TABLE[name].items()}
    with redirect_stdout(StringIO()):
        return FUNCTIONS[name](**(good | changed))


def numbers(value):
    """All numbers in a result or an argument, as arrays, in order."""
    if torch.is_tensor(value):  # a result that still has a gradient is refused by numpy()
        return [(value.detach() if value.is_leaf else value).cpu().numpy()]
    if isinstance(value, (int, float, np.ndarray)):
        return [np.asarray(value)]
    if isinstance(value, nn.Module):
        return numbers(value.training) + numbers(value.state_dict())
    if isinstance(value, Mapping):
        return numbers(list(value.values()))
    if isinstance(value, (list, tuple)):
        return [array for part in value for array in numbers(part)]
    return numbers(vars(value)) if type(value).__module__.startswith("vae_helpers") else []


def same(first, second):
    """Whether two values hold the same numbers."""
    return all(np.array_equal(one, other) for one, other in zip(numbers(first), numbers(second), strict=True))


def is_helpful(message, argument, value):
    """Whether a message is one line with what was expected and what came; a number or a word by its argument's name."""
    if not re.fullmatch(".*expected.*(got|;).*", message):
        return False
    came = (str(value), f"a {type(value).__name__}")
    return not isinstance(value, (int, float, str)) or (argument in message and any(word in message for word in came))


def test_every_public_function_and_each_of_its_arguments_is_in_the_table():
    assert set(TABLE) == set(public()) - NOT_CALLED | set(METHODS)
    assert set(public()) >= NOT_CALLED
    for name, kinds in TABLE.items():
        arguments = set(inspect.signature(FUNCTIONS[name]).parameters)
        assert set(kinds) <= arguments, name
        assert arguments - set(kinds) <= ANYTHING | {"progress"}, name


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS, ids=[f"{name}-{argument}" for name, argument in ARGUMENTS])
def test_a_bad_argument_is_refused_in_one_line_that_says_what_was_expected_and_what_came(name, argument):
    wrong = {}
    for what, value in TABLE[name][argument].bad.items():
        try:
            call(name, **{argument: value})
            wrong[what] = "accepted"
        except (ValueError, FloatingPointError) as error:
            if not is_helpful(str(error), argument, value):
                wrong[what] = str(error)
        except Exception as error:  # which a reader cannot read
            wrong[what] = repr(error)
    assert not wrong


@pytest.mark.parametrize("name", TABLE)
def test_a_good_call_leaves_the_generator_and_what_it_is_given_as_they_were(name):
    given = {argument: copy.deepcopy(kind.good) for argument, kind in TABLE[name].items()}
    state = torch.get_rng_state()
    call(name, **given)
    assert torch.equal(torch.get_rng_state(), state) == (name not in DRAWS)
    changed = [argument for argument, kind in TABLE[name].items() if not same(given[argument], kind.good)]
    assert bool(changed) == (name in CHANGES), changed


@pytest.mark.parametrize("name", SEEDED)
def test_what_is_drawn_follows_from_the_seed(name):
    first, again, other = (call(name, seed=seed) for seed in (0, 0, 1))
    assert same(first, again)
    assert not same(first, other)


@pytest.mark.parametrize("kind", OTHER_MODELS)
@pytest.mark.parametrize("name", OF_MODELS)
def test_images_and_codes_go_where_the_model_is(name, kind):
    if name in OF_THEIR_OWN:
        with pytest.raises(ValueError, match=OF_THEIR_OWN[name]):
            call(name, model=OTHER_MODELS[kind]())
    elif (name, kind) != ("training.fit", "no parameters"):
        call(name, model=OTHER_MODELS[kind]())
