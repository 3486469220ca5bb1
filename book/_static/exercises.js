/* Where a page has exercises, loads what lets a reader try them in the page. */
"use strict";

{
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
  const NEEDED = {
    explorer: ["sentences", "literals", "topology", "diagnosis", "address", "elements"],
    live: ["random", "engine", "kernels", "kernels_wasm", "worker", "data", "plans", "trainer"],
    tutorial: ["exercises"],
  };
  const add = (name, attributes) =>
    document.head.append(Object.assign(document.createElement(name), attributes));

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector(".exercise")) return;
    for (const sheet of ["explorer/explorer", "live/live"]) {
      add("link", { rel: "stylesheet", href: `${FOLDER}${sheet}.css` });
    }
    for (const [part, names] of Object.entries(NEEDED)) {
      // not async: one after the other
      for (const name of names) add("script", { src: `${FOLDER}${part}/${name}.js`, async: false });
    }
  });
}
