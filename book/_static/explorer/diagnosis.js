/* What a fitted network can still learn and what is to be expected of it, read from its connections before any training.
 *
 * A port of diagnosis.py, lost_classes.py and verdicts.py in radixnet/diagnostics, which give the sources and the reasons; the sentences are
 * theirs, word for word. Networks have ReLU units, no biases, and last weights that start negative as often as positive. No DOM. */
"use strict";

const Diagnosis = (() => {
  const { percent } = Literals;
  const BASE = 2 ** 26; // of the digits in which path counts are worked out, so that doubles hold them exactly
  const LIKELY = 0.5; // from this chance of losing a class on, a network is at risk
  const ENOUGH_INPUTS = 0.5; // below this share of inputs that reach some class, too

  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /** Return for each layer of units, inputs first, which lie on some path from an input to an output: arrays of 0 and 1. */
  function liveUnits(layers) {
    const reached = [new Uint8Array(layers[0].inputs).fill(1)];
    for (const layer of layers) {
      const next = new Uint8Array(layer.outputs);
      eachConnection(layer, (a, b) => {
        next[b] |= reached.at(-1)[a];
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

  /** Return the number of paths from each input to each output as {inputs, outputs, digits}, exactly.
   *
   * `digits` holds numbers in base 2**26, lowest first, each an array of inputs * outputs. */
  function pathCounts(layers) {
    const last = layers.at(-1);
    const outputs = last.outputs;
    const ones = new Float64Array(last.inputs * outputs);
    eachConnection(last, (a, b) => {
      ones[a * outputs + b] = 1;
    });
    let digits = [ones];
    for (const layer of layers.slice(0, -1).reverse()) digits = carried(digits.map((digit) => productWith(layer, digit, outputs)));
    return { inputs: layers[0].inputs, outputs, digits };
  }

  function productWith({ inputs, pointers, indices }, digit, outputs) {
    const total = new Float64Array(inputs * outputs);
    for (let a = 0; a < inputs; a += 1) {
      for (let k = pointers[a]; k < pointers[a + 1]; k += 1) {
        const from = indices[k] * outputs;
        for (let c = 0; c < outputs; c += 1) total[a * outputs + c] += digit[from + c];
      }
    }
    return total;
  }

  /** Return digits below the base for sums that have outgrown it, one digit more where the highest needs it. */
  function carried(sums) {
    const carry = new Float64Array(sums[0].length);
    const digits = sums.map((totals) =>
      totals.map((value, index) => {
        const total = value + carry[index];
        carry[index] = Math.floor(total / BASE);
        return total - carry[index] * BASE;
      }),
    );
    return carry.some((value) => value > 0) ? [...digits, carry] : digits;
  }

  /** Return the number of paths from an input to an output as a double, rounded where it holds no more digits. */
  function pathCount({ outputs, digits }, input, output) {
    return digits.reduceRight((total, digit) => total * BASE + digit[input * outputs + output], 0);
  }

  /** Return statistics of path counts over all pairs of an input and an output; fewest and most are BigInt, and exact. */
  function pathStatistics({ digits }) {
    const size = digits[0].length;
    if (digits.length <= 2) {
      const counts = digits.length === 1 ? digits[0] : digits[0].map((low, index) => digits[1][index] * BASE + low);
      const most = counts.reduce((a, b) => Math.max(a, b));
      return {
        min: BigInt(counts.reduce((a, b) => Math.min(a, b))),
        max: BigInt(most),
        mean: sum(counts) / size,
        imbalance: spread(counts.map((count) => count / most)),
      };
    }
    const counts = Array.from({ length: size }, (_, index) =>
      digits.reduceRight((total, digit) => total * BigInt(BASE) + BigInt(digit[index]), 0n),
    );
    const max = counts.reduce((a, b) => (a > b ? a : b));
    const shift = BigInt(Math.max(0, max.toString(2).length - 1000)); // what is left fits a double
    const total = counts.reduce((a, b) => a + b);
    const scale = total.toString(2).length > 1000 ? 1n : 1n << 20n;
    return {
      min: counts.reduce((a, b) => (a < b ? a : b)),
      max,
      mean: Number((total * scale) / BigInt(size)) / Number(scale),
      imbalance: spread(Float64Array.from(counts, (count) => Number(count >> shift) / Number(max >> shift))),
    };
  }

  /** Return the standard deviation over the mean; 0 where all counts are 0, which makes their shares no numbers. */
  function spread(shares) {
    const mean = sum(shares) / shares.length;
    return mean > 0 ? Math.sqrt(sum(shares.map((share) => (share - mean) ** 2)) / shares.length) / mean : 0;
  }

  /** Return for each output the share of inputs with a path to it. */
  function classCoverage({ inputs, outputs, digits }) {
    const counts = new Float64Array(outputs);
    for (let index = 0; index < inputs * outputs; index += 1) {
      if (digits.some((digit) => digit[index] > 0)) counts[index % outputs] += 1;
    }
    return Array.from(counts, (count) => count / inputs);
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

  /** Return the verdict on a network and its reasons, by the rule and in the words of radixnet.diagnostics.verdicts.judge. */
  function judge(fanIns, chance, coverage, liveCounts, sharing) {
    const classes = fanIns.length;
    const fewest = Math.min(...fanIns);
    const hang = `${fanIns.filter((fanIn) => fanIn === fewest).length} of ${classes} classes have ${counted(fewest, "incoming connection")}`;
    const risk = `the chance of losing at least one class to the signs of the starting weights is ${percent(chance)}`;
    const worst = coverage.indexOf(Math.min(...coverage));
    const covered = `${percent(coverage[worst])} of the inputs reach class ${worst}`;
    const impossible = [];
    const risks = [];
    const good = [];

    const unreached = [...coverage.keys()].filter((number) => coverage[number] === 0);
    if (unreached.length)
      impossible.push(`No input has a path to ${classNames(unreached)}: a logit that is always 0 cannot be learned.`);
    for (const group of sharing) {
      const names = classNames(group);
      impossible.push(
        `${names[0].toUpperCase()}${names.slice(1)} hang on one and the same unit: only one of them can have the largest logit, but for ties.`,
      );
    }
    if (chance >= LIKELY) risks.push(`As ${hang}, ${risk}.`);
    else good.push(`${hang} and none has fewer, so that ${risk}.`);
    if (coverage[worst] < ENOUGH_INPUTS) risks.push(`Only ${covered}.`);
    else good.push(`${covered}, and every other class at least as many.`);
    const hidden = liveCounts.slice(1, -1);
    const narrow = [...hidden.keys()].filter((index) => hidden[index] < classes);
    for (const index of narrow) {
      risks.push(
        `Hidden layer ${index + 1} has ${counted(hidden[index], "live unit")}, fewer than the ${classes} classes, whose logits ` +
          "therefore cannot vary independently.",
      );
    }
    if (!narrow.length && hidden.length)
      good.push(`Hidden layers have ${hidden.join(" and ")} live units, enough for ${classes} classes.`);

    if (impossible.length) return { verdict: "cannot learn every class", reasons: [...impossible, ...risks] };
    return risks.length ? { verdict: "at risk", reasons: risks } : { verdict: "expected to train", reasons: good };
  }

  const counted = (number, what) => (number === 1 ? `${number} ${what}` : `${number} ${what}s`);
  const classNames = (numbers) =>
    numbers.length === 1 ? `class ${numbers[0]}` : `classes ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

  /** Return what the connections of a network allow: the fields of radixnet.Diagnosis, and the live units and paths behind them. */
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
      ...pathStatistics(paths),
      coverage,
      inputCoverage: liveCounts[0] / live[0].length,
      connectedPairs: sum(coverage) / coverage.length,
      outputFanIns,
      classesOnOneUnit: sharing,
      chances,
      chance,
      ...judge(outputFanIns, chance, coverage, liveCounts, sharing),
    };
  }

  return { diagnose, pathCount };
})();
