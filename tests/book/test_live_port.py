"""Training in the page is the package's own: same start, same order, same losses."""

import base64
import math
from itertools import pairwise

import numpy as np
import pytest

import radixnet as rx
from companion.pages.explorer_data import sentences_script
from companion.pages.live_kernels import VARIANTS, kernels_script
from companion.pages.live_scripts import mnist_scripts
from companion.places import ROOT
from radixnet.initializers import starting_weights
from radixnet.training import RunSpec
from radixnet.training.compiled import SLOPES, SparseNetwork, get_ready, prepare
from radixnet.training.data_order import epoch_order, split

pytestmark = pytest.mark.browser

STATIC = ROOT / "book" / "_static"
LENET = (784, 300, 100, 10)
STEPS = 50


def spec(lists, seed, sizes=LENET, fit="trim", dense_output=False, **settings):
    return RunSpec(rx.RadixTopology(lists, sizes, fit, dense_output), seed=seed, **settings)


def dense(seed, sizes=LENET, **settings):
    return RunSpec([np.ones(shape, bool) for shape in pairwise(sizes)], seed=seed, **settings)


EVERY_DAY = [
    spec([[10, 10], [1]], 1000),
    spec([[7, 15], [3]], 12, fit="fold", initializer="fan_in", use_bias=True, batch_size=37),
    spec([[10, 10], [10]], 2**40 + 7, activation="leaky_relu", positive_output=True),
    spec([[2, 2], [2]], 7, initializer="as_dense"),
]
SPECS = [
    *EVERY_DAY,
    spec([[10, 10], [10]], 0),
    spec([[10, 10], [1]], 1000, fit="fold"),
    spec([[10, 10], [1]], 3, dense_output=True),
    spec([[2, 2], [2]], 7, initializer="fan_in"),
    spec([[16, 16, 16]], 1000, sizes=(784, 512, 256, 10)),
    spec([[3, 4], [12]], 2**62, sizes=(784, 96, 240, 10), fit="fold", initializer="fan_in"),
    spec([[10, 10], [10]], 5, activation="linear"),
    spec([[10, 10], [10]], 6, use_bias=True, learning_rate=1e-2),
    spec([[10, 10], [10]], 8, batch_size=1),
    spec([[10, 10], [10]], 9, batch_size=20),
    spec([[10, 10], [10]], 10, batch_size=500, learning_rate=3e-4),
    spec([[6], [6]], 11, sizes=(784, 100, 10), activation="leaky_relu", use_bias=True),
    spec([[10]], 2**32, sizes=(784, 10)),
    spec([[4, 4], [4, 4]], 13, sizes=(784, 128, 64, 32, 10), fit="fold", positive_output=True),
    spec([[5, 5], [5]], 14, sizes=(784, 300, 100, 12)),
    dense(1000),
    dense(2**32 - 1, sizes=(784, 60, 10), initializer="fan_in", use_bias=True),
]


def some_of_them_deep(specs, daily):
    return [
        pytest.param(each, marks=[] if number < daily else pytest.mark.deep, id=str(number))
        for number, each in enumerate(specs)
    ]


@pytest.fixture(scope="module", params=["Chromium", "Firefox"])
def port(request):
    """Return an empty page on which only what draws and trains is loaded, and MNIST."""
    if request.param == "Firefox":
        page = request.getfixturevalue("start_firefox")()
    else:
        page = request.getfixturevalue("chromium").new_page()
    for script in (sentences_script(), kernels_script()):
        page.add_script_tag(content=script)
    for name in ("explorer/literals", "explorer/topology", "live/random", "live/engine"):
        page.add_script_tag(path=STATIC / f"{name}.js")
    for name in ("live/kernels", "live/data"):
        page.add_script_tag(path=STATIC / f"{name}.js")
    page.evaluate("radixnetMnistParts = []")
    for script in mnist_scripts().values():
        page.add_script_tag(content=f"{script}radixnetMnistParts.push(radixnetMnist);")
    page.evaluate(PREPARE)
    return page


PREPARE = """
async () => {
  const Engine = defineEngine();
  window.Random = defineRandom();
  window.Engine = Engine;
  window.base64 = array => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192)
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  };
  window.layersOf = ({lists, sizes, fit, dense_output}) => lists
    ? Topology.layersOf(Topology.specify(
        Literals.readRadixLists(lists), Literals.readLayerSizes(sizes), fit, dense_output))
    : Topology.denseLayersOf(Literals.readLayerSizes(sizes).map(Number));
  const files = await Data.join(radixnetMnistParts);
  window.rooms = {};
  const makers = {"plain JavaScript": definePlainKernels().make};
  for (const [name, module] of Object.entries(radixnetKernels))
    makers[name] = Engine.compiled(await WebAssembly.compile(Data.decoded(module)));
  for (const [name, make] of Object.entries(makers)) {
    rooms[name] = new Engine.Room(make);
    await rooms[name].read(files);
  }
}
"""

DRAW = """
({network, settings, rows, validating, epochs}) => {
  const layers = layersOf(network);
  const weights = Random.startingWeights(layers, settings);
  const [training, validation] = Random.split(settings.seed, rows, validating);
  return {
    weights: weights.map(base64),
    split: base64(Int32Array.of(...training, ...validation)),
    orders: epochs.map(epoch => base64(Random.epochOrder(settings.seed, epoch, training.length))),
  };
}
"""

TRAIN = """
({kind, network, settings, rows, validating, steps}) => {
  const layers = layersOf(network);
  const weights = Random.startingWeights(layers, settings);
  const room = rooms[kind];
  const trained = new Engine.Network(room, layers, weights, settings);
  const [training] = Random.split(settings.seed, rows, validating);
  const order = Random.epochOrder(settings.seed, 0, training.length).map(i => training[i]);
  return Array.from({length: steps}, (_, step) => {
    const {batchSize} = settings;
    const batch = order.subarray(step * batchSize, (step + 1) * batchSize);
    return trained.step(batch).loss / batch.length;
  });
}
"""

ACCURACY = """
({kind, network, settings, rows, validating, epochs}) => {
  const layers = layersOf(network);
  const {seed, batchSize} = settings;
  const trained = new Engine.Network(
    rooms[kind], layers, Random.startingWeights(layers, settings), settings);
  const [training] = Random.split(seed, rows, validating);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const order = Random.epochOrder(seed, epoch, training.length).map(i => training[i]);
    for (let first = 0; first < order.length; first += batchSize)
      trained.step(order.subarray(first, first + batchSize));
  }
  return trained.evaluate(Int32Array.from({length: 10000}, (_, i) => rows + i)).accuracy;
}
"""


def asked(run):
    """Return a spec as the page has it."""
    topology = run.topology
    is_radix = isinstance(topology, rx.RadixTopology)
    return {
        "network": {
            "lists": str(list(map(list, topology.radix_lists))) if is_radix else None,
            "sizes": "-".join(map(str, run.layer_sizes)),
            "fit": topology.fit if is_radix else None,
            "dense_output": topology.dense_output if is_radix else None,
        },
        "settings": {
            "seed": str(run.seed),
            "batchSize": run.batch_size,
            "learningRate": run.learning_rate,
            "initializer": run.initializer,
            "activation": run.activation,
            "bias": run.use_bias,
            "positiveOutput": run.positive_output,
        },
        "rows": 60_000,
        "validating": 6_000,
    }


def read(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.mark.parametrize("run", some_of_them_deep(SPECS, len(EVERY_DAY)))
def test_start_split_and_orders_are_those_of_the_package_bit_for_bit(port, run):
    drawn = port.evaluate(DRAW, asked(run) | {"epochs": [0, 1, 49]})
    masks, expected = (
        run.masks,
        starting_weights(run.masks, run.seed, run.initializer, run.positive_output),
    )
    for text, mask, weights in zip(drawn["weights"], masks, expected, strict=True):
        ours = read(text, np.float32).reshape(mask.shape)
        assert not ours[~mask].any()
        ours, weights = ours[mask], weights[mask]
        differ = ours.view(np.int32) != weights.view(np.int32)
        # Beyond the ziggurat's edge NumPy asks the C library, whose last digit is its own.
        apart = ours[differ].view(np.int32) - weights[differ].view(np.int32)
        assert (abs(apart) <= 1).all()
        assert differ.sum() <= 1 + len(ours) / 100_000
        if run.initializer == "normal":
            assert (abs(weights[differ]) > 3.65 * 0.05).all()
    training, validation = split(run.seed, 60_000, 0.1)
    assert np.array_equal(read(drawn["split"], np.int32), [*training, *validation])
    for text, epoch in zip(drawn["orders"], [0, 1, 49], strict=True):
        assert np.array_equal(read(text, np.int32), epoch_order(run.seed, epoch, len(training)))


def losses_in_python(run, steps):
    get_ready()
    data, _, needed = prepare(rx.load_dataset("mnist"))
    biases = [np.zeros(size, np.float32) for size in run.layer_sizes[1:]] if run.use_bias else None
    start = starting_weights(run.masks, run.seed, run.initializer, run.positive_output)
    network = SparseNetwork(
        run.masks, start, biases, SLOPES[run.activation], run.batch_size, needed
    )
    rows, _ = split(run.seed, 60_000, 0.1)
    order = rows[epoch_order(run.seed, 0, len(rows))]
    batches = (order[step * run.batch_size :][: run.batch_size] for step in range(steps))
    return [network.train_epoch(data, batch, run.learning_rate)[0] for batch in batches]


@pytest.mark.parametrize("run", some_of_them_deep(SPECS, len(EVERY_DAY)))
@pytest.mark.parametrize("kind", ["plain JavaScript", *VARIANTS])
def test_the_first_50_losses_are_those_of_python_to_a_millionth(port, kind, run):
    ours = port.evaluate(TRAIN, asked(run) | {"kind": kind, "steps": STEPS})
    expected = losses_in_python(run, STEPS)
    assert max(map(math.fabs, np.array(ours) / expected - 1)) < 1e-6


PULLS = """
({kind, network, settings, first, count}) => {
  const layers = layersOf(network);
  const weights = Random.startingWeights(layers, settings);
  const trained = new Engine.Network(rooms[kind], layers, weights, settings);
  return trained.evaluate(Int32Array.from({length: count}, (_, i) => first + i)).pulls;
}
"""


@pytest.mark.parametrize("run", EVERY_DAY)
def test_what_pulls_a_logit_up_and_down_follows_from_the_weights(port, run):
    first, count = 60_000, 90  # test images, and a last batch that is not full
    asking = asked(run) | {"kind": next(iter(VARIANTS)), "first": first, "count": count}
    found = port.evaluate(PULLS, asking)
    values = rx.load_dataset("mnist").test_images[:count].reshape(count, -1) / 255
    *hidden, last = starting_weights(run.masks, run.seed, run.initializer, run.positive_output)
    for weights in hidden:
        sums = values @ weights
        values = np.where(sums > 0, sums, SLOPES[run.activation] * sums)
    pulls = values.mean(axis=0)[:, None] * last
    live = last * values.any(axis=0)[:, None]
    expected = {
        "up": np.maximum(pulls, 0).sum(axis=0),
        "down": np.minimum(pulls, 0).sum(axis=0),
        "positive": (live > 0).sum(axis=0),
        "negative": (live < 0).sum(axis=0),
    }
    for name, wanted in expected.items():
        assert [each[name] for each in found] == pytest.approx(wanted, rel=1e-4, abs=1e-6)


TRAINED = [
    EVERY_DAY[0],
    EVERY_DAY[2],
    *(spec([[10, 10], [1]], seed, fit="fold") for seed in (7, 1000)),
    *(spec([[2, 2], [2]], seed, batch_size=128) for seed in (7, 1000)),
    spec([[7, 15], [3]], 5, initializer="fan_in"),
    spec([[10, 10], [10]], 7, activation="linear", use_bias=True),
    spec([[10, 10], [10]], 8, learning_rate=3e-3),
    dense(7),
]


@pytest.mark.parametrize("run", some_of_them_deep(TRAINED, 2))
def test_after_three_epochs_the_test_accuracy_is_that_of_python(port, run):
    ours = port.evaluate(ACCURACY, asked(run) | {"kind": next(iter(VARIANTS)), "epochs": 3})
    assert ours == pytest.approx(rx.train(run).test_accuracy[-1], abs=0.003)
