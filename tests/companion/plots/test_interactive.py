"""Interactive figures say of every network what the table says, and lead to it.

Checked on what a page receives.
"""

import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

import radixnet as rx
from companion import plots

SIZES = (784, 300, 100, 10)
GENERATOR = np.random.default_rng(20)


def networks():
    """Return a table such as Fig. 4's: real networks with made-up accuracies that no two share."""
    topologies = [rx.RadixTopology(lists, SIZES) for lists in rx.legal_radix_lists(range(1, 6), 3)]
    table = pd.DataFrame(
        {
            "radix_lists": rx.format_radix_lists(topology.radix_lists),
            "product": topology.modulus,
            "sparsity_before_fitting": topology.expanded_sparsity,
            "sparsity": topology.sparsity,
            "min_output_fan_in": topology.diagnose().min_output_fan_in,
        }
        for topology in topologies
    )
    table["output_fan_in"] = table["min_output_fan_in"]
    for measure in ("train_accuracy", "validation_accuracy", "test_accuracy"):
        table[measure] = GENERATOR.uniform(0.1, 0.99, len(table))
    return table.sort_values("sparsity", ignore_index=True)


@pytest.fixture(scope="module")
def table():
    return networks()


BANDS = pd.DataFrame(
    [(False, 0.0, 0.5, 0.9), (False, 0.5, 0.9, 0.8), (True, 0.5, 0.9, 0.4)],
    columns=["few", "low", "high", "median"],
)


def explore_accuracies(table):
    return plots.explore_accuracies(table, BANDS, 0.8, SIZES, alt="points")


def ranges(table):
    """Return a table such as Fig. 5's, of every ninth network."""
    lowest = table["validation_accuracy"]
    summary = table.assign(lowest=lowest, median=lowest + 0.002, highest=lowest + 0.005)
    return summary.assign(range=GENERATOR.uniform(0.005, 0.5, len(table))).iloc[::9]


def explore_classes(table):
    models = table.iloc[-7:].assign(group=[1, 1, 2, 3, 4, 5, 6], test_classes=[3, 3, 4, 5, 6, 7, 3])
    curves = GENERATOR.uniform(0.2, 0.8, (7, 5))
    return (
        models,
        curves,
        plots.explore_classes(models, curves, {"28 %": (0.26, 0.29)}, SIZES, alt="curves"),
    )


def rows_of(shown):
    """Return every row that stands behind a point or a curve, with the place where it is drawn."""
    found = []
    for trace in shown.figure["data"]:
        found += [
            (tuple(row), x, y)
            for row, x, y in zip(trace.get("customdata", []), trace["x"], trace["y"], strict=False)
        ]
    return found


def every_figure(table):
    return {
        "sparsities": plots.explore_sparsities(table, SIZES, alt="bars"),
        "accuracies": explore_accuracies(table),
        "ranges": plots.explore_ranges(ranges(table), 0.02, (0, 0.5), SIZES, alt="ranges"),
        "classes": explore_classes(table)[2],
    }


def test_every_network_is_shown_once_with_the_values_of_the_table(table):
    columns = [
        "radix_lists",
        "sparsity",
        "output_fan_in",
        "train_accuracy",
        "validation_accuracy",
        "test_accuracy",
    ]
    shown = rows_of(explore_accuracies(table))
    drawn = pd.DataFrame([row[:-1] for row, _, _ in shown], columns=columns).sort_values(
        "radix_lists", ignore_index=True
    )
    expected = table[columns].sort_values("radix_lists", ignore_index=True)
    pd.testing.assert_frame_equal(drawn, expected, check_exact=False, atol=1e-5, rtol=0)
    for row, across, up in shown:
        assert across == pytest.approx(1 - row[1], abs=1.1e-5)
        assert up == row[4]


def test_marks_have_the_name_the_ink_and_the_shape_of_their_group(table):
    spread = table.assign(output_fan_in=np.arange(len(table)) % 7)
    many, few = (
        trace for trace in explore_accuracies(spread).figure["data"] if "customdata" in trace
    )
    assert (many["name"], few["name"]) == ("three or more", "two or fewer")
    assert all(row[2] > 2 for row in many["customdata"])
    assert all(row[2] <= 2 for row in few["customdata"])
    assert many["marker"]["color"] != few["marker"]["color"]
    assert few["marker"]["symbol"] == "triangle-up"


def test_a_group_without_networks_is_not_named(table):
    many = explore_accuracies(table.assign(output_fan_in=9)).figure["data"]
    assert [trace["name"] for trace in many if "customdata" in trace] == ["three or more"]


def test_medians_are_bars_of_the_bands_that_no_line_joins(table):
    *_, many, few = explore_accuracies(table).figure["data"]
    assert many["x"] == [1.0, 0.5, None, 0.5, 0.1, None]
    assert many["y"] == [0.9, 0.9, None, 0.8, 0.8, None]
    assert few["y"] == [0.4, 0.4, None]
    assert many["line"]["color"] != few["line"]["color"]


def test_bars_count_as_numpy_does_and_name_networks_that_they_count(table):
    before, after, points = plots.explore_sparsities(table, SIZES, alt="bars").figure["data"]
    for bars, column in ((before, "sparsity_before_fitting"), (after, "sparsity")):
        counts, edges = np.histogram(table[column].round(5), np.linspace(0, 1, 21).round(5))
        assert bars["y"] == counts.tolist()
        assert bars["meta"]["edges"] == pytest.approx(edges.tolist())
        for hint, low, high in zip(bars["hovertext"], edges[:-1], edges[1:], strict=True):
            named = [line for line in hint.split("<br>") if line.startswith("[[")]
            sparsities = table.set_index("radix_lists").loc[named, column].round(5)
            assert ((sparsities >= low) & ((sparsities < high) | (high == 1))).all()
    assert sorted(points["x"]) == sorted(table["product"])


def test_every_network_stands_at_its_sparsity_and_range(table):
    networks = ranges(table)
    figure = plots.explore_ranges(networks, 0.02, (0, 0.5), SIZES, alt="ranges")
    paper = figure.figure["data"][-1]
    assert (paper["x"], paper["y"]) == ([1, 0.5], [0.02, 0.02])
    shown = rows_of(figure)
    assert len(shown) == len(networks)
    known = networks.set_index("radix_lists")
    for row, across, up in shown:
        network = known.loc[row[0]]
        assert across == pytest.approx(1 - network["sparsity"], abs=1.1e-5)
        assert up == pytest.approx(network["range"], abs=1e-5)
        assert row[2:7] == pytest.approx(
            network[["output_fan_in", "lowest", "median", "highest", "range"]].tolist(), abs=1e-5
        )


def test_every_curve_is_named_and_has_the_ink_of_its_number_of_classes(table):
    models, curves, shown = explore_classes(table)
    traces = shown.figure["data"]
    assert [trace["name"] for trace in traces] == models["radix_lists"].tolist()
    np.testing.assert_allclose([trace["y"] for trace in traces], curves, atol=1e-5)
    assert [trace["x"] for trace in traces] == [[1, 2, 3, 4, 5]] * 7
    inks = [trace["line"]["color"] for trace in traces]
    assert inks[0] == inks[1] == inks[6]
    assert len(set(inks)) == 5
    assert [trace["meta"]["row"][3] for trace in traces] == models["group"].tolist()
    written = {text["text"]: text["y"] for text in shown.figure["layout"]["annotations"]}
    assert written[" 3"] == pytest.approx(np.median(curves[[0, 1, 6], -1]), abs=1e-5)
    assert written[" 7 classes"] == pytest.approx(curves[5, -1], abs=1e-5)


@given(
    st.lists(st.lists(st.integers(1, 2000), min_size=1, max_size=4), min_size=1, max_size=4),
    st.lists(st.integers(1, 5000), min_size=2),
)
def test_an_address_says_which_network_it_leads_to(lists, sizes):
    address = plots.explorer_address(rx.format_radix_lists(lists), sizes)
    parts = urlsplit(address)
    assert parts.path == "../explorer.html"
    assert not set(address) & set(" []{}\"'<>")
    fields = {name: value for name, (value,) in parse_qs(parts.fragment).items()}
    assert json.loads(fields["radix_lists"]) == lists
    assert [int(size) for size in fields["layer_sizes"].split("-")] == sizes
    assert fields["fit"] == "trim"


def test_the_address_is_the_one_that_the_explorer_reads():
    lists = "%5B%5B10%2C10%5D%2C%5B10%5D%5D"
    expected = f"../explorer.html#radix_lists={lists}&layer_sizes=784-300-100-10&fit=trim"
    assert plots.explorer_address("[[10, 10], [10]]", SIZES) == expected


def test_all_points_of_all_figures_lead_to_their_own_network(table):
    for name, shown in every_figure(table).items():
        rows = [row for row, _, _ in rows_of(shown)] or [
            trace["meta"]["row"] for trace in shown.figure["data"]
        ]
        assert rows, name
        for row in rows:
            assert row[-1] == plots.explorer_address(row[0], SIZES)


def test_labels_give_a_line_to_every_column(table):
    for shown in every_figure(table).values():
        (template,) = {
            trace["hovertemplate"]
            for trace in shown.figure["data"]
            if "customdata" in trace or "row" in trace.get("meta", {})
        }
        for place, column in enumerate(shown.figure["layout"]["meta"]["columns"]):
            assert f"[{place}]" in template
            assert place == 0 or f"{column['label']}: " in template


def test_every_ink_has_a_relative_on_dark_pages(table):
    for shown in every_figure(table).values():
        text = json.dumps(
            {part: value for part, value in shown.figure["layout"].items() if part != "meta"}
        )
        inks = set(BeautifulSoup(text, "html.parser").text.split('"')) | set(
            json.dumps(shown.figure["data"]).split('"')
        )
        used = {ink for ink in inks if ink.startswith("#") and len(ink) == 7}
        assert used
        assert used <= set(shown.figure["layout"]["meta"]["dark"])


def test_the_page_receives_the_same_figure_hidden_until_the_script_shows_it(table):
    shown = plots.explore_accuracies(table, BANDS, 0.8, SIZES, alt='points </script> & "more"')
    bundle = shown._repr_mimebundle_()
    (holder,) = BeautifulSoup(bundle["text/html"], "html.parser").select(
        "div.interactive-figure[hidden]"
    )
    assert holder["data-alt"] == shown.alt == bundle["text/plain"]
    assert (
        json.loads(holder.script.text) == shown.figure == bundle["application/vnd.plotly.v1+json"]
    )
    assert holder.script["type"] == "application/json"


def test_what_a_page_receives_is_small(table):
    whole = pd.concat([table] * (1517 // len(table) + 1))[:1517]
    assert len(explore_accuracies(whole)._repr_mimebundle_()["text/html"]) < 500_000


def test_a_table_without_rows_or_with_a_column_missing_is_refused(table):
    with pytest.raises(
        ValueError,
        match=r"a table of 0 rows .*: expected at least one row, and the columns radix_lists",
    ):
        explore_accuracies(table[:0])
    with pytest.raises(
        ValueError,
        match=(
            r"with the columns radix_lists, product.*: "
            r"expected .*, and the columns .*test_accuracy"
        ),
    ):
        explore_accuracies(table.drop(columns="test_accuracy"))


def test_a_figure_without_alt_text_is_refused(table):
    with pytest.raises(ValueError, match="needs alt text"):
        plots.explore_sparsities(table, SIZES, alt=" ")


def test_the_plots_load_plotly_only_when_a_figure_is_made():
    script = "import sys, companion; companion.plots; print('plotly' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.split() == ["False"]


def test_without_plotly_the_error_says_what_to_install(table, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'radixnet\[book\]'"):
        explore_accuracies(table)
