r"""Write the context coder that is about to compete. Pixels arrive one after the other: `pixels` holds them, 0 or 1,
and `contexts` the number of the pattern of neighbours that each one follows, from 0 to 1,023. For each pattern two
counters say how often 0 and 1 have followed it **so far**; both start at ½. A pixel gets the probability that its
counter has among the two, and only then is counted. Return the length of the whole message in **bits**."""

import math

import torch

from ..exercise import Case, Exercise

# ruff: noqa: B905 (the solution is shown to readers, who write zip in its plain form)


def bits_by_counting(contexts, pixels):  # (N,) whole numbers, (N,) each 0 or 1 => one number
    counts, bits = torch.full((1024, 2), 0.5).tolist(), 0.0
    for context, pixel in zip(contexts.tolist(), pixels.tolist()):
        counter = counts[context]
        bits -= math.log2(counter[int(pixel)] / (counter[0] + counter[1]))
        counter[int(pixel)] += 1
    return bits


def messages():
    """Pixels that depend on their patterns, and some that do not."""
    cases = [
        Case("a single pixel", contexts=torch.tensor([7]), pixels=torch.tensor([1])),
        {"contexts": torch.tensor([0, 0, 5, 0, 5]), "pixels": torch.tensor([0, 0, 1, 1, 1])},
    ]
    for count, patterns in [(300, 4), (1500, 1024)]:
        contexts = torch.randint(0, patterns, (count,))
        white = torch.rand(count) < (contexts % 4 + 0.5) / 5
        cases.append({"contexts": contexts, "pixels": white.long()})
    return cases


exercise = Exercise(
    bits_by_counting,
    title="A coder that only counts",
    hints=(
        "One pixel: its probability is its counter divided by the sum of the two. How many bits is that?",
        "Keep a table of 1,024 × 2 counters, all ½ at first, and go through the pixels in a loop.",
        "The order matters: first the probability, by what was seen so far, then add 1 to the counter.",
    ),
    idea="a code length from counts; a strong baseline",
    minutes=12,
    difficulty=2,
    task=__doc__,
    right="No network and no training images: the receiver counts along. Below, yours is in the contest.",
    cases=messages,
    derivation="""A probability p costs $-\\log_2 p$ bits. The receiver can only know what has been sent, so the
counters that give p must not contain the pixel itself. (Starting at ½ keeps p above 0: a pixel never seen before costs
much, but not infinitely much.)""",
)


def _coded(contexts, pixels, start=0.5, before=True, update=1.0, log=math.log2):
    counts, total = {}, 0.0
    for context, pixel in zip(contexts.tolist(), pixels.tolist(), strict=True):
        counter = counts.setdefault(context, [start, start])
        if not before:
            counter[pixel] += update
        total -= log(counter[pixel] / sum(counter))
        if before:
            counter[pixel] += update
    return total


@exercise.mistake
def in_nats(contexts, pixels):
    """This is in nats: a bit is log 2 of them."""
    return _coded(contexts, pixels, log=math.log)


@exercise.mistake
def counted_first(contexts, pixels):
    """The pixel is counted before its probability is taken: the receiver does not know it yet."""
    return _coded(contexts, pixels, before=False)


@exercise.mistake
def start_at_one(contexts, pixels):
    """The counters start at 1 here (Laplace's rule). The task asks for ½, which learns faster."""
    return _coded(contexts, pixels, start=1.0)


@exercise.mistake
def never_counted(contexts, pixels):
    """The counters never change: each pixel costs one bit, as in the raw image."""
    return _coded(contexts, pixels, update=0.0)


@exercise.mistake
def one_pattern_for_all(contexts, pixels):
    """One pair of counters for all patterns: the neighbours are not used."""
    return _coded(0 * contexts, pixels)


@exercise.mistake
def per_pixel(contexts, pixels):
    """This is the average of a pixel: return the length of the whole message."""
    return bits_by_counting(contexts, pixels) / len(pixels)


@exercise.mistake
def other_counter(contexts, pixels):
    """You took the probability of the other colour."""
    counts, total = {}, 0.0
    for context, pixel in zip(contexts.tolist(), pixels.tolist(), strict=True):
        counter = counts.setdefault(context, [0.5, 0.5])
        total -= math.log2(counter[1 - pixel] / sum(counter))
        counter[pixel] += 1
    return total


@exercise.mistake
def entropy_of_all_counts(contexts, pixels):
    """These are the bits with the final counts. The receiver has seen only what was sent so far."""
    total = 0.0
    for context in contexts.unique():
        own = pixels[contexts == context].double()
        white = own.sum()
        total -= (torch.xlogy(white, white / len(own)) + torch.xlogy(len(own) - white, 1 - white / len(own))).item()
    return total / math.log(2)
