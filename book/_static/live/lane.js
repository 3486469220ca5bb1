/* A lane of the race: a worker that trains one network after the other, and what is shown of it.
 *
 * A page opened from disk may load no worker from a file, so that a worker is made from the text
 * of functions that this page has loaded. */
"use strict";

const Lanes = (() => {
  const { percent, withCommas } = Literals;
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
  const DIGITS = 10;
  const MOST_BARS = 20;
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  let files = null; // a promise of MNIST, which all lanes share

  function newWorker() {
    const parts = [defineRandom, defineEngine, definePlainKernels, liveWorker].join("\n");
    const text = `"use strict";\n${parts}\nliveWorker();`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    return worker;
  }

  /** A worker, and what is shown of the network in it; `say` tells a reader what went wrong. */
  class Lane {
    constructor(number, say, onAnswer) {
      Object.assign(this, { number, say, onAnswer });
      const template = document.getElementById("live-lane");
      this.root = template.content.firstElementChild.cloneNode(true);
      this.root.id = `live-lane-${number}`;
      document.querySelector(".live-lanes").append(this.root);
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
        this.worker.onerror = (event) => this.say(event.message);
        files ??= Data.mnist(FOLDER);
        const modules = Object.entries(radixnetKernels).map(([name, text]) => [
          name,
          Data.decoded(text),
        ]);
        files.then(
          (found) => this.worker.postMessage({ files: found, modules }),
          (error) => {
            this.worker.terminate(); // so that the next click asks for the data again
            this.worker = files = null;
            this.say(error.message);
          },
        );
      }
      this.worker.postMessage(message);
    }

    /** Train a network; `onReport` gets all that the worker says of it. */
    start(layers, { chosen }, onReport, pace) {
      this.runs += 1;
      this.onReport = onReport;
      const run = { id: this.runs, layers, settings: Plans.numbersOf(chosen) };
      this.send({ run: { ...run, epochs: Number(chosen.epochs), ...pace } });
    }

    stop() {
      this.runs += 1;
      if (this.worker) this.send({ stop: true });
    }

    receive(data) {
      if (data.failed) this.say(data.failed);
      else if (data.image) this.onAnswer(this, data);
      else if (data.id === this.runs) this.onReport(data);
    }

    /** Show a network that is about to be trained. */
    introduce(plan, layers) {
      const { words } = plan;
      Object.assign(this, { plan, words, reports: [], published: Plans.publishedRun(plan) });
      Object.assign(this, { layers, reachable: Diagnosis.liveUnits(layers), drawn: "" });
      this.root.hidden = false;
      this.root.querySelector("h3").textContent = words;
      this.facts("–", "–", "–", "–", "–");
      this.root.querySelector(".live-answers").replaceChildren();
      this.root.querySelector(".live-outcome").textContent = "";
    }

    facts(...texts) {
      this.root.querySelectorAll("dd").forEach((place, i) => (place.textContent = texts[i]));
    }

    /** Draw the network, what is dead in grey; again only where it looks another way than before. */
    drawNetwork(report) {
      const canvas = this.root.querySelector("canvas");
      const room = canvas.parentElement.querySelector(".live-answers").clientWidth;
      const live = this.reachable.map((units, layer) =>
        layer && report ? units.map((isLive, b) => isLive & report.sample.alive[layer - 1][b]) : units,
      );
      const look = [document.documentElement.dataset.theme, room, ...live].join(" ");
      if (look === this.drawn) return;
      this.drawn = look;
      Pictures.drawNetwork(canvas, this.layers, live, null, room, Pictures.inksOf(this.root));
      const rows = live.map((units, i) => Pictures.unitsInWords(i, this.layers.length, units));
      canvas.ariaLabel = `The network as a graph. ${rows.join("; ")}.`;
    }

    isDone() {
      return Boolean(this.reports.at(-1)?.ended);
    }

    draw() {
      const report = this.reports.at(-1);
      this.drawNetwork(report);
      if (!report) return;
      const { sample, loss, speed, step } = report;
      const shares = Array.from(sample.answers, (count) => count / sum(sample.answers));
      const hidden = sum(this.layers.slice(1).map((layer) => layer.inputs));
      this.facts(
        percent(sample.accuracy),
        `${sum(sample.alive.at(-1))} of ${DIGITS}`,
        `${withCommas(deadUnits(sample))} of ${withCommas(hidden)}`,
        loss.toFixed(3),
        `${withCommas(Math.round(speed * 1000))} images/s`,
      );
      const bars = Charts.bars(shares.slice(0, MOST_BARS), `Answers at step ${withCommas(step)}`);
      this.root.querySelector(".live-answers").replaceChildren(bars);
      const tested = this.reports.findLast((each) => each.test);
      if (tested) this.root.querySelector(".live-outcome").textContent = outcome(tested);
    }
  }

  const outcome = ({ epoch, test }) =>
    `After ${epoch} ${epoch === 1 ? "epoch" : "epochs"}: ${(100 * test.accuracy).toFixed(2)}% of ` +
    `the test images, ${test.classes} of ${DIGITS} digits answered.`;

  /** Return how many hidden units are dead. */
  const deadUnits = ({ alive }) =>
    sum(alive.slice(0, -1).map((flags) => flags.length - sum(flags)));

  return { Lane, outcome, deadUnits };
})();
