/* The explorer's answer: the verdict with its reasons, or why there is no network, and what a reader wants to know first. */
"use strict";

const Answer = (() => {
  const { withCommas, percent } = Literals;
  const { element } = Elements;
  const FACES = {
    "expected to train": ["✓", "good"],
    "in doubt": ["?", "doubt"],
    "at risk": ["▲", "risk"],
    "cannot learn every class": ["✕", "bad"],
  };

  const byId = (id) => document.getElementById(id);

  function show(settings, result) {
    const headings = {
      unreadable: ["✕", "Not readable", "bad"],
      illegal: ["✕", "Not a RadiX-Net", "bad"],
      "too large": ["▲", `${result.spec ? "Legal, but too" : "Too"} large for this page`, "risk"],
    };
    const verdict = result.diagnosis?.verdict;
    const [mark, colour] = FACES[verdict] ?? [];
    const [sign, words, kind] = headings[result.kind] ?? [
      mark,
      `${verdict[0].toUpperCase()}${verdict.slice(1)}`,
      colour,
    ];
    byId("explorer-answer").className = `explorer-${kind}`;
    byId("explorer-verdict").replaceChildren(element("span", { "aria-hidden": "true" }, `${sign} `), words);
    const reasons = result.diagnosis?.reasons ?? [result.reason];
    byId("explorer-read").textContent = readOtherwise(settings, result.asked);
    byId("explorer-reasons").replaceChildren(...reasons.map((reason) => element("li", {}, reason)));
    showSuggestions(settings, result.suggestions ?? []);
    showFacts(result);
    const program = byId("explorer-python");
    program.hidden = !result.asked || result.kind === "illegal";
    program.querySelector("code").textContent = [
      "import radixnet as rx\n",
      result.asked && `topology = ${inPython(result.asked)}`,
      "topology.diagnose()  # the verdict, its reasons, and the numbers behind them",
      "topology.masks       # one array of bools per layer",
    ].join("\n");
  }

  /** Return how radix lists and layer sizes were read where they were not written like that. */
  function readOtherwise({ radix_lists: lists, layer_sizes: sizes }, asked) {
    const read = asked ? [Literals.write(asked.lists), asked.sizes.join("-")] : [];
    const others = read.filter((text, index) => text.replaceAll(" ", "") !== [lists, sizes][index]);
    return others.length ? `Read as ${others.join(" on ")}.` : "";
  }

  function showSuggestions(asked, suggestions) {
    const settings = {
      ...asked, // a setting that nothing means would make the network that is suggested illegal, too
      fit: ["trim", "fold"].includes(asked.fit) ? asked.fit : "trim",
      dense_output: ["true", "false"].includes(asked.dense_output) ? asked.dense_output : "false",
    };
    const links = suggestions.flatMap(({ radixLists, layerSizes }) => [
      " ",
      element(
        "a",
        { href: Address.write({ ...settings, radix_lists: radixLists.replaceAll(" ", ""), layer_sizes: layerSizes }) },
        `${radixLists} on ${layerSizes}`,
      ),
    ]);
    byId("explorer-suggestions").replaceChildren(...(links.length ? ["Legal and close:", ...links] : []));
  }

  function showFacts({ spec, layers, diagnosis }) {
    const facts = [];
    if (layers) {
      const sparsity = Topology.sparsity(layers);
      const connections = layers.reduce((total, layer) => total + layer.indices.length, 0);
      const possible = layers.reduce((total, layer) => total + layer.inputs * layer.outputs, 0);
      const inputs = diagnosis.liveCounts[0];
      facts.push(
        ["Sparsity", inPercent(sparsity), `${inPercent(spec.expandedSparsity)} before fitting`],
        ["Connections", withCommas(connections), `of ${withCommas(possible)} possible`],
        ["Output fan-in", withCommas(Math.min(...diagnosis.outputFanIns)), "connections at least into each class"],
        ["Chance of a lost class", percent(diagnosis.chance), "by the signs of the start"],
        [
          "Inputs that count",
          percent(diagnosis.inputCoverage),
          `${withCommas(inputs)} of ${withCommas(diagnosis.live[0].length)} reach an output`,
        ],
        [
          "Paths",
          range(diagnosis.min, diagnosis.max),
          `from an input to an output; ${short(spec.expandedPathCount)} before fitting`,
        ],
      );
    } else if (spec) {
      facts.push(
        ["Sparsity", inPercent(spec.expandedSparsity), "before fitting"],
        ["N′", short(spec.modulus), "units that the pattern repeats after"],
        ["Paths", short(spec.expandedPathCount), "from an input to an output before fitting"],
      );
    }
    byId("explorer-facts").replaceChildren(
      ...facts.map(([name, value, note]) =>
        element(
          "div",
          {},
          element("dt", {}, name),
          element("dd", {}, element("strong", {}, value), " ", element("span", {}, note)),
        ),
      ),
    );
  }

  const inPercent = (share) => `${(100 * share).toFixed(2)}%`;
  const range = (fewest, most) => (fewest === most ? short(most) : `${short(fewest)} to ${short(most)}`);

  /** Return a whole number in full, or as a power of ten when it is long. */
  function short(value) {
    if (value < 1e9) return withCommas(value);
    const [digits, exponent] = value.toExponential(2).split("e+");
    return `about ${digits} × 10^${exponent}`;
  }

  /** Return the line that makes the same network with the package. */
  function inPython({ lists, sizes, fit, dense }) {
    const given = [Literals.write(lists), `layer_sizes=(${sizes.join(", ")})`];
    if (fit === "fold") given.push('fit="fold"');
    if (dense === true) given.push("dense_output=True");
    return `rx.RadixTopology(${given.join(", ")})`;
  }

  return { show, short, range, inPython };
})();
