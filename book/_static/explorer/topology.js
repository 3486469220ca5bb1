/* RadiX-Nets: which radix lists are legal, and the connections of the network that they make, fitted to given layer sizes.
 *
 * A port of radix_topology.py and fitting.py in radixnet/topology, whose formulas it keeps: node a
 * feeds node b of a layer of radix r and place value v exactly when (a - b) mod N' is one of 0, v,
 * ..., (r - 1) v (Kepner and Robinett, 2019). No DOM. */
"use strict";

const Topology = (() => {
  const { say, write, withCommas } = Literals;

  /** What a page can hold and work out while a reader waits; the package has no such limits. */
  const LIMITS = { layers: 60, units: 50_000, possible: 12_000_000, additions: 200_000_000, followed: 40_000_000 };
  const MOST_FOLLOWED = 2 ** 30; // the package's limit, _MOST_CONNECTIONS in fitting.py
  const LARGEST = Number.MAX_SAFE_INTEGER;

  /** Something that is no RadiX-Net; the message is the one that radixnet.RadixTopology raises. */
  class Illegal extends Error {}

  /** A network that is too large for a page; the message says what of it is. */
  class TooLarge extends Error {}

  function refuse(sentence, values) {
    throw new Illegal(say(sentence, values));
  }

  /** Return a whole number that a double holds exactly; raise TooLarge for others. */
  function exact(number, what) {
    if (number > LARGEST) throw new TooLarge(`${what} above ${withCommas(LARGEST)}`);
    return number;
  }

  const rounded = (values) => values.reduce((total, value) => total * value, 1);
  const product = (values) => exact(rounded(values), "a product of radices");
  const greatestCommonDivisor = (a, b) => (b === 0 ? a : greatestCommonDivisor(b, a % b));

  function checkRadixLists(lists) {
    if (lists.length === 0) refuse("no_list", { wanted: say("radix_lists_wanted") });
    const shown = write(lists);
    const empty = lists.findIndex((list) => list.length === 0);
    if (empty >= 0) refuse("empty_list", { lists: shown, number: empty + 1 });
    const products = lists.map(product);
    const [first, last] = [products[0], products.at(-1)];
    const other = products.slice(0, -1).findIndex((found) => found !== first);
    const unequal = { lists: shown, number: other + 1, product: products[other], first };
    if (other >= 0) refuse("unequal_products", unequal);
    if (first % last !== 0) refuse("last_product", { lists: shown, product: last, first });
  }

  function checkLayerSizes(sizes, lists) {
    const count = lists.flat().length;
    if (sizes.length === count + 1) return;
    const counts = { count, needed: count + 1, given: sizes.length };
    refuse("wrong_size_count", { lists: write(lists), sizes: `[${sizes.join(", ")}]`, ...counts });
  }

  /** Return a legal network and what closed forms say of it; raise Illegal, with the package's reason, for any other.
   *
   * Radix lists and layer sizes come as `Literals` reads them. */
  function specify(radixLists, layerSizes, fit, denseOutput) {
    const lists = radixLists.map((list) => list.map((radix) => exact(Number(radix), "a radix")));
    const sizes = layerSizes.map((size) => exact(Number(size), "a layer size"));
    checkRadixLists(lists);
    checkLayerSizes(sizes, lists);
    if (fit !== "trim" && fit !== "fold") refuse("unknown_fit", { fit: `'${fit}'` });
    if (typeof denseOutput !== "boolean")
      refuse("unknown_dense_output", { dense_output: `'${denseOutput}'` });
    const radices = lists.flat();
    const placeValues = lists.flatMap((list) => list.map((_, index) => product(list.slice(0, index))));
    const modulus = product(lists[0]);
    const denseWidths = sizes.map((size) => Math.ceil(size / modulus));
    const spec = { lists, sizes, fit, denseOutput, radices, placeValues, modulus, denseWidths };
    if (fit === "fold") spec.followed = patterned(spec).map(checkFoldable);
    return { ...spec, expandedSparsity: expandedSparsity(spec), expandedPathCount: expandedPathCount(spec) };
  }

  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /** One minus the density before fitting, sum N_i D_(i-1) D_i / (N' sum D_(i-1) D_i): the sparsity that the paper reports. */
  function expandedSparsity({ radices, modulus, denseWidths }) {
    const blocks = radices.map((_, index) => denseWidths[index] * denseWidths[index + 1]);
    return 1 - sum(radices.map((radix, index) => (radix / modulus) * blocks[index])) / sum(blocks);
  }

  /** Paths before fitting, as many from any input to any output; rounded above 2^53. */
  function expandedPathCount({ lists, denseWidths }) {
    const count = rounded([...lists.slice(1).flat(), ...denseWidths.slice(1, -1)]);
    if (count === Infinity) throw new TooLarge("more than 10^308 paths before fitting");
    return count;
  }

  /** Inputs, outputs, N', radix and place value of each layer but a dense output layer. */
  function patterned({ sizes, modulus, radices, placeValues, denseOutput }) {
    const layers = radices.map((radix, index) => ({
      inputs: sizes[index],
      outputs: sizes[index + 1],
      modulus,
      radix,
      placeValue: placeValues[index],
    }));
    return denseOutput ? layers.slice(0, -1) : layers;
  }

  const nothingToMerge = ({ inputs, outputs, modulus }) =>
    inputs % modulus === 0 && outputs % modulus === 0;
  const stepsToFollow = ({ outputs, radix, placeValue }) =>
    Math.min(radix, outputs / greatestCommonDivisor(placeValue, outputs));

  /** Return how many connections of the expanded layer folding follows, or raise Illegal when the package would refuse to. */
  function checkFoldable(layer) {
    const { inputs, outputs, modulus, radix, placeValue } = layer;
    if (nothingToMerge(layer)) return 0;
    const [before, after] = [Math.ceil(inputs / modulus), Math.ceil(outputs / modulus)];
    const followed = 2 * stepsToFollow(layer) * modulus * before * after;
    const values = { inputs, outputs, radix, place_value: placeValue, modulus };
    if (followed > MOST_FOLLOWED) refuse("too_much_folding", { ...values, most: MOST_FOLLOWED });
    return followed;
  }

  /** Raise TooLarge for a network that would keep a reader waiting or fill the memory of a browser. */
  function checkExtent({ sizes, followed = [] }) {
    const possible = sum(sizes.slice(1).map((size, index) => sizes[index] * size));
    const extents = [
      [sizes.length - 1, LIMITS.layers, "weight layers"],
      [sum(sizes), LIMITS.units, "units"],
      [possible, LIMITS.possible, "possible connections"],
      [possible * sizes.at(-1), LIMITS.additions, "additions to count all paths"],
      [sum(followed), LIMITS.followed, "connections of the expanded network to follow"],
    ];
    const found = extents.find(([extent, most]) => extent > most);
    if (found) throw new TooLarge(`more than ${withCommas(found[1])} ${found[2]}`);
  }

  /** Return the layers of a network that `specify` returned; raise TooLarge when a page should not try.
   *
   * Each is {inputs, outputs, pointers, indices}: input a feeds the outputs indices[k], ascending, for k from pointers[a] to
   * pointers[a + 1] - 1. */
  function layersOf(spec) {
    checkExtent(spec);
    const layers = patterned(spec).map((layer) => (spec.fit === "trim" || nothingToMerge(layer) ? trimmed(layer) : folded(layer)));
    if (spec.denseOutput) layers.push(fromDiagonals(...spec.sizes.slice(-2), () => true));
    return layers;
  }

  /** The connections among the first nodes of an expanded layer, which depend on the difference of the nodes alone. */
  function trimmed({ inputs, outputs, modulus, radix, placeValue }) {
    return fromDiagonals(inputs, outputs, (difference) => {
      const shift = ((difference % modulus) + modulus) % modulus;
      return shift % placeValue === 0 && shift / placeValue < radix;
    });
  }

  /** Return the layer in which a feeds b wherever `connects(a - b)` is true. */
  function fromDiagonals(inputs, outputs, connects) {
    const connected = []; // positions b - a + inputs - 1
    for (let position = 0; position < inputs + outputs - 1; position += 1) {
      if (connects(inputs - 1 - position)) connected.push(position);
    }
    const pointers = new Int32Array(inputs + 1);
    const firsts = new Int32Array(inputs); // of the connected positions that lie in the window of each input, where they begin
    let first = connected.length;
    let end = connected.length;
    for (let a = 0; a < inputs; a += 1) {
      const start = inputs - 1 - a; // the position at which b is 0
      while (first > 0 && connected[first - 1] >= start) first -= 1;
      while (end > first && connected[end - 1] >= start + outputs) end -= 1;
      firsts[a] = first;
      pointers[a + 1] = pointers[a] + end - first;
    }
    const indices = new Int32Array(pointers[inputs]);
    for (let a = 0; a < inputs; a += 1) {
      for (let k = pointers[a]; k < pointers[a + 1]; k += 1) indices[k] = connected[firsts[a] + k - pointers[a]] - (inputs - 1 - a);
    }
    return { inputs, outputs, pointers, indices };
  }

  /** The connections of an expanded layer whose node k is merged into node k modulo the layer's size. */
  function folded(layer) {
    const { inputs, outputs, modulus, radix, placeValue } = layer;
    const steps = stepsToFollow(layer);
    const cells = new Uint8Array(inputs * outputs);
    const end = modulus * Math.ceil(outputs / modulus);
    const connect = (row, b) => {
      for (let copy = b; copy < end; copy += modulus) cells[row + (copy % outputs)] = 1;
    };
    for (let a = 0; a < modulus * Math.ceil(inputs / modulus); a += 1) {
      const row = (a % inputs) * outputs;
      const residue = a % modulus;
      const beforeWrapping = Math.min(radix, Math.floor(residue / placeValue) + 1); // of the outputs a, a - v, a - 2 v, ...
      for (let j = 0; j < Math.min(steps, beforeWrapping); j += 1) connect(row, residue - j * placeValue);
      for (let j = 0; j < Math.min(steps, radix - beforeWrapping); j += 1)
        connect(row, residue - (beforeWrapping + j) * placeValue + modulus);
    }
    return fromCells(inputs, outputs, cells);
  }

  function fromCells(inputs, outputs, cells) {
    const pointers = new Int32Array(inputs + 1);
    for (let a = 0; a < inputs; a += 1) {
      let count = 0;
      for (let cell = a * outputs; cell < (a + 1) * outputs; cell += 1) count += cells[cell];
      pointers[a + 1] = pointers[a] + count;
    }
    const indices = new Int32Array(pointers[inputs]);
    for (let cell = 0, next = 0; cell < cells.length; cell += 1) {
      if (cells[cell]) {
        indices[next] = cell % outputs;
        next += 1;
      }
    }
    return { inputs, outputs, pointers, indices };
  }

  /** Return the layers of a network of these sizes that has every connection. */
  const denseLayersOf = (sizes) =>
    sizes.slice(1).map((outputs, index) => fromDiagonals(sizes[index], outputs, () => true));

  /** Return how many inputs feed each output of a layer. */
  function fanIn(layer) {
    const counts = new Int32Array(layer.outputs);
    for (const b of layer.indices) counts[b] += 1;
    return counts;
  }

  /** Whether two layers have the same connections. */
  function equalLayers(one, other) {
    return (
      one.outputs === other.outputs &&
      one.indices.length === other.indices.length &&
      one.pointers.length === other.pointers.length &&
      one.pointers.every((value, index) => value === other.pointers[index]) &&
      one.indices.every((value, index) => value === other.indices[index])
    );
  }

  /** Return one minus the density of a fitted network. */
  function sparsity(layers) {
    const connections = layers.reduce((total, layer) => total + layer.indices.length, 0);
    const possible = layers.reduce((total, layer) => total + layer.inputs * layer.outputs, 0);
    return 1 - connections / possible;
  }

  return { Illegal, TooLarge, specify, layersOf, denseLayersOf, fanIn, equalLayers, sparsity };
})();
