"""Where an epoch of sparse training spends its time, for the appendix of *How fast, and why*."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

import radixnet as rx
from radixnet.initializers import starting_weights
from radixnet.topology.masks import MaskArray
from radixnet.training import epoch_order, split
from radixnet.training.compiled import SparseNetwork, kernels, prepare, steps
from radixnet.training.compiled.code_cache import load_or_compile
from radixnet.training.compiled.kernels import FLUSH_DENORMALS, made_for
from radixnet.training.compiled.layout import Integers
from radixnet.training.compiled.loss import loss_of_rows
from radixnet.training.compiled.targets import Target, host
from radixnet.training.compiled.vector_code import I64, VectorCode, kernel

PARTS = ("pixels", "forward", "loss", "back", "gradient", "Adam")
"""The parts of a training step, in the order in which they come."""

CLOCK_TICKS = 1e6
"""Ticks per second of C's `clock`, as POSIX has it."""

EPOCHS = 3


def _write_clock(code: VectorCode, times: Any, place: Any) -> None:
    """Write the processor time that the process has used, in ticks, to a place of an array."""
    code.builder.store(code.call("clock", I64), code.pointer(times, place))


@cache
def _timed_epoch(target: Target) -> Callable[..., None]:
    """Return `steps.train_epoch` with a look at the clock after every part.

    Gradients of a whole batch come before Adam, as they do for batches of several chunks. Training
    takes Adam group by group where a batch is one chunk.
    """
    load_chunk, take_step = steps.loading(target, "uint8"), kernel(target, kernels.take_step)
    forward, back, update = steps.passes(target)
    write_clock = kernel(target, _write_clock)
    exchange_float_mode = kernel(target, kernels.exchange_float_mode)
    lanes, parts = target.lanes, len(PARTS)

    @made_for(target)
    def timed_epoch(
        network: steps.Network,
        workspace: steps.Workspace,
        data: steps.Data,
        order: Integers,
        batch_size: int,
        ticks: Integers,
    ) -> None:
        """Train as `steps.train_epoch` does, and add the ticks of each part to `ticks`."""
        float_mode = np.array([FLUSH_DENORMALS], np.uint32)
        exchange_float_mode(float_mode)
        slope, rate, decay, momentum = np.float32(0), np.float32(1e-3), np.float32(0), np.float32(0)
        step = steps.Step(True, momentum, rate, decay)
        logits, answers = workspace.layer_starts[-2], steps.no_answers(workspace)
        at = np.zeros(parts + 1, np.int64)  # before each part, and after the last
        for first in range(0, len(order), batch_size):
            batch = order[first : first + batch_size]
            for start in range(0, len(batch), workspace.line):
                rows = batch[start : start + workspace.line]
                after = first + start + len(rows)
                write_clock(at, 0)
                load_chunk(data, rows, order[after : after + workspace.line], workspace)
                write_clock(at, 1)
                forward(network, workspace, len(rows), slope)
                write_clock(at, 2)
                loss_of_rows(
                    workspace.activations[logits:], workspace.deltas[logits:], workspace.line,
                    data.labels, rows, np.float32(1 / len(batch)), answers,
                )  # fmt: skip
                write_clock(at, 3)
                if start == 0:
                    steps.copy_backward_weights(network)
                back(network, workspace, len(rows), slope)
                write_clock(at, 4)
                update(network, workspace, steps.Pass(len(rows), start > 0, False, step))
                write_clock(at, 5)
                if start + workspace.line >= len(batch):
                    take_step(
                        network.weights, network.means, network.squares, 0,
                        network.gradient, 0, len(network.weights) // lanes,
                        True, rate, decay, momentum,
                    )  # fmt: skip
                    steps.clear_absent_weights(network)
                write_clock(at, 6)
                ticks += at[1:] - at[:-1]
        exchange_float_mode(float_mode)

    return timed_epoch


def seconds_by_part(masks: Sequence[MaskArray], batch_size: int) -> dict[str, float]:
    """Return seconds of one core by part of an epoch of MNIST, medians of a few epochs.

    Parameters
    ----------
    masks
        One per layer, shape (inputs, outputs), from 784 pixels to 10 classes.
    batch_size
        Rows per training step.

    Returns
    -------
    dict
        Seconds for "pixels", "forward", "back" (gradients of units), "gradient" (of weights),
        "Adam", "loss", and "evaluation" of validation and test images. Without the last they add
        up to about what training takes for an epoch: training has no clock to look at.
    """
    train_data, test_data, needed_inputs = prepare(rx.load_dataset("mnist"))
    network = SparseNetwork(masks, starting_weights(masks, 0), None, 0.0, batch_size, needed_inputs)
    train_rows, validation_rows = split(0, len(train_data.labels), 0.1)
    target = host()
    seconds: dict[str, list[float]] = {part: [] for part in (*PARTS, "evaluation")}
    for epoch in range(EPOCHS + 1):  # the first compiles and is not counted
        order = train_rows[epoch_order(0, epoch, len(train_rows))]
        ticks = np.zeros(len(PARTS), np.int64)
        arguments = (network.network, network.workspace, train_data, order, batch_size, ticks)
        load_or_compile(_timed_epoch(target), arguments, target)(*arguments)
        started = time.process_time()
        network.evaluate(train_data, validation_rows)
        network.evaluate(test_data, np.arange(len(test_data.labels)))
        times = [*(ticks / CLOCK_TICKS), time.process_time() - started]
        if epoch:
            for measured, taken in zip(seconds.values(), times, strict=True):
                measured.append(float(taken))
    parts = ("pixels", "forward", "back", "gradient", "Adam", "loss", "evaluation")
    return {part: statistics.median(seconds[part]) for part in parts}
