/* The published runs of a network as a card: its name, its training curves as a small picture, and how its runs ended. */
"use strict";

const Runs = (() => {
  const { element, svg, run } = Elements;
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
  const MOST_LINES = 60; // of one group of runs in a picture
  const CHART = { width: 330, height: 170, left: 36, right: 10, top: 8, bottom: 36 };
  const EPOCHS = [1, 2, 3, 5, 10, 20, 30, 50, 100]; // those that are marked, as far as they are reached
  const DASHES = ["", "7 3", "2 3"];
  const COLOURS = 5;
  const MOST_GROUPS = 3; // of runs, before a reader asks for more

  const lineStyle = (group) => ({
    class: `explorer-line-${group % COLOURS}`,
    "stroke-dasharray": DASHES[Math.floor(group / COLOURS) % DASHES.length],
  });

  /** Return a short piece of the line that stands for a group of runs in the picture. */
  function key(group) {
    return svg(
      "svg",
      { width: 26, height: 10, "aria-hidden": "true", class: "explorer-key" },
      svg("path", { d: "M1 5H25", ...lineStyle(group) }),
    );
  }

  /** Return a picture of training accuracy by epoch, a line for each run; epochs on a scale of ratios, as most happens in the first. */
  function chart(network) {
    const { width, height, left, right, top, bottom } = CHART;
    const epochs = Math.max(2, ...network.runs.flatMap(({ rows }) => rows.map((run) => run.curve.length)));
    const x = (epoch) => left + (Math.log(epoch) / Math.log(epochs)) * (width - left - right);
    const y = (accuracy) => top + (1 - accuracy) * (height - top - bottom);
    const picture = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      class: "explorer-chart",
      "aria-label": chartInWords(network, epochs),
    });
    for (const accuracy of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(svg("path", { d: `M${left} ${y(accuracy)}H${width - right}`, class: "explorer-grid" }));
      if (accuracy % 0.5 === 0)
        picture.append(svg("text", { x: left - 5, y: y(accuracy) + 4, "text-anchor": "end" }, `${accuracy * 100}%`));
    }
    for (const epoch of EPOCHS.filter((number) => number <= epochs)) {
      picture.append(svg("path", { d: `M${x(epoch)} ${y(0)}v4`, class: "explorer-grid" }));
      picture.append(svg("text", { x: x(epoch), y: y(0) + 17, "text-anchor": "middle" }, String(epoch)));
    }
    picture.append(
      svg("text", { x: (left + width - right) / 2, y: height - 2, "text-anchor": "middle" }, "training accuracy by epoch"),
    );
    network.runs.forEach(({ rows }, group) => {
      for (const { curve } of rows.slice(0, MOST_LINES)) {
        picture.append(
          svg("path", {
            d: `M${curve.map((accuracy, index) => `${x(index + 1).toFixed(1)} ${y(accuracy).toFixed(1)}`).join("L")}`,
            ...lineStyle(group),
          }),
        );
      }
    });
    return picture;
  }

  function chartInWords(network, epochs) {
    const last = network.runs.flatMap(({ rows }) => rows.map((run) => run.curve.at(-1)));
    return (
      `Training accuracy of ${network.radixLists} from epoch 1 to at most ${epochs}: ${last.length} ${last.length === 1 ? "run ends" : "runs end"} ` +
      `between ${Literals.percent(Math.min(...last))} and ${Literals.percent(Math.max(...last))}.`
    );
  }

  function card(network) {
    const classes = Number(network.layerSizes.split("-").at(-1));
    const settings = {
      radix_lists: network.radixLists.replaceAll(" ", ""),
      layer_sizes: network.layerSizes,
      fit: network.fit,
      dense_output: String(network.denseOutput),
    };
    const wiring = [
      network.layerSizes,
      network.fit === "fold" ? "folded" : "trimmed",
      ...(network.denseOutput ? ["dense output layer"] : []),
    ].join(", ");
    const fanIn = `at least ${network.minOutputFanIn} ${network.minOutputFanIn === 1 ? "connection" : "connections"} into each class`;
    const kinds = {
      same: "this network",
      equal: "other radix lists, the very same connections",
      near: `distance ${network.distance.toFixed(2)}`,
    };
    const name =
      network.kind === "same"
        ? element("strong", {}, network.radixLists)
        : element("a", { href: Address.write(settings) }, network.radixLists);
    const groups = network.runs.map((group, number) => {
      const title = group.variant ? `${group.title}: ${group.variant}` : group.title;
      const source = group.page ? element("a", { href: group.page }, title) : title;
      return element(
        "li",
        {},
        key(number),
        " ",
        source,
        element("br"),
        Neighbours.outcome(group, classes),
        element("br"),
        element("small", {}, group.settings),
      );
    });
    const list = [element("ul", {}, ...groups.slice(0, MOST_GROUPS))];
    const others = groups.slice(MOST_GROUPS);
    if (others.length)
      list.push(element("details", {}, element("summary", {}, `${others.length} more`), element("ul", {}, ...others)));
    const heading = element(
      "p",
      { class: "explorer-network-name" },
      name,
      ` · ${kinds[network.kind]}`,
      element("br"),
      element("small", {}, `${wiring}; ${fanIn}`),
    );
    return element(
      "article",
      { class: "explorer-card" },
      heading,
      element("div", { class: "explorer-card-body" }, chart(network), element("div", {}, ...list)),
    );
  }

  let script = null;
  /** Read the published runs, a megabyte, when they are first wanted. */
  const read = () => (script ??= run(`${FOLDER}published_runs.js`));

  return { card, read };
})();
