/* Training in the explorer: a network and its rival, each in a lane, and what a reader does.
 *
 * How it fits together: a lane (lane.js) shows one network and is a trainer (trainer.js), which
 * owns a worker, so that the page stays free (worker.js). The worker draws starting weights and
 * orders (random.js), lays the network out in one block of memory and walks it (engine.js), in
 * loops that stand twice: in plain JavaScript, to be read (kernels.js), and as WebAssembly, the
 * instructions that browsers run fastest, made from the package's own loops when the book is built
 * (kernels_wasm.js, by companion/pages/live_kernels.py). Beside them: what can be trained
 * (plans.js), MNIST (data.js), pictures (charts.js) and a drawn digit (digit.js). */
"use strict";

const Training = (() => {
  const { element } = Elements;
  const { percent, plainNumber, withCommas } = Literals;
  const TRAINED = 54_000; // images of an epoch
  const DIGITS = 10;
  const STARTS = 16;
  const ANNOUNCED_EVERY = 5_000; // milliseconds
  const WAITS = { full: 0, slow: 50, slower: 500 }; // milliseconds after each step

  const byId = (id) => document.getElementById(id);
  const form = byId("live-form");
  let network = null; // what the explorer shows: {asked, layers, diagnosis}
  let trainedAs = ""; // the settings of what is shown
  let state = "idle"; // or "running", "paused", or "starts"
  let starting = 0; // the timer of a start

  const fail = (text) => {
    byId("live-problem").textContent = text;
  };

  // -- what is to be trained --------------------------------------------------------------------

  const settings = () =>
    Object.fromEntries(
      Object.keys(Address.TRAINING).map((name) => {
        const control = form.elements[name];
        if (control.type === "checkbox") return [name, String(control.checked)];
        return [name, control.type === "number" ? plainNumber(control.value) : control.value];
      }),
    );

  function fill(wanted) {
    for (const name of Object.keys(Address.TRAINING)) {
      const control = form.elements[name];
      if (control.type === "checkbox") control.checked = wanted[name] === "true";
      else control.value = wanted[name];
    }
  }

  /** Say which setting cannot be, where a reader sees it. */
  function refuse() {
    const control = form.querySelector(":invalid");
    const fold = control.closest("details");
    if (fold) fold.open = true;
    const name = control.labels[0].firstChild.textContent.trim();
    fail(`${name}: ${control.validationMessage}`);
  }

  // -- lanes ------------------------------------------------------------------------------------

  const giveUp = (reason) => {
    stop();
    fail(reason);
  };
  const lanes = [0, 1].map((number) => new Lanes.Lane(number, giveUp, showAnswer));
  const inUse = () => lanes.filter((lane) => lane.plan);

  // -- curves -----------------------------------------------------------------------------------

  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const curves = { draw: drawCurves };
  const due = new Set(); // lanes, and the curves
  let pieces = null; // of what is being drawn: a frame for each, so that the page answers in between
  let isAwaited = false;
  function drawSoon(...wanted) {
    wanted.forEach((each) => due.add(each));
    if (isAwaited || !(pieces || due.size)) return;
    isAwaited = true;
    const draw = () => {
      isAwaited = false;
      const [next] = due;
      if (!pieces) due.delete(next);
      pieces ??= next.draw();
      if (pieces.next().done) pieces = null;
      drawSoon();
    };
    if (isCalm && !pieces) setTimeout(draw, 400);
    else requestAnimationFrame(draw);
  }
  const redraw = () => drawSoon(...inUse(), curves);

  function* drawCurves() {
    const used = inUse();
    if (!used.length) return;
    const holder = byId("live-pictures");
    const { epochs, batch_size: batchSize } = used[0].plan.chosen;
    const perEpoch = Math.ceil(TRAINED / batchSize);
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
    ].map(([name, series, now]) => {
      const words = `The ${name} over steps. ${now}.`;
      const width = Math.min(holder.clientWidth, 640);
      const frame = { steps: epochs * perEpoch, stepsPerEpoch: perEpoch, width, words };
      return Charts.curves(name, series, frame);
    });
    holder.replaceChildren(...drawn);
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
    byId("live-pause").disabled = !["running", "paused"].includes(state);
    byId("live-stop").disabled = state === "idle";
    byId("live-pause").textContent = state === "paused" ? "Go on" : "Pause";
  }

  function begin(allowed = Infinity) {
    if (!form.reportValidity()) return;
    clear();
    const ready = [];
    for (const plan of Plans.of(network.asked, settings())) {
      const isRival = ready.length > 0;
      try {
        const layers = Plans.layersOf(plan);
        const reason = Plans.obstacle(layers, plan);
        if (reason) throw new Topology.TooLarge(reason);
        ready.push([plan, layers]);
      } catch (error) {
        fail(`${isRival ? "No rival: " : ""}${error.message}`);
        if (!isRival) return;
      }
    }
    ready.forEach((given, number) => lanes[number].introduce(...given));
    const start = () =>
      inUse().forEach((lane) => {
        lane.start(lane.layers, lane.plan, (report) => onReport(lane, report), paceNow(allowed));
      });
    starting = setTimeout(start); // the click is answered first
    trainedAs = JSON.stringify(settings());
    byId("live-results").hidden = false;
    enter(allowed === Infinity ? "running" : "paused");
    redraw();
    Runs.read().then(() => {
      for (const lane of inUse()) lane.published = Plans.publishedRun(lane.plan);
      drawSoon(curves);
    }, fail);
  }

  function onReport(lane, report) {
    lane.take(report);
    drawSoon(lane, curves);
    const isEnd = inUse().every((each) => each.isDone());
    announce(progress(), isEnd);
    if (report.ended && lane === lanes[0]) judgeGuess();
    if (isEnd) enter("idle");
  }

  function stop() {
    clearTimeout(starting);
    lanes.forEach((lane) => lane.stop());
    if (state === "starts") byId("live-starts-said").textContent += " Stopped.";
    enter("idle");
  }

  function clear() {
    stop();
    fail("");
    byId("live-verdict").textContent = "";
    lanes.forEach((lane) => lane.clear());
    byId("live-results").hidden = true;
  }

  let said = 0;
  /** Say how it goes to those who do not see it: at most every five seconds, and in the end. */
  function announce(words, isEnd) {
    if (!isEnd && performance.now() - said < ANNOUNCED_EVERY) return;
    said = performance.now();
    byId("live-status").textContent = words;
  }

  /** Return how far the lanes are, in words. */
  const progress = () =>
    inUse()
      .filter(({ reports }) => reports.length)
      .map(({ words, reports }) => {
        const { step, sample, ended } = reports.at(-1);
        if (ended) return `${words}. ${Lanes.outcome(reports.at(-1))}`;
        return `${words}: step ${withCommas(step)}, accuracy ${percent(sample.accuracy)}.`;
      })
      .join(" ");

  /** Compare the first lane's end with a reader's guess. */
  function judgeGuess() {
    const guess = byId("live-guess").value;
    if (guess === "") return;
    const { classes } = lanes[0].reports.at(-1).test;
    const verdict = Number(guess) === classes ? "Your guess was right" : `You guessed ${guess}`;
    byId("live-verdict").textContent = `${verdict}: it answers ${classes} of ${DIGITS} digits.`;
  }

  // -- the end: files, a digit, sixteen starts --------------------------------------------------

  /** Return all that a lane's run depends on, by the names of radixnet.RunSpec. */
  function columnsOf({ words, plan: { asked, chosen } }) {
    const { lists, sizes, fit, dense, isDense } = asked;
    const { rival: _, ...training } = chosen;
    return {
      network: words,
      layer_sizes: sizes.join("-"),
      radix_lists: isDense ? "" : Literals.write(lists),
      fit: isDense ? "" : fit,
      dense_output: isDense ? "" : dense,
      ...training,
    };
  }

  function asCsv() {
    const head = Object.keys(columnsOf(inUse()[0]));
    head.push("step", "train_loss", "train_accuracy", "validation_accuracy");
    const digits = Array.from({ length: DIGITS }, (_, digit) => `answered_${digit}`);
    head.push("live_hidden_units", "test_accuracy", "test_classes", ...digits, "kernels");
    const rows = inUse().flatMap((lane) =>
      lane.reports.map((report) => [
        ...Object.values(columnsOf(lane)).map((value) => `"${value}"`),
        ...[report.step, report.loss, report.accuracy, report.sample.accuracy],
        ...[lane.liveHidden(report), report.test?.accuracy ?? "", report.test?.classes ?? ""],
        ...[...report.sample.answers.slice(0, DIGITS), report.kernels],
      ]),
    );
    return [head, ...rows].map((row) => row.join(",")).join("\n");
  }

  function download() {
    const address = URL.createObjectURL(new Blob([asCsv()], { type: "text/csv" }));
    element("a", { href: address, download: "radixnet_run.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  const [drawing, seen] = [byId("live-digit"), byId("live-digit-seen")];
  const surface = Digit.surface(drawing, seen, (image) => ask({ image }));

  function clearDigit() {
    surface.clear();
    byId("live-digit-said").textContent = "";
    byId("live-logits").hidden = true;
  }

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
    const said = `${answer} (${percent(sure)} sure)`;
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
  function trainStarts() {
    if (!form.reportValidity()) return;
    clear();
    const [plan] = Plans.of(network.asked, settings());
    const { seed, activation, use_bias: bias, positive_output: positive } = plan.chosen;
    const hasTheory = // of lost outputs, where those are the digits
      activation === "relu" &&
      bias === "false" &&
      positive === "false" &&
      network.layers.at(-1).outputs === DIGITS;
    const marks = hasTheory ? network.diagnosis.chances.slice(0, DIGITS + 1) : [];
    const lost = new Array(DIGITS + 1).fill(0);
    let begun = 0;
    let ended = 0;
    const next = (lane) => {
      if (begun === STARTS) return;
      const own = { ...plan.chosen, seed: String(BigInt(seed) + BigInt(begun)) };
      begun += 1;
      const onEnd = ({ test }) => {
        ended += 1;
        lost[DIGITS - test.classes] += 1;
        showStarts(lost, ended, marks, plan.chosen);
        if (ended === STARTS) enter("idle");
        next(lane);
      };
      const pace = { quiet: true, allowed: Infinity, wait: 0 };
      lane.start(network.layers, { chosen: own }, onEnd, pace);
    };
    enter("starts");
    byId("live-starts").replaceChildren();
    byId("live-starts-said").textContent = "The first networks are being trained …";
    lanes.forEach(next);
  }

  function showStarts(lost, ended, marks, { epochs, seed }) {
    const shares = lost.map((count) => count / ended);
    const found = lost
      .map((count, classes) => count && `${count} ${count === 1 ? "loses" : "lose"} ${classes}`)
      .filter(Boolean)
      .join(", ");
    const theory = marks.length ? " The lines are the theory's chances, from signs alone." : "";
    const picture = Charts.bars(shares, "Starts by the number of digits that they lose", marks);
    byId("live-starts").replaceChildren(picture);
    const text =
      `${ended} of ${STARTS} trained, epochs: ${epochs}, seeds from ${seed} on. By the number of ` +
      `digits that are lost: ${found}.${theory}`;
    byId("live-starts-said").textContent = text;
    announce(text, ended === STARTS);
  }

  // -- events -----------------------------------------------------------------------------------

  form.addEventListener("invalid", refuse, true); // of its controls, where it does not bubble
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  byId("live-pause").addEventListener("click", () => {
    const isPaused = state === "paused";
    sendPace(isPaused ? Infinity : 0);
    enter(isPaused ? "running" : "paused");
    if (!isPaused) announce(progress(), true);
  });
  byId("live-step").addEventListener("click", () => {
    if (state === "idle" || state === "starts") begin(1);
    else {
      sendPace(1);
      enter("paused");
    }
  });
  byId("live-stop").addEventListener("click", stop);
  byId("live-speed").addEventListener("change", () => state === "running" && sendPace(Infinity));
  byId("live-download").addEventListener("click", download);
  byId("live-copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("live-python").textContent);
    byId("live-copy").textContent = "Copied";
  });
  byId("live-clear").addEventListener("click", clearDigit);
  byId("live-show").addEventListener("click", () => {
    clearDigit();
    ask({ testRow: Math.floor(Math.random() * 10_000) });
  });
  byId("live-sixteen").addEventListener("click", trainStarts);

  /** Offer to train a network that the explorer shows, {asked, layers, diagnosis}, or null. */
  function show(shown) {
    network = shown;
    clear();
    byId("live").closest("section").hidden = !shown;
    refresh();
  }

  /** Say whether the network can be trained as the settings are, and how Python does it. */
  function refresh() {
    if (!network || !form.checkValidity()) return;
    const [plan] = Plans.of(network.asked, settings());
    const reason = Plans.obstacle(network.layers, plan);
    const isOld = inUse().length > 0 && trainedAs !== JSON.stringify(settings());
    fail(reason || (isOld ? "The results below are of other settings: train again." : ""));
    for (const id of ["live-train", "live-step", "live-sixteen"]) byId(id).disabled = reason !== "";
    byId("live-copy").textContent = "Copy";
    byId("live-python").querySelector("code").textContent = Plans.inPython(plan).join("\n");
  }

  return { settings, fill, show, refresh, redraw };
})();
