"""One module per kind of picture.

Each function takes data and an Axes, draws, and returns the Axes; none computes a result.
"""

from companion.page import ThemedFigure, download, themed
from companion.plots.accuracies import (
    FAN_IN_NAMES,
    FEW,
    draw_band_medians,
    draw_by_fan_in,
    draw_seeds,
    stretch_sparsity,
)
from companion.plots.adjacency import draw_adjacency, draw_adjacency_sheet
from companion.plots.choose import draw_differences
from companion.plots.classes import (
    draw_accuracy_by_classes,
    draw_by_class,
    draw_class_wiring,
    draw_shares,
)
from companion.plots.curves import draw_by_classes, draw_training_curves
from companion.plots.explore import (
    explore_accuracies,
    explore_classes,
    explore_ranges,
    explore_sparsities,
)
from companion.plots.graph_challenge import (
    draw_copies,
    draw_learning,
    draw_rates,
    draw_signal,
    draw_what_is_left,
)
from companion.plots.interactive import InteractiveFigure, explorer_address
from companion.plots.landscape_slices import draw_landscape_sheet, draw_loss_line
from companion.plots.network import draw_network
from companion.plots.predict import draw_calibration, draw_counts_and_chances, draw_precision_recall
from companion.plots.repair import draw_margins, draw_share_left
from companion.plots.saliency_maps import draw_by_model, draw_saliency_map
from companion.plots.sparsities import draw_sparsity_against_modulus, draw_sparsity_distribution
from companion.plots.speed import draw_times
from companion.plots.viable import draw_errors

__all__ = [
    "FAN_IN_NAMES",
    "FEW",
    "InteractiveFigure",
    "ThemedFigure",
    "download",
    "draw_accuracy_by_classes",
    "draw_adjacency",
    "draw_adjacency_sheet",
    "draw_band_medians",
    "draw_by_class",
    "draw_by_classes",
    "draw_by_fan_in",
    "draw_by_model",
    "draw_calibration",
    "draw_class_wiring",
    "draw_copies",
    "draw_counts_and_chances",
    "draw_differences",
    "draw_errors",
    "draw_landscape_sheet",
    "draw_learning",
    "draw_loss_line",
    "draw_margins",
    "draw_network",
    "draw_precision_recall",
    "draw_rates",
    "draw_saliency_map",
    "draw_seeds",
    "draw_share_left",
    "draw_shares",
    "draw_signal",
    "draw_sparsity_against_modulus",
    "draw_sparsity_distribution",
    "draw_times",
    "draw_training_curves",
    "draw_what_is_left",
    "explore_accuracies",
    "explore_classes",
    "explore_ranges",
    "explore_sparsities",
    "explorer_address",
    "stretch_sparsity",
    "themed",
]
