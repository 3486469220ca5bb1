/* The published runs of a network and of the networks nearest to it: which they are, and their training curves as small pictures. */
"use strict";

const Neighbours = (() => {
  const { readRadixLists, readLayerSizes } = Literals;
  const MOST_SHOWN = 5;
  const MOST_LINES = 60; // of one group of runs in a picture
  const MOST_COMPARED = 8; // networks of equal densities whose masks are compared, connection by connection
  const CHART = { width: 330, height: 170, left: 36, right: 8, top: 8, bottom: 30 };
  const DASHES = ["", "7 3", "2 3"];
  const COLOURS = 5;

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
      runs: Object.entries(runs).map(([group, rows]) => ({ ...published.groups[group], rows: rows.map(asRun) })),
    }));
  }

  const asRun = ([seed, test, classes, ...curve]) => ({ seed, test: test / 10_000, classes, curve: curve.map((accuracy) => accuracy / 1000) });
  const densities = (connections, sizes) => connections.map((count, layer) => count / (sizes[layer] * sizes[layer + 1]));

  /** Mean over layers of how many times one density must be doubled, or halved, to reach the other. */
  function distance(one, other) {
    return one.reduce((total, density, layer) => total + Math.abs(Math.log2(density / other[layer])), 0) / one.length;
  }

  /** Return the published networks nearest to one, nearest first, each with `kind`: "same", "equal" (masks) or "near", and its distance.
   *
   * Networks of the same layer sizes come before others of as many layers; of equally near ones those fitted in the same way. */
  function nearest(network, networks) {
    const own = densities(network.layers.map((layer) => layer.indices.length), network.spec.sizes.map(Number));
    const sizes = network.spec.sizes.join("-");
    const lists = Literals.repr(network.spec.lists);
    const sameFit = (other) => other.fit === network.spec.fit && other.denseOutput === network.spec.denseOutput;
    const found = networks
      .filter((other) => other.densities.length === own.length)
      .map((other) => ({ ...other, distance: distance(own, other.densities), otherSizes: other.layerSizes !== sizes, otherFit: !sameFit(other) }));
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
    const asPercent = (share) => `${(100 * share).toFixed(1)}%`;
    const complete = rows.filter((run) => run.classes === classes).length;
    if (rows.length === 1) return `1 run: ${asPercent(tests[0])} on test images, answers ${rows[0].classes} of ${classes} classes`;
    const range = `${asPercent(Math.min(...tests))} to ${asPercent(Math.max(...tests))}`;
    const how = { 0: "none", [rows.length]: "all" }[complete] ?? `${complete} of them`;
    const verb = how === "none" || complete === 1 ? "answers" : "answer";
    return `${rows.length} runs: median ${asPercent(median(tests))} on test images (${range}); ${how} ${verb} all ${classes} classes`;
  }

  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  };

  const lineStyle = (group) => ({ class: `explorer-line-${group % COLOURS}`, "stroke-dasharray": DASHES[Math.floor(group / COLOURS) % DASHES.length] });

  /** Return a short piece of the line that stands for a group of runs in the picture. */
  function key(group) {
    return svg("svg", { width: 26, height: 10, "aria-hidden": "true", class: "explorer-key" }, svg("path", { d: "M1 5H25", ...lineStyle(group) }));
  }

  /** Return a picture of training accuracy by epoch, a line for each run. */
  function chart(network) {
    const { width, height, left, right, top, bottom } = CHART;
    const epochs = Math.max(2, ...network.runs.flatMap(({ rows }) => rows.map((run) => run.curve.length)));
    const x = (epoch) => left + ((epoch - 1) / (epochs - 1)) * (width - left - right);
    const y = (accuracy) => top + (1 - accuracy) * (height - top - bottom);
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "explorer-chart", "aria-label": chartInWords(network, epochs) });
    for (const accuracy of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(svg("path", { d: `M${left} ${y(accuracy)}H${width - right}`, class: "explorer-grid" }));
      if (accuracy % 0.5 === 0) picture.append(svg("text", { x: left - 5, y: y(accuracy) + 4, "text-anchor": "end" }, `${accuracy * 100}%`));
    }
    for (const epoch of new Set([1, epochs])) picture.append(svg("text", { x: x(epoch), y: height - 12, "text-anchor": "middle" }, String(epoch)));
    picture.append(svg("text", { x: (left + width - right) / 2, y: height - 12, "text-anchor": "middle" }, "epoch"));
    network.runs.forEach(({ rows }, group) => {
      for (const { curve } of rows.slice(0, MOST_LINES)) {
        picture.append(svg("path", { d: `M${curve.map((accuracy, index) => `${x(index + 1).toFixed(1)} ${y(accuracy).toFixed(1)}`).join("L")}`, ...lineStyle(group) }));
      }
    });
    return picture;
  }

  function chartInWords(network, epochs) {
    const last = network.runs.flatMap(({ rows }) => rows.map((run) => run.curve.at(-1)));
    return (
      `Training accuracy of ${network.radixLists} from epoch 1 to at most ${epochs}: ${last.length} ${last.length === 1 ? "run ends" : "runs end"} ` +
      `between ${(100 * Math.min(...last)).toFixed(1)}% and ${(100 * Math.max(...last)).toFixed(1)}%.`
    );
  }

  return { networksOf, nearest, distance, outcome, chart, key };
})();
