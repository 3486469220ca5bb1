/* RadiX-Nets: which radix lists are legal, and the connections of the network that they make, fitted to given layer sizes.
 *
 * A port of radix_topology.py and fitting.py in radixnet/topology, whose words and formulas it keeps: node a feeds node b of a layer of
 * radix r and place value v exactly when (a - b) mod N' is one of 0, v, ..., (r - 1) v (Kepner and Robinett, 2019). No DOM. */
"use strict";

const Topology = (() => {
  const { repr, typeName, withCommas } = Literals;

  /** What a page can hold and work out while a reader waits; the package has no such limits. */
  const LIMITS = { layers: 60, units: 50_000, possible: 12_000_000, additions: 200_000_000, followed: 40_000_000 };
  const MOST_FOLLOWED = 2n ** 30n; // the package's own limit, radixnet.topology.fitting._MOST_CONNECTIONS
  const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

  /** Something that is no RadiX-Net; the message is the one that radixnet.RadixTopology raises. */
  class Illegal extends Error {}

  /** A legal network that is too large for a page. */
  class TooLarge extends Error {}

  const product = (values) => values.reduce((total, value) => total * value, 1n);
  const ceilingOfRatio = (a, b) => (a + b - 1n) / b;
  const greatestCommonDivisor = (a, b) => (b === 0n ? a : greatestCommonDivisor(b, a % b));
  const smaller = (a, b) => (a < b ? a : b);

  function positiveInteger(value, what) {
    if (typeof value !== "bigint" || value < 1n) {
      throw new Illegal(`${what} must be a positive integer, and ${repr(value)} (${typeName(value)}) is not`);
    }
    return value;
  }

  function checkRadixLists(value) {
    const advice = "give lists of positive integers, such as [[10, 10], [10]]";
    if (!Array.isArray(value)) throw new Illegal(`radix lists ${repr(value)}: ${advice}`);
    if (value.length === 0) throw new Illegal(`radix lists []: there is no list; ${advice}`);
    const shown = repr([...value]);
    const lists = value.map((list, index) => {
      if (!Array.isArray(list))
        throw new Illegal(`radix lists ${shown}: item ${index + 1} is ${repr(list)}, not a list; ${advice}`);
      if (list.length === 0)
        throw new Illegal(`radix lists ${shown}: list ${index + 1} is empty; give it at least one radix, or leave it out`);
      return Array.from(list, (radix) => positiveInteger(radix, `radix lists ${shown}: each radix`));
    });
    checkProducts(lists);
    return lists;
  }

  function checkProducts(lists) {
    const shown = repr(lists);
    const products = lists.map(product);
    products.slice(0, -1).forEach((found, index) => {
      if (found !== products[0]) {
        throw new Illegal(
          `radix lists ${shown}: the product of list ${index + 1} is ${found}, but every list except the last ` +
            `must have the product of the first, ${products[0]}`,
        );
      }
    });
    const last = products.at(-1);
    if (products[0] % last !== 0n) {
      throw new Illegal(
        `radix lists ${shown}: the last list's product ${last} must divide ${products[0]}, the product of the first`,
      );
    }
  }

  function checkLayerSizes(value, lists) {
    if (!Array.isArray(value)) {
      throw new Illegal(`layer sizes ${repr(value)}: give positive integers, inputs first, such as (784, 300, 100, 10)`);
    }
    const shown = repr([...value]);
    const sizes = Array.from(value, (size) => positiveInteger(size, `layer sizes ${shown}: each size`));
    const layers = lists.flat().length;
    if (sizes.length !== layers + 1) {
      throw new Illegal(
        `radix lists ${repr(lists)} make ${layers} weight layers, which need ${layers + 1} layer sizes; ` +
          `${sizes.length} were given: ${shown}`,
      );
    }
    return sizes;
  }

  function checkFit(fit, denseOutput) {
    if (fit !== "trim" && fit !== "fold") {
      throw new Illegal(
        `fit ${repr(fit)} is not known; use fit='trim', which keeps the first nodes of each layer, or fit='fold', which merges ` +
          "node k into node k modulo the layer's size",
      );
    }
    if (typeof denseOutput !== "boolean") {
      throw new Illegal(`dense_output must be True or False, and ${repr(denseOutput)} (${typeName(denseOutput)}) is not`);
    }
  }

  /** Return a legal network and what closed forms say of it; raise Illegal, with the package's reason, for any other.
   *
   * Values come as `Literals` reads them. Whole numbers stay BigInt: a product of radices has no largest value. */
  function specify(radixLists, layerSizes, fit, denseOutput) {
    const lists = checkRadixLists(radixLists);
    const sizes = checkLayerSizes(layerSizes, lists);
    checkFit(fit, denseOutput);
    const radices = lists.flat();
    const placeValues = lists.flatMap((list) => list.map((_, index) => product(list.slice(0, index))));
    const modulus = product(lists[0]);
    const denseWidths = sizes.map((size) => ceilingOfRatio(size, modulus));
    const spec = { lists, sizes, fit, denseOutput, radices, placeValues, modulus, denseWidths };
    if (fit === "fold") spec.followed = patterned(spec).map(checkFoldable);
    return { ...spec, expandedSparsity: expandedSparsity(spec), expandedPathCount: expandedPathCount(spec) };
  }

  /** One minus the density before fitting, sum N_i D_(i-1) D_i / (N' sum D_(i-1) D_i): the sparsity that the paper reports. */
  function expandedSparsity({ radices, modulus, denseWidths }) {
    const blocks = radices.map((_, index) => denseWidths[index] * denseWidths[index + 1]);
    const possible = modulus * blocks.reduce((a, b) => a + b);
    const missing = possible - radices.reduce((total, radix, index) => total + radix * blocks[index], 0n);
    return Number((missing * 10n ** 20n) / possible) / 1e20;
  }

  /** Paths from any input to any output before fitting, the same number for every pair. */
  function expandedPathCount({ radices, modulus, denseWidths }) {
    return (product(radices) / modulus) * product(denseWidths.slice(1, -1));
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

  const nothingToMerge = ({ inputs, outputs, modulus }) => inputs % modulus === 0n && outputs % modulus === 0n;
  const stepsToFollow = ({ outputs, radix, placeValue }) => smaller(radix, outputs / greatestCommonDivisor(placeValue, outputs));

  /** Return how many connections of the expanded layer folding follows, or raise Illegal when the package would refuse to. */
  function checkFoldable(layer) {
    const { inputs, outputs, modulus, radix, placeValue } = layer;
    if (nothingToMerge(layer)) return 0n;
    const followed = 2n * stepsToFollow(layer) * modulus * ceilingOfRatio(inputs, modulus) * ceilingOfRatio(outputs, modulus);
    if (followed > MOST_FOLLOWED) {
      throw new Illegal(
        `folding to a layer of ${inputs} inputs and ${outputs} outputs would follow ${withCommas(followed)} connections of the expanded ` +
          `one, which has radix ${radix}, place value ${placeValue} and N' = ${withCommas(modulus)}; that is more than ` +
          `${withCommas(MOST_FOLLOWED)}: use smaller radices, or fit='trim'`,
      );
    }
    return followed;
  }

  /** Raise TooLarge for a network that would keep a reader waiting or fill the memory of a browser. */
  function checkExtent({ sizes, followed = [] }) {
    const refuse = (what, most) => {
      throw new TooLarge(`${what}; this page works out networks of up to ${most}. The package has no such limit.`);
    };
    const layers = sizes.length - 1;
    if (layers > LIMITS.layers) refuse(`${layers} weight layers`, `${LIMITS.layers} layers`);
    const units = sizes.reduce((a, b) => a + b);
    if (units > LIMITS.units) refuse(`${withCommas(units)} units`, `${withCommas(LIMITS.units)} units`);
    const possible = sizes.slice(1).reduce((total, size, index) => total + sizes[index] * size, 0n);
    if (possible > LIMITS.possible)
      refuse(`${withCommas(possible)} possible connections`, `${withCommas(LIMITS.possible)} of them`);
    const digits = 1 + Math.floor(sizes.slice(1, -1).reduce((total, size) => total + Math.log2(Number(size)), 0) / 26); // of path counts
    const additions = possible * sizes.at(-1) * BigInt(digits);
    if (additions > LIMITS.additions) {
      refuse(`${withCommas(additions)} additions to count all paths`, `${withCommas(LIMITS.additions)} additions`);
    }
    const steps = followed.reduce((a, b) => a + b, 0n);
    if (steps > LIMITS.followed)
      refuse(`folding follows ${withCommas(steps)} connections of the expanded network`, `${withCommas(LIMITS.followed)} of them`);
  }

  /** Return the layers of a network that `specify` returned; raise TooLarge when a page should not try.
   *
   * Each is {inputs, outputs, pointers, indices}: input a feeds the outputs indices[k], ascending, for k from pointers[a] to
   * pointers[a + 1] - 1. */
  function layersOf(spec) {
    checkExtent(spec);
    const layers = patterned(spec).map((layer) => (spec.fit === "trim" || nothingToMerge(layer) ? trimmed(layer) : folded(layer)));
    if (spec.denseOutput) {
      const [inputs, outputs] = spec.sizes.slice(-2).map(Number);
      layers.push(fromDiagonals(inputs, outputs, () => true));
    }
    return layers;
  }

  /** The connections among the first nodes of an expanded layer, which depend on the difference of the nodes alone. */
  function trimmed({ inputs, outputs, modulus, radix, placeValue }) {
    if (modulus > EXACT) {
      return fromDiagonals(Number(inputs), Number(outputs), (difference) => {
        const shift = ((BigInt(difference) % modulus) + modulus) % modulus;
        return shift % placeValue === 0n && shift / placeValue < radix;
      });
    }
    const [n, r, v] = [modulus, radix, placeValue].map(Number);
    return fromDiagonals(Number(inputs), Number(outputs), (difference) => {
      const shift = ((difference % n) + n) % n;
      return shift % v === 0 && shift / v < r;
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
    const [inputs, outputs, modulus, radix, placeValue] = [
      layer.inputs,
      layer.outputs,
      layer.modulus,
      layer.radix,
      layer.placeValue,
    ].map(Number);
    const steps = Number(stepsToFollow(layer));
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

  /** Return how many inputs feed each output of a layer. */
  function fanIn(layer) {
    const counts = new Int32Array(layer.outputs);
    for (const b of layer.indices) counts[b] += 1;
    return counts;
  }

  /** Return how many outputs each input of a layer feeds. */
  function fanOut(layer) {
    return Int32Array.from({ length: layer.inputs }, (_, a) => layer.pointers[a + 1] - layer.pointers[a]);
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

  return { Illegal, TooLarge, LIMITS, specify, layersOf, fanIn, fanOut, equalLayers, sparsity };
})();
