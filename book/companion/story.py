"""The landing page's story: its five pictures, drawn from the published runs, and its numbers.

Each picture is small and says one thing; the figures' own pages have the detail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

import radixnet as rx
from companion import colours, plots, published, published_runs
from companion.experiments import FIG9_RADIX_LISTS, STRANGE_ACCURACY, fig8_rounds, is_strange
from companion.plots import FEW, ThemedFigure
from radixnet.topology.masks import MaskArray

SIZE = (4.6, 2.9)
"""Size of every picture, in inches."""
REPAIRS = {
    "as in the paper": "trimmed,\nas in the paper",
    "folded": "folded",
    "dense output layer": "dense\noutput layer",
}
"""Variants of the published repair runs in the last picture, and their labels."""


@dataclass(frozen=True)
class ByFanIn:
    """Models of Fig. 8 by the connections into their least connected class: 1, 2, 3, 4 or more.

    Attributes
    ----------
    strange
        Number of models in each group that the authors' log calls strange.
    models
        Number of models in each group.
    logged
        Number of models in the log.
    """

    strange: tuple[int, ...]
    models: tuple[int, ...]
    logged: int

    @property
    def few(self) -> int:
        """Strange models with a class of at most `FEW` connections."""
        return sum(self.strange[:FEW])


@cache
def authors_log_by_fan_in() -> ByFanIn:
    """Split the authors' strange models by the smallest output fan-in of their networks."""
    log = pd.read_csv(published("authors_log.csv"), comment="#")
    logged = set(log["radix_lists"])
    groups = [
        (
            min(int(topology.fan_ins[-1].min()), 4),
            rx.format_radix_lists(topology.radix_lists) in logged,
        )
        for topology in rx.fig8_family()
    ]
    models = tuple(sum(fan_in == group for fan_in, _ in groups) for group in range(1, 5))
    strange = tuple(
        sum(fan_in == group and is_in for fan_in, is_in in groups) for group in range(1, 5)
    )
    return ByFanIn(strange, models, len(log))


@cache
def fig8_runs() -> pd.DataFrame:
    """Return the first runs of the 426 models."""
    return fig8_rounds(published_runs("fig08"))[0]


@cache
def repair_runs() -> dict[str, pd.DataFrame]:
    """Return runs of the same models from several seeds, unchanged and in two repairs."""
    runs = published_runs("repair")
    return {variant: runs[runs["variant"] == variant] for variant in REPAIRS}


def pictures() -> dict[str, ThemedFigure]:
    """Return the five pictures by name."""
    return {
        "asked": asked(),
        "found": found(),
        "confirmed": confirmed(),
        "corrected": corrected(),
        "new": new(),
    }


def substitutions() -> dict[str, str]:
    """Return the numbers of the story's sentences."""
    log = authors_log_by_fan_in()
    strange = {variant: int(is_strange(runs).sum()) for variant, runs in repair_runs().items()}
    normal = fig8_runs().loc[~is_strange(fig8_runs())]
    return {
        "story_logged": f"{log.logged:,}",
        "story_logged_few": f"{log.few:,}",
        "story_repair_runs": f"{len(repair_runs()['as in the paper']):,}",
        "story_repair_before": f"{strange['as in the paper']:,}",
        "story_repair_folded": _number(strange["folded"]),
        "story_normal_median": f"{normal['train_accuracy'].median():.0%}",
    }


def _number(count: int) -> str:
    """Return a count as a sentence has it."""
    return f"{count:,}" if count else "none"


def asked() -> ThemedFigure:
    """Draw a dense network and a RadiX-Net of the same size."""
    sizes = (8, 8, 8, 8)
    radix = rx.RadixTopology([[2, 2, 2]], sizes)
    networks = {
        "dense": [np.ones(shape, dtype=bool) for shape in pairwise(sizes)],
        "RadiX-Net": radix.masks,
    }

    def draw(figure: Figure) -> None:
        for axes, (name, masks), colour in zip(
            figure.subplots(1, 2), networks.items(), (colours.DENSE, colours.NORMAL), strict=True
        ):
            _draw_wires(axes, masks, colour)
            axes.set_title(
                f"{name}: {sum(int(mask.sum()) for mask in masks)} connections",
                loc="center",
                fontsize=9,
            )

    return plots.themed(
        draw,
        alt="Two networks of four layers with eight units each. Left: every unit is connected to "
        "every unit of the next layer. Right: to two of them, in a regular pattern; "
        "still every input reaches every output.",
        size=SIZE,
    )


def _draw_wires(axes: Axes, masks: Sequence[MaskArray], colour: str) -> None:
    """Draw units as dots in columns and connections as lines."""
    for layer, mask in enumerate(masks):
        for before, after in np.argwhere(mask):
            axes.plot(
                [layer, layer + 1],
                [-before, -after],
                color=colour,
                linewidth=0.7,
                alpha=0.7,
                zorder=1,
            )
    for layer in range(len(masks) + 1):
        units = len(masks[0]) if layer == 0 else masks[layer - 1].shape[1]
        axes.scatter([layer] * units, -np.arange(units), s=22, color=colour, zorder=2)
    axes.set_axis_off()


def found() -> ThemedFigure:
    """Draw the training accuracy of the models of Fig. 8 against sparsity."""
    runs = fig8_runs()
    strange = is_strange(runs)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for kind, name, colour in (
            (~strange, "normal", colours.NORMAL),
            (strange, "strange", colours.STRANGE),
        ):
            axes.scatter(
                runs["sparsity"][kind],
                runs["train_accuracy"][kind],
                s=9,
                color=colour,
                linewidths=0,
                alpha=0.8,
            )
            place = {"normal": 0.0, "strange": 0.35}[name]
            axes.text(place, 1.03, f"{kind.sum()} {name}", transform=axes.transAxes, color=colour)
        axes.axhline(STRANGE_ACCURACY, color=colours.PAPER, linestyle=":", linewidth=1)
        _in_percent(axes)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.xaxis.set_major_locator(MultipleLocator(0.01))
        axes.set(xlabel="sparsity", ylabel="accuracy", ylim=(0, 1))

    return plots.themed(
        draw,
        alt=f"Accuracy against sparsity, a dot for each of {len(runs)} networks: "
        f"{int((~strange).sum())} are normal, nearly all close to the top; "
        f"{int(strange.sum())} strange ones lie scattered below {STRANGE_ACCURACY:.0%}, "
        "at any sparsity.",
        size=SIZE,
    )


def confirmed() -> ThemedFigure:
    """Draw the training of one normal and one strange network from several starts."""
    runs = published_runs("fig09")
    kinds = dict(
        zip(("normal", "strange"), map(rx.format_radix_lists, FIG9_RADIX_LISTS), strict=True)
    )
    curves = {
        kind: np.stack(runs.loc[runs["radix_lists"] == lists, "train_accuracy_curve"].tolist())
        for kind, lists in kinds.items()
    }

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for (kind, lines), colour in zip(
            curves.items(), (colours.NORMAL, colours.STRANGE), strict=True
        ):
            axes.plot(
                np.arange(1, lines.shape[1] + 1), lines.T, color=colour, linewidth=0.9, alpha=0.9
            )
            place = (0.98, 0.93) if kind == "normal" else (0.98, 0.05)
            axes.annotate(kinds[kind], place, xycoords="axes fraction", ha="right", color=colour)
        _in_percent(axes)
        axes.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1))

    ends = {
        kind: f"{lines[:, -1].min():.0%} to {lines[:, -1].max():.0%}"
        for kind, lines in curves.items()
    }
    return plots.themed(
        draw,
        alt=f"Accuracy against epoch, {len(curves['normal'])} lines for each of two networks: "
        f"those of {kinds['normal']} run together and end at {ends['normal']}; "
        f"those of {kinds['strange']} stay apart and end at {ends['strange']}.",
        size=SIZE,
    )


def corrected() -> ThemedFigure:
    """Draw the share of the authors' models that were strange, by connections into a class."""
    log = authors_log_by_fan_in()
    names = ["1", "2", "3", "4 or more"]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        shares = [some / every for some, every in zip(log.strange, log.models, strict=True)]
        axes.bar(names, shares, color=colours.STRANGE, width=0.7)
        for place, (share, some, every) in enumerate(
            zip(shares, log.strange, log.models, strict=True)
        ):
            axes.text(
                place, share + 0.02, f"{some} of {every}", ha="center", va="bottom", fontsize=9
            )
        _in_percent(axes)
        axes.set(
            xlabel="connections into the least connected class",
            ylabel="strange models",
            ylim=(0, 1.12),
        )

    counts = "; ".join(
        f"{name}: {some} of {every}"
        for name, some, every in zip(names, log.strange, log.models, strict=True)
    )
    return plots.themed(
        draw,
        alt="Bars: the share of models that the authors' log calls strange, by the number of "
        f"connections into the least connected class. {counts}.",
        size=SIZE,
    )


def new() -> ThemedFigure:
    """Draw the accuracies of all models, unchanged and in two repairs."""
    runs = repair_runs()
    rng = np.random.default_rng(0)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place, each in enumerate(runs.values()):
            well = colours.REPAIRED if place else colours.NORMAL
            axes.scatter(
                place + rng.uniform(-0.3, 0.3, len(each)),
                each["test_accuracy"],
                s=3,
                color=np.where(is_strange(each), colours.STRANGE, well),
                linewidths=0,
                alpha=0.5,
            )
        _in_percent(axes)
        axes.set_xticks(range(len(runs)), [REPAIRS[variant] for variant in runs])
        axes.set(ylabel="test accuracy", ylim=(0, 1), xlim=(-0.5, len(runs) - 0.5))

    lowest = {variant: f"{each['test_accuracy'].min():.0%}" for variant, each in runs.items()}
    return plots.themed(
        draw,
        alt="Three columns of dots, a dot for each run. As in the paper, they reach down to "
        f"{lowest['as in the paper']}; folded, or with a dense output layer, all lie close to the "
        f"top, from {lowest['folded']} and {lowest['dense output layer']} up.",
        size=SIZE,
    )


def _in_percent(axes: Axes) -> None:
    """Write the y axis in per cent."""
    axes.yaxis.set_major_formatter(PercentFormatter(1))
