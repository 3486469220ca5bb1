/* The tutorial answers back: under each exercise a place to try it, with a check and a hint. */
"use strict";

(() => {
  const { element } = Elements;
  const { percent } = Literals;
  const LENET = [784, 300, 100, 10];
  const STRANGE = "[[10, 10], [1]]";
  const WHOLE = { type: "number", min: 0, step: 1, required: "" };

  const range = (count) => Array.from({ length: count }, (_, i) => i);
  const numbersIn = (text) => (text.match(/\d+/g) ?? []).map(Number);
  const same = (one, other) => one.join() === other.join();

  function seedOf(text) {
    const seed = Literals.plainNumber(text);
    if (/^\d+$/.test(seed)) return seed;
    throw new Error("A seed is a whole number, 0 or more.");
  }

  const right = (text) => ({ kind: "live-right", text });
  const wrong = (text) => ({ kind: "live-wrong", text });

  // -- what a reader fills in: {node, read()} -----------------------------------------------------

  function text(label, value = "", attributes = {}) {
    const input = element("input", { type: "text", autocomplete: "off", value, ...attributes });
    const node = element("label", { class: "live-row" }, `${label} `, input);
    return { node, read: () => input.value };
  }

  function choice(label, options) {
    const list = element("select");
    list.append(...Object.keys(options).map((name) => element("option", {}, name)));
    const node = element("label", { class: "live-row" }, `${label} `, list);
    return { node, read: () => options[list.value] };
  }

  /** Rows of buttons that are pressed or not; arrow keys lead from one to the next. */
  function cells(label, rows, columns, nameOf) {
    const buttons = range(rows * columns).map((i) => {
      const place = [Math.floor(i / columns), i % columns];
      const attributes = { type: "button", "aria-pressed": "false", tabindex: i ? -1 : 0 };
      attributes["aria-label"] = nameOf(...place);
      const button = element("button", attributes, String(place[1]));
      button.onclick = () => {
        button.ariaPressed = String(button.ariaPressed !== "true");
      };
      return button;
    });
    const named = range(rows).flatMap((row) => [
      ...(rows > 1 ? [element("span", { "aria-hidden": "true" }, `${row}:`)] : []),
      ...buttons.slice(row * columns, (row + 1) * columns),
    ]);
    const box = element("div", { class: "live-cells" }, ...named);
    box.style.setProperty("--columns", named.length / rows);
    box.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
      const next = buttons[buttons.indexOf(event.target) + steps[event.key]];
      if (!next) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    return {
      node: element("fieldset", {}, element("legend", {}, label), box),
      read: () => buttons.map((button) => Number(button.ariaPressed === "true")),
    };
  }

  // -- networks, and their training ---------------------------------------------------------------

  /** Return the network of radix lists as they are typed; what is illegal or unreadable is said. */
  function network(typed, sizesOf, fit = "trim", dense = false) {
    const lists = Literals.readRadixLists(typed);
    return Topology.specify(lists, sizesOf(lists), fit, dense);
  }
  const onLenet = () => LENET;
  const modulusOf = (lists) => lists[0].reduce((product, radix) => product * Number(radix), 1);
  const asLargeAsModulus = (lists) => new Array(lists.flat().length + 1).fill(modulusOf(lists));

  let trainer = null;
  let giveUp = () => {}; // whoever waits for the end of a training

  function stopTraining(why) {
    trainer?.stop();
    giveUp(new Error(why));
  }

  /** Train a network; return what its last report says. */
  function trained(spec, chosen, say) {
    stopTraining("Stopped, as another exercise is being trained.");
    say("Training …");
    return new Promise((resolve, reject) => {
      giveUp = reject;
      trainer ??= new Trainer();
      trainer.say = (reason) => reject(new Error(reason));
      const plan = { chosen: { ...Address.TRAINING, ...chosen } };
      const pace = { quiet: true, allowed: Infinity, wait: 0 };
      trainer.start(Topology.layersOf(spec), plan, resolve, pace);
    });
  }

  // -- the exercises, in order: fields, check, hint -----------------------------------------------

  function digits(number, radices) {
    return radices.map((radix) => {
      const digit = number % radix;
      number = Math.floor(number / radix);
      return digit;
    });
  }

  const odometer = {
    fields: [
      text("Digits of 57 with the radices 10 and 10:"),
      text("Digits of 57 with 5 and 20:"),
      text("The number with the digits 3, 1 and 2 with 4, 5 and 6:"),
    ],
    hint:
      "Divide by the first radix: the remainder is the first digit. Go on with the quotient. " +
      "Back again, each digit counts as often as its place value says: 1, 4 and 20.",
    check(one, other, number) {
      const wanted = [digits(57, [10, 10]), digits(57, [5, 20]), [3 + 1 * 4 + 2 * 20]];
      const given = [one, other, number].map(numbersIn);
      const first = wanted.findIndex((expected, i) => !same(expected, given[i]));
      if (first < 0) return right("All three are right.");
      const isTurned = same(given[first], [...wanted[first]].reverse());
      const why = isTurned ? ": the digit that is worth 1 comes first" : "";
      return wrong(`Line ${first + 1} is not right yet${why}.`);
    },
  };

  const [SIZE, RADIX, PLACE_VALUE] = [6, 2, 3];
  const shifts = {
    fields: [
      cells(
        `Build the layer of radix ${RADIX} and place value ${PLACE_VALUE} on ${SIZE} units: a row ` +
          "for each unit a, a column for each unit b. Press what it feeds.",
        ...[SIZE, SIZE, (a, b) => `unit ${a} feeds unit ${b}`],
      ),
    ],
    hint: "As powers of P it is 1 + P³: unit a feeds a and a − 3, counted around the end.",
    check(pressed) {
      const isFed = (a, b) => range(RADIX).some((j) => (a - j * PLACE_VALUE + SIZE) % SIZE === b);
      const isRight = (a, b) => Number(isFed(a, b)) === pressed[SIZE * a + b];
      const first = range(SIZE).find((a) => !range(SIZE).every((b) => isRight(a, b)));
      return first === undefined
        ? right("That is the layer: two ones in each row and in each column.")
        : wrong(`The row of unit ${first} is not right yet.`);
    },
  };

  const paths = {
    fields: [
      text("Radix lists:", "[[2, 3, 4], [4, 6], [3, 2]]"),
      text("Paths from any input to any output:", "", { inputmode: "numeric" }),
    ],
    hint:
      "The first list brings one path to each unit. Each further list multiplies the paths by the " +
      "product of its radices.",
    check(typed, answer) {
      const { expandedPathCount: count, lists } = network(typed, asLargeAsModulus);
      return same(numbersIn(answer.replaceAll(",", "")), [count])
        ? right(`${Literals.withCommas(count)} it is, for ${Literals.write(lists)}.`)
        : wrong("It is another number.");
    },
  };

  const legal = {
    fields: [
      text("Is this legal?", "[[6], [2, 3]]"),
      text("Legal radix lists of three radices from 1 to 10:", "", { inputmode: "numeric" }),
    ],
    hint:
      "[[a, b], [c]] is legal where c divides a × b, and [[a], [b], [c]] where a is b and c " +
      "divides it.",
    check(typed, answer) {
      const said = `${Literals.write(network(typed, asLargeAsModulus).lists)} is legal.`;
      if (!numbersIn(answer).length) return right(said);
      const radices = range(10).map((i) => i + 1);
      const triples = radices.flatMap((a) => radices.flatMap((b) => radices.map((c) => [a, b, c])));
      const count = (rule) => triples.filter(([a, b, c]) => rule(a, b, c)).length;
      const total =
        triples.length +
        count((a, b, c) => (a * b) % c === 0) +
        count((a, b, c) => a % (b * c) === 0) +
        count((a, b, c) => a === b && a % c === 0);
      return same(numbersIn(answer.replaceAll(",", "")), [total])
        ? right(`${said} And ${Literals.withCommas(total)} is the number of legal ones.`)
        : wrong(`${said} But their number is another.`);
    },
  };

  const trimming = {
    fields: [
      text("Radix lists on 784-300-100-10:", "[[10, 10, 10]]"),
      text("Inputs that reach no output:", "", { inputmode: "numeric" }),
    ],
    hint: "Start from the ten outputs that are left: output b hears from b, b + v, …, b + (r − 1) v.",
    check(typed, answer) {
      const layers = Topology.layersOf(network(typed, onLenet));
      const { live, min, max } = Diagnosis.diagnose(layers);
      const unread = range(LENET[0]).filter((input) => !live[0][input]);
      const found = `paths from an input to an output: ${min} to ${max}`;
      const isRight = same(numbersIn(answer), [unread.length]);
      if (!isRight) return wrong(`It is another number; ${found}.`);
      const rows = unread.map((input) => Math.floor(input / 28));
      const where = rows.length ? `, all in rows ${rows[0]} to ${rows.at(-1)} of the image` : "";
      return right(`${unread.length}${where}; ${found}.`);
    },
  };

  const once = {
    fields: [
      choice("Is it enough to mask the starting weights?", {
        "I think so": "yes",
        "No: zeros move": "moves",
        "No: the rest stop moving": "stops",
      }),
    ],
    hint:
      "The gradient of a weight is its input times what comes back to its unit. Is that zero where " +
      "the weight is?",
    check: (answer) =>
      answer === "moves"
        ? right("No: a weight that starts at zero has a gradient like any other, and moves.")
        : wrong("Count the weights that are not zero after ten batches."),
  };

  const tried = new Map(); // sparsities that were trained: n to accuracy
  const sparsest = {
    fields: [text("Train [[n, n], [n]] with n =", "20", { ...WHOLE, min: 1, max: 28 })],
    button: "Train",
    hint:
      "Up to n = 28 the sparsity is about 1 − 1/n. You have it when n exceeds 90% and n + 1, " +
      "which is sparser, does not.",
    async check(answer, say) {
      const n = Number(answer);
      const spec = network(`[[${n}, ${n}], [${n}]]`, onLenet);
      const sparsity = percent(Topology.sparsity(Topology.layersOf(spec)));
      const { test } = await trained(spec, {}, say);
      const accuracy = percent(test.accuracy);
      const line = `n = ${n}: sparsity ${sparsity}, test accuracy ${accuracy}`;
      tried.set(n, { line, exceeds: test.accuracy > 0.9 });
      const all = [...tried.keys()].sort((a, b) => a - b);
      const found = all.some(
        (each) => tried.get(each).exceeds && tried.get(each + 1)?.exceeds === false,
      );
      return (found ? right : wrong)(all.map((each) => tried.get(each).line).join("\n"));
    },
  };

  const predict = {
    fields: [
      text("Seed:", "1000", WHOLE),
      cells(
        `${STRANGE} trains for ten epochs. Press the digits that it will lose.`,
        ...[1, 10, (_, digit) => `digit ${digit} is lost`],
      ),
    ],
    button: "Train",
    hint: () => {
      const seed = seedOf(predict.fields[0].read());
      const layers = Topology.layersOf(network(STRANGE, onLenet));
      const settings = Plans.numbersOf({ ...Address.TRAINING, seed });
      const last = defineRandom().startingWeights(layers, settings).at(-1);
      const isPositive = (c) => range(100).some((a) => last[10 * a + c] > 0);
      const signs = range(10).map((c) => `${c}: ${isPositive(c) ? "+" : "−"}`);
      return (
        `The only weights of the digits start with these signs: ${signs.join(", ")}. ` +
        "One that starts close to zero can change its sign in the first steps."
      );
    },
    async check(seed, pressed, say) {
      const spec = network(STRANGE, onLenet);
      const { test } = await trained(spec, { seed: seedOf(seed), epochs: "10" }, say);
      const lost = range(10).filter((c) => !test.answered[c]);
      const guessed = range(10).filter((c) => pressed[c]);
      const [ours, yours] = [lost, guessed].map((digits) => digits.join(", ") || "none");
      const said = `Lost: ${ours}; test accuracy ${percent(test.accuracy)}.`;
      return ours === yours ? right(said) : wrong(`${said} You guessed: ${yours}.`);
    },
  };

  const repair = {
    fields: [
      choice("Train [[10, 10], [1]]", {
        "as in the paper": {},
        "folded": { fit: "fold" },
        "with a dense output layer": { dense: true },
        "with last weights that start positive": { chosen: { positive_output: "true" } },
        "with leaky ReLU units": { chosen: { activation: "leaky_relu" } },
        "from seed 1001": { chosen: { seed: "1001" } },
      }),
    ],
    button: "Train",
    hint: "Each class hangs on one weight. Give it more of them, or a better one.",
    async check({ fit, dense, chosen = {} }, say) {
      const spec = network(STRANGE, onLenet, fit, dense);
      const layers = Topology.layersOf(spec);
      const connections = layers.reduce((sum, layer) => sum + layer.indices.length, 0);
      const { test } = await trained(spec, chosen, say);
      const said =
        `${test.classes} of 10 digits answered, test accuracy ${percent(test.accuracy)}, ` +
        `${Literals.withCommas(connections)} connections.`;
      return (test.classes === 10 ? right : wrong)(said);
    },
  };

  // -- on the page --------------------------------------------------------------------------------

  function show(place, { fields, check, hint, button = "Check" }) {
    const said = element("p", { role: "status", class: "live-said" });
    const press = element("button", { type: "submit" }, button);
    const hinted = element("p");
    const help = element("details", {}, element("summary", {}, "Hint"), hinted);
    const showHint = () => {
      try {
        hinted.textContent = typeof hint === "function" ? hint() : hint;
      } catch (error) {
        hinted.textContent = error.message;
      }
    };
    help.addEventListener("toggle", showHint);
    const halt = element("button", { type: "button", disabled: "" }, "Stop");
    halt.onclick = () => stopTraining("Stopped.");
    const buttons = button === "Train" ? [press, " ", halt] : [press];
    const form = element("form", { class: "explorer live live-exercise", autocomplete: "off" });
    form.append(...fields.map(({ node }) => node), ...buttons, said, help);
    form.addEventListener("input", () => help.open && showHint());
    const say = (text) => Object.assign(said, { className: "live-said", textContent: text });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      press.disabled = true;
      halt.disabled = false;
      let answer;
      try {
        answer = await check(...fields.map(({ read }) => read()), say);
      } catch (error) {
        answer = wrong(error.message);
      }
      say(answer.text).classList.add(answer.kind);
      press.disabled = false;
      halt.disabled = true;
    });
    place.append(form);
  }

  const exercises = [odometer, shifts, paths, legal, trimming, once, sparsest, predict, repair];
  document.querySelectorAll(".exercise").forEach((place, i) => show(place, exercises[i]));
})();
