"use strict";
// What moves on the page: parts that are fetched again, tables that sort and filter, figures, and pictures with one zoom.
const all = (words, within = document) => [...within.querySelectorAll(words)];

// ---- Parts that change while a run goes on: fetched again while the page is seen, replaced where they differ.
function replace(part, text) {
  const chosen = new Set(all("input:checked", part).map((each) => each.value));
  const open = all("details", part).map((each) => each.open);
  const sorted = all("table", part).map((each) => each.querySelector("th[aria-sort]"));
  part.innerHTML = text;
  for (const each of all("input[type=checkbox]", part)) each.checked = chosen.has(each.value);
  all("details", part).forEach((each, place) => { each.open = open[place]; });
  all("table", part).forEach((each, place) => {
    if (sorted[place]) sortTable(each, sorted[place].cellIndex, sorted[place].ariaSort === "descending");
  });
  part.dispatchEvent(new Event("fresh", { bubbles: true }));
}
function watch(part) {
  const every = 1000 * Number(part.dataset.every);
  let tag = "";
  async function look() {
    if (!document.hidden && !part.contains(document.activeElement?.closest("input[type=checkbox]"))) {
      try {
        const got = await fetch(part.dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
        if (got.status === 200) {
          tag = got.headers.get("etag") || "";
          replace(part, await got.text());
        }
      } catch { /* the command has ended, or the network of a tunnel sleeps: the page stays as it was */ }
    }
    setTimeout(look, every);
  }
  setTimeout(look, every);
}

// ---- Tables
const value = (cell) => {
  const text = (cell?.querySelector(".text") ?? cell)?.textContent.trim().replaceAll("\u2212", "-") ?? "";
  const number = Number.parseFloat(text);
  return Number.isNaN(number) ? text.toLowerCase() : number;
};
const before = (a, b) =>
  typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;  // what is no number comes last

function sortTable(table, column, down) {
  const body = table.tBodies[0], lines = [...body.rows];
  const values = new Map(lines.map((line) => [line, value(line.cells[column])]));
  lines.sort((one, other) => {
    const [a, b] = [values.get(one), values.get(other)];
    return typeof a === typeof b && down ? before(b, a) : before(a, b);
  });
  body.append(...lines);
  all("thead th", table).forEach((head, place) =>
    place === column ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
}
document.addEventListener("click", (event) => {
  const head = event.target.closest("th[data-sort]");
  if (head) sortTable(head.closest("table"), head.cellIndex, head.getAttribute("aria-sort") === "ascending" || (!head.hasAttribute("aria-sort") && head.classList.contains("number")));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("th[data-sort]")) event.target.click();
});

function filter(tools) {
  const area = document.getElementById(tools.dataset.of), table = area?.querySelector("table");
  if (!table) return;
  const words = tools.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
  const word = tools.querySelector("select").value;
  const off = new Set(all("input[type=checkbox]:not(:checked)", tools).map((each) => each.value));
  const hidden = [...table.tHead.rows[0].cells].map((head) => off.has(head.dataset.name));
  for (const line of [table.tHead.rows[0], ...table.tBodies[0].rows]) {
    [...line.cells].forEach((cell, place) => { cell.hidden = hidden[place]; });
    if (line.parentNode === table.tHead) continue;
    const text = line.cells[0].textContent.toLowerCase();
    const has = !word || [...line.cells].some((cell, place) => !hidden[place] && cell.classList.contains(word));
    line.hidden = !words.every((each) => text.includes(each)) || !has;
  }
}
for (const tools of all(".tools[data-of]")) {
  tools.hidden = false;
  tools.addEventListener("input", () => filter(tools));
}

// ---- Choosing runs to compare
function choose() {
  const button = document.getElementById("compare");
  if (button) button.disabled = all(".runs input:checked").length < 2;
}
document.addEventListener("change", choose);
choose();

// ---- Figures: plain data from the server, drawn by plotly in the colours of the page
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const named = (part) => JSON.parse(JSON.stringify(part), (_, each) => (["ink", "soft", "page"].includes(each) ? colour(each) : each));
const merged = (base, more) => {
  const made = { ...base };
  for (const [name, each] of Object.entries(more))
    made[name] = each && typeof each === "object" && !Array.isArray(each) && base[name] ? merged(base[name], each) : each;
  return made;
};
function look() {
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("soft"), linecolor: colour("line"), zeroline: false, automargin: true, title: { font: { size: 12 } } };
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: colour("ink"), size: 12, family: "system-ui, sans-serif" },
    margin: { l: 44, r: 14, t: 14, b: 40 }, xaxis: { ...axis, tickformat: "" }, yaxis: { ...axis }, hovermode: "x unified",
    hoverlabel: { bgcolor: colour("pale"), bordercolor: colour("line"), font: { color: colour("ink"), size: 12 } },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 }, dragmode: "zoom",
  };
}
const CONFIG = { displaylogo: false, displayModeBar: false, showTips: false };

const sized = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target.data && target.clientWidth) Plotly.Plots.resize(target);
});

async function draw(place) {
  const got = await fetch(place.dataset.figure, { cache: "no-store" });
  if (!got.ok || !window.Plotly) return;
  const figures = named(await got.json());
  while (place.children.length > figures.length) { Plotly.purge(place.lastChild.lastChild); place.lastChild.remove(); }
  figures.forEach((figure, number) => {
    let box = place.children[number];
    if (!box) {
      box = document.createElement("figure");
      box.className = "figure";
      box.append(document.createElement("h4"), document.createElement("div"));
      place.append(box);
      sized.observe(box.lastChild);
    }
    const { minwidth = 0, ...layout } = figure.layout;
    box.firstChild.textContent = figure.title;
    box.lastChild.style.minWidth = `${minwidth}px`;
    const off = hiddenRows();
    for (const trace of figure.data) if (trace.meta && off.has(trace.meta)) trace.visible = false;
    Plotly.react(box.lastChild, figure.data, merged(look(), layout), CONFIG);
  });
  place.dataset.drawn = "yes";
}
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
}, { rootMargin: "300px" });
for (const place of all("[data-figure]")) seen.observe(place);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all("[data-drawn]").forEach(draw));

// A legend for all curves together: what is pressed is seen in every figure.
const hiddenRows = () => new Set(all(".legend button[aria-pressed=false]").map((each) => each.dataset.row));
for (const button of all(".legend button")) {
  button.querySelector("line").setAttribute("stroke", named(button.dataset.colour));
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") === "false"));
    const off = hiddenRows();
    for (const drawn of all(".curves .js-plotly-plot"))
      Plotly.restyle(drawn, { visible: drawn.data.map((trace) => !off.has(trace.meta)) });
  });
}

document.addEventListener("fresh", (event) => {
  choose();
  if (event.target.dataset.figures) all("[data-drawn]").forEach(draw);
  all(".tools[data-of]").forEach(filter);
});
for (const part of all("[data-live]")) watch(part);

// ---- Pictures: one place and one zoom for all, and two laid over each other. A place is kept in widths and heights of a
// picture, so that pictures of any size show the same.
function gallery(area) {
  const windows = all(".window", area), images = all("img", area), slide = area.querySelector(".slide");
  const under = slide.querySelector(".under"), over = slide.querySelector(".over"), range = slide.querySelector("input");
  const [left, right] = all("select", slide);
  let scale = 1, x = 0, y = 0, start = null, moved = false;

  function show() {
    x = Math.min(0, Math.max(1 - scale, x));
    y = Math.min(0, Math.max(1 - scale, y));
    for (const image of images) {
      image.style.transform = `translate(${100 * x}%, ${100 * y}%) scale(${scale})`;
      image.classList.toggle("near", scale >= 4);
    }
    for (const each of windows) each.classList.toggle("moved", scale > 1);
    const cut = (range.value / 100 - x) / scale;  // the line stands still while the picture moves
    over.style.clipPath = `inset(0 ${100 * Math.min(1, Math.max(0, 1 - cut))}% 0 0)`;
  }
  function zoom(factor, at = [0.5, 0.5]) {
    const next = factor ? Math.min(32, Math.max(1, scale * factor)) : 1;
    x = at[0] - (at[0] - x) * (next / scale);
    y = at[1] - (at[1] - y) * (next / scale);
    scale = next;
    show();
  }
  const place = (event, box = event.currentTarget.getBoundingClientRect()) =>
    [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  for (const each of windows) {
    each.addEventListener("pointerdown", (event) => { start = place(event); moved = false; each.setPointerCapture(event.pointerId); });
    each.addEventListener("pointermove", (event) => {
      if (!start) return;
      const now = place(event);
      if (!moved && Math.hypot(now[0] - start[0], now[1] - start[1]) < 0.015) return;
      moved = true;
      [x, y, start] = [x + now[0] - start[0], y + now[1] - start[1], now];
      show();
    });
    each.addEventListener("pointerup", (event) => {
      if (start && !moved) zoom(event.shiftKey ? 0.5 : 2, place(event));
      start = null;
    });
    each.addEventListener("pointercancel", () => { start = null; });
    each.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && scale === 1) return;  // the page scrolls until somebody has zoomed
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.25 : 0.8, place(event));
    }, { passive: false });
    each.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
      const factor = { "+": 2, "-": 0.5, 0: 0 }[event.key];
      if (step && scale > 1) { [x, y] = [x + step[0], y + step[1]]; show(); }
      else if (factor !== undefined) zoom(factor);
      else return;
      event.preventDefault();
    });
  }
  function lay() { over.src = left.value; under.src = right.value; }
  for (const each of [left, right]) each.addEventListener("change", lay);
  for (const button of all("[data-zoom]", area)) button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
  range.addEventListener("input", show);
  lay();
  show();
}
all(".gallery").forEach(gallery);
for (const each of all("select[data-go]")) each.addEventListener("change", () => each.form.submit());
