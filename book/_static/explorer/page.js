/* The topology explorer's page: reads what is typed and what stands in the address, and shows what follows from it. */
"use strict";

const Explorer = (() => {
  const { withCommas, percent } = Literals;
  const { element } = Elements;
  const QUICK = 100; // milliseconds: what takes longer waits until a reader stops typing
  const PAUSE = 300;
  const ANNOUNCED_AFTER = 800;
  const LEGIBLE = 4; // CSS pixels for a connection, from which on a map needs no part of it enlarged
  const MOST_CLASSES = 20; // of which it is shown what they see

  const byId = (id) => document.getElementById(id);
  const controls = {
    form: byId("explorer-form"),
    lists: byId("radix-lists"),
    sizes: byId("layer-sizes"),
    fits: [...document.querySelectorAll("input[name=fit]")],
    dense: byId("dense-output"),
    trace: byId("trace"),
  };
  const parts = [...document.querySelectorAll(".explorer-part")]; // what is shown of a legal network only
  let shown = null; // the network on the page: {spec, layers, diagnosis}, or null
  let unknown = {}; // settings in the address that no control can show
  let networks = null; // the published ones, once their script has run
  const timers = {};
  let lastTook = 0;

  // -- the controls -------------------------------------------------------------------------------------------------------------

  function settingsFromControls() {
    const chosen = controls.fits.find((button) => button.checked);
    return {
      radix_lists: controls.lists.value.replace(/\s+(?=[\][,])|(?<=[[\],])\s+/g, "").trim(),
      layer_sizes: controls.sizes.value.trim(),
      fit: chosen ? chosen.value : unknown.fit,
      dense_output: unknown.dense_output ?? String(controls.dense.checked),
      ...Training.settings(),
    };
  }

  function fillControls(settings) {
    controls.lists.value = settings.radix_lists.replace(/,(?=\S)/g, ", ");
    controls.sizes.value = settings.layer_sizes;
    controls.fits.forEach((button) => {
      button.checked = button.value === settings.fit;
    });
    controls.dense.checked = settings.dense_output === "true";
    Training.fill(settings);
    unknown = { fit: settings.fit };
    if (!["true", "false"].includes(settings.dense_output)) unknown.dense_output = settings.dense_output;
  }

  // -- working it out -----------------------------------------------------------------------------------------------------------

  /** Return the network of settings, {asked, spec, layers, diagnosis}, or why there is none. */
  function workOut(settings) {
    const { fit, dense_output: dense } = settings;
    let lists;
    let sizes;
    let asked;
    let spec;
    try {
      lists = Literals.readRadixLists(settings.radix_lists);
      sizes = Literals.readLayerSizes(settings.layer_sizes);
      asked = { lists, sizes, fit, dense: dense === "true" || (dense !== "false" && dense) };
      spec = Topology.specify(lists, sizes, fit, asked.dense);
      const layers = Topology.layersOf(spec);
      return { asked, spec, layers, diagnosis: Diagnosis.diagnose(layers) };
    } catch (error) {
      const reason = error.message;
      if (error instanceof Literals.Unreadable) return { kind: "unreadable", reason };
      if (error instanceof Topology.Illegal)
        return { kind: "illegal", reason, asked, suggestions: Suggestions.near(lists, sizes) };
      if (!(error instanceof Topology.TooLarge)) throw error;
      const advice = `too large for this page; in Python: ${Answer.inPython(asked)}.diagnose()`;
      return { kind: "too large", reason: `${reason}: ${advice}`, asked, spec };
    }
  }

  /** Show what the controls say, and write it into the address. */
  function update() {
    clearTimeout(timers.update);
    const started = performance.now();
    const settings = settingsFromControls();
    history.replaceState(null, "", Address.write(settings));
    const result = workOut(settings);
    shown = result.layers ? result : null;
    Answer.show(settings, result);
    const concerns = (what) => String(!result.spec && result.reason.startsWith(what));
    controls.lists.setAttribute("aria-invalid", concerns("radix lists"));
    controls.sizes.setAttribute("aria-invalid", concerns("layer sizes"));
    for (const part of parts) part.closest("section").hidden = !shown;
    Training.show(shown);
    setBusy(Boolean(shown));
    announce();
    showRestSoon();
    lastTook = performance.now() - started;
  }

  /** Draw pictures and list runs once the answer can be seen, one piece after the other, so that the page answers in between; a
   * network that replaces this one first is not waited for. */
  function showRestSoon() {
    clearTimeout(timers.rest);
    cancelAnimationFrame(timers.frame);
    const pieces = rest();
    const next = () => {
      timers.rest = setTimeout(() => {
        if (!shown) return;
        if (pieces.next().done) setBusy(false);
        else next();
      });
    };
    timers.frame = requestAnimationFrame(next);
  }

  function* rest() {
    for (const show of [showLayers, offerClasses, drawMasks, drawWiring, drawClasses, showRuns, Training.redraw]) {
      yield* show() ?? [];
      yield;
    }
  }

  function updateSoon() {
    clearTimeout(timers.update);
    if (lastTook <= QUICK) {
      update();
      return;
    }
    setBusy(true);
    timers.update = setTimeout(update, PAUSE);
  }

  /** Say of what is below the answer whether it still belongs to an earlier one. */
  function setBusy(isBusy) {
    for (const part of parts) part.setAttribute("aria-busy", String(isBusy));
  }

  /** Say the outcome once, when a reader has stopped changing things. */
  function announce() {
    clearTimeout(timers.announce);
    timers.announce = setTimeout(() => {
      const verdict = byId("explorer-verdict").textContent.replace(/^[^\w]+/, "");
      const first = byId("explorer-reasons").firstElementChild?.textContent ?? "";
      const text = `${verdict}. ${byId("explorer-read").textContent} ${first}`.replace(/\s+/g, " ");
      if (byId("explorer-status").textContent !== text) byId("explorer-status").textContent = text;
    }, ANNOUNCED_AFTER);
  }

  // -- the network, layer by layer ----------------------------------------------------------------------------------------------

  const isDense = ({ spec, layers }, number) => spec.denseOutput && number === layers.length - 1;
  const layerTitle = (number) =>
    `Layer ${number + 1}, ${withCommas(shown.layers[number].inputs)} to ${withCommas(shown.layers[number].outputs)} units`;

  function showLayers() {
    const head = ["Layer", "Radix", "Place value", "Connections", "Density", "Fan-in", "Live units"];
    const rows = shown.layers.map((layer, number) => {
      const fanIns = Topology.fanIn(layer);
      const dense = isDense(shown, number);
      return [
        `${number + 1}: ${withCommas(layer.inputs)} to ${withCommas(layer.outputs)}`,
        dense ? "dense" : Answer.short(shown.spec.radices[number]),
        dense ? "–" : Answer.short(shown.spec.placeValues[number]),
        withCommas(layer.indices.length),
        percent(layer.indices.length / (layer.inputs * layer.outputs)),
        Answer.range(
          fanIns.reduce((a, b) => Math.min(a, b)),
          fanIns.reduce((a, b) => Math.max(a, b)),
        ),
        `${withCommas(shown.diagnosis.liveCounts[number + 1])} of ${withCommas(layer.outputs)}`,
      ];
    });
    const table = element(
      "table",
      { class: "stacks" }, // on a phone, a row below the other, as companion/pages/tables.py has it
      element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
      element(
        "tbody",
        {},
        ...rows.map(([title, ...cells]) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, title),
            ...cells.map((cell, index) => element("td", { "data-label": head[index + 1] }, cell)),
          ),
        ),
      ),
    );
    byId("explorer-layers").replaceChildren(
      element("div", { class: "explorer-scroll", role: "region", tabindex: "0", "aria-label": "Layer by layer" }, table),
    );
  }

  /** Offer the classes to follow paths to, and keep the one that was chosen where there still is one. */
  function offerClasses() {
    const classes = shown.layers.at(-1).outputs;
    const chosen = Number(controls.trace.value || -1);
    const options = Array.from({ length: Math.min(classes, 100) }, (_, output) =>
      element("option", { value: output }, `class ${output}`),
    );
    controls.trace.replaceChildren(element("option", { value: -1 }, "none"), ...options);
    controls.trace.value = String(chosen < options.length ? chosen : -1);
  }

  // -- pictures -----------------------------------------------------------------------------------------------------------------

  const inksNow = () => Pictures.inksOf(byId("explorer-top"));

  function* drawMasks() {
    const inks = inksNow();
    const holder = byId("explorer-masks");
    const figures = shown.layers.map(() => element("figure", {}));
    const room = holder.clientWidth;
    for (const [number, layer] of shown.layers.entries()) {
      const [whole, closeUp] = [element("canvas", { role: "img" }), element("canvas", { role: "img" })];
      figures[number].append(whole);
      const merged = Pictures.drawMask(whole, layer, room, inks);
      const words = Pictures.maskInWords(layer, layerTitle(number), Topology.fanIn(layer));
      whole.setAttribute("aria-label", `Heat map of the connections. ${words}`);
      const notes = [words];
      if (merged > 1)
        notes.push(
          `Each dot is ${Math.sqrt(merged)} × ${Math.sqrt(merged)} possible connections, the stronger its colour the more exist.`,
        );
      const isLegible = parseFloat(whole.style.width) >= LEGIBLE * layer.inputs;
      const beside = room - parseFloat(whole.style.width) - 40;
      if (!isLegible && Pictures.drawCloseUp(closeUp, layer, Math.min(room, beside < 160 ? 320 : beside, 320), inks)) {
        figures[number].append(closeUp);
        closeUp.setAttribute("aria-label", "The first inputs and outputs of the same map, enlarged");
        notes.push("Enlarged: the first units.");
      }
      figures[number].append(element("figcaption", {}, notes.join(" ")));
      yield;
    }
    holder.replaceChildren(
      element("p", {}, "Inputs from left to right, outputs from top to bottom; coloured where there is a connection."),
      ...figures,
    );
  }

  function* drawWiring() {
    const inks = inksNow();
    const { layers, diagnosis } = shown;
    const chosen = Number(controls.trace.value || -1);
    const traced = chosen >= 0 ? Pictures.towards(layers, chosen, diagnosis.live) : null;
    const canvas = byId("network-picture");
    const room = byId("explorer-network").clientWidth;
    const isWhole = yield* Pictures.drawNetwork(canvas, layers, diagnosis.live, traced, room, inks);
    const dead = diagnosis.live.reduce((total, units) => total + units.length, 0) - diagnosis.liveCounts.reduce((a, b) => a + b);
    const notes = ["A mark for each unit, a row for each layer, inputs on top."];
    notes.push(
      dead
        ? `${withCommas(dead)} units in grey and short lie on no path from an input to an output.`
        : "Every unit lies on some path from an input to an output.",
    );
    if (traced)
      notes.push(
        `Marked: all that leads to class ${chosen}, ${traced.map((units) => withCommas(units.reduce((a, b) => a + b, 0))).join(", ")} units from layer to layer.`,
      );
    if (!isWhole) notes.push("Of the connections an even choice is drawn, since all would cover each other.");
    byId("network-caption").textContent = notes.join(" ");
    canvas.setAttribute(
      "aria-label",
      `The network as a graph. ${diagnosis.live.map((units, number) => Pictures.unitsInWords(number, layers.length, units)).join("; ")}.`,
    );
  }

  function drawClasses() {
    const inks = inksNow();
    const { paths, coverage, max } = shown.diagnosis;
    const few = coverage.slice(0, MOST_CLASSES);
    const figures = few.map((share, output) => {
      const canvas = element("canvas", {
        role: "img",
        "aria-label": `Class ${output}: ${percent(share)} of the inputs have a path to it.`,
      });
      Pictures.drawClass(canvas, paths, output, max, 84, inks);
      return element("figure", {}, canvas, element("figcaption", {}, `class ${output}: ${percent(share)}`));
    });
    const rest = coverage.length > few.length ? ` Shown are the first ${few.length} of ${coverage.length} classes.` : "";
    const text = `Inputs row by row, as the pixels of an image, coloured by how many paths lead from them to a class; below, the share that has any.${rest}`;
    byId("explorer-classes").replaceChildren(element("p", {}, text), element("div", { class: "explorer-classes" }, ...figures));
  }

  // -- published runs -----------------------------------------------------------------------------------------------------------

  function showRuns() {
    const holder = byId("explorer-runs");
    if (!networks) {
      holder.replaceChildren(element("p", {}, "The published runs are being read …"));
      return;
    }
    const found = Neighbours.nearest(shown, networks);
    const runs = (network) => network.runs.reduce((total, group) => total + group.rows.length, 0);
    const own = found.find((network) => network.kind === "same");
    let text = "No network of as many layers was trained and published.";
    if (own)
      text = `This very network was trained and published: ${withCommas(runs(own))} ${runs(own) === 1 ? "run" : "runs"}. Nearest to it are the others below.`;
    else if (found.length) text = "This network was not trained here. Nearest to it are:";
    holder.replaceChildren(element("p", {}, text), ...found.map(Runs.card));
  }

  // -- events -------------------------------------------------------------------------------------------------------------------

  function readAddress() {
    const settings = Address.read(location.hash);
    fillControls(settings);
    update();
    if (settings.show !== "training") return false;
    byId("live").closest("section").scrollIntoView(); // so that what is trained is seen, too
    byId("live-train").focus({ preventScroll: true });
    return true;
  }

  /** Take the address for settings only when it is one, and not for a heading of this page. */
  function onAddressChange() {
    if (!location.hash.includes("=") && location.hash !== "") {
      history.replaceState(null, "", Address.write(settingsFromControls())); // the page is there; the address keeps what it shows
      return;
    }
    if (readAddress()) return;
    const answer = byId("explorer-answer").getBoundingClientRect();
    if (answer.bottom < 0 || answer.top > window.innerHeight) {
      byId("explorer-top").scrollIntoView(); // a reader who followed a link far below should see what it led to
      byId("explorer-verdict").focus({ preventScroll: true });
    }
  }

  controls.form.addEventListener("submit", (event) => event.preventDefault());
  controls.form.addEventListener("input", (event) => {
    if (event.target.name === "fit") delete unknown.fit;
    if (event.target === controls.dense) delete unknown.dense_output;
    updateSoon();
  });
  byId("live-form").addEventListener("input", () => {
    history.replaceState(null, "", Address.write(settingsFromControls()));
    Training.refresh();
  });
  controls.trace.addEventListener("change", showRestSoon);
  window.addEventListener("hashchange", onAddressChange);
  new MutationObserver(showRestSoon).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  window.addEventListener("resize", () => {
    clearTimeout(timers.resize);
    timers.resize = setTimeout(showRestSoon, 150);
  });
  async function readRuns([{ isIntersecting }]) {
    if (!isIntersecting || networks) return;
    try {
      await Runs.read();
      networks ??= Neighbours.networksOf(radixnetPublishedRuns);
      await new Promise((resolve) => setTimeout(resolve)); // the page may answer in between
      if (shown) showRuns();
    } catch (error) {
      byId("explorer-runs").textContent = error.message;
    }
  }
  new IntersectionObserver(readRuns, { rootMargin: "1000px" }).observe(byId("explorer-runs"));
  readAddress();

  return { workOut };
})();
