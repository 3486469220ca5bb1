"""The explorer's mathematics in JavaScript agrees with the package on 500 random questions."""

import json
import random
import re
from math import isclose, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import legal_radix_lists, specifications

import radixnet as rx
from companion.pages.explorer_data import sentences_script
from companion.places import ROOT
from radixnet.sentences import SENTENCES, percent, say

pytestmark = pytest.mark.browser

SCRIPTS = ROOT / "book" / "_static" / "explorer"
LENET = (784, 300, 100, 10)
LARGEST = 2**53 - 1  # of the whole numbers that doubles, and so JavaScript, count by ones

IN_JAVASCRIPT = """
cases => {
  const sum = values => values.reduce((a, b) => a + b, 0);
  const marks = places => [sum(places), sum(places.map(place => place * place % 65521))];
  const ones = bits => [...bits.keys()].filter(place => bits[place]);
  const cells = ({outputs, pointers, indices}) => {
    const row = (end, a) => Array.from(indices.subarray(pointers[a], end), b => a * outputs + b);
    return Array.from(pointers.subarray(1), row).flat();
  };
  return cases.map(([lists, sizes, fit, dense]) => {
    try {
      const spec = Topology.specify(
        Literals.readRadixLists(lists), Literals.readLayerSizes(sizes), fit, dense);
      const layers = Topology.layersOf(spec);
      const found = Diagnosis.diagnose(layers);
      return {
        masks: layers.map(layer => marks(cells(layer))),
        fan_ins: layers.map(layer => Array.from(Topology.fanIn(layer))),
        live: found.live.map(units => marks(ones(units))),
        live_units: found.liveCounts,
        min_paths: found.min, max_paths: found.max, all_paths: sum(found.paths.counts),
        coverage: found.coverage,
        expanded_paths: spec.expandedPathCount, expanded_sparsity: spec.expandedSparsity,
        sparsity: Topology.sparsity(layers),
        input_coverage: found.inputCoverage, output_fan_ins: found.outputFanIns,
        chances: found.chances, chance: found.chance,
        verdict: found.verdict, reasons: found.reasons,
      };
    } catch (error) {
      return {kind: error.constructor.name, reason: error.message};
    }
  });
}
"""


@st.composite
def sized(draw, lists, largest):
    """Draw radix lists, and a size of 1 to so many for each layer."""
    lists = draw(lists)
    count = 1 + sum(map(len, lists))
    return lists, draw(st.lists(st.integers(1, largest), min_size=count, max_size=count))


@st.composite
def spoilt(draw, questions):
    """Draw lists and sizes of which one thing is wrong, or may be."""
    lists, sizes = draw(questions)
    lists, sizes = [list(radix_list) for radix_list in lists], list(sizes)
    wrong = st.sampled_from([0, -3, 2.5, 1e9, -1.5e-7, True, None, [2], 10**30])
    number = draw(st.integers(0, len(lists) - 1))
    kind = draw(st.integers(0, 6))
    if kind == 0:
        lists[number][-1] = draw(wrong)
    elif kind == 1:
        sizes[-1] = draw(wrong)
    elif kind == 2:
        lists[number][0] += draw(st.sampled_from([1, 2, 7]))
    elif kind == 3:
        lists[number] = draw(st.sampled_from([[], 2.5, None]))
    elif kind == 4:
        sizes = draw(st.sampled_from([sizes[:-1], [*sizes, 5], [], sizes * 2]))
    elif kind == 5:
        lists = draw(st.sampled_from([[], 2.5, None]))
    else:
        lists, sizes = [*lists, [draw(st.integers(1, 40))]], [*sizes, 10]
    return lists, sizes


# N' beyond 64 bits, and path counts beyond doubles.
huge = st.builds(
    lambda first, power: first * 10**power, st.sampled_from([2, 3]), st.integers(1, 12)
)
legal = st.one_of(
    specifications(),
    st.tuples(legal_radix_lists(1200, 3, min_layers=3), st.just(LENET)),
    st.tuples(legal_radix_lists(400, 4, min_layers=4), st.just((784, 128, 64, 32, 10))),
    sized(st.lists(huge, min_size=2, max_size=9).map(lambda radices: [radices]), 40),
    sized(st.integers(20, 45).map(lambda layers: [[1]] * layers), 40),
)


def marks(bits):
    """Return two sums over the places of what is True, to tell arrays of one shape apart."""
    places = np.flatnonzero(bits)
    return [int(places.sum()), int((places * places % 65521).sum())]


def is_counts(values):
    counts = isinstance(values, list | tuple)
    return counts and all(type(value) is int and value > 0 for value in values)


def said_by_python(lists, sizes, fit, dense_output):
    """Return what the package says of a question, or why the page need not say the same."""
    try:
        topology = rx.RadixTopology(lists, sizes, fit, dense_output)
        reason = ""
    except ValueError as error:
        reason = str(error)
    if not isinstance(lists, list) or not all(map(is_counts, lists)) or not is_counts(sizes):
        assert reason
        return {"kind": "Unreadable"}
    if max([*sizes, *(prod(radix_list) for radix_list in lists)], default=1) > LARGEST:
        return {"kind": "TooLarge"}
    if reason:
        return {"kind": "Illegal", "reason": reason}
    found, paths = topology.diagnose(), rx.diagnostics.path_counts(topology.masks)
    return {
        "masks": [marks(mask) for mask in topology.masks],
        "fan_ins": [fan_in.tolist() for fan_in in topology.fan_ins],
        "live": [marks(units) for units in rx.diagnostics.live_units(topology.masks)],
        "live_units": list(found.live_units),
        "min_paths": found.min_paths,
        "max_paths": found.max_paths,
        "all_paths": int(paths.sum()),
        "coverage": (paths > 0).mean(axis=0).tolist(),
        "expanded_paths": topology.expanded_path_count,
        "expanded_sparsity": topology.expanded_sparsity,
        "sparsity": topology.sparsity,
        "input_coverage": found.input_coverage,
        "output_fan_ins": list(found.output_fan_ins),
        "chances": list(found.chances_of_lost_classes),
        "chance": found.chance_of_a_lost_class,
        "verdict": found.verdict,
        "reasons": list(found.reasons),
    }


def agree(ours, theirs):
    """Say whether two answers are the same; fractions, and counts that no double holds, to 1e-9."""
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(agree, ours, theirs))
    if isinstance(ours, float) or (isinstance(ours, int) and ours > LARGEST):
        return isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return ours == theirs


def differences(ours, theirs):
    """Return the names of what two answers do not agree on.

    The words for what is unreadable or too large are the page's own.
    """
    if ours.get("kind") in {"Unreadable", "TooLarge"}:
        theirs = {name: value for name, value in theirs.items() if name != "reason"}
    if ours.keys() != theirs.keys():
        return ours.keys() ^ theirs.keys()
    return {name for name in ours if not agree(ours[name], theirs[name])}


def on_an_edge(answer):
    """Say whether a chance lies so near a threshold that the last bit may decide."""
    tenths = 1000 * answer.get("chance", 0.1)
    return min(abs(tenths - 500), abs(tenths - 350), abs(tenths % 1 - 0.5)) < 1e-6


@pytest.fixture(scope="module")
def port(chromium):
    """Return an empty page on which only the mathematics is loaded."""
    page = chromium.new_page()
    page.add_script_tag(content=sentences_script())
    for name in ("literals", "topology", "diagnosis", "suggestions"):
        page.add_script_tag(path=SCRIPTS / f"{name}.js")
    yield page
    page.close()


FOR_EACH_SENTENCE = [
    *(
        (lists, sizes, "trim", False)
        for lists, sizes in [
            ([], LENET), ([[10], []], LENET), ([[2, 3], [5], [6]], LENET), ([[3], [7]], LENET),
            ([[10]], (7,)), ([[10, 10]], LENET), ([[10, 10], [10]], LENET), ([[3], [3]], (9, 2, 3)),
            ([[2], [1]], (2, 1, 2)), ([[2], [1]], (2, 1, 4)), ([[2], [1]], (2, 2, 2)),
            ([[20], [1]], (20, 20, 1)), ([[7, 15], [3]], LENET), ([[3], [1]], (3, 2, 2)),
        ]
    ),
    ([[300, 1_000_000], [10]], LENET, "fold", False),
    ([[10]], (5, 3), "bend", False),
    ([[10]], (5, 3), "trim", "perhaps"),
]  # fmt: skip
"""Questions in whose answers every sentence of the package is said, in singular and in plural."""


def differing(port, *question):
    """Return what two answers to a question do not agree on, and Python's."""
    lists, sizes, fit, dense_output = question
    asked = [repr(lists), repr(list(sizes)), fit, dense_output]
    ours, (theirs,) = said_by_python(*question), port.evaluate(IN_JAVASCRIPT, [asked])
    if theirs.get("kind") == "TooLarge" and "masks" in ours:
        # A page tries less than the package: small layers of a huge expanded network.
        return {} if prod(lists[0]) > 100_000 else {"kind": (None, "TooLarge")}, ours
    different = differences(ours, theirs)
    if on_an_edge(ours):
        different -= {"verdict", "reasons"}
    return {name: (ours.get(name), theirs.get(name)) for name in different}, ours


@settings(max_examples=500)
@given(
    st.one_of(legal, legal, spoilt(legal)), st.sampled_from(["trim", "trim", "fold"]), st.booleans()
)
def test_it_says_what_the_package_says_of_500_random_questions(port, network, fit, dense_output):
    assert differing(port, *network, fit, dense_output)[0] == {}


def test_it_says_every_sentence_of_the_package(port):
    answers = [differing(port, *question) for question in FOR_EACH_SENTENCE]
    assert [different for different, _ in answers if different] == []
    said = [
        sentence
        for _, answer in answers
        for sentence in answer.get("reasons", [answer.get("reason", "")])
    ]
    for name, forms in SENTENCES.items():
        for form in [forms] if isinstance(forms, str) else forms:
            pattern = re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(form)))
            assert name.endswith("_wanted") or any(map(pattern.fullmatch, said)), form


@pytest.mark.parametrize(
    ("lists", "sizes", "fit", "begins"),
    [
        ("[[10, 10], [10]]", "784-300000000-100-10", "trim", "more than 50,000 units"),
        ("[[10, 10], [10]]", "10000-10000-100-10", "trim", "more than 12,000,000 possible"),
        ("[[2], [2]]", "3000-3000-3000", "trim", "more than 12,000,000 possible"),
        ("[[1]]", "10-5000", "trim", "more than 200,000,000 additions"),
        (str([[1]] * 61), "-".join("2" * 62), "trim", "more than 60 weight layers"),
        ("[[300, 1000], [10]]", "784-300-100-10", "fold", "more than 40,000,000 connections"),
        ("[[9007199254740992]]", "7-3", "trim", "a radix above 9,007,199,254,740,991"),
        ("[[10000000000, 10000000000]]", "7-5-3", "trim", "a product of radices above"),
        ("[[1]]", "7-99999999999999999999", "trim", "a layer size above"),
        (str([[10**15]] * 30), "-".join("2" * 31), "trim", "more than 10^308 paths"),
    ],
)
def test_the_very_large_is_refused_before_anything_is_worked_out(port, lists, sizes, fit, begins):
    answer = port.evaluate(IN_JAVASCRIPT, [[lists, sizes, fit, False]])[0]
    assert answer.get("kind") == "TooLarge"
    assert answer["reason"].startswith(begins)


@pytest.mark.parametrize(
    ("lists", "sizes", "begins"),
    [
        ("[[10, 10], [x]]", "784-300-100-10", "radix lists: cannot read “x”"),
        ("[[10, 2.5]]", "2-2-2", "radix lists: cannot read “2.5”"),
        ("[[10, -3], [0]]", "2-2-2", "radix lists: cannot read “-3”"),
        ("[[10 10]]", "2-2-2", "radix lists: cannot read “[[10 10]]”"),
        ("[[10]]]", "2-2", "radix lists: cannot read “[[10]]]”"),
        ("[[[10]]]", "2-2", "radix lists: cannot read “[[[10]]]”"),
        ("[[10], 10]", "2-2-2", "radix lists: cannot read “[[10], 10]”"),
        ('[["10"]]', "2-2", "radix lists: cannot read"),
        ("[" * 3000, "2-2", "radix lists: cannot read more than 2,000 characters"),
        ("[[1]]", "2-two", "layer sizes: cannot read “two”"),
        ("[[1]]", "784.5-2", "layer sizes: cannot read “784.5”"),
        ("[[1]]", "784--2", "layer sizes: cannot read “784--2”"),
    ],
)
def test_what_is_unknown_is_refused_and_the_sentence_says_what_to_give(port, lists, sizes, begins):
    answer = port.evaluate(IN_JAVASCRIPT, [[lists, sizes, "trim", False]])[0]
    assert answer["kind"] == "Unreadable"
    assert answer["reason"].startswith(begins)
    what = begins.split(":")[0].replace(" ", "_")
    assert answer["reason"].endswith(f"; {say(f'{what}_wanted')}")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10,10;10", "[[10, 10], [10]]"),
        (" 10, 10 ; 10 ", "[[10, 10], [10]]"),
        ("10", "[[10]]"),
        ("[7, 15], [3]", "[[7, 15], [3]]"),
        ("((7, 15), (3,))", "[[7, 15], [3]]"),
        ("[[7, 15], [3", "[[7, 15], [3]]"),
        ("[[7, 15], ", "[[7, 15]]"),
        ("[[7, 15], [", "[[7, 15], []]"),
        ("", "[]"),
    ],
)
def test_radix_lists_are_read_as_people_write_them_finished_or_not(port, written, read):
    assert port.evaluate("text => Literals.write(Literals.readRadixLists(text))", written) == read


@pytest.mark.parametrize(
    "written",
    [
        "784\u2013300\u2013100\u201310", "784 \u2014 300-100 - 10", "784 x 300 \u00d7 100\u00d710",
        "784, 300, 100, 10", "784 300 100 10", "(784, 300, 100, 10)", "[784, 300, 100, 10",
    ],
)  # fmt: skip
def test_layer_sizes_are_read_as_people_write_them(port, written):
    assert port.evaluate("text => Literals.readLayerSizes(text).map(Number)", written) == list(
        LENET
    )


def test_numbers_are_written_by_the_same_rule(port):
    draw = random.Random(20261122)  # noqa: S311
    shares = [k / 4000 for k in range(4001)] + [draw.random() for _ in range(1000)]
    in_javascript = port.evaluate("shares => shares.map(Literals.percent)", shares)
    assert in_javascript == list(map(percent, shares))
    whole = [0, 999, 1000, 123456789, LARGEST]
    in_javascript = port.evaluate("values => values.map(Literals.withCommas)", whole)
    assert in_javascript == [f"{number:,}" for number in whole]


@pytest.mark.parametrize(
    ("lists", "sizes", "suggested"),
    [
        (
            "[[10, 10], [3]]",
            "784-300-100-10",
            [("[[10, 10], [2]]", "784-300-100-10"), ("[[10, 10], [4]]", "784-300-100-10")],
        ),
        ("[[10, 10]]", "784-300-100-10", [("[[10, 10]]", "784-300-10")]),
        (
            "[[2, 2], [2, 2]]",
            "784-300-100-10",
            [("[[2, 2], [2, 2]]", "784-300-100-32-10")],
        ),  # 32 is about sqrt(100 * 10)
        ("[[2, 3], [4], [5]]", "784-300-100-10", []),
        ("[[10], []]", "784-10", []),
    ],
)
def test_something_legal_and_close_is_suggested(port, lists, sizes, suggested):
    near = (
        "([lists, sizes]) => Suggestions.near(Literals.readRadixLists(lists), "
        "Literals.readLayerSizes(sizes))"
    )
    found = port.evaluate(near, [lists, sizes])
    assert [(one["radixLists"], one["layerSizes"]) for one in found] == suggested
    for one in found:
        rx.RadixTopology(json.loads(one["radixLists"]), map(int, one["layerSizes"].split("-")))
