"use strict";
// Sorting, one zoom for all pictures of a scene, and two pictures laid over each other. Without it all is still there.
const { better, scenes: values } = JSON.parse(document.getElementById("values").textContent);
const sections = [...document.querySelectorAll(".scene")];
const pick = (id) => document.getElementById(id);
const MOST = 32;

// How bad a scene is: of one method, or of its worst; smaller is worse.
function score(place) {
  const metric = pick("metric").value, of = values[place], chosen = pick("method").value;
  const sign = better[metric] === "smaller" ? -1 : 1;
  const methods = chosen ? (chosen in of ? [chosen] : []) : Object.keys(of);
  return methods.length ? Math.min(...methods.map((name) => sign * of[name][metric])) : Infinity;
}

function sort() {
  const turn = Number(pick("order").value);
  const scored = sections.map((section, place) => ({ section, score: score(place) }));
  scored.sort((a, b) => (a.score === b.score ? 0 : turn * (a.score < b.score ? -1 : 1)));
  pick("scenes").append(...scored.map((each) => each.section));
}

function layOver() {
  for (const section of sections) {
    const [under, over] = ["left", "right"].map((id) => section.querySelector(`img[data-view="${CSS.escape(pick(id).value)}"]`));
    const both = section.querySelector(".both");
    both.hidden = !under || !over;
    if (both.hidden) continue;
    both.querySelector(".under").src = over.src;
    both.querySelector(".over").src = under.src;
    both.querySelector("figcaption").textContent = `${under.dataset.view} | ${over.dataset.view}`;
  }
}

// A place is kept in widths and heights of the picture, so that pictures of any size on the screen show the same.
function watch(section) {
  const windows = [...section.querySelectorAll(".window")], images = [...section.querySelectorAll(".view img")];
  const slide = section.querySelector(".both input"), over = section.querySelector(".over");
  let scale = 1, x = 0, y = 0, start = null, moved = false;

  function show() {
    x = Math.min(0, Math.max(1 - scale, x));
    y = Math.min(0, Math.max(1 - scale, y));
    for (const image of images) {
      image.style.transform = `translate(${100 * x}%, ${100 * y}%) scale(${scale})`;
      image.classList.toggle("near", scale >= 4);
    }
    for (const each of windows) each.classList.toggle("moved", scale > 1);
    const cut = (slide.value / 100 - x) / scale;  // the line stands still while the picture moves
    over.style.clipPath = `inset(0 ${100 * Math.min(1, Math.max(0, 1 - cut))}% 0 0)`;
  }
  function zoom(factor, at = [0.5, 0.5]) {
    const next = factor ? Math.min(MOST, Math.max(1, scale * factor)) : 1;
    x = at[0] - (at[0] - x) * (next / scale);
    y = at[1] - (at[1] - y) * (next / scale);
    scale = next;
    show();
  }
  function place(event, window_) {
    const box = window_.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }
  for (const each of windows) {
    each.addEventListener("pointerdown", (event) => {
      start = place(event, each);
      moved = false;
      each.setPointerCapture(event.pointerId);
    });
    each.addEventListener("pointermove", (event) => {
      if (!start) return;
      const now = place(event, each);
      if (!moved && Math.hypot(now[0] - start[0], now[1] - start[1]) < 0.015) return;
      moved = true;
      x += now[0] - start[0];
      y += now[1] - start[1];
      start = now;
      show();
    });
    each.addEventListener("pointerup", (event) => {
      if (start && !moved) zoom(event.shiftKey ? 0.5 : 2, place(event, each));
      start = null;
    });
    each.addEventListener("pointercancel", () => { start = null; });
    each.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
      const factor = { "+": 2, "-": 0.5, 0: 0 }[event.key];
      if (step && scale > 1) {
        [x, y] = [x + step[0], y + step[1]];
        show();
      } else if (factor !== undefined) zoom(factor);
      else return;
      event.preventDefault();
    });
  }
  for (const button of section.querySelectorAll("[data-zoom]"))
    button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
  slide.addEventListener("input", show);
  section.querySelector(".tools").hidden = false;
  show();
}

sections.forEach(watch);
for (const id of ["metric", "method", "order"]) pick(id).addEventListener("change", sort);
for (const id of ["left", "right"]) pick(id).addEventListener("change", layOver);
pick("bar").hidden = false;
layOver();
