/* What a fitted network can still learn and what is to be expected of it, read from its connections before any training.
 *
 * A port of diagnosis.py, lost_classes.py and verdicts.py in radixnet/diagnostics, which give the
 * sources and the reasons. Networks have ReLU units, no biases, and last weights that start
 * negative as often as positive. No DOM. */
"use strict";

const Diagnosis = (() => {
  const { percent, say } = Literals;
  const LIKELY = 0.5; // from this chance of losing a class on, a network is at risk
  const DOUBTFUL = 0.35; // from this chance on, one that is not at risk is in doubt
  const ENOUGH_INPUTS = 0.5; // below this share of inputs that reach some class, too

  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /** Return for each layer of units, inputs first, which lie on some path from an input to an output: arrays of 0 and 1. */
  function liveUnits(layers) {
    const reached = [new Uint8Array(layers[0].inputs).fill(1)];
    for (const layer of layers) {
      const before = reached.at(-1);
      const next = new Uint8Array(layer.outputs);
      eachConnection(layer, (a, b) => {
        next[b] |= before[a];
      });
      reached.push(next);
    }
    const live = [new Uint8Array(layers.at(-1).outputs).fill(1)]; // reaching an output
    for (const layer of [...layers].reverse()) {
      const before = new Uint8Array(layer.inputs);
      const after = live[0];
      eachConnection(layer, (a, b) => {
        before[a] |= after[b];
      });
      live.unshift(before);
    }
    return live.map((units, number) => units.map((reaching, unit) => reaching & reached[number][unit]));
  }

  function eachConnection({ inputs, pointers, indices }, visit) {
    for (let a = 0; a < inputs; a += 1) {
      for (let k = pointers[a]; k < pointers[a + 1]; k += 1) visit(a, indices[k]);
    }
  }

  /** Return how many paths lead from each input to each output: {inputs, outputs, counts}.
   *
   * Counts are rounded above 2^53. */
  function pathCounts(layers) {
    const last = layers.at(-1);
    const { outputs } = last;
    let counts = new Float64Array(last.inputs * outputs);
    eachConnection(last, (a, b) => {
      counts[a * outputs + b] = 1;
    });
    for (const layer of layers.slice(0, -1).reverse()) {
      const after = counts;
      const before = new Float64Array(layer.inputs * outputs);
      eachConnection(layer, (a, b) => {
        for (let c = 0; c < outputs; c += 1) before[a * outputs + c] += after[b * outputs + c];
      });
      counts = before;
    }
    return { inputs: layers[0].inputs, outputs, counts };
  }

  /** Return for each output the share of inputs with a path to it. */
  function classCoverage({ inputs, outputs, counts }) {
    const reaching = new Array(outputs).fill(0);
    counts.forEach((count, pair) => {
      if (count > 0) reaching[pair % outputs] += 1;
    });
    return reaching.map((count) => count / inputs);
  }

  /** Return for each output of a layer the product of the factors of its inputs, 1 for none. */
  function productOverInputs(layer, factors) {
    const logarithms = new Float64Array(layer.outputs);
    const hasZero = new Uint8Array(layer.outputs);
    eachConnection(layer, (a, b) => {
      if (factors[a] === 0) hasZero[b] = 1;
      else logarithms[b] += Math.log(factors[a]);
    });
    return logarithms.map((logarithm, b) => (hasZero[b] ? 0 : Math.exp(logarithm)));
  }

  /** Return the chance that exactly k classes are lost to the signs of the starting weights, for every k. */
  function chancesOfLostClasses(layers) {
    let dead = new Float64Array(layers[0].inputs);
    for (const layer of layers.slice(0, -1))
      dead = productOverInputs(
        layer,
        dead.map((chance) => (1 + chance) / 2),
      );
    const last = layers.at(-1);
    const silent = productOverInputs(last, dead);
    const noPositive = productOverInputs(
      last,
      dead.map((chance) => (1 + chance) / 2),
    );
    const count = silent.length + 1;
    // Class by class, in the order in which ties are decided: the chances that k are lost so far while no class had a logit that is
    // never negative, and while one had.
    let unchallenged = new Float64Array(count);
    let challenged = new Float64Array(count);
    unchallenged[0] = 1;
    for (let c = 0; c < silent.length; c += 1) {
      const isSilent = silent[c];
      const oneSign = noPositive[c] - isSilent;
      const isMixed = 1 - isSilent - oneSign - oneSign;
      const before = unchallenged;
      const alsoBefore = challenged;
      const oneFewer = (chances, k) => chances[(k + count - 1) % count];
      unchallenged = before.map((chance) => chance * (oneSign + isMixed));
      challenged = before.map(
        (chance, k) =>
          chance * oneSign +
          oneFewer(before, k) * isSilent +
          alsoBefore[k] * (oneSign + isMixed) +
          oneFewer(alsoBefore, k) * (oneSign + isSilent),
      );
    }
    return Array.from(unchallenged, (chance, k) => chance + challenged[k]);
  }

  /** Return the groups of outputs whose only connection comes from the same live unit. */
  function classesOnOneUnit(layer, live) {
    const counts = new Int32Array(layer.outputs);
    const source = new Int32Array(layer.outputs);
    eachConnection(layer, (a, b) => {
      if (live[a]) {
        counts[b] += 1;
        source[b] = a;
      }
    });
    const groups = new Map();
    counts.forEach((count, b) => {
      if (count === 1) groups.set(source[b], [...(groups.get(source[b]) ?? []), b]);
    });
    return [...groups.values()].filter((group) => group.length > 1);
  }

  /** Return a network's verdict and its reasons, as judge does in radixnet.diagnostics.verdicts. */
  function judge(fanIns, chance, coverage, liveCounts, sharing) {
    const classes = fanIns.length;
    const fewest = Math.min(...fanIns);
    const some = fanIns.filter((fanIn) => fanIn === fewest).length;
    const signs = { some, classes, count: fewest, chance: percent(chance) };
    const worst = coverage.indexOf(Math.min(...coverage));
    const seen = { share: percent(coverage[worst]), worst };
    const hidden = liveCounts.slice(1, -1);
    const impossible = [];
    const risks = [];
    const doubts = [];
    const good = [];

    const unreached = [...coverage.keys()].filter((number) => coverage[number] === 0);
    if (unreached.length)
      impossible.push(say("no_path", { count: unreached.length, classes: unreached }));
    impossible.push(...sharing.map((group) => say("one_unit", { classes: group })));
    if (chance >= LIKELY) risks.push(say("signs_likely", signs));
    else if (chance >= DOUBTFUL) doubts.push(say("signs_doubtful", signs));
    else good.push(say("signs_unlikely", signs));
    if (coverage[worst] < ENOUGH_INPUTS) risks.push(say("few_inputs", seen));
    else good.push(say("enough_inputs", seen));
    hidden.forEach((count, index) => {
      if (count < classes) risks.push(say("narrow_layer", { number: index + 1, count, classes }));
    });
    if (hidden.length)
      good.push(say("wide_layers", { count: hidden.length, live: hidden, classes }));

    if (impossible.length) return { verdict: "cannot learn every class", reasons: [...impossible, ...risks] };
    if (risks.length) return { verdict: "at risk", reasons: [...risks, ...doubts] };
    if (doubts.length) return { verdict: "in doubt", reasons: doubts };
    return { verdict: "expected to train", reasons: good };
  }

  /** Return what the connections of a network allow: see radixnet.Diagnosis. */
  function diagnose(layers) {
    const live = liveUnits(layers);
    const liveCounts = live.map(sum);
    const paths = pathCounts(layers);
    const outputFanIns = Array.from(Topology.fanIn(layers.at(-1)));
    const coverage = classCoverage(paths);
    const sharing = classesOnOneUnit(layers.at(-1), live.at(-2));
    const chances = chancesOfLostClasses(layers);
    const chance = sum(chances.slice(1));
    return {
      live,
      liveCounts,
      paths,
      min: paths.counts.reduce((a, b) => Math.min(a, b)),
      max: paths.counts.reduce((a, b) => Math.max(a, b)),
      coverage,
      inputCoverage: liveCounts[0] / live[0].length,
      outputFanIns,
      chances,
      chance,
      ...judge(outputFanIns, chance, coverage, liveCounts, sharing),
    };
  }

  return { diagnose, liveUnits };
})();
