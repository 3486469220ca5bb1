/* The part of the explorer's address that says what it shows. Other pages link here by it, so that it must not change:
 * explorer.html#radix_lists=[[10,10],[10]]&layer_sizes=784-300-100-10&fit=trim&dense_output=false.
 * How to train follows where it is not as usual, such as &seed=7; &show=training leads to the
 * place where a network is trained. No DOM. */
"use strict";

const Address = (() => {
  const DEFAULTS = { radix_lists: "[[10,10],[10]]", layer_sizes: "784-300-100-10", fit: "trim", dense_output: "false" };

  /** How a network is trained, by the names of radixnet.RunSpec, and the change of its rival. */
  const TRAINING = {
    seed: "1000",
    epochs: "3",
    batch_size: "100",
    learning_rate: "0.001",
    initializer: "normal",
    activation: "relu",
    use_bias: "false",
    positive_output: "false",
    rival: "fit",
  };
  const KNOWN = { ...DEFAULTS, ...TRAINING, show: "" };

  /** Return the settings that an address asks for, defaults where it is silent. */
  function read(hash) {
    const settings = { ...KNOWN };
    for (const part of hash.replace(/^#/, "").split("&")) {
      const [name, ...rest] = part.split("=");
      if (Object.hasOwn(KNOWN, decoded(name))) settings[decoded(name)] = decoded(rest.join("="));
    }
    return settings;
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // a lone percent sign is what it is
    }
  }

  /** Return the part of an address that stands for settings; it reads as they are written. */
  function write(settings) {
    const readable = (text) => encodeURIComponent(text).replace(/%5B/g, "[").replace(/%5D/g, "]").replace(/%2C/g, ",");
    const isUnusual = (name) => (settings[name] ?? TRAINING[name]) !== TRAINING[name];
    return `#${[...Object.keys(DEFAULTS), ...Object.keys(TRAINING).filter(isUnusual)]
      .map((name) => `${name}=${readable(settings[name])}`)
      .join("&")}`;
  }

  return { TRAINING, read, write };
})();
