/* Pictures of training: curves over steps, bars of shares, and what pulls a logit up and down. */
"use strict";

const Charts = (() => {
  const { element, svg } = Elements;
  const { percent, withCommas } = Literals;
  const BOX = { left: 46, right: 12, top: 10, bottom: 40 };
  const MOST_LOSS = 3; // log(10) is 2.3, what a network that knows nothing begins with

  const KINDS = {
    accuracy: {
      height: 220,
      most: 1,
      ticks: [0, 0.25, 0.5, 0.75, 1],
      text: (value) => `${100 * value}%`,
    },
    loss: { height: 150, most: MOST_LOSS, ticks: [0, 1, 2, 3], text: String },
  };

  /** Return a picture of curves over steps, on a scale of ratios, as most happens in the first.
   *
   * Each curve is {points: [[step, value], ...], kind, isDots}. */
  function curves(name, series, { steps, stepsPerEpoch, width, words }) {
    const { left, right, top, bottom } = BOX;
    const { height, most, ticks, text } = KINDS[name];
    const x = (step) => left + (Math.log(step) / Math.log(steps)) * (width - left - right);
    const y = (value) => top + (1 - Math.min(value, most) / most) * (height - top - bottom);
    const place = ([step, value]) => `${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
    const label = (attributes, words) => svg("text", attributes, words);
    const drawn = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      class: "explorer-chart",
      "aria-label": words,
    });
    for (const tick of ticks) {
      drawn.append(
        svg("path", { d: `M${left} ${y(tick)}H${width - right}`, class: "explorer-grid" }),
        label({ x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, text(tick)),
      );
    }
    const marked = [1, 10, 100, 1_000, 10_000].filter((step) => step < stepsPerEpoch * 0.7);
    const epochs = [1, 2, 3, 5, 10, 20, 50, 100].filter((e) => e * stepsPerEpoch <= steps);
    const under = [
      ...marked.map((step) => [step, step === 1 ? "1 step" : withCommas(step)]),
      ...epochs.map((epoch) => [epoch * stepsPerEpoch, `${epoch}`]),
    ];
    let free = width; // to the left of the labels so far: the last epochs come first
    for (const [step, words] of under.reverse()) {
      drawn.append(svg("path", { d: `M${x(step)} ${y(0)}v4`, class: "explorer-grid" }));
      const half = 4 * words.length; // pixels, or somewhat less
      if (x(step) + half > free) continue;
      free = x(step) - half;
      drawn.append(label({ x: x(step), y: y(0) + 17, "text-anchor": "middle" }, words));
    }
    drawn.append(
      label({ x: width - right, y: height - 4, "text-anchor": "end" }, "epochs"),
      label({ x: left, y: height - 4 }, `${name} over steps`),
    );
    for (const { points, kind, isDots } of series) {
      for (const [step, value] of isDots ? points : []) {
        drawn.append(svg("circle", { cx: x(step), cy: y(value), r: 4, class: `live-${kind}` }));
      }
      if (!isDots && points.length) {
        drawn.append(svg("path", { d: `M${points.map(place).join("L")}`, class: `live-${kind}` }));
      }
    }
    return drawn;
  }

  /** Return bars of shares from 0 to 1, numbered from 0, and where given a mark on each. */
  function bars(shares, title, marks = []) {
    const most = Math.max(0.2, ...shares, ...marks);
    const height = (share) => `${((100 * share) / most).toFixed(1)}%`;
    const columns = shares.map((share, i) => {
      const inside = [element("i", { style: `height: ${height(share)}` })];
      if (i in marks) inside.push(element("b", { style: `bottom: ${height(marks[i])}` }));
      const attributes = share ? {} : { class: "live-none" };
      return element("span", attributes, element("span", {}, ...inside), String(i));
    });
    const said = shares.map((share, i) => `${i} ${share ? percent(share) : "never"}`).join(", ");
    const words = `${title}: ${said}.`;
    return element("div", { class: "live-bars", role: "img", "aria-label": words }, ...columns);
  }

  /** Return for each class what raises its mean logit, and below a line what lowers it, and the
   * signs of the weights that do: of {up, down, positive, negative}, on a scale up to `most`. */
  function pulls(found, most, title) {
    const bar = (name, size) =>
      element("i", { class: name, style: `height: ${((50 * size) / most).toFixed(1)}%` });
    const columns = found.map(({ up, down, positive, negative }) => {
      const signs = `${positive ? "+" : ""}${negative ? "−" : ""}` || "0";
      const drawn = [...(up ? [bar("live-up", up)] : []), ...(down ? [bar("live-down", -down)] : [])];
      return element("span", {}, element("span", {}, ...drawn), signs);
    });
    const said = found.map(({ up, down, positive, negative }, i) => {
      const weights = `${positive} positive, ${negative} negative`;
      return `${i} ${(up + down).toFixed(1)} (${weights})`;
    });
    const words = `${title}: ${said.join("; ")}.`;
    return element("div", { class: "live-pulls", role: "img", "aria-label": words }, ...columns);
  }

  return { curves, bars, pulls };
})();
