"""All runs that the pages show, trained from nothing, and how they differ from the published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

import pandas as pd

import radixnet as rx
from companion import experiments
from companion.experiments import elsewhere, viable, viable_live, viable_methods
from companion.publication import BEYOND, ELSEWHERE, FIGURE, RUNS, VARIANT, VIABLE
from radixnet.runs.records import FITTING, SETTINGS
from radixnet.topology import Fit
from radixnet.training import RunSpec

_LOSS_CURVES = ("test_loss_curve", "test_loss_curve_published")
_SAME_RUN = [FIGURE, "radix_lists", "layer_sizes", *FITTING, *SETTINGS]
_SAME_MASKS = ["part", "variant", "fitted", "wanted_sparsity", "network"]
"""What tells runs apart whose masks no radix lists describe."""


def train_paper(store: rx.RunStore) -> pd.DataFrame:
    """Train the runs of Figs. 4, 5, 8 and 9, and return them with the figure that shows each."""
    fig4 = experiments.fig4()
    chosen = experiments.fig5_topologies()
    fig8 = experiments.fig8()
    figures: dict[str, list[RunSpec]] = {
        "fig04": fig4,
        "fig05": experiments.fig5(topology for decile in chosen.values() for topology in decile),
        "fig08": fig8,
    }
    first = sweep_stage("1 of 3: Figs. 4, 5 and 8, three epochs each", figures, store)
    longer = {"fig08": experiments.fig8_longer(fig8, first[first[FIGURE] == "fig08"])}
    second = (
        sweep_stage("2 of 3: Fig. 8, the strange models again", longer, store)
        if longer["fig08"]
        else first[:0]
    )
    third = sweep_stage("3 of 3: Fig. 9, with Keras", {"fig09": experiments.fig9()}, store)
    return pd.concat([first, second, third]).sort_values(FIGURE, kind="stable", ignore_index=True)


def train_beyond(store: rx.RunStore) -> pd.DataFrame:
    """Train the runs of *Evidence*, *Predict* and *Repair*, and those of claims in general.

    Return them with their chapter. The runs of Figs. 4 and 8 are trained as well where the store
    lacks them, since they tell which networks the claims need.
    """
    random = {
        f"{fit}, {sparsity:.0%}": experiments.random_networks(fit, sparsity)
        for fit in get_args(Fit)
        for sparsity in experiments.SPARSITIES
    }
    predict = {name: experiments.predicted_family(name) for name in experiments.PREDICTED_FAMILIES}
    repair = {name: experiments.repaired(name) for name in experiments.REPAIRS}
    # The repairs are many: one after the other, so that a stop leaves some whole and not all in
    # part.
    stages = [
        ("evidence", random),
        ("predict", predict),
        *(("repair", {name: specs}) for name, specs in repair.items()),
    ]
    count, found = len(stages) + 1, {}
    for number, (chapter, variants) in enumerate(stages, start=1):
        runs = sweep_stage(f"{number} of {count}: {chapter}", variants, store)
        found[number] = runs.rename(columns={FIGURE: VARIANT}).assign(**{FIGURE: chapter})
    known = {"fig04": experiments.fig4(), "fig08": experiments.fig8()}
    paper = sweep_stage(f"{count} of {count}, first those that tell which", known, store)
    fig4, fig8 = (paper[paper[FIGURE] == figure] for figure in known)
    own = found[2][found[2][VARIANT] == experiments.OWN_STARTS]
    claims = experiments.for_claims(fig4, fig8, own)
    runs = sweep_stage(f"{count} of {count}: claims", claims, store)
    found[count] = runs.rename(columns={FIGURE: VARIANT}).assign(**{FIGURE: "claims"})
    return pd.concat(found.values(), ignore_index=True)


def train_viable(store: rx.RunStore) -> pd.DataFrame:
    """Train the experiment of *Viable*; return its runs with their arm and drawn network."""
    found = []
    for number, stage in enumerate(viable.stages(), start=1):
        runs = viable.viable(*stage)
        dataset, fit, sparsity = stage
        title = f"{number} of {len(viable.stages())}: {dataset}, {fit}, {sparsity:.0%}"
        trained = sweep_stage(title, {"viable": [run.spec for run in runs]}, store)
        found.append(pd.concat([trained, viable.labels(runs)], axis=1))
    for figure, runs in (*viable_methods.stages(store), *viable_live.stages()):
        dataset, sparsity = runs[0].spec.dataset, runs[0].sparsity
        title = f"{figure}, {dataset}, from {sparsity:.0%}"
        trained = sweep_stage(title, {figure: [run.spec for run in runs]}, store)
        found.append(pd.concat([trained, viable.labels(runs)], axis=1))
    return pd.concat(found, ignore_index=True)


def train_elsewhere(store: rx.RunStore) -> pd.DataFrame:
    """Train the experiment on other data and shapes, and return its runs with their part."""
    from companion.experiments import elsewhere_convolution  # loads Keras

    stages = [(stage[0], elsewhere.elsewhere(*stage)) for stage in elsewhere.stages()]
    stages += [
        (f"{part}, longer", elsewhere.longer(part)) for part in elsewhere.plan()["longer"]["parts"]
    ]
    found = []
    for number, (part, runs) in enumerate(stages, start=1):
        title = f"{number} of {len(stages) + 1}: {part}, {runs[0].fit}, {runs[0].sparsity:.0%}"
        trained = sweep_stage(title, {"elsewhere": [run.spec for run in runs]}, store)
        found.append(pd.concat([trained, viable.labels(runs)], axis=1).assign(part=part))
    print(f"{len(stages) + 1} of {len(stages) + 1}: {elsewhere.CONVOLUTION}", flush=True)
    labels = viable.labels(elsewhere_convolution.runs())
    trained = elsewhere_convolution.trained(store).assign(part=elsewhere.CONVOLUTION)
    trained.insert(0, FIGURE, "elsewhere")
    found.append(pd.concat([trained, labels], axis=1))
    return pd.concat(found, ignore_index=True)


def sweep_stage(title: str, figures: dict[str, list[RunSpec]], store: rx.RunStore) -> pd.DataFrame:
    """Train the runs of some figures under one progress bar."""
    specs = [spec for each in figures.values() for spec in each]
    print(f"{title}; {len(specs):,} runs", flush=True)
    runs = rx.sweep(specs, store=store, on_failure="raise")
    runs.insert(0, FIGURE, [figure for figure, each in figures.items() for _ in each])
    return runs


def differences(
    new: pd.DataFrame, published: pd.DataFrame, decimals: int | None = None
) -> list[str]:
    """Return in words how new runs differ from published, rounded ones, figure by figure."""
    lines = []
    equally = "equal to the last bit" if decimals is None else f"equal to {decimals} decimals"
    for figure in sorted(set(new[FIGURE]) | set(published[FIGURE])):
        # Masks have no radix lists: all None in a new table, numbers that are none in a file.
        mine, theirs = (
            table[table[FIGURE] == figure].astype(dict.fromkeys(("radix_lists", *FITTING), object))
            for table in (new, published)
        )
        same = [*_SAME_RUN, *(name for name in _SAME_MASKS if name in mine and name in theirs)]
        mine, theirs = (table.drop_duplicates(same) for table in (mine, theirs))
        both = mine.merge(theirs, on=same, suffixes=("", "_published"))
        alone = len(mine) - len(both), len(theirs) - len(both)
        line = f"{figure}: {len(both):,} runs in both"
        if any(alone):
            line += f", {alone[0]:,} only new, {alone[1]:,} only published"
        if len(both):
            mine_curves, their_curves = (
                both[name].map(lambda curve: _rounded(curve, decimals)) for name in _LOSS_CURVES
            )
            equal = (mine_curves == their_curves).sum()
            change = (both["test_accuracy"] - both["test_accuracy_published"]).abs()
            most = both.loc[change.idxmax()]
            line += (
                f"; {equal:,} {equally}; test accuracy differs by {change.mean():.4f} on average, "
                f"{change.max():.4f} at most "
                f"({most['radix_lists']}, seed {most['seed']}, {most['epochs']} epochs)"
            )
        lines.append(line)
    return lines


def _rounded(curve: Sequence[float], decimals: int | None) -> tuple[float, ...]:
    """Return a curve as it is published."""
    return (
        tuple(curve)
        if decimals is None
        else tuple(round(float(value), decimals) for value in curve)
    )


PARTS: dict[str, tuple[str, Callable[[rx.RunStore], pd.DataFrame], int | None]] = {
    "paper": (RUNS, train_paper, None),
    "beyond": (BEYOND, train_beyond, 5),
    "viable": (VIABLE, train_viable, 5),
    "elsewhere": (ELSEWHERE, train_elsewhere, 5),
}
"""Of each part the file that it is published in, what trains it, and to how many decimals it is
rounded there."""
