/* Lets a reader look closer at a picture: the figures that companion.plots.interactive put on the page, hidden until now, can be
 * shown in place of the printed ones. Without this script, and on paper, the printed pictures are all there is.
 */
(() => {
  "use strict";

  const LIBRARY = new URL("plotly.min.js", document.currentScript.src).href; // lies beside this file
  const ADDRESS = "#look-closer";
  const PAGE_OF_ROWS = 50;
  const NEAR = 5; // pixels: points that hide each other are all linked
  const TICK_ROOM = 46; // pixels that a label such as "97.5%" needs on an axis

  const isDark = () => document.documentElement.dataset.theme === "dark";
  const canHover = () => matchMedia("(hover: hover)").matches;

  let library = null;
  /** Load plotly once, when the first reader asks: it is larger than all pages together. */
  const loadLibrary = () =>
    (library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = LIBRARY;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => {
        library = null;
        reject(new Error(`${LIBRARY} could not be loaded`));
      };
      document.head.append(script);
    }));

  /** Make an element: its properties, attributes under `set`, and children. */
  const make = (name, { set = {}, ...properties } = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    Object.entries(set).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  };

  /** Show a value as the columns of the figure say. */
  const asText = (value, kind) => {
    if (kind === "share") return `${(100 * value).toFixed(1)}%`;
    return kind === "count" ? value.toLocaleString("en-GB") : value;
  };

  /** Replace every colour of a figure that has a relative for dark pages. */
  const inInk = (part, inks) => {
    if (typeof part === "string") return inks[part] ?? part;
    if (Array.isArray(part)) return part.map((inner) => inInk(inner, inks));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, inInk(inner, inks)]));
  };

  /** Collect every network or run of a figure: its row, and where it is drawn. */
  const rowsOf = (data) =>
    data.flatMap((trace, curve) => {
      if (trace.meta?.row) return [{ row: trace.meta.row, curve, point: trace.x.length - 1 }];
      return (trace.customdata ?? []).map((row, point) => ({ row, curve, point }));
    });

  /** Choose sparsities to label on an axis that is logarithmic in the density: round ones first, and none too near another. */
  const sparsityTicks = ([left, right], pixels) => {
    const round = [0, 0.9, 0.99, 0.5, 0.75, 0.95, 0.98, 0.999, 0.8, 0.97, 0.85, 0.25, 0.6, 0.7, 0.96];
    const finer = [0.01, 0.001, 0.0001].flatMap((step) =>
      Array.from({ length: 100 }, (_, count) => 1 - Math.ceil(10 ** right / step + count) * step),
    );
    const place = (sparsity) => ((Math.log10(1 - sparsity) - left) / (right - left)) * pixels;
    const chosen = [];
    for (const sparsity of [...round, ...finer]) {
      if (sparsity < 0 || sparsity >= 1) continue;
      const at = place(sparsity);
      const free = chosen.every((other) => Math.abs(place(other) - at) >= TICK_ROOM);
      if (at >= -1 && at <= pixels + 1 && free) chosen.push(sparsity);
    }
    return {
      tickvals: chosen.map((sparsity) => 1 - sparsity),
      ticktext: chosen.map((sparsity) => `${Number((100 * sparsity).toFixed(2))}%`),
    };
  };

  /** Draw a figure; tell `pointed` what the reader points at, `ranged` which bar is clicked, and `recoloured` the inks in use. */
  class Chart {
    constructor(element, figure, { pointed, ranged, recoloured }) {
      Object.assign(this, { element, figure, pointed, ranged, recoloured });
      this.hidden = new Set(); // numbers of traces
      this.meta = figure.layout.meta;
      this.rows = rowsOf(figure.data);
    }

    async draw() {
      this.plotly = await loadLibrary();
      await this.react();
      this.element.on("plotly_hover", ({ points: [point] }) => this.onHover(point));
      this.element.on("plotly_unhover", ({ points: [point] }) => this.emphasise(point.curveNumber, false));
      this.element.on("plotly_click", ({ points: [point], event }) => this.onClick(point, event));
      this.element.on("plotly_relayout", (change) => this.onRelayout(change));
      new MutationObserver(() => this.react()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    }

    /** Draw in the inks of the page; what the reader has zoomed or hidden stays so. */
    async react() {
      const inks = isDark() ? this.meta.dark : {};
      const data = inInk(this.figure.data, inks).map((trace, curve) => ({ ...trace, visible: this.hidden.has(curve) ? "legendonly" : true }));
      const layout = inInk(this.figure.layout, inks);
      const family = getComputedStyle(this.element).fontFamily;
      layout.font.family = family;
      layout.hoverlabel.font.family = family;
      layout.meta = this.meta;
      layout.showlegend = false; // the page has one that the keyboard reaches
      layout.dragmode = canHover() ? "zoom" : false; // a finger scrolls the page
      this.axes().forEach((name) => {
        const { range, autorange } = this.element.layout?.[name] ?? {};
        if (range) Object.assign(layout[name], { range: [...range], autorange });
      });
      const settings = { displayModeBar: false, doubleClick: "reset", responsive: true };
      await this.plotly.react(this.element, data, layout, settings);
      await this.labelSparsities();
      this.recoloured(inks);
    }

    axes() {
      return Object.keys(this.figure.layout).filter((name) => /^[xy]axis\d*$/.test(name));
    }

    /** Show a trace or hide it; return whether it is now shown. */
    toggle(curve) {
      const shown = this.hidden.has(curve);
      if (shown) this.hidden.delete(curve);
      else this.hidden.add(curve);
      this.plotly.restyle(this.element, { visible: shown ? true : "legendonly" }, [curve]);
      return shown;
    }

    async labelSparsities() {
      const name = this.meta.sparsities;
      if (!name) return;
      const axis = this.element._fullLayout[name];
      const ticks = sparsityTicks(axis.range, axis._length);
      await this.plotly.relayout(this.element, { [`${name}.tickvals`]: ticks.tickvals, [`${name}.ticktext`]: ticks.ticktext });
    }

    onRelayout(change) {
      const other = Object.keys(change).some((key) => !key.includes("tick"));
      if (other) this.labelSparsities();
    }

    /** Look at a range of accuracies, or at everything. */
    view(range) {
      const initial = this.axes().map((name) => {
        const { range: first } = this.figure.layout[name];
        return first ? [`${name}.range`, [...first]] : [`${name}.autorange`, true];
      });
      this.plotly.relayout(this.element, { ...Object.fromEntries(initial), ...(range && { "yaxis.range": [...range] }) });
    }

    /** Draw a curve wide while it is pointed at. */
    emphasise(curve, on) {
      const { line, opacity, meta } = this.figure.data[curve];
      if (meta?.row) this.plotly.restyle(this.element, { "line.width": on ? 4 : line.width, opacity: on ? 1 : opacity }, [curve]);
    }

    onHover({ curveNumber: curve, pointNumber: point, x, y }) {
      const { data } = this.figure;
      if (!data[curve].customdata && !data[curve].meta?.row) return;
      this.emphasise(curve, true);
      const axis = (letter) => this.element._fullLayout[(data[curve][`${letter}axis`] ?? letter).replace(letter, `${letter}axis`)];
      const [across, up] = [axis("x"), axis("y")];
      const found = this.rows.flatMap((one) => {
        const trace = data[one.curve];
        const at = trace.meta?.row ? point : one.point;
        if (trace.yaxis !== data[curve].yaxis || this.hidden.has(one.curve)) return [];
        const away = Math.hypot(across.d2p(trace.x[at]) - across.d2p(x), up.d2p(trace.y[at]) - up.d2p(y));
        const isHit = one.curve === curve && (data[curve].meta?.row || one.point === point);
        return away <= NEAR || isHit ? [{ row: one.row, away: isHit ? -1 : away }] : [];
      });
      found.sort((one, other) => one.away - other.away);
      this.pointed(found.map(({ row }) => row));
    }

    onClick(hit, event) {
      const { curveNumber: curve, pointNumber: point } = hit;
      const { customdata, meta } = this.figure.data[curve];
      if (!canHover()) {
        // A tap stands for pointing: it shows the label, and the line below has the link.
        this.onHover(hit);
        this.show({ curve, point });
      }
      if (meta?.range_of) this.ranged(meta.range_of, meta.edges.slice(point, point + 2));
      const address = (meta?.row ?? customdata?.[point])?.at(-1);
      if (!address || !canHover()) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey) window.open(address, "_blank", "noopener");
      else window.location.assign(address);
    }

    /** Show the label of a row that has the focus, if it is drawn where the reader looks. */
    show({ curve, point }) {
      const trace = this.element._fullData[curve];
      if (trace.visible !== true) return;
      this.plotly.Fx.hover(this.element, [{ curveNumber: curve, pointNumber: point }], [`${trace.xaxis}${trace.yaxis}`]);
    }
  }

  /** Name the groups of a figure, each with a button that hides it. */
  class Legend {
    constructor(figure, toggle) {
      const { legend } = figure.layout;
      this.keys = legend ? figure.data.flatMap((trace, curve) => (trace.showlegend === false ? [] : [{ trace, curve }])) : [];
      const buttons = this.keys.map((key) => {
        const isLine = key.trace.mode === "lines" || key.trace.marker?.symbol === "line-ew";
        key.swatch = make("span", { className: `swatch ${isLine ? "line" : key.trace.type}`, set: { "aria-hidden": "true" } });
        const button = make("button", { type: "button", set: { "aria-pressed": "true" } }, key.swatch, key.trace.name);
        button.addEventListener("click", () => button.setAttribute("aria-pressed", String(toggle(key.curve))));
        return button;
      });
      const title = legend?.title?.text ?? "";
      this.element = make("div", { className: "legend", set: { role: "group", "aria-label": title || "What is shown" } });
      this.element.append(...(title ? [`${title}: `] : []), ...buttons);
    }

    recolour(inks) {
      this.keys.forEach(({ trace, swatch }) => {
        const colour = trace.marker?.line?.color ?? trace.marker?.color ?? trace.line.color;
        swatch.style.color = inks[colour] ?? colour;
      });
    }
  }

  /** List all rows of a figure: to search, to sort, and with a link to the explorer each. */
  class Table {
    constructor(chart) {
      this.chart = chart;
      this.columns = chart.meta.columns;
      this.sorted = { column: 1, down: false };
      this.range = null;
      this.shown = PAGE_OF_ROWS;
      this.search = make("input", { type: "search", placeholder: "[[10, 10], [10]]", autocomplete: "off", spellcheck: false });
      this.search.addEventListener("input", () => this.update());
      this.count = make("p", { className: "count", set: { role: "status" } });
      this.lift = make("button", { type: "button", hidden: true });
      this.lift.addEventListener("click", () => {
        this.setRange(null);
        this.search.focus();
      });
      this.more = make("button", { type: "button", textContent: `Show ${PAGE_OF_ROWS} more` });
      this.more.addEventListener("click", () => {
        this.shown += PAGE_OF_ROWS;
        this.fill();
      });
      this.heads = this.columns.map(({ label }, column) => {
        const button = make("button", { type: "button", textContent: label });
        button.addEventListener("click", () => this.sortBy(column));
        return make("th", { scope: "col" }, button);
      });
      this.body = make("tbody");
      const caption = make("caption", { className: "visually-hidden", textContent: `All ${chart.meta.rows} of the figure` });
      const table = make("table", {}, caption, make("thead", {}, make("tr", {}, ...this.heads)), this.body);
      const label = make("label", {}, "Find radix lists ", this.search);
      this.element = make("div", { className: "rows" }, label, this.lift, this.count, make("div", { className: "scroll" }, table), this.more);
      this.update();
    }

    sortBy(column) {
      this.sorted = { column, down: this.sorted.column === column && !this.sorted.down };
      this.update();
    }

    /** List only the rows that a bar counts, or all again. */
    setRange(label, edges) {
      this.range = label && { column: this.columns.findIndex((column) => column.label === label), low: edges[0], high: edges[1] };
      this.lift.hidden = !label;
      if (label) this.lift.textContent = `${label} ${edges.map((edge) => `${Math.round(100 * edge)}%`).join(" to ")}: list all again`;
      this.update();
    }

    isListed(row) {
      const wanted = this.search.value.replace(/\s/g, "");
      if (!row[0].replace(/\s/g, "").includes(wanted)) return false;
      if (!this.range) return true;
      const { column, low, high } = this.range;
      return row[column] >= low && (row[column] < high || high === 1);
    }

    update() {
      const { column, down } = this.sorted;
      const compare =
        column === 0 ? (a, b) => a.row[0].localeCompare(b.row[0], "en", { numeric: true }) : (a, b) => a.row[column] - b.row[column];
      this.listed = this.chart.rows.filter(({ row }) => this.isListed(row)).sort((a, b) => (down ? -1 : 1) * compare(a, b));
      this.heads.forEach((head, place) => {
        if (place === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      this.shown = PAGE_OF_ROWS;
      this.fill();
    }

    fill() {
      const rows = this.listed.slice(0, this.shown).map((one) => {
        const link = make("a", { href: one.row.at(-1), textContent: one.row[0] });
        const cells = this.columns.slice(1).map(({ kind }, place) => make("td", { textContent: asText(one.row[place + 1], kind) }));
        const line = make("tr", {}, make("th", { scope: "row" }, link), ...cells);
        link.addEventListener("focus", () => this.chart.show(one));
        return line;
      });
      this.body.replaceChildren(...rows);
      this.more.hidden = this.shown >= this.listed.length;
      const total = this.listed.length.toLocaleString("en-GB");
      const cut = this.more.hidden ? "" : `; the first ${this.shown} are listed`;
      this.count.replaceChildren(this.listed.length ? `${total} ${this.chart.meta.rows}${cut}` : this.elsewhere());
    }

    /** Say that nothing was found; what reads like radix lists can still be opened in the explorer. */
    elsewhere() {
      const text = this.search.value.replace(/\s/g, "");
      const nothing = `No ${this.chart.meta.rows} here have ${text || "such values"}. `;
      if (!/^\[(\[\d+(,\d+)*\],?)+\]$/.test(text)) return nothing;
      const href = this.chart.rows[0].row.at(-1).replace(/radix_lists=[^&]*/, `radix_lists=${encodeURIComponent(text)}`);
      const answer = document.createDocumentFragment();
      answer.append(nothing, make("a", { href, textContent: "Open it in the topology explorer" }));
      return answer;
    }
  }

  /** Offer a figure: a switch above the picture, and on demand the chart in its place. */
  const offer = (holder) => {
    const pictures = [...document.querySelectorAll(".themed-figure")];
    const picture = pictures.findLast((one) => one.compareDocumentPosition(holder) & Node.DOCUMENT_POSITION_FOLLOWING);
    const figure = JSON.parse(holder.querySelector("script").textContent);
    const { views = {}, rows } = figure.layout.meta;
    const buttons = ["Picture", "Look closer"].map((text) => make("button", { type: "button", textContent: text }));
    const choice = make("div", { className: "look-closer", set: { role: "group", "aria-label": "How to show this figure" } }, ...buttons);
    const state = make("p", { className: "state", set: { role: "status" } });
    picture.before(choice);
    picture.after(holder);
    holder.replaceChildren(state);

    let built = null;
    const build = async () => {
      const element = make("div", {
        className: "chart",
        set: { role: "img", "aria-label": `${holder.dataset.alt} The table below lists all ${rows}.` },
      });
      const pointedAt = make("p", { className: "pointed" }, "What was last pointed at is linked here.");
      const links = (found) => found.slice(0, 8).flatMap((row) => [make("a", { href: row.at(-1), textContent: row[0] }), " "]);
      const chart = new Chart(element, figure, {
        pointed: (found) => {
          const more = found.length > 8 ? [`and ${found.length - 8} more`] : [];
          pointedAt.replaceChildren("Open in the topology explorer: ", ...links(found), ...more);
        },
        ranged: (label, edges) => {
          table.setRange(label, edges);
          table.element.scrollIntoView({ block: "nearest" });
        },
        recoloured: (inks) => legend.recolour(inks),
      });
      const legend = new Legend(figure, (curve) => chart.toggle(curve));
      const table = new Table(chart);
      const ranges = make("div", { className: "views", set: { role: "group", "aria-label": "What to look at" } });
      Object.entries({ everything: null, ...views }).forEach(([name, range]) => {
        const button = make("button", { type: "button", textContent: `Show ${name}` });
        button.addEventListener("click", () => chart.view(range));
        ranges.append(button);
      });
      const hint = canHover()
        ? "Point at something to see which network it is; click it to open its topology. Drag to zoom."
        : "Tap a point to see which network it is; the link to its topology appears below.";
      state.textContent = "Loading …";
      holder.append(make("p", { className: "hint", textContent: hint }), ranges, legend.element, element, pointedAt, table.element);
      await chart.draw();
      state.textContent = "";
    };

    const show = async (closer) => {
      buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(Boolean(place) === closer)));
      picture.classList.toggle("put-aside", closer);
      holder.hidden = !closer;
      if (!closer) return;
      built ??= build();
      try {
        await built;
      } catch (error) {
        built = null;
        picture.classList.remove("put-aside");
        holder.replaceChildren(state);
        state.textContent = `The figure cannot be shown: ${error.message}. The picture above is complete.`;
      }
    };

    buttons.forEach((button, place) =>
      button.addEventListener("click", () => {
        // So that a reader who comes back from the explorer finds what was left.
        history.replaceState(history.state, "", place ? ADDRESS : window.location.pathname + window.location.search);
        show(Boolean(place));
      }),
    );
    show(window.location.hash === ADDRESS);
  };

  const start = () => document.querySelectorAll(".interactive-figure").forEach(offer);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
