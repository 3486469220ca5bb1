/* Parts of a page, made from names, attributes and text; text is never read as HTML. */
"use strict";

const Elements = (() => {
  function filled(made, attributes, children) {
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  const element = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);
  const svg = (name, attributes = {}, ...children) =>
    filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

  /** Add a script of this site, from disk or not; settled once it has run. */
  const run = (address) =>
    new Promise((resolve, reject) => {
      const script = element("script", { src: address });
      script.onload = () => {
        script.remove();
        resolve();
      };
      script.onerror = () => reject(new Error(`${address} cannot be read; build the book again`));
      document.head.append(script);
    });

  return { element, svg, run };
})();
