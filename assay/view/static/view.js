"use strict";
// What moves on the page: parts that are fetched again, tables that sort and filter, and figures.
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

// ---- Pictures: the script of the report's galleries stands above
all(".gallery").forEach(gallery);
for (const each of all("select[data-go]")) each.addEventListener("change", () => each.form.submit());
