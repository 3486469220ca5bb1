/* The random numbers of a run, bit for bit those of the package: NumPy's SeedSequence, PCG64,
 * standard_normal and permutation, and what radixnet/initializers.py and
 * radixnet/training/data_order.py draw with them.
 *
 * A worker is made from the text of this function (see trainer.js), so that it stands alone. */
"use strict";

function defineRandom() {
  const { fround, imul } = Math;
  const POOL = 4; // words of a seed sequence

  /** Return `count` 32-bit words of numpy.random.SeedSequence(seed, spawn_key=spawnKey). */
  function seedWords(seed, spawnKey, count) {
    const entropy = [];
    let rest = BigInt(seed);
    if (rest < 0n) throw new RangeError(`a seed must be 0 or more, not ${seed}`);
    do {
      entropy.push(Number(rest & 0xffffffffn));
      rest >>= 32n;
    } while (rest);
    while (entropy.length < POOL) entropy.push(0);
    entropy.push(...spawnKey);

    let constant = 0x43b0d7e5;
    const hash = (word) => {
      const start = word ^ constant;
      constant = imul(constant, 0x931e8875);
      const product = imul(start, constant);
      return product ^ (product >>> 16);
    };
    const mix = (x, y) => {
      const difference = imul(0xca01f9dd, x) - imul(0x4973f715, y);
      return difference ^ (difference >>> 16);
    };
    const pool = Int32Array.from(entropy.slice(0, POOL), hash);
    for (let from = 0; from < POOL; from += 1) {
      for (let to = 0; to < POOL; to += 1) {
        if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
      }
    }
    for (const word of entropy.slice(POOL)) {
      for (let to = 0; to < POOL; to += 1) pool[to] = mix(pool[to], hash(word));
    }

    constant = 0x8b51f9dd;
    return Uint32Array.from({ length: count }, (_, i) => {
      const start = pool[i % POOL] ^ constant;
      constant = imul(constant, 0x58f38ded);
      const product = imul(start, constant);
      return product ^ (product >>> 16);
    });
  }

  const LIMBS = 8; // a number of 128 bits is 8 limbs of 16, lowest first
  const limbs = (number) =>
    Uint16Array.from({ length: LIMBS }, (_, i) => Number((number >> BigInt(16 * i)) & 0xffffn));
  const MULTIPLIER = limbs(0x2360ed051fc65da44385df649fccf645n);

  /** numpy.random.PCG64: each step of 128 bits of state makes 64 (XSL-RR), handed out in halves. */
  class Generator {
    constructor(seed, ...spawnKey) {
      const words = Array.from(seedWords(seed, spawnKey, 8), BigInt);
      const joined = (...places) => places.reduce((all, i) => (all << 32n) | words[i], 0n);
      const increment = (joined(5, 4, 7, 6) << 1n) | 1n;
      this.increment = limbs(increment);
      this.state = limbs(increment + joined(1, 0, 3, 2));
      this.room = new Uint16Array(LIMBS);
      this.step();
      this.waiting = -1; // an upper half, or none
    }

    /** state = state * MULTIPLIER + increment, modulo 2**128 */
    step() {
      const { state, increment, room } = this;
      let sum = 0; // less than 2**53: at most 8 products of 32 bits and a carry
      for (let place = 0; place < LIMBS; place += 1) {
        sum += increment[place];
        for (let i = 0; i <= place; i += 1) sum += state[i] * MULTIPLIER[place - i];
        const carry = Math.floor(sum / 65536); // a remainder of doubles takes three times as long
        room[place] = sum - carry * 65536;
        sum = carry;
      }
      this.state = room;
      this.room = state;
    }

    /** Return a whole number below 2**32. */
    next32() {
      if (this.waiting >= 0) {
        const half = this.waiting;
        this.waiting = -1;
        return half;
      }
      this.step();
      const s = this.state;
      let low = s[0] ^ s[4] ^ ((s[1] ^ s[5]) << 16);
      let high = s[2] ^ s[6] ^ ((s[3] ^ s[7]) << 16);
      const turn = s[7] >>> 10; // places to rotate to the right
      if (turn & 32) [low, high] = [high, low];
      if (turn & 31) {
        const shift = turn & 31;
        const back = 32 - shift;
        [low, high] = [(low >>> shift) | (high << back), (high >>> shift) | (low << back)];
      }
      this.waiting = high >>> 0;
      return low >>> 0;
    }

    /** Return a float32 of at least 0 and less than 1. */
    nextFloat() {
      return (this.next32() >>> 8) / 2 ** 24;
    }

    /** Return a float32 of the standard normal distribution, as random_standard_normal_f. */
    nextNormal() {
      const { ratios, widths, heights } = ZIGGURAT;
      for (;;) {
        const bits = this.next32();
        const layer = bits & 255;
        const place = bits >>> 9;
        const x = (bits & 256 ? -1 : 1) * fround(place * widths[layer]);
        if (place < ratios[layer]) return x;
        if (layer === 0) return this.tail((place >>> 8) & 1);
        const rise = fround(fround(heights[layer - 1] - heights[layer]) * this.nextFloat());
        if (fround(rise + heights[layer]) < Math.exp(-0.5 * x * x)) return x;
      }
    }

    /** Return a number beyond the last layer's edge.
     *
     * NumPy's logarithm here is the C library's, whose last digit differs between systems: one
     * number in 700,000 may differ from Python's by one unit in the last place. */
    tail(negative) {
      const log1p = (x) => fround(Math.log1p(x));
      for (;;) {
        const x = fround(fround(-1 / EDGE) * log1p(-this.nextFloat()));
        const y = -log1p(-this.nextFloat());
        if (y + y > fround(x * x)) return (negative ? -1 : 1) * fround(fround(EDGE) + x);
      }
    }

    /** Return numpy's Generator.permutation(count). */
    permutation(count) {
      const order = Int32Array.from({ length: count }, (_, i) => i);
      for (let last = count - 1; last > 0; last -= 1) {
        const other = this.upTo(last);
        [order[last], order[other]] = [order[other], order[last]];
      }
      return order;
    }

    /** Return a whole number from 0 to `most`: as many bits as it has, again while too large. */
    upTo(most) {
      const mask = 0xffffffff >>> Math.clz32(most);
      for (;;) {
        const value = (this.next32() & mask) >>> 0;
        if (value <= most) return value;
      }
    }
  }

  /** Where the ziggurat's outermost layer ends, and the area of each of its 256 layers
   * (Marsaglia and Tsang, 2000). */
  const EDGE = 3.6541528853610088;
  const AREA = 0.00492867323399;
  const ZIGGURAT = (() => {
    const density = (x) => Math.exp((-x * x) / 2);
    const ratios = new Int32Array(256); // of each layer's width to that of the next, in 2**23ths
    const widths = new Float32Array(256);
    const heights = new Float32Array(256).fill(1);
    const base = AREA / density(EDGE);
    ratios[0] = Math.round((EDGE / base) * 2 ** 23);
    widths[0] = base / 2 ** 23;
    for (let layer = 255, x = EDGE; layer > 0; layer -= 1) {
      widths[layer] = x / 2 ** 23;
      heights[layer] = density(x);
      const narrower = layer > 1 ? Math.sqrt(-2 * Math.log(AREA / x + density(x))) : 0;
      ratios[layer] = Math.round((narrower / x) * 2 ** 23);
      x = narrower;
    }
    return { ratios, widths, heights };
  })();

  /** Return radixnet.initializers.starting_weights: one Float32Array per layer, input by input.
   *
   * Layers are those of `Topology.layersOf`; the weight is zero where nothing connects. */
  function startingWeights(layers, { seed, initializer, positiveOutput }) {
    return layers.map(({ inputs, outputs, pointers, indices }, number) => {
      const generator = new Generator(seed, number);
      const isLast = number === layers.length - 1;
      const fanIns = new Int32Array(outputs).fill(initializer === "as_dense" ? inputs : 0);
      if (initializer === "fan_in") for (const b of indices) fanIns[b] += 1;
      const spreads = Float32Array.from(fanIns, (fanIn) =>
        initializer === "normal" ? 0.05 : Math.sqrt((isLast ? 1 : 2) / Math.max(fanIn, 1)),
      );
      const weights = new Float32Array(inputs * outputs);
      const drawn = new Float32Array(outputs);
      for (let a = 0; a < inputs; a += 1) {
        for (let b = 0; b < outputs; b += 1) drawn[b] = generator.nextNormal() * spreads[b];
        for (let k = pointers[a]; k < pointers[a + 1]; k += 1) {
          const weight = drawn[indices[k]];
          weights[a * outputs + indices[k]] = isLast && positiveOutput ? Math.abs(weight) : weight;
        }
      }
      return weights;
    });
  }

  const DATA_STREAM = 2 ** 32 - 1; // its first number; weights have the number of their layer

  /** Return radixnet.training.data_order.split: the rows that train and those that validate. */
  function split(seed, rows, validating) {
    const shuffled = new Generator(seed, DATA_STREAM, 1).permutation(rows);
    return [shuffled.subarray(0, rows - validating), shuffled.subarray(rows - validating)];
  }

  /** Return radixnet.training.data_order.epoch_order. */
  const epochOrder = (seed, epoch, rows) =>
    new Generator(seed, DATA_STREAM, 2, epoch).permutation(rows);

  return { Generator, startingWeights, split, epochOrder };
}
