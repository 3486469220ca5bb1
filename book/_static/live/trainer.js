/* A worker that trains one network after the other, as a page asks it to.
 *
 * A page opened from disk may load no worker from a file, so that a worker is made from the text
 * of functions that this page has loaded. */
"use strict";

const Trainer = (() => {
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
  let files = null; // a promise of MNIST, which all workers share

  function newWorker() {
    const parts = [defineRandom, defineEngine, definePlainKernels, liveWorker].join("\n");
    const text = `"use strict";\n${parts}\nliveWorker();`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    return worker;
  }

  /** A worker; `say` tells a reader what went wrong, `onAnswer` gets what a network answers. */
  return class {
    constructor(say, onAnswer) {
      Object.assign(this, { say, onAnswer, runs: 0 });
    }

    send(message) {
      if (!this.worker) {
        this.worker = newWorker();
        this.worker.onmessage = ({ data }) => this.receive(data);
        this.worker.onerror = (event) => this.say(event.message);
        files ??= Data.mnist(FOLDER);
        const modules = Object.entries(radixnetKernels).map(([name, text]) => [
          name,
          Data.decoded(text),
        ]);
        files.then(
          (found) => this.worker.postMessage({ files: found, modules }),
          (error) => {
            this.worker.terminate(); // so that the next click asks for the data again
            this.worker = files = null;
            this.say(error.message);
          },
        );
      }
      this.worker.postMessage(message);
    }

    /** Train a network; `onReport` gets all that the worker says of it. */
    start(layers, { chosen }, onReport, pace) {
      this.runs += 1;
      this.onReport = onReport;
      const run = { id: this.runs, layers, settings: Plans.numbersOf(chosen) };
      this.send({ run: { ...run, epochs: Number(chosen.epochs), ...pace } });
    }

    stop() {
      this.runs += 1;
      if (this.worker) this.send({ stop: true });
    }

    receive(data) {
      if (data.failed) this.say(data.failed);
      else if (data.image) this.onAnswer(data);
      else if (data.id === this.runs) this.onReport(data);
    }
  };
})();
