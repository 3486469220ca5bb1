/* Reads what a reader types as Python would read it, and writes values as Python's repr() does, so that the explorer can give the
 * package's own reasons, word for word. Whole numbers are BigInt, other numbers Number; a tuple is an array marked as one. */
"use strict";

const Literals = (() => {
  const WORDS = { True: true, False: false, None: null };
  const LONGEST = 2000; // characters: any network on a page has fewer, and nothing here takes long below that

  /** Text that no value can be read from; the message says where and what would be right. */
  class Unreadable extends Error {}

  function asTuple(items) {
    return Object.assign(items, { isTuple: true });
  }

  /** Return the value that a text stands for: numbers, True, False, None, lists and tuples of them.
   *
   * Brackets that are still open at the end are closed: whoever types "[[7, 15], [3" need not wait for an answer. */
  function read(text, what, advice) {
    let position = 0;
    const fail = (found) => {
      throw new Unreadable(`${what}: cannot read ${found}; ${advice}`);
    };
    if (text.length > LONGEST) fail(`a text of ${text.length} characters, more than ${LONGEST}`);
    const skipSpace = () => {
      while (/\s/.test(text.charAt(position))) position += 1;
    };
    const items = (closing) => {
      const values = [];
      let commas = 0;
      for (skipSpace(); position < text.length && text.charAt(position) !== closing; skipSpace()) {
        if (values.length > commas)
          fail(`“${text.slice(position, position + 12)}”, character ${position + 1}, where a comma should be`);
        values.push(item());
        skipSpace();
        if (text.charAt(position) === ",") {
          position += 1;
          commas += 1;
        }
      }
      position += closing.length;
      return { values, commas };
    };
    const item = () => {
      const opening = text.charAt(position);
      if (opening === "[" || opening === "(") {
        position += 1;
        const { values, commas } = items(opening === "[" ? "]" : ")");
        if (opening === "[") return values;
        return values.length === 1 && commas === 0 ? values[0] : asTuple(values);
      }
      const token = /^[^\s,[\]()]+/.exec(text.slice(position));
      if (!token) fail(`“${opening}”, character ${position + 1}`);
      const value = scalar(token[0]);
      if (value === undefined) fail(`“${token[0].slice(0, 12)}”, character ${position + 1}`);
      position += token[0].length;
      return value;
    };
    const { values, commas } = items("");
    return values.length === 1 && commas === 0 ? values[0] : asTuple(values);
  }

  function scalar(token) {
    if (Object.hasOwn(WORDS, token)) return WORDS[token];
    if (/^[-+]?\d+$/.test(token)) return BigInt(token.replace("+", ""));
    if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(token)) return Number(token);
    return undefined;
  }

  /** Return the radix lists that a text stands for, not yet known to be legal. */
  function readRadixLists(text) {
    return text.trim() === "" ? [] : read(text, "radix lists", "give lists of positive integers, such as [[10, 10], [10]]");
  }

  /** Return layer sizes written as the book does, 784-300-100-10, with dashes, crosses, spaces or commas between them, or as a list. */
  function readLayerSizes(text) {
    const what = "layer sizes";
    const advice = "give positive integers, inputs first, such as 784-300-100-10";
    const bare = text.trim();
    if (bare === "") return [];
    const parts = bare.split(/(?<=\d)\s*[-–—×x]\s*|\s+/); // a hyphen after a digit parts two sizes, any other is a minus sign
    if (bare.length > LONGEST || parts.length === 1 || /[[\](),]/.test(bare)) return read(bare, what, advice);
    return parts.map((part) => read(part, what, advice));
  }

  /** Return what Python's repr() makes of a value. */
  function repr(value) {
    if (value === null) return "None";
    if (Array.isArray(value)) {
      const inside = value.map(repr).join(", ");
      if (!value.isTuple) return `[${inside}]`;
      return value.length === 1 ? `(${inside},)` : `(${inside})`;
    }
    if (typeof value === "string")
      return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replace(/'/g, "\\'")}'`;
    if (typeof value === "boolean") return value ? "True" : "False";
    return typeof value === "number" ? reprOfFloat(value) : String(value);
  }

  /** Return the shortest digits that stand for a double, with an exponent where Python writes one. */
  function reprOfFloat(value) {
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"; // no text is read as not a number
    const sign = value < 0 || Object.is(value, -0) ? "-" : "";
    const [mantissa, power] = Math.abs(value).toExponential().split("e");
    const digits = mantissa.replace(".", "");
    const exponent = Number(power);
    if (exponent < -4 || exponent >= 16)
      return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
    const padded = digits.padEnd(exponent + 1, "0");
    return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || "0"}`;
  }

  /** Return the name of a value's type in Python. */
  function typeName(value) {
    if (value === null) return "NoneType";
    if (Array.isArray(value)) return value.isTuple ? "tuple" : "list";
    return { bigint: "int", number: "float", boolean: "bool", string: "str" }[typeof value];
  }

  /** Return a whole number with commas between thousands. */
  function withCommas(value) {
    return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  }

  /** Return a share from 0 to 1 as Python's format "{:.1%}" writes it: halves go to the even digit. */
  function percent(share) {
    const value = share * 100;
    const quarters = value * 4; // a tie after one decimal ends in .25 or .75, which doubles hold exactly
    if (Number.isInteger(quarters) && quarters % 2 !== 0) {
      const tenths = Math.floor(value * 10);
      return `${((tenths % 2 === 0 ? tenths : tenths + 1) / 10).toFixed(1)}%`;
    }
    return `${value.toFixed(1)}%`;
  }

  return { Unreadable, readRadixLists, readLayerSizes, repr, typeName, withCommas, percent };
})();
