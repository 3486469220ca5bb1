"""Scores of networks against what is known of them, by hand or from the paper."""

import numpy as np
import pandas as pd
import pytest

import radixnet as rx
from companion import experiments, published_runs
from companion.scores import (
    CHANCE,
    NEW_FAMILIES,
    RIVALS,
    classes_per_unit,
    fashion_limit,
    judged,
    lead_over_rivals,
    score_table,
    told_by,
)
from radixnet.initializers import starting_weights
from radixnet.training import split

LENET = rx.LENET_300_100


def test_scores_known_for_small_networks():
    """[[2, 2], [1]] on 4-4-4-4 is not cut.

    Two butterfly layers, and one that falls apart into single connections, of gap 0.

    Each input has one path to each of the four classes, which have one weight each.
    """
    table = score_table([rx.RadixTopology([[2, 2], [1]], (4, 4, 4, 4))])
    (row,) = table.to_dict("records")
    assert row["radix_lists"] == "[[2, 2], [1]]"
    assert row["smallest output fan-in"] == 1
    assert row["largest radix"] == 2
    assert row["sparsity"] == 1 - (8 + 8 + 4) / 48
    assert row["path imbalance"] == 0
    assert row["smallest spectral gap"] == pytest.approx(0, abs=1e-7)
    assert row["classes_per_unit"] == 1
    assert row["input_coverage"] == 1
    assert row["chances"] == tuple(
        rx.chance_of_lost_classes(rx.RadixTopology([[2, 2], [1]], (4, 4, 4, 4)).masks)
    )
    assert row[CHANCE] == pytest.approx(1 - row["chances"][0])


def test_gaps_are_the_smallest_and_the_mean_of_the_layers():
    """[[6]] connects all with all: gap 1.

    [[3, 1]] does so in its first layer, and its second falls apart into pairs: gap 0.
    """
    table = score_table([rx.RadixTopology([[6]], (6, 6)), rx.RadixTopology([[3, 1]], (3, 3, 3))])
    assert table["smallest spectral gap"].tolist() == pytest.approx([1, 0], abs=1e-7)
    assert table["mean spectral gap"].tolist() == pytest.approx([1, 1 / 2], abs=1e-7)


def test_gaps_of_layers_that_fall_apart_are_equal_and_not_ranked_by_rounding_errors():
    """Each of these has a layer that falls apart, so that the smallest gap is 0."""
    lists = ([[10, 10], [10]], [[9, 11], [3]], [[13, 7], [7]], [[14, 15], [3]])
    table = score_table([rx.RadixTopology(each, LENET) for each in lists])
    assert set(table["smallest spectral gap"]) == {0}


def test_the_rows_are_the_topologies_in_order_with_every_score():
    topologies = [
        rx.RadixTopology(lists, LENET)
        for lists in ([[10, 10], [10]], [[10, 10], [1]], [[10, 10, 10]])
    ]
    table = score_table(iter(topologies))
    assert table["radix_lists"].tolist() == [
        rx.format_radix_lists(each.radix_lists) for each in topologies
    ]
    assert np.isfinite(table[[CHANCE, *RIVALS]].to_numpy(dtype=float)).all()
    assert table["verdict"].tolist() == [each.diagnose().verdict for each in topologies]
    assert table["input_coverage"].tolist() == [
        each.diagnose().min_class_coverage for each in topologies
    ]


def test_equal_last_layers_are_told_from_others():
    """With 1 as the last radix and 100 or more nodes, ten units feed the ten classes.

    This holds whatever stands before.
    """
    lists = ([[10, 10], [1]], [[14, 11], [1]], [[10, 10], [2]])
    table = score_table([rx.RadixTopology(each, LENET) for each in lists])
    first, second, third = table["last_mask"]
    assert first == second != third


def test_a_unit_that_feeds_one_class_is_told_from_one_that_is_shared():
    assert classes_per_unit(np.eye(4, dtype=bool)) == 1
    assert classes_per_unit(np.array([[True, True, False], [False, False, True]])) == 2


@pytest.mark.parametrize("topologies", [[], [[[10, 10], [10]]], [None]])
def test_what_is_no_topology_is_refused(topologies):
    with pytest.raises(ValueError, match="give one RadixTopology or more"):
        score_table(topologies)


def test_what_is_no_mask_is_refused():
    with pytest.raises(ValueError, match="mask"):
        classes_per_unit(np.ones(3))


def test_runs_are_judged_by_the_limit_of_their_data_and_keep_their_order():
    """A model that is strange on one data set may be fine on the other, at equal accuracy."""
    runs = published_runs("predict")
    mixed = runs[runs["variant"].isin(["the 426", "Fashion-MNIST"])].iloc[::50]
    found = judged(mixed, 0.75)
    assert found["seed"].tolist() == mixed["seed"].tolist()
    medians = [
        np.median([row.train_accuracy for row in runs.itertuples() if row.variant == name])
        for name in ("Fashion-MNIST", "the 426")
    ]
    limits = {"mnist": 0.75, "fashion-mnist": 0.75 * medians[0] / medians[1]}
    assert fashion_limit(0.75) == pytest.approx(limits["fashion-mnist"])
    assert set(found["dataset"]) == set(limits)
    for row in found.to_dict("records"):
        assert row["strange"] == (row["train_accuracy"] <= limits[row["dataset"]])
        assert row["lost a class"] == (row["test_classes"] < 10)
        diagnosis = rx.spec_of(row).topology.diagnose()
        assert row["risky"] == (diagnosis.verdict in {"at risk", "cannot learn every class"})
        assert row["fan_in"] == diagnosis.min_output_fan_in


def test_a_rival_is_turned_the_way_that_serves_it_and_the_chance_is_not():
    """Six runs, two of which fail: the rival names them by its lowest values, the chance too."""
    runs = pd.DataFrame({column: np.zeros(6) for column in RIVALS})
    runs["largest radix"] = [1, 2, 3, 4, 5, 6]
    runs[CHANCE] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    runs["strange"] = [True, True, False, False, False, False]
    found = lead_over_rivals(runs, "strange", np.random.default_rng(0), samples=20)
    assert found["best rival"] == "largest radix"
    assert found["largest radix"] == 1
    assert found[CHANCE] == pytest.approx((1 / 5 + 2 / 6) / 2)
    assert found["ahead by"] == pytest.approx(found[CHANCE] - 1)
    assert found["from"] <= found["ahead by"] <= found["to"] <= 0
    assert found["failed"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("seed", "learning_rate"), [(3, 1e-3), (4, 0.05)])
def test_what_tells_the_lost_classes_is_what_a_look_at_every_class_says(seed, learning_rate):
    """Each class has one weight, from a unit of its own; a large step lets some units die."""
    masks = [np.ones((784, 10), dtype=bool), np.eye(10, dtype=bool)]
    spec = rx.RunSpec(masks, seed=seed, epochs=1, batch_size=1000, learning_rate=learning_rate)
    data = rx.load_dataset("mnist")
    told, weights = told_by(spec, data), rx.train(spec, keep_weights=True, dataset=data).weights
    _, held_out = split(seed, 60_000, 0.1)

    def units(images):
        return np.maximum(images / np.float32(255) @ weights[0], 0)

    logits = units(data.test_images) @ weights[1]
    lost = set(range(10)) - set(logits.argmax(axis=1).tolist())
    dead = (units(data.train_images[held_out]) == 0).all(axis=0)

    def by_signs(signs):
        """Lose what is negative after a class that is never below 0, and what is always 0."""
        return {
            number
            for number in range(10)
            if signs[number] == 0 or (signs[number] < 0 and (signs[:number] >= 0).any())
        }

    ends = np.sign(np.diag(weights[1]))
    assert told["lost"] == len(lost)
    starts = np.sign(np.diag(starting_weights(masks, seed)[1]))
    assert told["the starting signs"] == (by_signs(starts) == lost)
    assert told["the signs after training"] == (by_signs(ends) == lost)
    with_deaths = by_signs(np.where(dead, 0, ends)) == lost
    assert told["the signs after training and the units that died"] == with_deaths
    fair = [
        (row[label] == row.max()) / np.sum(row == row.max())
        for row, label in zip(logits, data.test_labels, strict=True)
    ]
    assert told["ties at random"] == pytest.approx(np.mean(fair))


def test_new_families_hold_no_network_that_the_rule_was_made_with():
    """By their masks, as different radix lists can give one network."""
    known = [rx.RadixTopology(lists, LENET) for lists in rx.legal_radix_lists(range(1, 11), 3)]
    known = {each.fingerprint for each in [*known, *rx.fig8_family()]}
    for name in experiments.PREDICTED_FAMILIES:
        mine = {spec.topology.fingerprint for spec in experiments.predicted_family(name)}
        assert mine.isdisjoint(known) == (name in NEW_FAMILIES), name
