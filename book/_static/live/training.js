/* Training in the explorer: two lanes, a network and its rival, each in a worker of its own.
 *
 * A page opened from disk may load no worker from a file, so that a worker is made from the text
 * of functions that this page has loaded. */
"use strict";

const Training = (() => {
  const { element } = Elements;
  const { percent, withCommas } = Literals;
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
  const TRAINED = 54_000; // images of an epoch
  const PIXELS = 784;
  const DIGITS = 10;
  const MOST_MEGABYTES = 150; // that one network may take beside the images
  const STARTS = 16;
  const ANNOUNCED_EVERY = 5_000; // milliseconds
  const WAITS = { full: 0, slow: 50, slower: 500 }; // milliseconds after each step

  const byId = (id) => document.getElementById(id);
  const form = byId("live-form");
  const names = Array.from({ length: DIGITS }, (_, digit) => String(digit));
  let network = null; // what the explorer shows: {asked, layers, diagnosis}
  let files = null; // a promise of MNIST
  let state = "idle"; // or "running", "paused"

  // -- what is to be trained --------------------------------------------------------------------

  const settings = () =>
    Object.fromEntries(
      Object.keys(Address.TRAINING).map((name) => {
        const control = form.elements[name];
        return [name, control.type === "checkbox" ? String(control.checked) : control.value];
      }),
    );

  function fill(wanted) {
    for (const name of Object.keys(Address.TRAINING)) {
      const control = form.elements[name];
      if (control.type === "checkbox") control.checked = wanted[name] === "true";
      else control.value = wanted[name];
    }
  }

  /** Return the plan of the first lane; `settings` in it are those of the engine. */
  function planned() {
    const chosen = settings();
    return {
      asked: network.asked,
      epochs: Number(chosen.epochs),
      settings: {
        seed: BigInt(chosen.seed),
        batchSize: Number(chosen.batch_size),
        learningRate: Number(chosen.learning_rate),
        initializer: chosen.initializer,
        activation: chosen.activation,
        bias: chosen.use_bias === "true",
        positiveOutput: chosen.positive_output === "true",
      },
    };
  }

  const fitted = (fit) => (fit === "fold" ? "folded" : "trimmed");

  /** Return the plan with one change, and the change in words; null for none. */
  function rivalOf(plan, kind) {
    const { asked, settings: own } = plan;
    const wired = (change) => ({ ...plan, asked: { ...asked, ...change } });
    const trained = (change) => ({ ...plan, settings: { ...own, ...change } });
    const otherFit = asked.fit === "fold" ? "trim" : "fold";
    const activation = own.activation === "relu" ? "leaky_relu" : "relu";
    const seed = own.seed + 1n;
    return {
      none: () => null,
      fit: () => [wired({ fit: otherFit }), `the same, ${fitted(otherFit)}`],
      dense_output: () => [
        wired({ dense: !asked.dense }),
        asked.dense ? "the same, its output layer sparse" : "the same, its output layer dense",
      ],
      activation: () => [
        trained({ activation }),
        `the same with ${activation === "relu" ? "ReLU" : "leaky ReLU"} units`,
      ],
      seed: () => [trained({ seed }), `the same from seed ${seed}`],
      dense: () => [wired({ isDense: true }), "a dense network of these sizes"],
    }[kind]();
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
    const { batchSize } = plan.settings;
    const bytes = 32 * connections + 8 * possible + 8 * units * batchSize;
    const megabytes = Math.ceil(bytes / 2 ** 20);
    if (megabytes <= MOST_MEGABYTES) return "";
    return (
      `Too large to be trained in this page: it would take ${withCommas(megabytes)} MB of ` +
      `memory, and ${MOST_MEGABYTES} is the most here. In Python: ${inPython(plan).at(-2)}`
    );
  }

  /** Return the lines that repeat a run with the package. */
  function inPython({ asked, epochs, settings: own }) {
    const defaults = Address.TRAINING;
    const given = [`seed=${own.seed}`, `epochs=${epochs}`];
    const add = (name, value, written) => value !== defaults[name] && given.push(written);
    add("batch_size", String(own.batchSize), `batch_size=${own.batchSize}`);
    add("learning_rate", String(own.learningRate), `learning_rate=${own.learningRate}`);
    add("initializer", own.initializer, `initializer="${own.initializer}"`);
    add("activation", own.activation, `activation="${own.activation}"`);
    add("use_bias", String(own.bias), "use_bias=True");
    add("positive_output", String(own.positiveOutput), "positive_output=True");
    const sizes = `(${asked.sizes.join(", ")})`;
    const topology = asked.isDense
      ? [
          "import numpy as np",
          `sizes = ${sizes}`,
          "topology = [np.ones(shape, bool) for shape in zip(sizes, sizes[1:])]",
        ]
      : [`topology = ${Answer.inPython(asked)}`];
    return [
      "import radixnet as rx",
      ...topology,
      `run = rx.train(rx.RunSpec(topology, ${given.join(", ")}))`,
      "run.test_accuracy, run.test_classes  # after each epoch",
    ];
  }

  /** Return the published run of a plan, {title, curve}, where there is one. */
  function publishedRun({ asked, settings: own }) {
    const isPlain = own.learningRate === 0.001 && own.activation !== "linear" && !asked.isDense;
    if (!isPlain || typeof radixnetPublishedRuns === "undefined") return null;
    const wiring = [Literals.write(asked.lists).replaceAll(" ", ""), asked.sizes.join("-")];
    wiring.push(asked.fit, Number(asked.dense));
    const { networks, groups } = radixnetPublishedRuns;
    const found = networks.find((other) => wiring.every((value, i) => other[i] === value));
    const words = [
      `batches of ${own.batchSize}`,
      ...(own.initializer === "fan_in" ? ["start by fan-in"] : []),
      ...(own.positiveOutput ? ["positive output start"] : []),
      ...(own.activation === "leaky_relu" ? ["leaky ReLU"] : []),
      ...(own.bias ? ["biases"] : []),
    ].join(", ");
    const runs = Object.entries(found?.at(-1) ?? {}).flatMap(([group, rows]) => {
      const { title, settings: text } = groups[group];
      if (text.replace(/^MNIST, \d+ epochs, /, "") !== words) return [];
      const row = rows.find(([seed]) => BigInt(seed) === own.seed);
      return row ? [{ title, curve: row.slice(3).map((accuracy) => accuracy / 1000) }] : [];
    });
    return runs.sort((one, other) => other.curve.length - one.curve.length)[0] ?? null;
  }

  // -- lanes ------------------------------------------------------------------------------------

  function newWorker() {
    const parts = [defineRandom, defineEngine, definePlainKernels, liveWorker];
    const text = `"use strict";\n${parts.join("\n")}\nliveWorker();`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    return worker;
  }

  /** A worker, and what is shown of the network in it. */
  class Lane {
    constructor(number) {
      this.number = number;
      this.root = byId(`live-lane-${number}`);
      this.runs = 0;
      this.clear();
    }

    clear() {
      this.plan = null;
      this.reports = [];
      this.root.hidden = true;
    }

    send(message) {
      if (!this.worker) {
        this.worker = newWorker();
        this.worker.onmessage = ({ data }) => this.receive(data);
        this.worker.onerror = (event) => fail(event.message);
        files ??= Data.mnist(FOLDER);
        const modules = Object.entries(radixnetKernels).map(([name, text]) => [
          name,
          Data.decoded(text),
        ]);
        files.then(
          (found) => this.worker.postMessage({ files: found, modules }),
          (error) => {
            files = null;
            fail(error.message);
          },
        );
      }
      this.worker.postMessage(message);
    }

    /** Train a network; `onReport` gets all that the worker says of it. */
    start(layers, { settings: own, epochs }, onReport, quiet = false) {
      this.runs += 1;
      this.onReport = onReport;
      const pace = quiet ? { allowed: Infinity, wait: 0 } : paceNow();
      this.send({ run: { id: this.runs, layers, settings: own, epochs, quiet, ...pace } });
    }

    stop() {
      this.runs += 1;
      if (this.worker) this.send({ stop: true });
    }

    receive(data) {
      if (data.failed) fail(data.failed);
      else if (data.image) showAnswer(this, data);
      else if (data.id === this.runs) this.onReport(data);
    }

    /** Show a network that is about to be trained. */
    introduce(plan, words) {
      Object.assign(this, { plan, words, reports: [], published: publishedRun(plan) });
      this.root.hidden = false;
      this.root.querySelector("h3").textContent = words;
      this.facts("–", "–", "–", "–", "–");
      this.root.querySelector(".live-answers").replaceChildren();
      this.root.querySelector(".live-outcome").textContent = "";
    }

    facts(...texts) {
      this.root.querySelectorAll("dd").forEach((place, i) => (place.textContent = texts[i]));
    }

    add(report) {
      this.reports.push(report);
      drawSoon();
      announce();
      if (report.ended && lanes.every((lane) => !lane.plan || lane.isDone())) enter("idle");
    }

    isDone() {
      return Boolean(this.reports.at(-1)?.ended);
    }

    /** Return the share of each class among the answers, of the digits first. */
    shares({ sample }) {
      const total = sample.answers.reduce((a, b) => a + b, 0);
      return Array.from(sample.answers, (count) => count / total).slice(0, 20);
    }

    draw() {
      const report = this.reports.at(-1);
      if (!report) return;
      const { sample, loss, speed, step } = report;
      const shares = this.shares(report);
      const isRelu = this.plan.settings.activation === "relu";
      this.facts(
        percent(sample.accuracy),
        `${shares.filter((share) => share > 0).length} of ${DIGITS}`,
        isRelu ? `${withCommas(sample.dead)} of ${withCommas(sample.hidden)}` : "none by design",
        loss.toFixed(3),
        `${withCommas(Math.round(speed * 1000))} a second`,
      );
      const labels = shares.map((_, i) => names[i] ?? String(i));
      const words = `Answers after ${withCommas(step)} steps: ${Charts.inWords(shares, labels)}.`;
      this.root.querySelector(".live-answers").replaceChildren(Charts.bars(shares, labels, words));
      const tested = this.reports.findLast((each) => each.test);
      if (tested) this.root.querySelector(".live-outcome").textContent = outcome(tested);
    }
  }

  const outcome = ({ epoch, test }) =>
    `After ${epoch} ${epoch === 1 ? "epoch" : "epochs"}: ${(100 * test.accuracy).toFixed(2)}% of ` +
    `the test images, ${test.classes} of ${DIGITS} digits answered.`;

  const lanes = [new Lane(0), new Lane(1)];
  const inUse = () => lanes.filter((lane) => lane.plan);

  // -- curves -----------------------------------------------------------------------------------

  let frame = 0;
  function drawSoon() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      inUse().forEach((lane) => lane.draw());
      drawCurves();
    });
  }

  function drawCurves() {
    const used = inUse();
    byId("live-curves").hidden = !used.length;
    if (!used.length) return;
    const { epochs, settings: own } = used[0].plan;
    const perEpoch = Math.ceil(TRAINED / own.batchSize);
    const [accuracy, loss] = [[], []];
    const published = used.filter((lane) => lane.published);
    for (const lane of published) {
      const curve = lane.published.curve.slice(0, epochs);
      const points = curve.map((value, i) => [(i + 1) * perEpoch, value]);
      accuracy.push({ points, kind: "published" }, { points, kind: "published", isDots: true });
    }
    for (const { number, reports } of used) {
      const of = (value) => reports.map((report) => [report.step, value(report)]);
      const ends = reports.filter((report) => report.epoch);
      const means = ends.map(({ epoch, epochAccuracy }) => [epoch * perEpoch, epochAccuracy]);
      accuracy.push({ points: of(({ sample }) => sample.accuracy), kind: `lane-${number}` });
      accuracy.push({ points: means, kind: `lane-${number}`, isDots: true });
      loss.push({ points: of((report) => report.loss), kind: `lane-${number}` });
    }
    const latest = (value) =>
      used
        .filter(({ reports }) => reports.length)
        .map(({ words, reports }) => `${words}: ${value(reports.at(-1))}`)
        .join("; ");
    const drawn = [
      ["accuracy", accuracy, latest(({ sample }) => percent(sample.accuracy))],
      ["loss", loss, latest((report) => report.loss.toFixed(3))],
    ].map(([name, series, now]) =>
      Charts.curves(name, series, epochs * perEpoch, perEpoch, `The ${name} over steps. ${now}.`),
    );
    byId("live-pictures").replaceChildren(...drawn);
    const titles = [...new Set(published.map((lane) => lane.published.title))].join(", ");
    byId("live-grey").textContent = titles
      ? ` Grey: the published run of the same network and seed (${titles}). Same start, same ` +
        "order; last digits differ by rounding."
      : "";
  }

  // -- what a reader does -----------------------------------------------------------------------

  const paceNow = (allowed = Infinity) => ({ allowed, wait: WAITS[byId("live-speed").value] });

  const sendPace = (allowed) =>
    inUse().forEach((lane) => lane.send({ pace: paceNow(allowed) }));

  function enter(next) {
    state = next;
    byId("live-pause").disabled = state === "idle";
    byId("live-stop").disabled = state === "idle";
    byId("live-pause").textContent = state === "paused" ? "Go on" : "Pause";
    byId("live-after").hidden = !inUse().length;
    if (state === "idle") announce(true);
  }

  function begin(allowed = Infinity) {
    if (!form.reportValidity()) return;
    stop();
    const plan = planned();
    const wanted = [[plan, `${Literals.write(plan.asked.lists)}, ${fitted(plan.asked.fit)}`]];
    const rival = rivalOf(plan, settings().rival);
    if (rival) wanted.push(rival);
    const ready = [];
    for (const [each, words] of wanted) {
      try {
        const layers = layersOf(each);
        const reason = obstacle(layers, each);
        if (reason) throw new Topology.TooLarge(reason);
        ready.push([each, words, layers]);
      } catch (error) {
        fail(each === plan ? error.message : `No rival: ${error.message}`);
        if (each === plan) return;
      }
    }
    ready.forEach(([each, words, layers], number) => {
      const lane = lanes[number];
      lane.introduce(each, words);
      lane.start(layers, each, (report) => lane.add(report));
    });
    enter(allowed === Infinity ? "running" : "paused");
    if (allowed !== Infinity) sendPace(allowed);
    drawSoon();
  }

  function stop() {
    lanes.forEach((lane) => lane.stop());
    fail("");
    if (state === "starts") byId("live-starts-said").textContent += " Stopped.";
    enter("idle");
    lanes.forEach((lane) => lane.clear());
  }

  const fail = (text) => {
    byId("live-problem").textContent = text;
  };

  let said = 0;
  /** Say how it goes, at most every five seconds, and how it ended. */
  function announce(isEnd = false) {
    const used = inUse().filter(({ reports }) => reports.length);
    if (!used.length || (!isEnd && performance.now() - said < ANNOUNCED_EVERY)) return;
    said = performance.now();
    const parts = used.map(({ words, reports }) => {
      const { step, sample, ended } = reports.at(-1);
      if (ended) return `${words}. ${outcome(reports.at(-1))}`;
      return `${words}: step ${withCommas(step)}, accuracy ${percent(sample.accuracy)}.`;
    });
    byId("live-status").textContent = parts.join(" ");
    const [{ reports }] = used;
    const guess = byId("live-guess").value;
    if (!reports.at(-1).ended || guess === "") return;
    const { classes } = reports.at(-1).test;
    const verdict = Number(guess) === classes ? "Your guess was right" : `You guessed ${guess}`;
    byId("live-verdict").textContent = `${verdict}: it answers ${classes} of ${DIGITS} digits.`;
  }

  // -- the end: files, a digit, sixteen starts --------------------------------------------------

  function asCsv() {
    const head = ["network", "step", "train_loss", "train_accuracy", "validation_accuracy"];
    head.push("dead_units", "test_accuracy", "test_classes", ...names.map((n) => `answered_${n}`));
    const rows = inUse().flatMap(({ words, reports }) =>
      reports.map(({ step, loss, accuracy, sample, test }) => [
        `"${words}"`,
        ...[step, loss, accuracy, sample.accuracy, sample.dead],
        ...[test?.accuracy ?? "", test?.classes ?? "", ...sample.answers.slice(0, DIGITS)],
      ]),
    );
    return [head, ...rows].map((row) => row.join(",")).join("\n");
  }

  function download() {
    const address = URL.createObjectURL(new Blob([asCsv()], { type: "text/csv" }));
    element("a", { href: address, download: "radixnet_run.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  const surface = Digit.surface(byId("live-digit"), (image) => ask({ image }));

  function ask(question) {
    byId("live-digit-said").textContent = inUse().length ? "" : "Train a network first.";
    inUse().forEach((lane) => lane.send({ question }));
  }

  /** Show what a lane's network answers: in words, and its logits in a table. */
  function showAnswer(lane, { image, label, logits }) {
    surface.show(image);
    const row = byId(`live-logits-${lane.number}`);
    row.hidden = !logits;
    if (!logits) return;
    const answer = logits.indexOf(Math.max(...logits));
    const powers = logits.map((logit) => Math.exp(logit - logits[answer]));
    const sure = 1 / powers.reduce((a, b) => a + b, 0);
    const said = `${answer}, sure to ${percent(sure)}`;
    row.replaceChildren(
      element("th", { scope: "row" }, `${lane.words}: ${said}`),
      ...logits.slice(0, DIGITS).map((logit, digit) =>
        element("td", digit === answer ? { class: "live-answer" } : {}, logit.toFixed(1)),
      ),
    );
    byId("live-logits").hidden = false;
    const truth = label === null ? "" : `In truth a ${label}. `;
    const answers = [...byId("live-logits").querySelectorAll("tbody tr:not([hidden]) th")];
    const all = answers.map((heading) => heading.textContent).join("; ");
    byId("live-digit-said").textContent = `${truth}${all}.`;
  }

  /** Train the same network from sixteen seeds, and show how many classes each of them loses. */
  async function trainStarts() {
    if (!form.reportValidity()) return;
    stop();
    const plan = planned();
    const reason = obstacle(network.layers, plan);
    fail(reason);
    if (reason) return;
    const { chances } = network.diagnosis;
    const { activation, bias, positiveOutput, seed } = plan.settings;
    const hasTheory = activation === "relu" && !bias && !positiveOutput;
    const marks = hasTheory ? chances.slice(0, DIGITS + 1) : [];
    const lost = new Array(DIGITS + 1).fill(0);
    let begun = 0;
    let ended = 0;
    enter("starts");
    const next = (lane) => {
      if (begun === STARTS) return;
      const own = { ...plan.settings, seed: seed + BigInt(begun) };
      begun += 1;
      const onEnd = ({ test }) => {
        ended += 1;
        lost[DIGITS - Math.min(test.classes, DIGITS)] += 1;
        showStarts(lost, ended, marks, plan);
        if (ended === STARTS) enter("idle");
        next(lane);
      };
      lane.start(network.layers, { ...plan, settings: own }, onEnd, true);
    };
    byId("live-starts-said").textContent = "The first networks are being trained …";
    lanes.forEach(next);
  }

  function showStarts(lost, ended, marks, { epochs, settings: { seed } }) {
    const labels = lost.map((_, count) => String(count));
    const shares = lost.map((count) => count / ended);
    const found = lost
      .map((count, classes) => count && `${count} ${count === 1 ? "loses" : "lose"} ${classes}`)
      .filter(Boolean)
      .join(", ");
    const theory = marks.length ? " The marks are the theory's chances, from signs alone." : "";
    const words = `Of ${ended} starts ${found}.`;
    byId("live-starts").replaceChildren(Charts.bars(shares, labels, words, marks));
    byId("live-starts-said").textContent =
      `${ended} of ${STARTS} trained for ${epochs} ${epochs === 1 ? "epoch" : "epochs"}, from ` +
      `seed ${seed} on: by number of lost digits, ${found}.${theory}`;
  }

  // -- events -----------------------------------------------------------------------------------

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  byId("live-pause").addEventListener("click", () => {
    const isPaused = state === "paused";
    sendPace(isPaused ? Infinity : 0);
    enter(isPaused ? "running" : "paused");
    if (!isPaused) announce(true);
  });
  byId("live-step").addEventListener("click", () => {
    if (state === "idle" || state === "starts") begin(1);
    else {
      sendPace(1);
      enter("paused");
    }
  });
  byId("live-stop").addEventListener("click", () => {
    lanes.forEach((lane) => lane.stop());
    enter("idle");
  });
  byId("live-speed").addEventListener("change", () => state === "running" && sendPace(Infinity));
  byId("live-download").addEventListener("click", download);
  byId("live-clear").addEventListener("click", () => surface.clear());
  byId("live-show").addEventListener("click", () =>
    ask({ testRow: Math.floor(Math.random() * 10_000) }),
  );
  byId("live-sixteen").addEventListener("click", trainStarts);

  /** Offer to train a network that the explorer shows, {asked, layers, diagnosis}, or null. */
  function show(shown) {
    network = shown;
    stop();
    byId("live").closest("section").hidden = !shown;
    refresh();
  }

  /** Say whether the network can be trained as the settings are, and how Python does it. */
  function refresh() {
    if (!network || !form.checkValidity()) return;
    const plan = planned();
    const reason = obstacle(network.layers, plan);
    fail(reason);
    for (const id of ["live-train", "live-step", "live-sixteen"]) byId(id).disabled = reason !== "";
    byId("live-python").querySelector("code").textContent = inPython(plan).join("\n");
  }

  return { settings, fill, show, refresh };
})();
