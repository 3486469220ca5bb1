"""What to expect of a network before it is trained, and why: the rule for `Diagnosis.verdict`.

A network

- *cannot learn every class* if some class has no path from any input, or if the only connection of
  several classes comes from the same unit: their logits are multiples of one number, so that, but
  for ties, only one of them can be the largest;
- is *at risk* if it is more likely than not to lose at least one class (which is so for ten classes
  with one or two incoming connections each, but not with three: see
  `radixnet.diagnostics.lost_classes`), if some class is reached by fewer than half of the inputs,
  or if a hidden layer has fewer live units than there are classes, so that their logits cannot vary
  independently;
- is *in doubt* if none of this holds, but its chance of losing a class is 35 % or more;
- is *expected to train* otherwise.

The two thresholds of what is at risk, one half each, were not fitted to trained networks. The limit
of what is in doubt was set on runs that the others had not met, by a rule that was written down
before (the book's appendix "How good the forecast is").

The rule is about ReLU networks without biases, like the paper's, and about whether all classes are
learned; how well they are learned is another question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radixnet.sentences import percent, say

Verdict = Literal["expected to train", "in doubt", "at risk", "cannot learn every class"]
"""What to expect of a network."""

LIKELY = 0.5
"""A network is at risk from this chance of losing a class on: it is then more likely than not."""

DOUBTFUL = 0.35
"""A network that is not at risk is in doubt from this chance of losing a class on."""

ENOUGH_INPUTS = 0.5
"""A network is at risk if a smaller share of inputs reaches some class, less than half an image."""


def verdict_and_reasons(
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
        Groups of classes whose only connection comes from the same unit.

    Returns
    -------
    verdict : str
    reasons : tuple of str
        What speaks for a network that is expected to train; else all that speaks against it.
    """
    classes, fewest = len(output_fan_ins), int(output_fan_ins.min())
    signs: dict[str, int | str] = {"classes": classes, "count": fewest}
    signs["some"] = int((output_fan_ins == fewest).sum())
    signs["chance"] = percent(chance_of_a_lost_class)
    worst = int(class_coverage.argmin())
    seen: dict[str, int | str] = {"share": percent(float(class_coverage[worst])), "worst": worst}
    hidden = live_units[1:-1]
    impossible, risks, doubts, good = [], [], [], []

    unreached = np.flatnonzero(class_coverage == 0).tolist()
    if unreached:
        impossible.append(say("no_path", count=len(unreached), classes=unreached))
    impossible += [say("one_unit", classes=group) for group in classes_on_one_unit]
    if chance_of_a_lost_class >= LIKELY:
        risks.append(say("signs_likely", **signs))
    elif chance_of_a_lost_class >= DOUBTFUL:
        doubts.append(say("signs_doubtful", **signs))
    else:
        good.append(say("signs_unlikely", **signs))
    if class_coverage[worst] < ENOUGH_INPUTS:
        risks.append(say("few_inputs", **seen))
    else:
        good.append(say("enough_inputs", **seen))
    for number, live in enumerate(hidden, start=1):
        if live < classes:
            risks.append(say("narrow_layer", number=number, count=live, classes=classes))
    if hidden:
        good.append(say("wide_layers", count=len(hidden), live=hidden, classes=classes))

    if impossible:
        return "cannot learn every class", (*impossible, *risks)
    if risks:
        return "at risk", (*risks, *doubts)
    return ("in doubt", tuple(doubts)) if doubts else ("expected to train", tuple(good))
