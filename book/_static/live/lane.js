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
      Object.assign(this, { layers, reachable: Diagnosis.liveUnits(layers), drawn: {} });
      this.root.hidden = false;
      this.root.querySelector("h3").textContent = words;
      this.facts("–", "–", "–", "–", "–");
      this.root.querySelector(".live-answers").replaceChildren();
      for (const part of [".live-why", ".live-outcome"]) {
        this.root.querySelector(part).textContent = "";
      }
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
    *drawNetwork(report) {
      const canvas = this.root.querySelector("canvas");
      const room = canvas.parentElement.querySelector(".live-answers").clientWidth;
      const live = this.live(report);
      const look = `${document.documentElement.dataset.theme} ${room}`;
      const before = look === this.drawn.look ? this.drawn.live : null;
      this.drawn = { look, live };
      const rows = live.map((units, i) => Pictures.unitsInWords(i, this.layers.length, units));
      canvas.ariaLabel = `The network as a graph. ${rows.join("; ")}.`;
      const inks = Pictures.inksOf(this.root);
      yield* Pictures.drawNetwork(canvas, this.layers, live, null, room, inks, before);
    }

    isDone() {
      return Boolean(this.reports.at(-1)?.ended);
    }

    /** Draw all there is to see, piece by piece. */
    *draw() {
      if (!this.plan) return;
      const report = this.reports.at(-1);
      if (report) {
        this.drawAnswers(report);
        yield;
      }
      yield* this.drawNetwork(report);
    }

    drawAnswers(report) {
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
      const at = `at step ${withCommas(step)}`;
      const bars = Charts.bars(shares.slice(0, MOST_BARS), `Answers ${at}`);
      const pulls = sample.pulls.slice(0, MOST_BARS);
      const most = 2 ** Math.ceil(Math.log2(Math.max(...pulls.flatMap((c) => [c.up, -c.down]), 0.1)));
      const title = `Mean logits ${at}, and the last weights that make them`;
      this.root
        .querySelector(".live-answers")
        .replaceChildren(
          bars,
          Charts.pulls(pulls, most, title),
          Elements.element("small", {}, `Mean logit: raised and lowered, up to ±${most}`),
        );
      this.root.querySelector(".live-why").textContent = whyNever(sample);
    }

    /** Take a report in; what it says of the test images is told at once, the rest when drawn. */
    take(report) {
      this.reports.push(report);
      if (report.test) this.root.querySelector(".live-outcome").textContent = outcome(report);
    }
  }

  const REASONS = [
    // Below zero, an input that leaks makes a negative weight raise the logit.
    ["negative weights only", ({ positive, negative, up }) => negative && !positive && !up],
    ["hears only zeros", ({ positive, negative }) => !negative && !positive],
    ["others are larger", ({ positive, up }) => positive || up],
  ];

  /** Return which digits are never the answer, and what their last weights have to do with it. */
  function whyNever({ answers, pulls }) {
    const lost = [...pulls.keys()].slice(0, DIGITS).filter((digit) => !answers[digit]);
    const said = REASONS.map(([reason, holds]) => [lost.filter((c) => holds(pulls[c])), reason])
      .filter(([digits]) => digits.length)
      .map(([digits, reason]) => `${digits.join(", ")} (${reason})`);
    return said.length ? `Never the answer: ${said.join("; ")}.` : "";
  }

  const outcome = ({ epoch, test }) =>
    `After ${epoch} ${epoch === 1 ? "epoch" : "epochs"}: ${(100 * test.accuracy).toFixed(2)}% of ` +
    `the test images, ${test.classes} of ${DIGITS} digits answered.`;

  return { Lane, outcome };
})();
