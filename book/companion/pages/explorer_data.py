"""What the topology explorer reads: the package's sentences, and how every trained network fared.

A page opened from disk may not read a file, but it may run a script; so each becomes a script that
sets one variable. To stay small, a run is its seed, its training accuracy epoch by epoch, and at
the end its accuracy on test images and how many classes it still answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import jupytext
import pandas as pd

from companion.notebooks.sources import figure_names, find_source, short_name, title_of
from companion.places import ROOT, published
from companion.publication import BEYOND, RUNS, read_runs
from radixnet import RadixTopology
from radixnet.sentences import SENTENCES

VARIABLE = "radixnetPublishedRuns"
"""The variable that the script of the runs sets."""

_SAME_NETWORK = ("radix_lists", "layer_sizes", "fit", "dense_output")
_CURVE_STEPS = 1_000  # of an accuracy of 1; a line on a small picture shows no more
_TEST_STEPS = 10_000  # MNIST has as many test images


def published_runs_script() -> str:
    """Return the script that sets `VARIABLE` to the `explorer_data` of all published runs."""
    tables = [read_runs(published(name)) for name in (RUNS, BEYOND)]
    data = explorer_data(pd.concat(tables, ignore_index=True), pages())
    packed = json.dumps(data, separators=(",", ":"))
    return (
        "/* Made from book/results by book/companion/pages/explorer_data.py. "
        f"*/\nvar {VARIABLE} = {packed};\n"
    )


def sentences_script() -> str:
    """Return the script that sets ``radixnetSentences`` to the sentences of the package."""
    made = "/* Made from radixnet/sentences.json by book/companion/pages/explorer_data.py. */"
    return f"{made}\nvar radixnetSentences = {json.dumps(SENTENCES, indent=1)};\n"


def pages() -> dict[str, tuple[str, str]]:
    """Return title and address, seen from the explorer, of each page that shows published runs."""
    found = {}
    for name in figure_names():
        source = find_source(name)
        address = source.relative_to(ROOT / "book").with_suffix(".html").as_posix()
        found[short_name(name)] = (re.sub(r"[`*]", "", title_of(jupytext.read(source))), address)
    return found


def explorer_data(runs: pd.DataFrame, shown_on: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return published runs by network, as lists and numbers.

    Parameters
    ----------
    runs
        With the columns of `companion.publication.read_runs`, ``figure`` and ``variant`` among
        them. A run of a network that stands in it more than once is taken where it stands first;
        runs that failed, and networks given as masks, are left out.
    shown_on
        `pages`. A figure or chapter that has none is named without a link.

    Returns
    -------
    dict
        ``groups``, a list of objects: title and address of the page, variant, and settings in
        words. ``networks``, a list of ``[radix lists, layer sizes, fit, dense output, connections
        of each layer, fewest connections into an output, runs]``, where runs maps the number of a
        group to a list of ``[seed, test accuracy in 1/10,000, classes answered, training accuracy
        after each epoch in 1/1,000, ...]``.
    """
    usable = runs[(runs["status"] == "done") & runs["radix_lists"].notna()].drop_duplicates(
        ["identity", *_SAME_NETWORK]
    )
    groups: dict[tuple[str, ...], int] = {}
    networks: dict[tuple[Any, ...], dict[int, list[list[int]]]] = {}
    for row in usable.to_dict("records"):
        variant = row["variant"] if isinstance(row.get("variant"), str) else ""
        group = (
            *shown_on.get(row["figure"], (row["figure"], "")),
            variant,
            _settings_in_words(row),
        )
        number = groups.setdefault(group, len(groups))
        network = tuple(row[name] for name in _SAME_NETWORK)
        networks.setdefault(network, {}).setdefault(number, []).append(_run(row))
    return {
        "groups": [
            dict(zip(("title", "page", "variant", "settings"), group, strict=True))
            for group in groups
        ],
        "networks": [_network(network, of_groups) for network, of_groups in networks.items()],
    }


def _run(row: Mapping[Any, Any]) -> list[int]:
    """Return one run as whole numbers."""
    curve = [round(accuracy * _CURVE_STEPS) for accuracy in row["train_accuracy_curve"]]
    return [
        int(row["seed"]),
        round(row["test_accuracy"] * _TEST_STEPS),
        int(row["test_classes"]),
        *curve,
    ]


def _network(network: tuple[Any, ...], runs: dict[int, list[list[int]]]) -> list[Any]:
    """Return a network, what it is near to others by, and its runs."""
    lists, sizes, fit, dense_output = network
    topology = RadixTopology(
        json.loads(lists), [int(size) for size in sizes.split("-")], fit, bool(dense_output)
    )
    counts = [list(topology.connection_counts), int(topology.fan_ins[-1].min())]
    return [lists.replace(" ", ""), sizes, fit, int(dense_output), *counts, runs]


def _settings_in_words(row: Mapping[Any, Any]) -> str:
    """Return how a run was trained; what the paper does, and most runs do, goes without saying."""
    changes = {
        "start by fan-in": row["initializer"] == "fan_in",
        "positive output start": row["positive_output"],
        "leaky ReLU": row["activation"] == "leaky_relu",
        "biases": row["use_bias"],
    }
    dataset = row["dataset"].title().replace("Mnist", "MNIST")
    said = [
        dataset,
        f"{row['epochs']} epochs",
        f"batches of {row['batch_size']}",
        *(words for words, holds in changes.items() if holds),
    ]
    return ", ".join(said)
