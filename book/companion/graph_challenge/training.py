"""The challenge's wiring with weights that learn: MNIST at 32 x 32 pixels, at several depths."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import radixnet as rx
from radixnet.graph_challenge import layers
from radixnet.graph_challenge.images import interpolation
from radixnet.initializers import Initializer
from radixnet.topology.masks import MaskArray

DEPTHS = (2, 6, 12, 24)
"""Layers of weights; the last leads to the ten classes."""

STARTS: tuple[Initializer, ...] = ("normal", "fan_in")
SEEDS = (1000, 2000, 3000)
EPOCHS = 3
NEURONS, CLASSES = 1024, 10

COLUMNS = ("depth", "start", "seed", "epochs", "train_loss", "test_accuracy", "test_classes")


def masks(depth: int) -> list[MaskArray]:
    """Return the official network's first layers; of the last one, a column for each class."""
    every = [layer.toarray() for layer in layers(NEURONS, depth)]
    return [*every[:-1], every[-1][:, :CLASSES]]


def larger_mnist() -> rx.Dataset:
    """Return MNIST at 32 x 32 pixels, grey and not thresholded, each image column by column."""
    data, weights = rx.load_dataset("mnist"), interpolation(32)

    def larger(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        grey = weights @ images.T.astype(np.float32)
        return np.ascontiguousarray(np.rint(grey).astype(np.uint8).T)

    return replace(
        data, train_images=larger(data.train_images), test_images=larger(data.test_images)
    )


def train_all(path: Path) -> None:
    """Train what a published file lacks, and add a line to it after each run."""
    done = set()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            done = {(row["depth"], row["start"], row["seed"]) for row in csv.DictReader(file)}
    data = larger_mnist()
    for depth in DEPTHS:
        for start in STARTS:
            for seed in SEEDS:
                if (str(depth), start, str(seed)) in done:
                    continue
                spec = rx.RunSpec(masks(depth), seed=seed, epochs=EPOCHS, initializer=start)
                run = rx.train(spec, dataset=data)
                numbers = (run.train_loss[-1], run.test_accuracy[-1])
                row = (depth, start, seed, EPOCHS, *numbers, int(run.test_classes[-1]))
                new = not path.exists()
                with path.open("a", encoding="utf-8", newline="") as file:
                    writer = csv.writer(file, lineterminator="\n")
                    writer.writerows([COLUMNS, row] if new else [row])
                said = (f"{name} {value}" for name, value in zip(COLUMNS, row, strict=True))
                print(*said, sep=", ", flush=True)
