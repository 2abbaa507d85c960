"use strict";
// Sorting, and which two pictures of every scene are laid over each other. Without it all is still there.
const { better, scenes: values } = JSON.parse(document.getElementById("values").textContent);
const sections = [...document.querySelectorAll(".scene")];
const pick = (id) => document.getElementById(id);

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
    const both = section.querySelector(".slide");
    both.hidden = !under || !over;
    if (both.hidden) continue;
    both.querySelector(".under").src = over.src;
    both.querySelector(".over").src = under.src;
    both.querySelector("figcaption").textContent = `${under.dataset.view} | ${over.dataset.view}`;
  }
}

sections.forEach(gallery);
for (const id of ["metric", "method", "order"]) pick(id).addEventListener("change", sort);
for (const id of ["left", "right"]) pick(id).addEventListener("change", layOver);
pick("bar").hidden = false;
layOver();
