"""The published runs as they stand in their files, read without any of the book's own code."""

import csv
import gzip
import json
from functools import cache
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "book" / "results"
POSSIBLE = 784 * 300 + 300 * 100 + 100 * 10
"""Connections of a dense LeNet 300-100."""


@cache
def rows(file="runs.csv.gz"):
    """Return the rows of a file of runs."""
    with gzip.open(RESULTS / file, "rt", encoding="utf-8") as text:
        return list(csv.DictReader(text))


@cache
def runs(figure, epochs=None, variant=None):
    """Return the runs of a figure, or of a chapter's variant, on LeNet 300-100.

    What is absent are connections.
    """
    file = "beyond.csv.gz" if variant else "runs.csv.gz"
    return [
        {
            "radix_lists": row["radix_lists"],
            "absent": POSSIBLE - int(row["connections"]),
            "train": float(row["train_accuracy"]),
            "validation": float(row["validation_accuracy"]),
            "test": float(row["test_accuracy"]),
            "seed": int(row["seed"]),
            "curve": json.loads(row["train_accuracy_curve"]),
            "losses": json.loads(row["train_loss_curve"]),
        }
        for row in rows(file)
        if row["figure"] == figure
        and epochs in {None, int(row["epochs"])}
        and variant in {None, row.get("variant")}
    ]
