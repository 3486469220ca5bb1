/* A place to draw a digit with a pointer, and what networks answer to it. */
"use strict";

const Digit = (() => {
  const SIZE = 28; // pixels of an image of MNIST
  const WIDE = 10; // dots of the canvas per pixel
  const WITHIN = 20; // the digit's longer side, which is centred by its mass

  /** Make a canvas one can draw on; `onDrawn(image)` gets 784 bytes whenever a stroke ends. */
  function surface(canvas, onDrawn) {
    canvas.width = canvas.height = SIZE * WIDE;
    const ink = canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(ink, { lineWidth: 2.2 * WIDE, lineCap: "round", lineJoin: "round" });

    function clear() {
      ink.fillStyle = "#000";
      ink.fillRect(0, 0, canvas.width, canvas.height);
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
      const holder = new OffscreenCanvas(SIZE, SIZE);
      holder.getContext("2d").putImageData(small, 0, 0);
      ink.imageSmoothingEnabled = false;
      ink.drawImage(holder, 0, 0, canvas.width, canvas.height);
    }

    return { clear, show };
  }

  const greysOf = (context, width, height) =>
    context.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 0);

  /** Return a drawing as MNIST has its digits: in a box of 20 by 20, centred by mass. */
  function imageOf(canvas) {
    const { width } = canvas;
    const large = greysOf(canvas.getContext("2d"), width, width);
    const lit = [...large.keys()].filter((i) => large[i] > 0);
    if (!lit.length) return new Uint8Array(SIZE * SIZE);
    const range = (values) => [
      values.reduce((a, b) => Math.min(a, b)),
      values.reduce((a, b) => Math.max(a, b)) + 1,
    ];
    const [left, right] = range(lit.map((i) => i % width));
    const [top, bottom] = range(lit.map((i) => Math.floor(i / width)));
    const scale = WITHIN / Math.max(right - left, bottom - top);
    const small = new OffscreenCanvas(SIZE, SIZE).getContext("2d", { willReadFrequently: true });
    small.imageSmoothingQuality = "high";
    const draw = (x, y) => {
      small.fillRect(0, 0, SIZE, SIZE);
      const source = [left, top, right - left, bottom - top];
      small.drawImage(canvas, ...source, x, y, source[2] * scale, source[3] * scale);
      return greysOf(small, SIZE, SIZE);
    };
    const [x, y] = [right - left, bottom - top].map((side) => (SIZE - side * scale) / 2);
    const greys = draw(x, y);
    const mass = greys.reduce((a, b) => a + b, 0) || 1;
    const centre = (placeOf) => greys.reduce((sum, grey, i) => sum + grey * placeOf(i), 0) / mass;
    const middle = (SIZE - 1) / 2;
    const across = Math.round(middle - centre((i) => i % SIZE));
    const down = Math.round(middle - centre((i) => Math.floor(i / SIZE)));
    return new Uint8Array(draw(x + across, y + down));
  }

  return { surface };
})();
