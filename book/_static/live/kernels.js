/* The innermost loops in plain JavaScript: the readable definition of what
 * radixnet/training/compiled/kernels.py writes in vector instructions, and what trains where a
 * browser has no WebAssembly vectors.
 *
 * All loops take addresses in one block of memory. A worker is made from the text of this
 * function (see trainer.js), so that it stands alone. */
"use strict";

function definePlainKernels() {
  /** Return memory of so many bytes, {buffer(), grow(bytes), kernels}. */
  function make(bytes, { rows, block }) {
    let buffer;
    let floats;
    let integers;
    let numbers; // bytes: the images

    function grow(size) {
      if (size <= buffer?.byteLength) return;
      const images = numbers;
      buffer = new ArrayBuffer(size);
      floats = new Float32Array(buffer, 0, size >> 2);
      integers = new Int32Array(buffer, 0, size >> 2);
      numbers = new Uint8Array(buffer);
      if (images) numbers.set(images);
    }
    grow(bytes);

    /** Visit groups: visit(first weight, first input, number of inputs, line of unit u). */
    function eachGroup(units, records, groups, visit) {
      for (let group = 0; group < groups; group += 1) {
        const at = (records >> 2) + group * (3 + units);
        visit(integers[at], integers[at + 1], integers[at + 2], (u) => integers[at + 3 + u]);
      }
    }

    /** Send one tile through groups: t_u = f(sum_k w_ku s_k) for each row, as propagate_group. */
    function propagate(units) {
      const sums = new Float32Array(rows); // products are exact in a double, so this rounds once
      return (records, groups, weights, inputs, source, target, gate, forward, slope) =>
        eachGroup(units, records, groups, (firstWeight, firstInput, count, lineOf) => {
          for (let u = 0; u < units; u += 1) {
            sums.fill(0);
            for (let k = 0; k < count; k += 1) {
              const weight = floats[(weights >> 2) + firstWeight + k * units + u];
              const line = (source >> 2) + integers[(inputs >> 2) + firstInput + k];
              for (let r = 0; r < rows; r += 1) sums[r] += weight * floats[line + r];
            }
            const [to, by] = [(target >> 2) + lineOf(u), (gate >> 2) + lineOf(u)];
            for (let r = 0; r < rows; r += 1) {
              const isPositive = (forward ? sums[r] : floats[by + r]) > 0;
              floats[to + r] = isPositive ? sums[r] : Math.fround(slope) * sums[r];
            }
          }
        });
    }

    /** Write the gradients of groups' weights: g_ku = sum over rows s_k d_u, as group_gradient. */
    function gradient(units) {
      const perBlock = block / units;
      return (records, groups, gradients, inputs, source, delta, tiles) =>
        eachGroup(units, records, groups, (firstWeight, firstInput, count, lineOf) => {
          for (let k = 0; k < Math.ceil(count / perBlock) * perBlock; k += 1) {
            const line = (source >> 2) + integers[(inputs >> 2) + firstInput + k];
            for (let u = 0; u < units; u += 1) {
              const to = (delta >> 2) + lineOf(u);
              let sum = 0;
              for (let r = 0; r < tiles * rows; r += 1) sum += floats[line + r] * floats[to + r];
              floats[(gradients >> 2) + firstWeight + k * units + u] = sum;
            }
          }
        });
    }

    /** Take one step of Adam, as Keras 3 does; denormal means become zero, being slow. */
    function adam(weights, means, squares, gradients, count, rate) {
      const flushed = (value) => (Math.abs(value) < 2 ** -126 ? 0 : value);
      const [w, m, v, g] = [weights, means, squares, gradients].map((address) => address >> 2);
      for (let i = 0; i < count; i += 1) {
        const slope = floats[g + i];
        floats[m + i] = flushed(floats[m + i] + (slope - floats[m + i]) * (1 - 0.9));
        floats[v + i] = flushed(floats[v + i] + (slope * slope - floats[v + i]) * (1 - 0.999));
        floats[w + i] -= (rate * floats[m + i]) / (Math.sqrt(floats[v + i]) + 1e-7);
      }
    }

    /** Copy weights from their places. */
    function gather(target, weights, places, count) {
      for (let i = 0; i < count; i += 1) {
        floats[(target >> 2) + i] = floats[(weights >> 2) + integers[(places >> 2) + i]];
      }
    }

    /** Copy one tile's images, whose first bytes are given, transposed: a line for each pixel. */
    function load_pixels(images, rowStarts, target, pixels, line) {
      for (let r = 0; r < rows; r += 1) {
        const from = images + integers[(rowStarts >> 2) + r];
        for (let p = 0; p < pixels; p += 1) {
          floats[(target >> 2) + p * line + r] = numbers[from + p] / 255;
        }
      }
    }

    const kernels = { adam, gather, load_pixels };
    for (const units of [1, 2]) {
      kernels[`propagate_${units}`] = propagate(units);
      kernels[`gradient_${units}`] = gradient(units);
    }
    return { buffer: () => buffer, grow, kernels };
  }

  return { make };
}
