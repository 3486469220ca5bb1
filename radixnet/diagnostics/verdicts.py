"""What is to be expected of a network before it is trained, and why, in words and numbers: the rule behind `Diagnosis.verdict`.

The rule has two thresholds, neither of them fitted to trained networks. A network

- *cannot learn every class* when some class has no path from any input, or when several classes hang on the same single unit and
  on nothing else: their logits are multiples of one number, so that only one of them can be the largest, but for ties;
- is *at risk* when it is more likely than not to lose at least one class (of ten classes, each with one or with two incoming
  connections, but not with three: see `radixnet.diagnostics.lost_classes`), when some class is reached by fewer than half of the
  inputs, or when a hidden layer has fewer live units than there are classes, so that their logits cannot vary independently;
- is *expected to train* otherwise.

It speaks of ReLU networks without biases, as the paper's are, and of whether all classes are learned; how well they are learned is
another question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["expected to train", "at risk", "cannot learn every class"]
"""What is to be expected of a network."""

LIKELY = 0.5
"""From this chance of losing a class on, a network is at risk: it is more likely than not."""

ENOUGH_INPUTS = 0.5
"""Below this share of inputs that reach some class, a network is at risk: the class sees less than half of an image."""


def judge(
    output_fan_ins: NDArray[np.int64],
    chance_of_a_lost_class: float,
    class_coverage: NDArray[np.float64],
    live_units: Sequence[int],
    classes_on_one_unit: Sequence[Sequence[int]],
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict on a network and its reasons.

    Parameters
    ----------
    output_fan_ins
        Incoming connections of each class, shape (classes,).
    chance_of_a_lost_class
        Chance that at least one class is lost to the signs of the starting weights, 0 to 1.
    class_coverage
        Share of inputs that reach each class, shape (classes,), 0 to 1.
    live_units
        Units on some path from an input to an output in each layer, inputs first.
    classes_on_one_unit
        Groups of classes that hang on the same single unit.

    Returns
    -------
    verdict : str
    reasons : tuple of str
        For a network that is expected to train, what speaks for it; else all that speaks against it.
    """
    fewest = int(output_fan_ins.min())
    hang = f"{int((output_fan_ins == fewest).sum())} of {len(output_fan_ins)} classes have {_count(fewest, 'incoming connection')}"
    risk = f"the chance of losing at least one class to the signs of the starting weights is {chance_of_a_lost_class:.1%}"
    worst = int(class_coverage.argmin())
    coverage = f"{class_coverage[worst]:.1%} of the inputs reach class {worst}"
    impossible, risks, good = [], [], []

    unreached = np.flatnonzero(class_coverage == 0).tolist()
    if unreached:
        impossible.append(f"No input has a path to {_classes(unreached)}: a logit that is always 0 cannot be learned.")
    impossible += [
        f"{_classes(group).capitalize()} hang on one and the same unit: only one of them can have the largest logit, but for ties."
        for group in classes_on_one_unit
    ]
    if chance_of_a_lost_class >= LIKELY:
        risks.append(f"As {hang}, {risk}.")
    else:
        good.append(f"{hang} and none has fewer, so that {risk}.")
    if class_coverage[worst] < ENOUGH_INPUTS:
        risks.append(f"Only {coverage}.")
    else:
        good.append(f"{coverage}, and every other class at least as many.")
    narrow = [(number, count) for number, count in enumerate(live_units[1:-1], start=1) if count < len(output_fan_ins)]
    if narrow:
        risks += [
            f"Hidden layer {number} has {_count(count, 'live unit')}, fewer than the {len(output_fan_ins)} classes, whose logits "
            "therefore cannot vary independently."
            for number, count in narrow
        ]
    elif len(live_units) > 2:
        good.append(
            f"Hidden layers have {' and '.join(map(str, live_units[1:-1]))} live units, enough for {len(output_fan_ins)} classes."
        )

    if impossible:
        return "cannot learn every class", (*impossible, *risks)
    return ("at risk", tuple(risks)) if risks else ("expected to train", tuple(good))


def _classes(numbers: Sequence[int]) -> str:
    """Return ``class 3`` or ``classes 3, 4 and 7``."""
    if len(numbers) == 1:
        return f"class {numbers[0]}"
    return f"classes {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _count(number: int, what: str) -> str:
    """Return ``1 unit`` or ``2 units``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
