/* A lane of the race: a trainer, and what the explorer shows of the network in it. */
"use strict";

const Lanes = (() => {
  const { percent, withCommas } = Literals;
  const DIGITS = 10;
  const MOST_BARS = 20;
  const sum = (values) => values.reduce((a, b) => a + b, 0);

  class Lane extends Trainer {
    constructor(number, say, onAnswer) {
      super(say, (answer) => onAnswer(this, answer));
      this.number = number;
      const template = document.getElementById("live-lane");
      this.root = template.content.firstElementChild.cloneNode(true);
      this.root.id = `live-lane-${number}`;
      document.querySelector(".live-lanes").append(this.root);
      this.clear();
    }

    clear() {
      this.plan = null;
      this.reports = [];
      this.root.hidden = true;
    }

    /** Show a network that is about to be trained. */
    introduce(plan, layers) {
      const { words } = plan;
      Object.assign(this, { plan, words, reports: [], published: null });
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

    /** Return which units are live, layer by layer: on a path, and alive when last looked at. */
    live(report) {
      if (!report) return this.reachable;
      return this.reachable.map((units, layer) =>
        layer ? units.map((isLive, b) => isLive & report.sample.alive[layer - 1][b]) : units,
      );
    }

    /** Return how many hidden units are live. */
    liveHidden(report) {
      return sum(this.live(report).slice(1, -1).map(sum));
    }

    /** Draw the network, what is dead in grey; again only where it looks another way than before. */
    drawNetwork(report) {
      const canvas = this.root.querySelector("canvas");
      const room = canvas.parentElement.querySelector(".live-answers").clientWidth;
      const live = this.live(report);
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
      if (!this.plan) return;
      const report = this.reports.at(-1);
      this.drawNetwork(report);
      if (!report) return;
      const { sample, loss, speed, step } = report;
      const shares = Array.from(sample.answers, (count) => count / sum(sample.answers));
      const hidden = sum(this.layers.slice(1).map((layer) => layer.inputs));
      this.facts(
        percent(sample.accuracy),
        `${sum(sample.alive.at(-1).slice(0, DIGITS))} of ${DIGITS}`,
        `${withCommas(this.liveHidden(report))} of ${withCommas(hidden)}`,
        loss.toFixed(3),
        `${withCommas(Math.round(speed * 1000))} images/s`,
      );
      const bars = Charts.bars(shares.slice(0, MOST_BARS), `Answers at step ${withCommas(step)}`);
      this.root.querySelector(".live-answers").replaceChildren(bars);
    }

    /** Take a report in; what it says of the test images is told at once, the rest when drawn. */
    take(report) {
      this.reports.push(report);
      if (report.test) this.root.querySelector(".live-outcome").textContent = outcome(report);
    }
  }

  const outcome = ({ epoch, test }) =>
    `After ${epoch} ${epoch === 1 ? "epoch" : "epochs"}: ${(100 * test.accuracy).toFixed(2)}% of ` +
    `the test images, ${test.classes} of ${DIGITS} digits answered.`;

  return { Lane, outcome };
})();
