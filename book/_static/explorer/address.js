/* The part of the explorer's address that says what it shows. Other pages link here by it, so that it must not change:
 * explorer.html#radix_lists=[[10,10],[10]]&layer_sizes=784-300-100-10&fit=trim&dense_output=false. No DOM. */
"use strict";

const Address = (() => {
  const DEFAULTS = { radix_lists: "[[10,10],[10]]", layer_sizes: "784-300-100-10", fit: "trim", dense_output: "false" };

  /** Return the settings that an address asks for, defaults where it is silent. */
  function read(hash) {
    const settings = { ...DEFAULTS };
    for (const part of hash.replace(/^#/, "").split("&")) {
      const [name, ...rest] = part.split("=");
      if (Object.hasOwn(DEFAULTS, decoded(name))) settings[decoded(name)] = decoded(rest.join("="));
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
    return `#${Object.keys(DEFAULTS)
      .map((name) => `${name}=${readable(settings[name])}`)
      .join("&")}`;
  }

  return { read, write };
})();
