/* Reads what a reader types, and writes numbers and the sentences of radixnet/sentences.json. Whole
 * numbers are read as their digits, so that a line to type in Python has them all. No DOM. */
"use strict";

const Literals = (() => {
  const LONGEST = 2000; // characters: any network on a page has fewer, and below nothing takes long

  /** Text that is no radix lists or layer sizes; the message says what would be. */
  class Unreadable extends Error {}

  const isCount = (value) => typeof value === "string" && /^[1-9]\d*$/.test(value);

  /** Refuse a text by the first of its parts that is no positive integer, else as a whole. */
  function refuse(what, text, parts) {
    const part = parts.find((found) => found && !isCount(found)) ?? text.trim();
    const shown = `“${part.length > 40 ? `${part.slice(0, 40)}…` : part}”`;
    const unread = text.length > LONGEST ? `more than ${withCommas(LONGEST)} characters` : shown;
    const wanted = say(`${what.replace(" ", "_")}_wanted`);
    throw new Unreadable(`${what}: cannot read ${unread}; ${wanted}`);
  }

  /** Return radix lists written as Python does, without its outer brackets, or as 10,10;10.
   *
   * Open brackets are closed: whoever types "[[7, 15], [3" need not wait for an answer. */
  function readRadixLists(text) {
    const fail = () => refuse("radix lists", text, text.split(/[\s,;[\]()]+/));
    if (text.length > LONGEST) fail();
    let written = text.replaceAll("(", "[").replaceAll(")", "]");
    if (!/[[\]]/.test(written)) written = `[${written.replaceAll(";", "],[")}]`;
    const count = (bracket) => written.split(bracket).length - 1;
    written += "]".repeat(Math.max(0, count("[") - count("]")));
    written = written.replace(/,\s*(?=\]|$)/g, "").replace(/\d+/g, '"$&"');
    let lists;
    try {
      lists = JSON.parse(`[${written}]`);
    } catch {
      fail();
    }
    const areLists = (values) => Array.isArray(values) && values.every(Array.isArray);
    if (lists.length === 1 && areLists(lists[0])) [lists] = lists;
    if (!areLists(lists) || !lists.flat().every(isCount)) fail();
    return lists;
  }

  /** Return layer sizes written with dashes, crosses, spaces or commas between, or as a list. */
  function readLayerSizes(text) {
    const bare = text.trim().replace(/^[[(](.*?),?\s*[\])]?$/, "$1").trim();
    const sizes = bare === "" ? [] : bare.split(/\s*[-–—×x,]\s*|\s+/);
    if (text.length > LONGEST || !sizes.every(isCount)) refuse("layer sizes", text, sizes);
    return sizes;
  }

  /** Return radix lists as Python and the paper write them. */
  const write = (lists) => `[${lists.map((list) => `[${list.join(", ")}]`).join(", ")}]`;

  /** Return a sentence of the package with its places filled, as radixnet.sentences.say does. */
  function say(name, values = {}) {
    const sentence = [radixnetSentences[name]].flat().at(values.count === 1 ? 0 : -1);
    return sentence.replace(/\{(\w+)\}/g, (_, key) => spoken(values[key]));
  }

  function spoken(value) {
    if (typeof value === "string") return value;
    if (typeof value === "number") return withCommas(value);
    const [last, ...others] = value.map(spoken).reverse();
    return others.length ? `${others.reverse().join(", ")} and ${last}` : last;
  }

  /** Return a number as Python and the address have it, of one as typed: 1e3 and 007 as 1000 and 7. */
  const plainNumber = (text) => String(/^\d+$/.test(text) ? BigInt(text) : text && Number(text));

  /** Return a whole number with commas between thousands. */
  const withCommas = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

  /** Return a share from 0 to 1 in percent with one decimal, as radixnet.sentences.percent does. */
  const percent = (share) => `${(Math.floor(1000 * share + 0.5) / 10).toFixed(1)}%`;

  return { Unreadable, readRadixLists, readLayerSizes, write, say, plainNumber, withCommas, percent };
})();
