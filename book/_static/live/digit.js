/* A place to draw a digit with a pointer, and what networks answer to it. */
"use strict";

const Digit = (() => {
  const SIZE = 28; // pixels of an image of MNIST
  const DOTS = 10; // of the canvas per pixel
  const WITHIN = 20; // the digit's longer side, which is centred by its mass

  /** Make a canvas one can draw on, and one that shows what networks see of it.
   *
   * `onDrawn(image)` gets 784 bytes whenever a stroke ends. */
  function surface(canvas, seen, onDrawn) {
    seen.width = seen.height = SIZE;
    canvas.width = canvas.height = SIZE * DOTS;
    const ink = canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(ink, { lineWidth: 2.2 * DOTS, lineCap: "round", lineJoin: "round" });

    function clear() {
      ink.fillStyle = "#000";
      ink.fillRect(0, 0, canvas.width, canvas.height);
      seen.hidden = true;
    }

    function placeOf({ clientX, clientY }) {
      const box = canvas.getBoundingClientRect();
      const scale = canvas.width / box.width;
      return [(clientX - box.left) * scale, (clientY - box.top) * scale];
    }

    let last = null;
    function stroke(event) {
      const next = placeOf(event);
      ink.strokeStyle = "#fff";
      ink.beginPath();
      ink.moveTo(...last);
      ink.lineTo(...next);
      ink.stroke();
      last = next;
    }
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      last = placeOf(event);
      stroke(event);
    });
    canvas.addEventListener("pointermove", (event) => last && stroke(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (last) onDrawn(imageOf(canvas));
        last = null;
      });
    }
    clear();

    /** Show an image of 784 bytes. */
    function show(image) {
      const small = new ImageData(SIZE, SIZE);
      image.forEach((grey, i) => small.data.set([grey, grey, grey, 255], 4 * i));
      seen.getContext("2d").putImageData(small, 0, 0);
      seen.hidden = false;
    }

    return { clear, show };
  }

  const greysOf = (context, side) =>
    context.getImageData(0, 0, side, side).data.filter((_, i) => i % 4 === 0);

  /** Return a drawing as MNIST has its digits: in a box of 20 by 20, centred by mass. */
  function imageOf(canvas) {
    const { width } = canvas;
    const large = greysOf(canvas.getContext("2d"), width);
    const lit = [...large.keys()].filter((i) => large[i] > 127);
    if (!lit.length) return new Uint8Array(SIZE * SIZE);
    const [across, down] = [(i) => i % width, (i) => Math.floor(i / width)].map((placeOf) => {
      const places = lit.map(placeOf);
      return {
        extent: places.reduce((a, b) => Math.max(a, b)) - places.reduce((a, b) => Math.min(a, b)),
        centre: places.reduce((a, b) => a + b) / places.length,
      };
    });
    const scale = WITHIN / Math.max(across.extent, down.extent, 1);
    const small = new OffscreenCanvas(SIZE, SIZE).getContext("2d");
    small.imageSmoothingQuality = "high";
    small.fillRect(0, 0, SIZE, SIZE);
    const start = [across, down].map(({ centre }) => SIZE / 2 - centre * scale);
    small.drawImage(canvas, ...start, width * scale, width * scale);
    return new Uint8Array(greysOf(small, SIZE));
  }

  return { surface };
})();
