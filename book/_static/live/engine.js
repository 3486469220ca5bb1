/* Training in a page: a port of radixnet/training/compiled/{layout,steps,loss}.py. It lays a
 * network out in one block of memory and walks it with kernels, in WebAssembly or in plain
 * JavaScript, that take addresses in that block. No DOM.
 *
 * Every pixel and every unit has a line, its values in all rows of a batch; a batch goes through a
 * layer in tiles of 20 rows. Units with the same inputs form a group, so that what an input says is
 * read once for all of them. More is drawn in radixnet/training/compiled/kernels.py. Unlike there,
 * units with similar inputs are not joined, and pixels that are dark in all of MNIST are multiplied
 * too, since a drawn digit may light them. A worker is made from the text of this function (see
 * trainer.js), so that it stands alone. */
"use strict";

function defineEngine() {
  const ROWS = 20; // of a tile; this and the next two as WASM in radixnet/training/compiled
  const BLOCK = 8; // weights whose gradients are found together
  const LARGEST_GROUP = 2;
  const BETA_1 = 0.9;
  const BETA_2 = 0.999;
  const EXTRA_LINES = 2; // after a layer's units: ones, the input of biases; zeros, of padding
  const PIXELS = 784;
  const TRAINING = 60_000; // MNIST's rows: those to train on, then
  const TEST = 10_000; // those to test with
  const SLOPES = { relu: 0, leaky_relu: 0.2, linear: 1 }; // below zero; above it is 1
  const PADDING = -1;

  const aligned = (address) => Math.ceil(address / 64) * 64;

  /** Return for each output of a layer its inputs, ascending. */
  function inputsOf({ inputs, outputs, pointers, indices }) {
    const lists = Array.from({ length: outputs }, () => []);
    for (let a = 0; a < inputs; a += 1) {
      for (let k = pointers[a]; k < pointers[a + 1]; k += 1) lists[indices[k]].push(a);
    }
    return lists;
  }

  const outputsOf = ({ inputs, pointers, indices }) =>
    Array.from({ length: inputs }, (_, a) => [...indices.subarray(pointers[a], pointers[a + 1])]);

  /** Return units with equal lists of inputs in chunks, in the order of their first inputs. */
  function chunksOfEqualUnits(lists) {
    const alike = new Map();
    lists.forEach((list, unit) => {
      const key = list.join();
      if (!alike.has(key)) alike.set(key, []);
      alike.get(key).push(unit);
    });
    const first = ([unit]) => lists[unit][0] ?? 0;
    const chunks = [];
    for (const units of [...alike.values()].sort((a, b) => first(a) - first(b) || a[0] - b[0])) {
      for (let i = 0; i < units.length; i += LARGEST_GROUP) {
        chunks.push(units.slice(i, i + LARGEST_GROUP));
      }
    }
    return chunks;
  }

  /** Lay out units with these lists of inputs, where so many weights and inputs stand before;
   * `line` is the length of a line.
   *
   * Return the groups by size, each {size, records}: first weight, first input, number of inputs
   * and the units' lines, one group after the other; where the inputs' lines start, padded with
   * the line of zeros to whole blocks; and of each stored weight its input and its unit. */
  function wire(lists, zeroLine, line, before) {
    const inputs = [];
    const weights = { inputs: [], units: [] };
    const chunks = chunksOfEqualUnits(lists);
    const groups = [];
    for (let size = 1; size <= LARGEST_GROUP; size += 1) {
      const records = [];
      for (const units of chunks.filter((chunk) => chunk.length === size)) {
        const list = lists[units[0]];
        const start = [before.weights + weights.inputs.length, before.inputs + inputs.length];
        records.push(...start, list.length, ...units.map((unit) => unit * line));
        const perBlock = BLOCK / size;
        for (let k = 0; k < Math.ceil(list.length / perBlock) * perBlock; k += 1) {
          const input = list[k] ?? PADDING;
          inputs.push((input === PADDING ? zeroLine : input) * line);
          for (const unit of units) {
            weights.inputs.push(input);
            weights.units.push(unit);
          }
        }
      }
      if (records.length) groups.push({ size, records });
    }
    before.weights += weights.inputs.length;
    before.inputs += inputs.length;
    return { groups, inputs, weights };
  }

  /** One block of memory with all images at its front, in which networks come and go.
   *
   * `make(bytes, {rows, block})` returns {buffer(), grow(bytes), kernels}. */
  class Room {
    constructor(make) {
      this.images = 65536; // the address; whatever lies below is the compiler's
      this.bytes = (TRAINING + TEST + 1) * PIXELS; // one image is to spare: what a reader draws
      this.end = aligned(this.images + this.bytes);
      this.block = make(this.end, { rows: ROWS, block: BLOCK });
      this.labels = new Uint8Array(TRAINING + TEST + 1);
    }

    pixels() {
      return new Uint8Array(this.block.buffer(), this.images, this.bytes);
    }

    image(row) {
      return this.pixels().slice(row * PIXELS, (row + 1) * PIXELS);
    }

    /** Fill the room with MNIST, from Blobs of its zipped files by name; test rows come last. */
    async read(files) {
      const [images, labels] = [this.pixels(), this.labels];
      await Promise.all([
        unzip(files["train-images-idx3-ubyte"], 16, images, 0),
        unzip(files["t10k-images-idx3-ubyte"], 16, images, TRAINING * PIXELS),
        unzip(files["train-labels-idx1-ubyte"], 8, labels, 0),
        unzip(files["t10k-labels-idx1-ubyte"], 8, labels, TRAINING),
      ]);
    }
  }

  /** Unzip a file to a place among other bytes, without its header: nothing is held twice. */
  async function unzip(file, header, target, place) {
    const reader = file.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    for (let at = place - header; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      const skipped = Math.max(0, Math.min(place - at, value.length));
      target.set(value.subarray(skipped), at + skipped);
      at += value.length;
    }
  }

  /** A network with its training state, behind the images of a room.
   *
   * Layers are those of `Topology.layersOf`, weights those of `startingWeights`. */
  class Network {
    constructor(room, layers, weights, { batchSize, learningRate, activation, bias }) {
      this.room = room;
      this.sizes = [layers[0].inputs, ...layers.map((layer) => layer.outputs)];
      this.classes = this.sizes.at(-1);
      this.batchSize = batchSize;
      this.learningRate = learningRate;
      this.slope = SLOPES[activation];
      this.kernels = room.block.kernels;
      this.stepsTaken = 0;
      this.rowsSeen = 0;

      this.line = Math.ceil(batchSize / ROWS) * ROWS;
      const before = { weights: 0, inputs: 0 };
      const forward = layers.map((layer) => {
        const lists = inputsOf(layer);
        if (bias) lists.forEach((list) => list.push(layer.inputs));
        return wire(lists, layer.inputs + 1, this.line, before);
      });
      this.stored = before.weights;
      before.weights = 0;
      const backward = layers
        .slice(1)
        .map((layer) => wire(outputsOf(layer), layer.outputs + 1, this.line, before));
      this.places = placesOfTransposed(layers, forward, backward, this.stored);
      this.placeInMemory(forward, backward, before.inputs);
      this.fill(layers, weights, forward, backward);
      this.last = forward.at(-1).weights; // inputs and units; they are the last ones stored
    }

    /** Decide where everything lies, and have room for it. */
    placeInMemory(forward, backward, inputs) {
      const { room, stored, places } = this;
      let end = room.end;
      const take = (words) => {
        const start = end;
        end = aligned(end + 4 * words);
        return start;
      };
      const at = { images: room.images };
      for (const name of ["weights", "means", "squares", "gradients"]) {
        at[name] = take(stored + BLOCK); // behind the weights, zeros for the transposes' padding
      }
      at.backwardWeights = take(places.length);
      at.places = take(places.length);
      at.inputs = take(inputs);
      at.rows = take(this.line);
      at.values = this.sizes.map((units) => take((units + EXTRA_LINES) * this.line));
      at.deltas = this.sizes.map((units) => take((units + EXTRA_LINES) * this.line));
      const placed = ({ groups }) =>
        groups.map(({ size, records }) => ({
          size,
          records,
          at: take(records.length),
          count: records.length / (3 + size),
        }));
      this.forward = forward.map(placed);
      this.backward = backward.map(placed);
      this.at = at;
      room.block.grow(end);
      const buffer = room.block.buffer();
      this.floats = new Float32Array(buffer, 0, end >> 2);
      this.integers = new Int32Array(buffer, 0, end >> 2);
      this.floats.fill(0, room.end / 4);
    }

    /** Write starting weights, lists and the lines of ones. */
    fill(layers, weights, forward, backward) {
      const { at, floats, integers } = this;
      let place = at.weights / 4;
      forward.forEach(({ weights: stored }, layer) => {
        const { inputs, outputs } = layers[layer];
        stored.inputs.forEach((input, i) => {
          const isWeight = input !== PADDING && input < inputs; // biases start at zero
          if (isWeight) floats[place] = weights[layer][input * outputs + stored.units[i]];
          place += 1;
        });
      });
      integers.set(this.places, at.places / 4);
      let input = at.inputs / 4;
      for (const { inputs } of [...forward, ...backward]) {
        integers.set(inputs, input);
        input += inputs.length;
      }
      for (const { records, at: start } of [...this.forward, ...this.backward].flat()) {
        integers.set(records, start / 4);
      }
      this.sizes.forEach((size, layer) => {
        const ones = at.values[layer] / 4 + size * this.line;
        floats.fill(1, ones, ones + this.line);
      });
    }

    /** Send so many tiles through a layer's groups, from one layer of lines to another. */
    propagate(groups, weights, source, target, gate, forward, slope, tiles) {
      for (let first = 0; first < 4 * tiles * ROWS; first += 4 * ROWS) {
        for (const { size, at, count } of groups) {
          this.kernels[`propagate_${size}`](
            ...[at, count, weights, this.at.inputs],
            ...[source + first, target + first, gate + first, forward, slope],
          );
        }
      }
    }

    /** Compute all activations of at most a batch of rows; return the number of tiles.
     *
     * The last row fills up the last tile. */
    pass(rows) {
      const { at, kernels, integers, line } = this;
      const tiles = Math.ceil(rows.length / ROWS);
      const starts = integers.subarray(at.rows / 4, at.rows / 4 + tiles * ROWS);
      starts.fill(rows[rows.length - 1] * PIXELS);
      rows.forEach((row, i) => (starts[i] = row * PIXELS));
      for (let first = 0; first < 4 * tiles * ROWS; first += 4 * ROWS) {
        kernels.load_pixels(at.images, at.rows + first, at.values[0] + first, PIXELS, line);
      }
      this.forward.forEach((groups, layer) => {
        const [source, target] = at.values.slice(layer, layer + 2);
        const slope = layer < this.forward.length - 1 ? this.slope : 1;
        this.propagate(groups, at.weights, source, target, target, 1, slope, tiles);
      });
      return tiles;
    }

    /** Return summed loss and correct answers of the rows that passed, and count the answers.
     *
     * The gradients of the logits are written times `share`, zero where a tile has no row. */
    loss(rows, share, answers) {
      const { at, classes, floats, line } = this;
      const { labels } = this.room;
      const [values, deltas] = [at.values.at(-1) / 4, at.deltas.at(-1) / 4];
      const powers = new Float64Array(classes);
      let loss = 0;
      let correct = 0;
      for (let i = 0; i < Math.ceil(rows.length / ROWS) * ROWS; i += 1) {
        const logit = (c) => floats[values + c * line + i];
        let answer = 0;
        for (let c = 1; c < classes; c += 1) if (logit(c) > logit(answer)) answer = c;
        let total = 0;
        for (let c = 0; c < classes; c += 1) {
          powers[c] = Math.exp(Math.max(logit(c) - logit(answer), -60)); // far from denormal
          total += powers[c];
        }
        const isReal = i < rows.length;
        const label = isReal ? labels[rows[i]] : -1;
        if (isReal) {
          loss += Math.log(total) + logit(answer) - logit(label);
          correct += answer === label;
          answers[answer] += 1;
        }
        for (let c = 0; c < classes; c += 1) {
          const slope = isReal ? (powers[c] / total - (c === label)) * share : 0;
          floats[deltas + c * line + i] = slope;
        }
      }
      return { loss, correct };
    }

    /** Take one step of Adam on a batch of rows; return summed loss and right answers before it. */
    step(rows) {
      const { at, kernels } = this;
      this.stepsTaken += 1;
      this.rowsSeen += rows.length;
      const [fading1, fading2] = [BETA_1, BETA_2].map((beta) => 1 - beta ** this.stepsTaken);
      const rate = (this.learningRate * Math.sqrt(fading2)) / fading1;
      kernels.gather(at.backwardWeights, at.weights, at.places, this.places.length);
      const tiles = this.pass(rows);
      const result = this.loss(rows, 1 / rows.length, new Int32Array(this.classes));
      for (let layer = this.forward.length - 1; layer >= 0; layer -= 1) {
        const [source, delta] = [at.values[layer], at.deltas[layer + 1]];
        for (const { size, at: records, count } of this.forward[layer]) {
          kernels[`gradient_${size}`](
            ...[records, count, at.gradients, at.inputs, source, delta, tiles],
          );
        }
        if (layer > 0) {
          this.propagate(
            ...[this.backward[layer - 1], at.backwardWeights, delta, at.deltas[layer]],
            ...[source, 0, this.slope, tiles],
          );
        }
      }
      kernels.adam(at.weights, at.means, at.squares, at.gradients, this.stored, rate);
      return result;
    }

    /** Return mean loss, accuracy, how often each class is the answer, what its weights make of
     * its logit (see `pulls`), and which units are alive: hidden ones that are positive in some of
     * the rows, or not zero elsewhere, and outputs that are some row's answer. */
    evaluate(rows) {
      const answers = new Int32Array(this.classes);
      const isSilent = this.slope === 0; // below zero
      const hidden = this.sizes.slice(1, -1);
      const alive = hidden.map((size) => new Uint8Array(size).fill(!isSilent));
      const totals = new Float64Array(this.sizes.at(-2) + 1); // of what the outputs hear, and ones
      let loss = 0;
      let correct = 0;
      for (let first = 0; first < rows.length; first += this.batchSize) {
        const chunk = rows.subarray(first, first + this.batchSize);
        const tiles = this.pass(chunk);
        const found = this.loss(chunk, 0, answers);
        loss += found.loss;
        correct += found.correct;
        alive.forEach((flags, layer) => {
          for (let unit = 0; unit < flags.length; unit += 1) {
            const start = this.at.values[layer + 1] / 4 + unit * this.line;
            const values = this.floats.subarray(start, start + tiles * ROWS);
            flags[unit] ||= values.some((value) => value > 0);
          }
        });
        for (let input = 0; input < totals.length; input += 1) {
          const start = this.at.values.at(-2) / 4 + input * this.line;
          for (let i = 0; i < chunk.length; i += 1) totals[input] += this.floats[start + i];
        }
      }
      const pulls = this.pulls(totals.map((total) => total / rows.length));
      alive.push(Uint8Array.from(answers, (count) => count > 0));
      return { loss: loss / rows.length, accuracy: correct / rows.length, answers, alive, pulls };
    }

    /** Return of each class, where its inputs have these means, what raises and what lowers its mean
     * logit, and how many weights of each sign have an input that is not always zero. */
    pulls(means) {
      const { inputs, units } = this.last;
      const first = this.at.weights / 4 + this.stored - inputs.length;
      const none = { up: 0, down: 0, positive: 0, negative: 0 };
      const found = Array.from({ length: this.classes }, () => ({ ...none }));
      inputs.forEach((input, i) => {
        const weight = this.floats[first + i];
        const pull = weight * means[input]; // no number where it pads
        if (!pull) return;
        found[units[i]][pull > 0 ? "up" : "down"] += pull;
        found[units[i]][weight > 0 ? "positive" : "negative"] += 1;
      });
      return found;
    }

    /** Return the logits of one image of 784 bytes. */
    logits(image) {
      const { room, floats } = this;
      room.pixels().set(image, (TRAINING + TEST) * PIXELS);
      this.pass(Int32Array.of(TRAINING + TEST));
      const first = this.at.values.at(-1) / 4;
      return Array.from({ length: this.classes }, (_, c) => floats[first + c * this.line]);
    }
  }

  /** Return for each weight of the transposed layers where it is stored; `zero` for padding. */
  function placesOfTransposed(layers, forward, backward, zero) {
    const places = [];
    let start = forward[0].weights.inputs.length;
    backward.forEach(({ weights: there }, index) => {
      const { weights: stored } = forward[index + 1];
      const { inputs, outputs } = layers[index + 1];
      const placeOf = new Int32Array((inputs + 1) * outputs);
      stored.inputs.forEach((input, i) => {
        if (input !== PADDING) placeOf[input * outputs + stored.units[i]] = start + i;
      });
      there.inputs.forEach((output, i) => {
        places.push(output === PADDING ? zero : placeOf[there.units[i] * outputs + output]);
      });
      start += stored.inputs.length;
    });
    return Int32Array.from(places);
  }

  /** Return a `make` for `Room` of a compiled module of kernels.
   *
   * WebAssembly works on one memory, which comes in pages of 64 KB and which JavaScript sees as a
   * buffer; all views of it have to be made again when it has grown. */
  const compiled = (module) => (bytes) => {
    const pages = (size) => Math.ceil(size / 65536);
    const memory = new WebAssembly.Memory({ initial: pages(bytes) });
    const imports = { env: { __linear_memory: memory } }; // as LLVM names it
    const { exports: kernels } = new WebAssembly.Instance(module, imports);
    const grow = (size) =>
      size > memory.buffer.byteLength && memory.grow(pages(size) - pages(memory.buffer.byteLength));
    return { buffer: () => memory.buffer, grow, kernels };
  };

  return { TRAINING, TEST, Room, Network, compiled };
}
