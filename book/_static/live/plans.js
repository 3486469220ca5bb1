/* What is to be trained, a network and its rival; whether a page can; how Python would. No DOM. */
"use strict";

const Plans = (() => {
  const { withCommas } = Literals;
  const PIXELS = 784;
  const DIGITS = 10;
  const MOST_MEGABYTES = 60; // of one network: with two, the images and the page, below 500

  /** Return what `Random` and `Engine` take, of settings as the form has them. */
  const numbersOf = (chosen) => ({
    seed: BigInt(chosen.seed),
    batchSize: Number(chosen.batch_size),
    learningRate: Number(chosen.learning_rate),
    initializer: chosen.initializer,
    activation: chosen.activation,
    bias: chosen.use_bias === "true",
    positiveOutput: chosen.positive_output === "true",
  });

  const fitted = (fit) => (fit === "fold" ? "folded" : "trimmed");

  /** Return what is to be trained, plans {asked, chosen, words}: a network, then its rival.
   *
   * `asked` is how the explorer asked for the network, `chosen` how it is to be trained, as in
   * `Address.TRAINING`. */
  function of(asked, chosen) {
    const dense = asked.dense ? ", output layer dense" : "";
    const words = `${Literals.write(asked.lists)}, ${fitted(asked.fit)}${dense}`;
    const fit = asked.fit === "fold" ? "trim" : "fold";
    const activation = chosen.activation === "relu" ? "leaky_relu" : "relu";
    const seed = String(BigInt(chosen.seed) + 1n);
    const rivals = {
      fit: [{ fit }, {}, `the same, ${fitted(fit)}`],
      dense_output: [
        { dense: !asked.dense },
        {},
        `the same, its output layer ${asked.dense ? "sparse" : "dense"}`,
      ],
      activation: [
        {},
        { activation },
        `the same with ${activation === "relu" ? "ReLU" : "leaky ReLU"} units`,
      ],
      seed: [{}, { seed }, `the same from seed ${seed}`],
      dense: [{ isDense: true }, {}, "a dense network of these sizes"],
    };
    const changes = [[{}, {}, words], rivals[chosen.rival]].filter(Boolean);
    return changes.map(([wiring, training, said]) => ({
      asked: { ...asked, ...wiring },
      chosen: { ...chosen, ...training },
      words: said,
    }));
  }

  function layersOf({ asked: { lists, sizes, fit, dense, isDense } }) {
    if (isDense) return Topology.denseLayersOf(sizes.map(Number));
    return Topology.layersOf(Topology.specify(lists, sizes, fit, dense));
  }

  /** Return why a network cannot be trained here, or an empty text. */
  function obstacle(layers, plan) {
    const [inputs, outputs] = [layers[0].inputs, layers.at(-1).outputs];
    if (inputs !== PIXELS || outputs < DIGITS) {
      return (
        `This network has ${withCommas(inputs)} inputs and ${withCommas(outputs)} outputs; to be ` +
        `trained on MNIST it needs ${PIXELS} inputs and at least ${DIGITS} outputs.`
      );
    }
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const connections = sum(layers.map((layer) => layer.indices.length));
    const possible = sum(layers.map((layer) => layer.inputs * layer.outputs));
    const units = inputs + sum(layers.map((layer) => layer.outputs));
    // Measured in Chromium: most of a connection is in the lists that the engine is wired from.
    const bytes = 180 * connections + 8 * possible + 8 * units * plan.chosen.batch_size;
    const megabytes = Math.ceil(bytes / 2 ** 20);
    if (megabytes <= MOST_MEGABYTES) return "";
    return (
      `Too large to be trained in this page: it would take ${withCommas(megabytes)} MB of ` +
      `memory, and ${MOST_MEGABYTES} is the most here. Train it in Python, as below.`
    );
  }

  /** Return the lines that repeat a run with the package. */
  function inPython({ asked, chosen }) {
    const isGiven = ([name, value]) =>
      ["seed", "epochs"].includes(name) || (value !== Address.TRAINING[name] && name !== "rival");
    const literal = (value) => (value === "true" ? "True" : value.replace(/^[a-z]\w*$/, '"$&"'));
    const given = Object.entries(chosen).filter(isGiven);
    const written = given.map(([name, value]) => `${name}=${literal(value)}`).join(", ");
    return [
      "import radixnet as rx",
      `topology = ${Answer.inPython(asked)}`,
      `run = rx.train(rx.RunSpec(topology, ${written}))`,
      "run.test_accuracy, run.test_classes  # after each epoch",
    ];
  }

  /** Return the published run of a plan, {title, curve}, where there is one; they have been read. */
  function publishedRun({ asked, chosen }) {
    const isPlain =
      chosen.learning_rate === "0.001" &&
      chosen.activation !== "linear" &&
      chosen.initializer !== "as_dense";
    if (!isPlain || asked.isDense) return null;
    const wiring = [Literals.write(asked.lists).replaceAll(" ", ""), asked.sizes.join("-")];
    wiring.push(asked.fit, Number(asked.dense));
    const { networks, groups } = radixnetPublishedRuns;
    const found = networks.find((other) => wiring.every((value, i) => other[i] === value));
    // As in companion/pages/explorer_data.py, less data and epochs.
    const words = [
      `batches of ${chosen.batch_size}`,
      ...(chosen.initializer === "fan_in" ? ["start by fan-in"] : []),
      ...(chosen.positive_output === "true" ? ["positive output start"] : []),
      ...(chosen.activation === "leaky_relu" ? ["leaky ReLU"] : []),
      ...(chosen.use_bias === "true" ? ["biases"] : []),
    ].join(", ");
    const runs = Object.entries(found?.at(-1) ?? {}).flatMap(([group, rows]) => {
      const { title, settings: text } = groups[group];
      const row = rows.find(([seed]) => String(seed) === chosen.seed);
      if (!row || text.replace(/^MNIST, \d+ epochs, /, "") !== words) return [];
      return [{ title, curve: row.slice(3).map((accuracy) => accuracy / 1000) }];
    });
    return runs.sort((one, other) => other.curve.length - one.curve.length)[0] ?? null;
  }

  return { of, numbersOf, layersOf, obstacle, inPython, publishedRun };
})();
