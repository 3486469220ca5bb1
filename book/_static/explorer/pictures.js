/* Pictures of a network, drawn on canvas in the colours of the page: its masks, its wiring, and what each class sees of the inputs.
 *
 * Where there are more connections than dots, a dot shows the share of them that exists, so that no pattern appears that is not
 * there. Each picture comes with words for those who do not see it. */
"use strict";

const Pictures = (() => {
  const { withCommas, percent } = Literals;
  const MOST_DOTS_PER_CONNECTION = 8;
  const TALLEST_MAP = 420; // CSS pixels
  const CORNER = { inputs: 40, outputs: 20 };
  const FAINTEST = 0.25; // share of the colour for a single path, which must stand out from none
  const MOST_NUMBERED = 24; // outputs
  const MOST_EDGES = 4; // of one layer that are drawn for each CSS pixel of width; more would be a blot, and slow

  /** Return the colours that the style sheet gives to pictures inside an element of the page, as [red, green, blue]. */
  function inksOf(holder) {
    const style = getComputedStyle(holder);
    const read = (name) => {
      const hex = style.getPropertyValue(`--explorer-${name}`).trim();
      return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
    };
    return { ink: read("ink"), live: read("live"), dead: read("dead"), trace: read("trace"), ground: read("ground") };
  }

  const css = ([red, green, blue], alpha = 1) => `rgb(${red} ${green} ${blue} / ${alpha})`;

  /** Paint an array of shares from 0 to 1, row by row, as an image between two colours; `scale` is CSS pixels per dot. */
  function paintShares(canvas, shares, width, height, scale, [none, all]) {
    Object.assign(canvas, { width, height });
    Object.assign(canvas.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    shares.forEach((share, dot) => {
      for (let channel = 0; channel < 3; channel += 1)
        image.data[4 * dot + channel] = none[channel] + (all[channel] - none[channel]) * share;
      image.data[4 * dot + 3] = 255;
    });
    context.putImageData(image, 0, 0);
  }

  /** Draw a layer's mask, inputs from left to right, outputs from top to bottom; return how many of them a dot stands for. */
  function drawMask(canvas, layer, room, inks) {
    return drawCorner(canvas, layer, layer.inputs, layer.outputs, room, inks);
  }

  /** Draw the first units of a layer's mask, or return 0 when they are the whole of it. */
  function drawCloseUp(canvas, layer, room, inks) {
    const [inputs, outputs] = [Math.min(CORNER.inputs, layer.inputs), Math.min(CORNER.outputs, layer.outputs)];
    if (inputs === layer.inputs && outputs === layer.outputs) return 0;
    return drawCorner(canvas, layer, inputs, outputs, room, inks);
  }

  function drawCorner(canvas, layer, inputs, outputs, room, inks) {
    const fitting = Math.min(room / inputs, TALLEST_MAP / outputs, MOST_DOTS_PER_CONNECTION);
    const merged = Math.max(1, Math.ceil(1 / fitting)); // inputs, and outputs, that one dot stands for
    const [width, height] = [Math.ceil(inputs / merged), Math.ceil(outputs / merged)];
    const counts = new Float64Array(width * height);
    for (let a = 0; a < inputs; a += 1) {
      const x = Math.floor(a / merged);
      for (let k = layer.pointers[a]; k < layer.pointers[a + 1] && layer.indices[k] < outputs; k += 1) {
        counts[Math.floor(layer.indices[k] / merged) * width + x] += 1;
      }
    }
    const covered = (dot, dots, units) => (dot === dots - 1 ? units - merged * (dots - 1) : merged);
    const shares = counts.map(
      (count, dot) => count / (covered(dot % width, width, inputs) * covered(Math.floor(dot / width), height, outputs)),
    );
    paintShares(canvas, shares, width, height, Math.max(1, Math.floor(fitting)), [inks.ground, inks.live]);
    return merged * merged;
  }

  /** Return the units of each layer that lie on a path to one class, as arrays of 0 and 1. */
  function towards(layers, output, live) {
    const reaching = [new Uint8Array(layers.at(-1).outputs)];
    reaching[0][output] = live.at(-1)[output];
    for (const [number, layer] of [...layers.entries()].reverse()) {
      const after = reaching[0];
      reaching.unshift(
        live[number].map((isLive, a) => {
          for (let k = layer.pointers[a]; isLive && k < layer.pointers[a + 1]; k += 1) {
            if (after[layer.indices[k]]) return 1;
          }
          return 0;
        }),
      );
    }
    return reaching;
  }

  /** Draw the network: a row of units per layer, a line for each connection, everything off all paths in grey.
   *
   * `traced` holds the units on paths to one class, or null. Yields after each layer, so that a page can answer in between; returns
   * whether all connections are drawn. `before` is the `live` of the picture that stands there, where only that has changed: what
   * looks as before is not drawn again. */
  function* drawNetwork(canvas, layers, live, traced, room, inks, before = null) {
    const dots = Math.min(2, window.devicePixelRatio || 1);
    const gap = Math.max(48, Math.min(130, 780 / layers.length, room / 6));
    const places = {
      width: Math.floor(room * dots),
      dots,
      gap: Math.round(gap * dots),
      row: 11 * dots,
      above: 20 * dots,
      below: 18 * dots,
    };
    const sizes = live.map((units) => units.length);
    const height = places.above + sizes.length * places.row + layers.length * places.gap + places.below;
    if (!before) {
      Object.assign(canvas, { width: places.width, height });
      Object.assign(canvas.style, { width: `${room}px`, height: `${height / dots}px` });
    }
    const context = canvas.getContext("2d");
    context.font = `${12 * dots}px ${getComputedStyle(canvas).fontFamily}`;
    const isNew = live.map((units, number) => !before || units.some((isLive, unit) => isLive !== before[number][unit]));
    let isWhole = true;
    for (let number = 0; number < sizes.length; number += 1) {
      const isLinked = number > 0 && (isNew[number - 1] || isNew[number]);
      if (isLinked) {
        const areAll = drawConnections(context, layers[number - 1], number - 1, live, traced, places, inks);
        isWhole = areAll && isWhole;
      }
      if (isNew[number]) drawUnits(context, number, live[number], traced?.[number], places, inks);
      if (isLinked || !before) labelUnits(context, number, layers.length, live[number], places, inks);
      if (isLinked) yield;
    }
    return isWhole;
  }

  const rowTop = (number, { above, row, gap }) => above + number * (row + gap);
  const unitX = (unit, size, width) => ((unit + 0.5) / size) * width;

  /** Draw the units of a layer: tall marks are live, short grey ones are not; a label says how many. */
  function drawUnits(context, number, live, traced, places, inks) {
    const { width, row, dots } = places;
    const size = live.length;
    const top = rowTop(number, places);
    const mark = Math.min(9 * dots, Math.max(1, (width / size) * 0.7));
    context.clearRect(0, top, width, row);
    for (const kind of ["dead", "live", "trace"]) {
      const length = kind === "dead" ? row * 0.4 : row;
      context.beginPath();
      live.forEach((isLive, unit) => {
        if (kind !== (traced?.[unit] ? "trace" : isLive ? "live" : "dead")) return;
        context.rect(unitX(unit, size, width) - mark / 2, top + (row - length) / 2, mark, length);
      });
      context.fillStyle = css(inks[kind]);
      context.fill();
    }
  }

  /** Write above a row of units what they are, on a ground that keeps it readable, and below the outputs their numbers. */
  function labelUnits(context, number, layers, live, places, inks) {
    const { width, row, dots } = places;
    const top = rowTop(number, places);
    context.textBaseline = "middle";
    context.textAlign = "left";
    const text = unitsInWords(number, layers, live);
    context.fillStyle = css(inks.ground, 0.94);
    context.fillRect(0, top - 19 * dots, context.measureText(text).width + 10 * dots, 17 * dots);
    context.fillStyle = css(inks.ink);
    context.fillText(text, 5 * dots, top - 10 * dots);
    if (number < layers || live.length > MOST_NUMBERED) return;
    context.clearRect(0, top + row, width, places.below);
    context.textAlign = "center";
    live.forEach((_, output) => context.fillText(String(output), unitX(output, live.length, width), top + row + 10 * dots));
  }

  function unitsInWords(number, layers, live) {
    const count = live.reduce((a, b) => a + b, 0);
    const name = number === 0 ? "inputs" : number === layers ? "outputs" : `hidden layer ${number}`;
    return `${name}: ${withCommas(live.length)} units, ${count === live.length ? "all" : withCommas(count)} live`;
  }

  /** Draw the connections of a layer as lines; return whether all of them were drawn.
   *
   * Lines are added up dot by dot, and many on one dot are toned down, as thousands of lines drawn on top of each other would hide
   * their pattern. */
  function drawConnections(context, layer, number, live, traced, places, inks) {
    const { width, gap, dots } = places;
    const top = rowTop(number, places) + places.row;
    const kinds = { dead: null, live: null, trace: null };
    const share = Math.min(1, (MOST_EDGES * width) / dots / layer.indices.length);
    let drawn = 0;
    for (let a = 0; a < layer.inputs; a += 1) {
      const from = unitX(a, layer.inputs, width);
      for (let k = layer.pointers[a]; k < layer.pointers[a + 1]; k += 1) {
        const b = layer.indices[k];
        const isTraced = traced && traced[number][a] && traced[number + 1][b];
        if (!isTraced && (k * 0.6180339887498949) % 1 > share) continue; // of many an even choice that follows no pattern
        const kind = isTraced ? "trace" : live[number][a] && live[number + 1][b] ? "live" : "dead";
        kinds[kind] ??= new Float32Array(width * gap);
        addLine(kinds[kind], from, unitX(b, layer.outputs, width), width, gap);
        drawn += 1;
      }
    }
    const image = context.createImageData(width, gap);
    const strengths = { dead: 0.4, live: traced ? 0.22 : 0.5, trace: 0.9 };
    for (const kind of ["dead", "live", "trace"]) if (kinds[kind]) blend(image.data, kinds[kind], inks[kind], strengths[kind]);
    context.putImageData(image, 0, top);
    return drawn === layer.indices.length;
  }

  /** Add a line from the upper to the lower edge to an array of dots. */
  function addLine(dots, from, to, width, height) {
    const step = (to - from) / height;
    for (let y = 0; y < height; y += 1) {
      const one = Math.floor(from + y * step);
      const other = Math.floor(from + (y + 1) * step);
      const first = Math.max(0, Math.min(one, other));
      const last = Math.min(width - 1, Math.max(one, other));
      for (let x = first; x <= last; x += 1) dots[y * width + x] += 1;
    }
  }

  /** Lay dots of one colour over an image; the strength is that of a line where few are, and of all where many are. */
  function blend(pixels, dots, colour, strength) {
    let total = 0;
    let touched = 0;
    for (const weight of dots) {
      total += weight;
      touched += weight > 0 ? 1 : 0;
    }
    const tone = strength / Math.max(0.6, total / touched);
    for (let dot = 0; dot < dots.length; dot += 1) {
      if (dots[dot] === 0) continue;
      const alpha = (dots[dot] * tone) / (1 + dots[dot] * tone);
      const under = pixels[4 * dot + 3] / 255;
      const over = alpha + under * (1 - alpha);
      for (let channel = 0; channel < 3; channel += 1) {
        const below = pixels[4 * dot + channel];
        pixels[4 * dot + channel] = (colour[channel] * alpha + below * under * (1 - alpha)) / over;
      }
      pixels[4 * dot + 3] = over * 255;
    }
  }

  /** Draw from which inputs, and by how many paths, a class can be reached; inputs row by row, as in an image. */
  function drawClass(canvas, paths, output, most, room, inks) {
    const { inputs, outputs, counts } = paths;
    const width = Math.ceil(Math.sqrt(inputs));
    const height = Math.ceil(inputs / width);
    const shares = new Float64Array(width * height);
    for (let input = 0; input < inputs; input += 1) {
      const count = counts[input * outputs + output];
      if (count > 0) shares[input] = FAINTEST + ((1 - FAINTEST) * count) / most;
    }
    paintShares(canvas, shares, width, height, Math.max(1, Math.min(12, Math.floor(room / width))), [inks.ground, inks.live]);
  }

  /** Return what a mask looks like, for readers who do not see it. */
  function maskInWords(layer, title, fanIns) {
    const possible = layer.inputs * layer.outputs;
    const [fewest, most] = [fanIns.reduce((a, b) => Math.min(a, b)), fanIns.reduce((a, b) => Math.max(a, b))];
    const each = fewest === most ? `every output has ${most}` : `outputs have from ${fewest} to ${most}`;
    return `${title}: ${withCommas(layer.indices.length)} of ${withCommas(possible)} possible connections, ${percent(layer.indices.length / possible)}; ${each}.`;
  }

  return { inksOf, drawMask, drawCloseUp, drawNetwork, drawClass, towards, maskInWords, unitsInWords };
})();
