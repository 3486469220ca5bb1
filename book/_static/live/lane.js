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
      this.root = document.getElementById(`live-lane-${number}`);
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
    introduce(plan) {
      const { words } = plan;
      Object.assign(this, { plan, words, reports: [], published: Plans.publishedRun(plan) });
      this.root.hidden = false;
      this.root.querySelector("h3").textContent = words;
      this.facts("–", "–", "–", "–", "–");
      this.root.querySelector(".live-answers").replaceChildren();
      this.root.querySelector(".live-outcome").textContent = "";
    }

    facts(...texts) {
      this.root.querySelectorAll("dd").forEach((place, i) => (place.textContent = texts[i]));
    }

    isDone() {
      return Boolean(this.reports.at(-1)?.ended);
    }

    draw() {
      const report = this.reports.at(-1);
      if (!report) return;
      const { sample, loss, speed, step } = report;
      const total = sample.answers.reduce((a, b) => a + b, 0);
      const shares = Array.from(sample.answers, (count) => count / total).slice(0, MOST_BARS);
      const isRelu = this.plan.chosen.activation === "relu";
      this.facts(
        percent(sample.accuracy),
        `${shares.filter((share) => share > 0).length} of ${DIGITS}`,
        isRelu ? `${withCommas(sample.dead)} of ${withCommas(sample.hidden)}` : "–",
        loss.toFixed(3),
        `${withCommas(Math.round(speed * 1000))} images/s`,
      );
      const bars = Charts.bars(shares, `Answers at step ${withCommas(step)}`);
      this.root.querySelector(".live-answers").replaceChildren(bars);
      const tested = this.reports.findLast((each) => each.test);
      if (tested) this.root.querySelector(".live-outcome").textContent = outcome(tested);
    }
  }

  const outcome = ({ epoch, test }) =>
    `After ${epoch} ${epoch === 1 ? "epoch" : "epochs"}: ${(100 * test.accuracy).toFixed(2)}% of ` +
    `the test images, ${test.classes} of ${DIGITS} digits answered.`;

  return { Lane, outcome };
})();
