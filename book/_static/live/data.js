/* MNIST in a page: the package's zipped files, from scripts that are added when first wanted. */
"use strict";

const Data = (() => {
  const PARTS = 16; // as in book/companion/pages/live_scripts.py

  /** Return the bytes behind base64. */
  function decoded(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  }

  /** Return files by name, as Blobs, which workers share without a copy. */
  async function join(parts) {
    const pieces = {};
    for (const part of parts) {
      for (const [name, text] of Object.entries(part)) (pieces[name] ??= []).push(decoded(text));
      await new Promise((resolve) => setTimeout(resolve)); // the page may answer in between
    }
    return Object.fromEntries(
      Object.entries(pieces).map(([name, bytes]) => [name, new Blob(bytes)]),
    );
  }

  /** Read MNIST from a folder's scripts. */
  async function mnist(folder) {
    const parts = [];
    for (let part = 0; part < PARTS; part += 1) {
      await Elements.run(`${folder}mnist_${part}.js`);
      parts.push(window.radixnetMnist);
      window.radixnetMnist = undefined; // let go of the text
    }
    return join(parts);
  }

  return { decoded, join, mnist };
})();
