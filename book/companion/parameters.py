"""What values a notebook's parameters may have, said once.

Checked before anything runs, and tried at their edges by the tests.

A notebook calls `check` right after its imports; it imports the rules as a module, since some have
the name of a parameter::

    from companion import parameters as rule
    from companion.parameters import check

    check(globals(), layer_sizes=rule.layer_sizes(), seed=rule.whole(0),
    erratic_shortfall=rule.number(0, 1))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radixnet.topology import RadixTopology, check_radix_lists


@dataclass(frozen=True)
class Rule:
    """The values that a parameter may have.

    Attributes
    ----------
    expects
        What to give, to follow "give".
    problem
        Returns what is wrong with a value, or nothing.
    edges
        The outermost values that are right, and others that are easily forgotten.
    outside
        Values just beyond them, all of them refused.
    """

    expects: str
    problem: Callable[[Any], str]
    edges: tuple[Any, ...]
    outside: tuple[Any, ...]


def check(values: Mapping[str, Any], **rules: Rule) -> None:
    """Raise ValueError for the first parameter whose value breaks its rule.

    Parameters
    ----------
    values
        The parameters by name; a notebook gives its ``globals()``.
    rules
        A rule for each parameter.

    Raises
    ------
    ValueError
        The message names the parameter, says what was given and what to give.
    """
    for name, rule in rules.items():
        problem = rule.problem(values[name])
        if problem:
            raise ValueError(
                f"parameter {name} is {values[name]!r}: {problem}; give {rule.expects}"
            )


def whole(least: int, most: int | None = None) -> Rule:
    """Return the rule for an integer from `least` to `most`."""
    expects = (
        f"an integer of at least {least:,}"
        if most is None
        else f"an integer from {least:,} to {most:,}"
    )

    def problem(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            return "not an integer"
        if value < least:
            return "too small"
        if value >= 2**63:
            return "more than 64 bits hold"
        return "too large" if most is not None and value > most else ""

    edges = (least, least + 1) if most is None else (least, most)
    outside = (least - 1, 2**63 if most is None else most + 1)
    return Rule(expects, problem, edges, outside)


def number(
    least: float | None = None,
    most: float | None = None,
    *,
    above: float | None = None,
    below: float | None = None,
) -> Rule:
    """Return the rule for a finite number within bounds.

    `least` and `most` include their values, `above` and `below` do not.
    """
    bounds = {"of at least": least, "of at most": most, "above": above, "below": below}
    expects = "a number " + " and ".join(
        f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None
    )
    lowest = -math.inf if above is None else above
    highest = math.inf if below is None else below

    def problem(value: Any) -> str:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            return "not a finite number"
        if (least is not None and value < least) or value <= lowest:
            return "too small"
        return "too large" if (most is not None and value > most) or value >= highest else ""

    step = 0.001
    inside = {least: 0, most: 0, above: step, below: -step}
    beyond = {least: -step, most: step, above: 0, below: 0}
    edges, outside = (
        tuple(bound + shift for bound, shift in shifts.items() if bound is not None)
        for shifts in (inside, beyond)
    )
    return Rule(expects, problem, edges, (*outside, math.nan))


def one_of(*choices: str | float) -> Rule:
    """Return the rule for one of several texts or numbers."""
    return Rule(
        f"one of {', '.join(map(repr, choices))}",
        lambda value: "" if type(value) in map(type, choices) and value in choices else "not known",
        choices,
        (f"no {choices[0]}", -1, [choices[0]]),
    )


def several(rule: Rule, least: int = 1, *, increasing: bool = False) -> Rule:
    """Return the rule for a list of different values that follow a rule each.

    It has at least so many, in rising order if asked.
    """
    order = " in rising order" if increasing else ""
    expects = f"a list of different values{order}, at least {least}, each {rule.expects}"

    def problem(value: Any) -> str:
        if not isinstance(value, list | tuple):
            return "not a list"
        for item in value:
            if wrong := rule.problem(item):
                return f"{item!r}: {wrong}"
        if len(value) < least:
            return "too few values"
        if any(item in value[:place] for place, item in enumerate(value)):
            return "a value is given twice"
        return "not in rising order" if increasing and list(value) != sorted(value) else ""

    edges = [list(rule.edges[:least]), list(rule.edges)]
    outside = [
        *([item] for item in rule.outside),
        rule.edges[0],
        [rule.edges[0]] * max(2, least + 1),
    ]
    outside += [[]] if least else []
    outside += [list(rule.edges[::-1])] if increasing else []
    return Rule(expects, problem, tuple(edges), tuple(outside))


def layer_sizes(
    inputs: int | None = 784,
    outputs: int | None = 10,
    weight_layers: int | None = None,
    *,
    least: int = 2,
    more_outputs: bool = True,
) -> Rule:
    """Return the rule for a network's layer sizes, inputs first.

    `inputs` and `outputs` are what the data needs (as many inputs, at least as many outputs), None
    where none is trained on. `least` is the least number of sizes where `weight_layers` does not
    say how many there are. Without `more_outputs`, for notebooks that count classes, there are
    exactly as many outputs as classes.
    """
    count = f"{least} sizes or more" if weight_layers is None else f"{weight_layers + 1} sizes"
    ends = (
        ""
        if inputs is None
        else (
            f", {inputs} first for the pixels and "
            f"{'at least ' * more_outputs}{outputs} last for the classes"
        )
    )
    expects = f"a list of {count}, positive integers{ends}"

    def problem(value: Any) -> str:
        if not isinstance(value, list | tuple) or not all(
            type(size) is int and size > 0 for size in value
        ):
            return "not a list of positive integers"
        if len(value) < least or (weight_layers is not None and len(value) != weight_layers + 1):
            return f"{len(value)} sizes"
        if inputs is not None and value[0] != inputs:
            return f"{value[0]} inputs"
        wrong = outputs is not None and (
            value[-1] < outputs or (value[-1] > outputs and not more_outputs)
        )
        return f"{value[-1]} outputs" if wrong else ""

    first, last = inputs or 1, outputs or 1
    # Most notebooks' own radix lists have three radices.
    inner = [1] * (2 if weight_layers is None else weight_layers - 1)
    most = last + 5 if more_outputs else last
    outside: list[Any] = [
        [],
        [first],
        [first, *inner, 0],
        [first, *inner, 2.5],
        "784-300-100-10",
    ]
    outside += [] if inputs is None else [[inputs - 1, *inner, last]]
    outside += [] if outputs is None else [[first, *inner, outputs - 1]]
    outside += [] if more_outputs else [[first, *inner, last + 1]]
    outside += [] if weight_layers is None else [[first, *inner, 1, last]]
    outside += [] if least == 2 else [[first, *[1] * (least - 3), last]]
    edges = [[first, *inner, last], [first, *[3] * len(inner), most]]
    if (
        weight_layers is None
    ):  # as few layers as there may be; layers that widen again; another depth
        fewest = [first, *[1] * (least - 2), last]
        edges = [fewest, edges[0], [first, first + 1, 1, last], [first, *inner, 4, 3, most]]
    return Rule(expects, problem, tuple(edges), tuple(outside))


def radix_lists(sizes: Sequence[int] | None = None) -> Rule:
    """Return the rule for legal radix lists, one radix per weight layer of these sizes."""
    count = "" if sizes is None else f", {len(sizes) - 1} radices in all"

    def problem(value: Any) -> str:
        try:
            lists = check_radix_lists(value)
            if sizes is not None:
                RadixTopology(lists, sizes)
        except ValueError as error:
            return str(error)
        return ""

    length = 1 if sizes is None else len(sizes) - 1
    # All connections there can be, and blocks that may be larger than every layer.
    edges = ([[1] * length], [[10] * length])
    outside: tuple[Any, ...] = (
        [],
        [[]],
        [[0]],
        [[2, 2], [3]],
        "[[10, 10], [10]]",
        [[2.5]],
    )
    outside += () if sizes is None else ([[1] * (length + 1)],)
    return Rule(
        f"legal lists of positive integers, such as [[10, 10], [10]]{count}",
        problem,
        edges,
        outside,
    )
