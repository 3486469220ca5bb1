/* What a reader may have meant by radix lists and layer sizes that do not go together: legal ones close to them. No DOM. */
"use strict";

const Suggestions = (() => {
  const MOST_LAYERS = 12; // beyond, a guess at so many sizes would help nobody

  const geometricMean = (a, b) => BigInt(Math.max(1, Math.round(Math.sqrt(Number(a) * Number(b)))));

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
    for (const step of [-1n, 1n]) {
      let candidate = step < 0n && wanted > number ? number : wanted + step;
      for (let tries = 0; tries < 1000 && candidate >= 1n && candidate <= number; tries += 1, candidate += step) {
        if (number % candidate === 0n) {
          found.push(candidate);
          break;
        }
      }
    }
    return found;
  }

  /** Return legal networks near an illegal one, as {radixLists, layerSizes} in words to type; none when nothing is close. */
  function near(radixLists, layerSizes) {
    const isCount = (value) => typeof value === "bigint" && value >= 1n;
    const readable =
      Array.isArray(radixLists) && Array.isArray(layerSizes) && radixLists.every(Array.isArray) && layerSizes.length > 1;
    if (!readable || ![...radixLists.flat(), ...layerSizes].every(isCount)) return [];
    const needed = radixLists.flat().length + 1;
    if (needed > MOST_LAYERS || needed < 2) return [];
    const sizes = layerSizes.length === needed ? layerSizes : otherSizes(layerSizes, needed);
    const last = radixLists.at(-1);
    const modulus = radixLists[0].reduce((a, b) => a * b, 1n);
    const candidates = [radixLists];
    if (radixLists.length > 1 && last?.length === 1) {
      for (const divisor of nearestDivisors(modulus, last[0])) candidates.push([...radixLists.slice(0, -1), [divisor]]);
    }
    return candidates
      .filter((lists) => isLegal(lists, sizes))
      .map((lists) => ({ radixLists: Literals.repr(lists), layerSizes: sizes.join("-") }));
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
