"""Training in the page, timed in headless Chromium in turns with the package's engine on one core.

The page is empty but for the scripts of the explorer's page that train.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import radixnet as rx
from companion.competitors import LEARNING_RATE, NETWORKS, Masks, masks_of
from companion.pages import chromium
from companion.pages.explorer_data import sentences_script
from companion.pages.live_kernels import kernels_script
from companion.pages.live_scripts import mnist_scripts
from companion.places import ROOT
from radixnet.initializers import starting_weights
from radixnet.topology import LENET_300_100
from radixnet.training import epoch_order, split
from radixnet.training.compiled import SparseNetwork, prepare

ROUNDS = 5

TOLERANCE = 1e-3
"""How far, relatively, the first epoch's mean loss may be from ours: roundings differ."""

_SCRIPTS = "explorer/literals explorer/topology live/random live/engine live/kernels live/data"

_PREPARE = """
async () => {
  const engine = defineEngine();
  const files = await Data.join(parts);
  const [name, module] = Object.entries(radixnetKernels)
    .map(([name, text]) => [name, Data.decoded(text)])
    .find(([, bytes]) => WebAssembly.validate(bytes));
  const room = new engine.Room(engine.compiled(await WebAssembly.compile(module)));
  await room.read(files);
  const {startingWeights, split, epochOrder} = defineRandom();
  const settings = {
    seed: "0", batchSize: 100, learningRate: 1e-3, initializer: "normal", activation: "relu",
    bias: false, positiveOutput: false,
  };
  const [rows] = split(settings.seed, 60000, 6000);
  window.made = (lists, sizes) => {
    const layers = Topology.layersOf(Topology.specify(
      Literals.readRadixLists(lists), Literals.readLayerSizes(sizes), "trim", false));
    return new engine.Network(room, layers, startingWeights(layers, settings), settings);
  };
  window.train = (network, epoch) => {
    const order = epochOrder(settings.seed, epoch, rows.length).map((place) => rows[place]);
    const started = performance.now();
    let sum = 0;
    for (let first = 0; first < order.length; first += 100)
      sum += network.step(order.subarray(first, first + 100)).loss;
    return [(performance.now() - started) / 1000, sum / order.length];
  };
  return name;
}
"""


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return what was measured.

    Returns
    -------
    dict
        ``"version"`` and ``"kernels"`` of the browser, and ``"seconds"`` with median seconds of an
        epoch in the ``"browser"`` and in ``"python"`` for each network. Or ``"missing"`` with the
        reason.
    """
    program = chromium.find()
    if program is None:
        return {"missing": chromium.MISSING}
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return {"missing": "playwright, which starts Chromium, is not installed"}

    with sync_playwright() as playwright, chromium.launch(playwright, program) as browser:
        page = browser.new_page()
        page.set_default_timeout(chromium.PATIENCE)
        for script in (sentences_script(), kernels_script(), "var parts = [];"):
            page.add_script_tag(content=script)
        for name in _SCRIPTS.split():
            page.add_script_tag(path=ROOT / "book" / "_static" / f"{name}.js")
        for script in mnist_scripts().values():
            page.add_script_tag(content=f"{script}parts.push(radixnetMnist);")
        kernels = page.evaluate(_PREPARE)
        seconds = {}
        for network, lists in NETWORKS.items():
            if lists is None:
                continue  # the page trains RadiX-Nets
            asked = [str(lists), "-".join(map(str, LENET_300_100))]
            page.evaluate("([lists, sizes]) => { window.network = made(lists, sizes); }", asked)
            trained = _python(masks_of(network))
            taken: dict[str, list[float]] = {"browser": [], "python": []}
            for epoch in range(rounds + 1):  # the first compiles and is not counted
                found = {
                    "browser": page.evaluate("epoch => train(network, epoch)", epoch),
                    "python": trained(epoch),
                }
                (_, here), (_, ours) = found.values()
                if abs(here / ours - 1) > TOLERANCE and epoch == 0:
                    return {"missing": f"{network}: its loss is {here:.6f}, ours {ours:.6f}"}
                for who, (duration, _) in found.items():
                    taken[who] += [duration] if epoch else []
            seconds[network] = {who: round(statistics.median(t), 4) for who, t in taken.items()}
        version = f"Chromium {browser.version}"
    return {"version": version, "kernels": kernels, "seconds": seconds}


def _python(masks: Masks) -> Callable[[int], tuple[float, float]]:
    """Return what trains an epoch of a network with the package."""
    data, _, needed = prepare(rx.load_dataset("mnist"))
    network = SparseNetwork(masks, starting_weights(masks, 0), None, 0.0, 100, needed)
    network.compile(data)
    rows, _ = split(0, len(data.labels), 0.1)

    def train(epoch: int) -> tuple[float, float]:
        order = rows[epoch_order(0, epoch, len(rows))]
        started = time.perf_counter()
        loss, _ = network.train_epoch(data, order, LEARNING_RATE)
        return time.perf_counter() - started, loss

    return train
