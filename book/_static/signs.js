/* The discovery of this book, to touch: ten classes, one hidden unit each, ten signs to flip (the landing page).
 *
 * A class whose weights are all negative never has the largest logit once a class before it has only
 * positive ones: the rule of radixnet/diagnostics/lost_classes.py, where the reasons stand. Without
 * scripts the page shows a picture instead. */
"use strict";

const Signs = (() => {
  const CLASSES = 10;
  const WEIGHTS = { trim: 1, fold: 10 }; // of each class: [[10, 10], [1]] on 784-300-100-10, cut to size or folded

  /** Return for each class whether it is lost, from its weights' signs (1 or -1), in the order of the classes. */
  function lost(signs) {
    let challenged = false; // by a class before whose logit is never below zero
    return signs.map((own) => {
      const isLost = challenged && own.every((sign) => sign < 0);
      challenged ||= own.every((sign) => sign > 0);
      return isLost;
    });
  }

  const drawn = (count) => Array.from({ length: count }, () => (Math.random() < 0.5 ? -1 : 1));

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  /** Fill a place on the page; `perClass` is what each class adds to the accuracy, 0 to 1. */
  function begin(place, perClass) {
    let fit = "trim";
    // The first weight of each class is the one to flip; a network that was folded has nine more.
    const first = [1, -1, 1, -1, -1, 1, -1, 1, -1, 1];
    let others = first.map(() => drawn(WEIGHTS.fold - 1));

    const status = element("p", { className: "signs-status" });
    status.setAttribute("role", "status");
    const columns = first.map((_, number) => {
      const button = element("button", { type: "button", onclick: () => flip(number) });
      const more = element("span", { className: "signs-more", ariaHidden: "true" });
      const label = element("span", { className: "signs-class", ariaHidden: "true" }, String(number));
      return { button, more, column: element("div", { className: "signs-column" }, label, button, more) };
    });
    const fits = Object.keys(WEIGHTS).map((name) => {
      const input = element("input", { type: "radio", name: "signs-fit", value: name, checked: name === fit, onchange: () => {
        fit = name;
        show();
      } });
      return element("label", {}, input, ` ${name}`);
    });
    const again = element("button", { type: "button", className: "signs-again", onclick: () => {
      first.splice(0, CLASSES, ...drawn(CLASSES));
      others = first.map(() => drawn(WEIGHTS.fold - 1));
      show();
    } }, "Draw new signs");

    function flip(number) {
      first[number] *= -1;
      show();
    }

    function show() {
      const signs = first.map((sign, number) => (fit === "trim" ? [sign] : [sign, ...others[number]]));
      const isLost = lost(signs);
      columns.forEach(({ button, more, column }, number) => {
        const sign = first[number] > 0 ? "positive" : "negative";
        button.textContent = first[number] > 0 ? "+" : "−";
        button.className = sign;
        button.setAttribute("aria-label", `class ${number}, ${isLost[number] ? "lost" : "kept"}: weight ${sign}; flip it`);
        column.classList.toggle("signs-lost", isLost[number]);
        more.replaceChildren(...signs[number].slice(1).map((each) => element("i", { className: each > 0 ? "positive" : "negative" })));
      });
      const left = isLost.filter((each) => !each).length;
      status.textContent = `${left} of ${CLASSES} classes left, so about ${Math.round(100 * left * perClass)} % of the images`;
    }

    place.replaceChildren(
      element("div", { className: "signs-columns" }, ...columns.map(({ column }) => column)),
      status,
      element("fieldset", { className: "signs-controls" }, element("legend", {}, "fit:"), ...fits, again),
    );
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector(".signs");
    if (!box) return;
    const place = element("div", { className: "signs-place" });
    box.querySelector(".signs-picture").replaceWith(place);
    begin(place, Number(box.querySelector(".signs-per-class").textContent.match(/[\d.]+/)[0]));
  });

  return { lost };
})();
