/* The published networks nearest to one, and how their runs ended. No DOM. */
"use strict";

const Neighbours = (() => {
  const { readRadixLists, readLayerSizes, percent } = Literals;
  const MOST_SHOWN = 5;
  const MOST_COMPARED = 8; // networks of equal densities whose masks are compared, connection by connection

  /** Return the published networks in a readable form; `published` is what scripts/explorer_data.py wrote. */
  function networksOf(published) {
    return published.networks.map(([lists, layerSizes, fit, denseOutput, connections, minOutputFanIn, runs]) => ({
      radixLists: lists.replace(/,(?! )/g, ", "),
      layerSizes,
      fit,
      denseOutput: Boolean(denseOutput),
      connections,
      minOutputFanIn,
      densities: densities(connections, layerSizes.split("-").map(Number)),
      // Those from many starts first: one run says little about a network that loses a class from every third start.
      runs: Object.entries(runs)
        .map(([group, rows]) => ({ ...published.groups[group], rows: rows.map(asRun) }))
        .sort((one, other) => other.rows.length - one.rows.length),
    }));
  }

  const asRun = ([seed, test, classes, ...curve]) => ({
    seed,
    test: test / 10_000,
    classes,
    curve: curve.map((accuracy) => accuracy / 1000),
  });
  const densities = (connections, sizes) => connections.map((count, layer) => count / (sizes[layer] * sizes[layer + 1]));

  /** Mean over layers of how many times one density must be doubled, or halved, to reach the other. */
  function distance(one, other) {
    return one.reduce((total, density, layer) => total + Math.abs(Math.log2(density / other[layer])), 0) / one.length;
  }

  /** Return the published networks nearest to one, nearest first, each with its distance and `kind`: "same", "equal" or "near".
   *
   * Networks of the same layer sizes come before others of as many layers; of equally near ones those fitted in the same way. */
  function nearest(network, networks) {
    const own = densities(
      network.layers.map((layer) => layer.indices.length),
      network.spec.sizes,
    );
    const sizes = network.spec.sizes.join("-");
    const lists = Literals.write(network.spec.lists);
    const sameFit = (other) => other.fit === network.spec.fit && other.denseOutput === network.spec.denseOutput;
    const found = networks
      .filter((other) => other.densities.length === own.length)
      .map((other) => ({
        ...other,
        distance: distance(own, other.densities),
        otherSizes: other.layerSizes !== sizes,
        otherFit: !sameFit(other),
      }));
    let compared = 0;
    for (const other of found) {
      other.kind = "near";
      if (other.otherSizes || other.distance > 0) continue;
      if (!other.otherFit && other.radixLists === lists) other.kind = "same";
      else if ((compared += 1) <= MOST_COMPARED && hasEqualMasks(network.layers, other)) other.kind = "equal";
    }
    const kinds = ["same", "equal", "near"];
    const order = (other) => [kinds.indexOf(other.kind), Number(other.otherSizes), other.distance, Number(other.otherFit)];
    return sortedBy(found, order).slice(0, MOST_SHOWN);
  }

  function sortedBy(items, key) {
    const keyed = items.map((item) => [key(item), item]);
    keyed.sort(([one], [other]) => {
      const position = one.findIndex((value, index) => value !== other[index]);
      return position < 0 ? 0 : one[position] - other[position];
    });
    return keyed.map(([, item]) => item);
  }

  function hasEqualMasks(layers, other) {
    const spec = Topology.specify(readRadixLists(other.radixLists), readLayerSizes(other.layerSizes), other.fit, other.denseOutput);
    const others = Topology.layersOf(spec);
    return layers.every((layer, number) => Topology.equalLayers(layer, others[number]));
  }

  function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Return how the runs of one group ended, in words. */
  function outcome({ rows }, classes) {
    const tests = rows.map((run) => run.test);
    const complete = rows.filter((run) => run.classes === classes).length;
    const answered = `answers ${rows[0].classes} of ${classes} classes`;
    if (rows.length === 1) return `1 run: ${percent(tests[0])} on test images, ${answered}`;
    const range = `${percent(Math.min(...tests))} to ${percent(Math.max(...tests))}`;
    const how = { 0: "none", [rows.length]: "all" }[complete] ?? `${complete} of them`;
    const verb = how === "none" || complete === 1 ? "answers" : "answer";
    const ended = `median ${percent(median(tests))} on test images (${range})`;
    return `${rows.length} runs: ${ended}; ${how} ${verb} all ${classes} classes`;
  }

  return { networksOf, nearest, outcome };
})();
