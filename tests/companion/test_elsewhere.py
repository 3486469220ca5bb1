"""The experiment on other data and shapes: its runs are the plan's, its contrasts SciPy's."""

import csv
import gzip
import random
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import radixnet as rx
from companion import published, published_runs, retraining
from companion.experiments import elsewhere
from companion.experiments.random_lists import draw
from companion.publication import ELSEWHERE, read_runs
from radixnet.datasets import dataset_sha256
from radixnet.training.spec import ENGINE_VERSIONS

KEYS = ["part", "fitted", "wanted_sparsity", "network"]


@pytest.fixture(scope="module")
def runs():
    """Return the published runs that are judged."""
    published = published_runs("elsewhere")
    return published[published["part"].isin(elsewhere.all_parts())]


@pytest.fixture(scope="module")
def sample(runs):
    """Return the runs of one drawn network at random, published and made anew."""
    trained = runs[runs["part"] != elsewhere.CONVOLUTION]
    one = (
        trained[KEYS]
        .drop_duplicates()
        .sample(1, random_state=random.SystemRandom().getrandbits(32))
    )
    mine = trained[(trained[KEYS] == one.iloc[0]).all(axis=1)]
    return mine, elsewhere.runs_of_network(*one.iloc[0])


def test_published_runs_are_those_of_the_plan(sample):
    mine, made = sample
    sha256, version = dataset_sha256(mine["dataset"].iloc[0]), ENGINE_VERSIONS["sparse"]
    assert mine["variant"].tolist() == [run.arm for run in made]
    assert mine["identity"].tolist() == [run.spec.identity(sha256, version) for run in made]
    settings = elsewhere.plan()["parts"][mine["part"].iloc[0]]
    assert set(mine["epochs"]) == {settings["epochs"]}


def test_arms_have_as_many_connections_in_every_layer(sample):
    _, made = sample
    assert len({tuple(int(mask.sum()) for mask in run.spec.masks) for run in made}) == 1


def test_a_run_trains_to_the_same_accuracy(sample):
    mine, made = sample
    number = random.SystemRandom().randrange(len(made))
    again = rx.train(made[number].spec)
    assert again.test_accuracy[-1] == pytest.approx(mine["test_accuracy"].iloc[number], abs=0.02)


def test_drawn_lists_suit_the_layer_sizes_and_the_sparsity_asked_for():
    sizes = (20, 40, 30, 24, 12)
    found = draw("fold", {0.8: 5}, 3, 3000, layer_sizes=sizes, split=False)[0.8]
    networks = [rx.RadixTopology(lists, sizes, fit="fold") for lists in found]
    assert len({network.fingerprint for network in networks}) == 5
    for network in networks:
        assert len(network.radix_lists) == 1
        assert network.density / 0.2 == pytest.approx(1, abs=0.05)


def test_contrasts_are_those_of_a_paired_test_on_the_published_file(runs):
    accuracy = defaultdict(list)
    with gzip.open(published(ELSEWHERE), "rt", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            cell = row["part"], row["fitted"], float(row["wanted_sparsity"])
            accuracy[*cell, int(row["network"]), row["variant"]].append(float(row["test_accuracy"]))
    judged = elsewhere.differences(runs)
    paired = judged[judged["contrast"].isin(elsewhere.plan()["paired"])]
    assert len(paired)
    for row in paired.itertuples():
        first, second = elsewhere.plan()["paired"][row.contrast]
        cell = row.part, row.fitted, row.wanted_sparsity
        both = [
            [100 * np.mean(accuracy[*cell, network, arm]) for network in range(row.networks)]
            for arm in (first, second)
        ]
        assert row.mean == pytest.approx(np.mean(both[0]) - np.mean(both[1]), abs=1e-6)
        if row.mean:
            assert row.p == pytest.approx(stats.ttest_rel(*both).pvalue, rel=1e-4)


def test_runs_given_as_masks_are_found_among_the_published_ones():
    """New ones have None for radix lists, those of a file a number that is none."""
    old = read_runs(published(ELSEWHERE))
    assert old["radix_lists"].isna().all()
    none = pd.Series([None] * len(old), dtype=object)
    new = old.assign(radix_lists=none, fit=none, dense_output=none)
    (line,) = retraining.differences(new, old)
    assert line.startswith(f"elsewhere: {len(old):,} runs in both; {len(old):,} equal")


def test_planned_cells_are_counted_where_a_contrast_can_be_made():
    """Three tables at two sparsities; five layers twice at two, wide twice at one, and one more."""
    counts = {
        (group, contrast): len(elsewhere.cells(group, contrast))
        for group in ("data", "shapes")
        for contrast in ("all together", "pattern", "fitting")
    }
    assert counts == {
        ("data", "all together"): 6,
        ("data", "pattern"): 6,
        ("data", "fitting"): 6,
        ("shapes", "all together"): 7,
        ("shapes", "pattern"): 6,  # channels have no order to permute
        ("shapes", "fitting"): 0,
    }


def test_every_planned_comparison_is_corrected_for_and_no_other():
    """Five chains in 6 + 7 cells, less two that permute in the convolution; fits in 6."""
    assert elsewhere.comparisons() == 5 * 13 - 2 + 6
    judged = elsewhere.differences(made_up(elsewhere.all_parts(), 1))
    assert len(judged) == elsewhere.comparisons() - 6  # trimmed ones were not made up
    smallest = judged.loc[judged["p"].idxmin()]
    assert smallest["corrected_p"] == pytest.approx(69 * smallest["p"])


def made_up(parts, lead):
    """Return runs in which RadiX-Nets lead all else by so many points, ten networks a cell."""
    noise = np.random.default_rng(1)
    rows = [
        (part, "fold", sparsity, network, arm, 0.8 + lead / 100 * (arm == "radix"))
        for part in parts
        for sparsity in elsewhere.all_parts()[part]["sparsities"]
        for network in range(10)
        for arm in elsewhere.plan()["arms"]
        if part != elsewhere.CONVOLUTION or arm != "permuted inputs"
    ]
    table = pd.DataFrame(rows, columns=[*KEYS, "variant", "test_accuracy"])
    table["test_accuracy"] += noise.normal(0, 2e-4, len(table))
    return table


@pytest.mark.parametrize(("lead", "verdict"), [(5, "holds"), (0, "refuted"), (-5, "refuted")])
def test_a_lead_that_was_made_is_judged_as_it_was_made(lead, verdict):
    judged = elsewhere.differences(made_up(elsewhere.all_parts(), lead))
    for group in ("data", "shapes"):
        found = elsewhere.statements(judged, group).set_index("contrast")
        assert (
            found.loc[["all together", "against even random"], "verdict"].tolist() == [verdict] * 2
        )
        assert found.loc["evenness", "verdict"] == "refuted"


def test_parts_that_were_not_run_keep_a_verdict_open():
    judged = elsewhere.differences(made_up(["letters", "convolution"], 5))
    data, shapes = (
        elsewhere.statements(judged, group).set_index("contrast") for group in ("data", "shapes")
    )
    assert (data.loc["all together", "ahead"], data.loc["all together", "not run"]) == (2, 4)
    assert data.loc["all together", "verdict"] == "undecided"
    assert shapes.loc["all together", "verdict"] == "undecided"


# -- the convolutional part ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def convolution():
    pytest.importorskip("keras")
    from companion.experiments import elsewhere_convolution

    return elsewhere_convolution


def test_channels_are_wired_as_the_arm_says_from_shared_starts(convolution):
    runs = convolution.runs()
    assert len(runs) == 10 * 3 * 2
    one, other = (
        next(run for run in runs if (run.arm, run.network) == (arm, 3))
        for arm in ("radix", "even random")
    )
    assert one.spec.seed == other.spec.seed
    networks = [convolution.network(run.spec.masks, run.spec.seed) for run in (one, other)]
    for run, network in zip((one, other), networks, strict=True):
        first, *masked = (np.asarray(weights) for weights in network.weights)
        assert np.all(first)
        for kernel, mask in zip(masked, run.spec.masks, strict=True):
            places = kernel.reshape(-1, *mask.shape)
            np.testing.assert_array_equal(places != 0, np.broadcast_to(mask, places.shape))
            assert np.mean(places[:, mask] ** 2 * (places[:, mask] != 0)) * len(places) == (
                pytest.approx((1 if kernel.ndim == 2 else 2) / mask.sum(axis=0).mean(), rel=0.4)
            )
    kernels = [np.asarray(network.weights[1]) for network in networks]
    common = (kernels[0] != 0) & (kernels[1] != 0)
    assert np.any(common)
    np.testing.assert_array_equal(np.sign(kernels[0][common]), np.sign(kernels[1][common]))


def test_published_convolutions_are_those_of_the_plan(convolution, runs):
    mine, made = runs[runs["part"] == elsewhere.CONVOLUTION], convolution.runs()
    if mine.empty:
        pytest.skip("the convolutional part was not run yet")
    assert mine["identity"].tolist() == [convolution.identity(run.spec) for run in made]
    assert mine["variant"].tolist() == [run.arm for run in made]


@pytest.mark.deep
def test_a_convolutional_run_trains_to_the_same_accuracy(convolution, runs):
    mine, made = runs[runs["part"] == elsewhere.CONVOLUTION], convolution.runs()
    number = random.SystemRandom().randrange(len(made))
    again = convolution.train(made[number].spec)
    assert again.test_accuracy[-1] == pytest.approx(mine["test_accuracy"].iloc[number], abs=0.03)
