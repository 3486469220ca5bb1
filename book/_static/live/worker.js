/* What a lane's worker does: keep the data, train one network at a time, and say how it goes.
 *
 * A worker is made from the text of this function (see trainer.js), so that it stands alone. */
"use strict";

function liveWorker() {
  const Random = defineRandom();
  const Engine = defineEngine();
  const VALIDATING = 6_000; // a tenth of the rows, as in the paper
  const SAMPLE = 1_000; // of them, that a report within an epoch looks at
  const REPORT_EVERY = 120; // milliseconds, or longer where reports would take a fifth of the time
  const EARLY = 1_000; // steps; before, a report comes after 1, 2, 4, 8, ... and stays to be seen
  let filled; // settles the promise of a room with the data
  const room = new Promise((resolve, reject) => (filled = { resolve, reject }));
  let current = null; // the run that is wanted; any other stops
  let wake = () => {};

  /** Return the first kernels of these that the browser can run, and their name. */
  async function kernelsOf(modules) {
    for (const [name, bytes] of typeof WebAssembly === "object" ? modules : []) {
      if (WebAssembly.validate(bytes)) {
        return [name, Engine.compiled(await WebAssembly.compile(bytes))];
      }
    }
    return ["plain JavaScript", definePlainKernels().make];
  }

  async function prepare(files, modules) {
    const [name, make] = await kernelsOf(modules);
    const made = new Engine.Room(make);
    made.kernelsName = name;
    await made.read(files);
    return made;
  }

  /** Let messages in for so long, and until steps are allowed; say whether to go on. */
  async function mayGoOn(run, milliseconds) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    while (run === current && run.allowed <= 0) await new Promise((resolve) => (wake = resolve));
    return run === current;
  }

  /** Train one network; a quiet run reports its end only. */
  async function train(run) {
    const { layers, settings, epochs, quiet } = run;
    const { seed, batchSize } = settings;
    const weights = Random.startingWeights(layers, settings);
    const [rows, validation] = Random.split(seed, Engine.TRAINING, VALIDATING);
    const ready = await room;
    if (!(await mayGoOn(run, 0))) return;
    const { kernelsName: kernels } = ready;
    const network = new Engine.Network(ready, layers, weights, settings);
    run.network = network;
    const test = Int32Array.from({ length: Engine.TEST }, (_, i) => Engine.TRAINING + i);
    const none = () => ({ rows: 0, loss: 0, correct: 0 });
    let step = 0;
    let busy = 0; // milliseconds of training
    let every = REPORT_EVERY;
    let reported = performance.now();
    let recent = none();

    const report = (end = {}) => {
      const before = performance.now();
      const sample = network.evaluate(validation.subarray(0, SAMPLE));
      every = Math.max(REPORT_EVERY, 4 * (performance.now() - before));
      const [loss, accuracy] = [recent.loss / recent.rows, recent.correct / recent.rows];
      const speed = network.rowsSeen / busy;
      postMessage({ id: run.id, step, loss, accuracy, sample, speed, kernels, ...end });
      recent = none();
    };

    for (let epoch = 0; epoch < epochs; epoch += 1) {
      const order = Random.epochOrder(seed, epoch, rows.length).map((place) => rows[place]);
      const whole = none();
      for (let first = 0; first < order.length; first += batchSize) {
        const started = performance.now();
        const batch = order.subarray(first, first + batchSize);
        const { loss, correct } = network.step(batch);
        for (const sums of [recent, whole]) {
          sums.rows += batch.length;
          sums.loss += loss;
          sums.correct += correct;
        }
        step += 1;
        run.allowed -= 1;
        const now = performance.now();
        busy += now - started;
        const isLast = first + batchSize >= order.length;
        const isEarly = !quiet && step < EARLY && (step & (step - 1)) === 0;
        const isDue = now - reported >= every || run.allowed <= 0 || run.wait > 0;
        if (isLast || !(isEarly || isDue)) continue;
        if (!quiet) report();
        if (!(await mayGoOn(run, Math.max(run.wait, isEarly ? REPORT_EVERY : 0)))) return;
        reported = performance.now();
      }
      const ended = epoch === epochs - 1;
      if (quiet && !ended) continue;
      const tested = network.evaluate(test);
      const answered = tested.alive.at(-1);
      const classes = answered.subarray(0, 10).reduce((a, b) => a + b); // others: no digits
      report({
        epoch: epoch + 1,
        epochAccuracy: whole.correct / whole.rows,
        test: { accuracy: tested.accuracy, answered, classes },
        ended,
      });
      if (!ended && !(await mayGoOn(run, run.wait))) return;
    }
  }

  /** Say what the network answers to an image: bytes that were drawn, or a row of the test's. */
  async function answer({ image, testRow, id }) {
    const ready = await room;
    const label = testRow === undefined ? null : ready.labels[Engine.TRAINING + testRow];
    const shown = image ?? ready.image(Engine.TRAINING + testRow);
    postMessage({ id, image: shown, label, logits: current?.network?.logits(shown) ?? null });
  }

  const failed = (error) => postMessage({ failed: error.message });

  onmessage = ({ data }) => {
    if (data.files) prepare(data.files, data.modules).then(filled.resolve, filled.reject);
    else if (data.question) answer(data.question).catch(failed);
    else {
      if (data.run) {
        current = data.run;
        train(current).catch(failed);
      } else if (data.stop) current = { id: 0, allowed: 0, network: current?.network };
      else if (current) Object.assign(current, data.pace); // {allowed, wait}
      wake();
    }
  };
}
