"""Small models, trained in a moment, and a loss to which something happens."""

import torch

import vae_helpers as vh

FROZEN = 1e-12  # a learning rate that leaves the weights as they are


def fit_small(images, make_model=lambda: vh.VAE(2, (16,)), **settings):
    """A small model trained from the same start, and its History."""
    torch.manual_seed(0)
    model = make_model()
    settings = {"epochs": 1, "batch_size": 50, "progress": False, **settings}
    return model, vh.fit(model, images, **settings)


def without_noise(model):
    """The same model with sigma = 0 at every image, so that a score needs no luck."""
    with torch.no_grad():
        model.to_logvar.weight.zero_()
        model.to_logvar.bias.fill_(-60)
    return model


def same_weights(first, second):
    return all(torch.equal(a, b) for a, b in zip(first.values(), second.values(), strict=True))


class Scripted:
    """A loss to which something happens at the steps in `script`, from 1 on; `states`: the weights before each."""

    def __init__(self, script):
        self.script, self.states, self.tried = script, [], False

    def __call__(self, model, x):
        loss = vh.NegativeELBO()(model, x)["loss"]
        if not self.tried:  # the trial before the first step
            self.tried = True
            return loss
        self.states.append({name: value.clone() for name, value in model.state_dict().items()})
        happening = self.script.get(len(self.states))
        if happening is KeyboardInterrupt:
            raise KeyboardInterrupt
        return loss * (1.0 if happening is None else happening)
