/* Where a page has exercises, loads what lets a reader try them in the page. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  if (!document.querySelector(".exercise")) return;
  const explorer = ["sentences", "literals", "topology", "diagnosis", "address", "elements"];
  const live = ["random", "engine", "kernels", "kernels_wasm", "worker", "data", "plans", "trainer"];
  const folder = document.querySelector("script[src*='exercises.js']").src.replace(/[^/]*$/, "");
  for (const sheet of ["explorer/explorer", "live/live"]) {
    const address = `${folder}${sheet}.css`;
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address }));
  }
  for (const name of [
    ...explorer.map((each) => `explorer/${each}`),
    ...[...live, "exercises"].map((each) => `live/${each}`),
  ]) {
    const script = Object.assign(document.createElement("script"), { src: `${folder}${name}.js` });
    script.async = false; // one after the other
    document.head.append(script);
  }
});
