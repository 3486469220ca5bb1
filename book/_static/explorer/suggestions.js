/* What a reader may have meant by radix lists and layer sizes that do not go together: legal ones close to them. No DOM. */
"use strict";

const Suggestions = (() => {
  const MOST_LAYERS = 12; // beyond, a guess at so many sizes would help nobody

  const geometricMean = (a, b) => Math.max(1, Math.round(Math.sqrt(a * b)));

  /** Return as many sizes as the layers need: the first ones are kept, missing ones lie between the last of them and the output. */
  function otherSizes(sizes, needed) {
    const [output] = sizes.slice(-1);
    const before = sizes.slice(0, Math.min(needed - 1, sizes.length - 1));
    while (before.length < needed - 1) before.push(geometricMean(before.at(-1), output));
    return [...before, output];
  }

  /** Return the divisors of a number next to another one, below and above. */
  function nearestDivisors(number, wanted) {
    const found = [];
    for (const step of [-1, 1]) {
      const first = step < 0 && wanted > number ? number : wanted + step;
      const candidates = Array.from({ length: 1000 }, (_, tries) => first + tries * step);
      const isDivisor = (candidate) => candidate >= 1 && number % candidate === 0;
      found.push(...candidates.filter(isDivisor).slice(0, 1));
    }
    return found;
  }

  /** Return legal networks near an illegal one as `Literals` reads it; none when nothing is close.
   *
   * They come as {radixLists, layerSizes}, in words to type. */
  function near(readLists, readSizes) {
    const radixLists = readLists.map((list) => list.map(Number));
    const layerSizes = readSizes.map(Number);
    const needed = radixLists.flat().length + 1;
    if (needed > MOST_LAYERS || needed < 2 || layerSizes.length < 2) return [];
    const sizes = layerSizes.length === needed ? layerSizes : otherSizes(layerSizes, needed);
    const last = radixLists.at(-1);
    const modulus = radixLists[0].reduce((a, b) => a * b, 1);
    const candidates = [radixLists];
    if (radixLists.length > 1 && last.length === 1) {
      for (const divisor of nearestDivisors(modulus, last[0])) candidates.push([...radixLists.slice(0, -1), [divisor]]);
    }
    return candidates
      .filter((lists) => isLegal(lists, sizes))
      .map((lists) => ({ radixLists: Literals.write(lists), layerSizes: sizes.join("-") }));
  }

  function isLegal(lists, sizes) {
    try {
      Topology.specify(lists, sizes, "trim", false);
      return true;
    } catch (error) {
      if (error instanceof Topology.Illegal) return false;
      throw error;
    }
  }

  return { near };
})();
