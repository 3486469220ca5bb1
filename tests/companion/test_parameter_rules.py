"""The rules for notebooks' parameters accept what they say and refuse everything else."""

import math

import pytest

from companion.parameters import check, layer_sizes, number, one_of, radix_lists, several, whole

RULES = {
    "an integer": whole(2),
    "an integer in a range": whole(1, 6000),
    "a share": number(0, 1),
    "a share without its ends": number(above=0, below=1),
    "a step": number(above=0),
    "a text": one_of("keras", "sparse"),
    "one of some integers": one_of(100, 2048),
    "seeds": several(whole(0)),
    "perhaps nothing": several(whole(0), 0),
    "epochs in order": several(whole(1), 2, increasing=True),
    "sizes": layer_sizes(),
    "sizes of which classes are counted": layer_sizes(more_outputs=False),
    "sizes of four layers, any": layer_sizes(None, None, weight_layers=3),
    "radix lists": radix_lists((784, 300, 100, 10)),
    "radix lists of any length": radix_lists(),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_edges_are_accepted_and_what_lies_outside_is_refused(rule):
    assert [value for value in rule.edges if rule.problem(value)] == []
    assert [value for value in rule.outside if not rule.problem(value)] == []


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (whole(2), [2, 10**6], [1, -3, 2.0, True, "2", None, math.inf, 2**63]),
        (whole(1, 6000), [1, 6000], [0, 6001]),
        (number(0, 1), [0, 0.0, 0.5, 1], [-1e-9, 1.1, math.nan, math.inf, True, "0.5"]),
        (number(above=0), [1e-9, 10], [0, -1, math.inf]),
        (number(above=0, below=1), [0.75], [0, 1]),
        (one_of("a", "b"), ["a", "b"], ["c", "", 1, ["a"]]),
        (one_of(1, 2048), [1, 2048], [64, "1", 1.0, True, [1]]),
        (one_of(0.8, 0.95), [0.8, 0.95], [0.9, 1, "0.8", True]),
        (several(whole(0)), [[0], [3, 1]], [[], [1, 1], [-1], 3, "12"]),
        (several(whole(0), 0), [[], [5]], [[5, 5]]),
        (several(whole(1), 2, increasing=True), [[1, 2], [3, 10]], [[1], [2, 1], [1, 1]]),
        (
            layer_sizes(),
            [[784, 10], [784, 300, 26]],
            [[784], [783, 10], [784, 9], [784, 0, 10], [784, 30.0, 10]],
        ),
        (
            layer_sizes(more_outputs=False),
            [[784, 10], [784, 300, 10]],
            [[784, 300, 9], [784, 300, 11]],
        ),
        (layer_sizes(None, None, 3), [[1, 1, 1, 1]], [[1, 1, 1], [1, 1, 1, 1, 1]]),
        (
            radix_lists((784, 300, 100, 10)),
            [[[10, 10], [10]]],
            [[[10], [10]], [[2, 3], [4]], "[[10, 10], [10]]", [[1, 1, 0]]],
        ),
    ],
)
def test_a_rule_tells_right_from_wrong(rule, right, wrong):
    assert [value for value in right if rule.problem(value)] == []
    assert [value for value in wrong if not rule.problem(value)] == []


def test_the_message_names_the_parameter_its_value_and_what_to_give():
    with pytest.raises(ValueError, match=r"^parameter gap is 0: too small; give a number above 0$"):
        check({"gap": 0, "seed": 1}, seed=whole(0), gap=number(above=0))
