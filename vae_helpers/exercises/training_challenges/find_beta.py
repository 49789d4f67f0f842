r"""Somebody wants a VAE that spends `target` nats on its code. `rate_at(beta)` gives the rate of
the best model at a β; it falls as β grows, and each call is a training run, so you may make **at most 25**. Return a β
between 0.01 and 100 at which the rate is within 0.01 nats of the target."""

import math

import torch

from ..exercise import Exercise, Unfit
from ..values import as_numbers


def find_beta(rate_at, target):  # a function of β, nats => β
    low, high = 0.01, 100
    for _ in range(25):
        middle = math.sqrt(low * high)  # half-way in log β
        if rate_at(middle) > target:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


LOWEST, HIGHEST = 0.01 * (1 - 1e-6), 100 * (1 + 1e-6)  # a logarithm and back may round
SPECTRUM = 5 / torch.arange(1.0, 785) ** 1.3


def linear_vae(beta):
    """The rate of the best linear VAE with σ² = β/2."""
    return 0.5 * torch.log(2 * SPECTRUM / beta).clamp(min=0).sum().item()


def falls_slowly(beta):
    return 30 / (1 + beta**0.5)


def falls_at_the_end(beta):
    return 20 - 4 * math.log(1 + beta)


def curves_and_targets():
    """Curves of several kinds, and rates on them."""
    pairs = [(falls_slowly, 12.0), (linear_vae, 20.0), (linear_vae, 3.0), (falls_at_the_end, 8.0), (falls_slowly, 25.0)]
    return [{"rate_at": rate_at, "target": target} for rate_at, target in pairs]


def rate_reached(answer, rate_at, target):
    """How far the rate at the answer's β is from the target, rounded to the 0.01 nats that are forgiven."""
    calls = []

    def counted(beta):
        calls.append(float(beta))
        if len(calls) > 25:
            raise Unfit("asked for a 26th training run: at most 25 are allowed")
        if not LOWEST <= calls[-1] <= HIGHEST:
            raise Unfit(f"asked for β = {calls[-1]:.4g}: it should lie between 0.01 and 100")
        return rate_at(calls[-1])

    found = as_numbers(answer(counted, target)).values
    if found.size != 1:
        raise Unfit(f"{found.size} numbers; expected one, β")
    beta = found.item()
    if not LOWEST <= beta <= HIGHEST:
        raise Unfit(f"β = {beta:.4g}: it should lie between 0.01 and 100")
    return round((rate_at(beta) - target) / 0.02) * 0.02


def notice(answer):
    """What is strange about the β that are asked for, or about what is returned."""
    asked, found = [], []
    for rate_at, target in [(falls_slowly, 12.0), (falls_at_the_end, 8.0)]:
        calls, own = [], rate_at

        def counted(beta, rate_at=own, calls=calls):
            calls.append(float(beta))
            return rate_at(calls[-1])

        found.append((as_numbers(answer(counted, target)).values.item(), own, target))
        asked.append(calls)
    if not any(asked):
        return "You never ask for a rate."
    for what, function in {"a rate": lambda beta, rate_at: rate_at(beta), "the logarithm of a β": _log}.items():
        pairs = zip(asked, found, strict=True)
        if all(any(abs(function(b, own) - beta) < 1e-6 for b in calls) for calls, (beta, own, _) in pairs):
            return f"What you return is {what} that you asked for: return that β."
    if len({len(calls) for calls in asked}) == 1 and asked[0] == asked[1]:
        return "You ask for the same β, whatever the rates are: let each rate decide where to ask next."
    calls, (beta, rate_at, target) = asked[0], found[0]
    if abs(rate_at(beta) - target) > 0.01 and len(calls) < 20:
        return f"You ask {len(calls)} times and are {abs(rate_at(beta) - target):.2g} nats off: up to 25 are allowed."
    for calls, (_, rate_at, target) in zip(asked, found, strict=True):
        much = {rate_at(beta) > target for beta in calls}
        if len(much) == 1:
            side = "much" if much == {True} else "little"
            return (
                f"You only ask for β from {min(calls):.3g} to {max(calls):.3g}, and all of these have too {side} rate."
            )
    return None


def _log(beta, rate_at):
    return math.log(beta)


exercise = Exercise(
    find_beta,
    title="The β for a rate",
    hints=(
        "The rate falls as β grows. So a single call tells on which side of a β the one that you look for lies.",
        "Halve the interval each time: bisection. 25 halvings narrow it down by a factor of thirty million.",
        "β runs over four powers of ten: halve log β. The middle of two β is then the root of their product.",
    ),
    idea="bisection; β as a price that meets a budget",
    minutes=10,
    difficulty=2,
    task=__doc__,
    right="So a budget of nats and a price of nats are two ways to say the same thing.",
    cases=curves_and_targets,
    observe=rate_reached,
    notice=notice,
    labels=("the rate at your β, minus the target",),
    tolerance=0,
    derivation="""A function that falls crosses the target once. Keep two β, one with too much rate and one with too
little; ask in the middle between them, and put the middle in the place of the one that it agrees with. In log β, the
middle is the root of the product.""",
)


@exercise.mistake
def wrong_side(rate_at, target):
    """You keep the wrong half: the rate falls as β grows, so a rate that is too large calls for a larger β."""
    low, high = 0.01, 100
    for _ in range(20):
        middle = math.sqrt(low * high)
        if rate_at(middle) > target:
            high = middle
        else:
            low = middle
    return math.sqrt(low * high)


@exercise.mistake
def one_half_of_the_interval(rate_at, target):
    """One step only: that leaves half of the interval."""
    return 10.0 if rate_at(1.0) > target else 0.1


@exercise.mistake
def always_one(rate_at, target):
    """That is the β of the ELBO. It need not have this rate."""
    return 1.0
