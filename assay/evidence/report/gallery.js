"use strict";
// Pictures of one scene: one place and one zoom for all, and two of them laid over each other. A place is kept in widths and
// heights of a picture, so that pictures of any size on the screen show the same.
function gallery(area) {
  const every = (words, within = area) => [...within.querySelectorAll(words)];
  const windows = every(".window"), images = every(".window img"), slide = area.querySelector(".slide");
  const [own, under, over, range] = [".window", ".under", ".over", "input"].map((words) => slide.querySelector(words));
  const [left, right] = every("select");
  let scale = 1, x = 0, y = 0, start = null, moved = false;

  function show() {
    x = Math.min(0, Math.max(1 - scale, x));
    y = Math.min(0, Math.max(1 - scale, y));
    for (const image of images) {
      image.style.transform = `translate(${100 * x}%, ${100 * y}%) scale(${scale})`;
      image.classList.toggle("near", scale >= 4);
    }
    for (const each of windows) each.classList.toggle("moved", scale > 1);
    own.style.setProperty("--cut", `${range.value}%`);
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
  function look(to, at) {
    scale = to;
    [x, y] = at.map((each) => 0.5 - each * to);
    show();
  }
  function drag(to, whole) {
    if (whole) range.value = 100 * to[0];
    else [x, y] = [x + to[0] - start[0], y + to[1] - start[1]];
    start = to;
    show();
  }
  const place = (event, box = event.currentTarget.getBoundingClientRect()) =>
    [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  for (const each of windows) {
    each.addEventListener("pointerdown", (event) => { start = place(event); moved = false; each.setPointerCapture(event.pointerId); });
    each.addEventListener("pointermove", (event) => {
      if (!start) return;
      const now = place(event);
      moved ||= Math.hypot(now[0] - start[0], now[1] - start[1]) >= 0.015;
      if (moved) drag(now, each === own && scale === 1);
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
      else if (step?.[0] && each === own) { range.value = Number(range.value) - 20 * step[0]; show(); }
      else if (factor !== undefined) zoom(factor);
      else return;
      event.preventDefault();
    });
  }
  for (const button of every("[data-zoom]"))
    button.addEventListener("click", () => button.dataset.at
      ? look(Number(button.dataset.zoom), button.dataset.at.split(" ").map(Number)) : zoom(Number(button.dataset.zoom)));
  range.addEventListener("input", show);
  const picture = (name) => area.querySelector(`.view img[data-view="${CSS.escape(name)}"]`);
  function lay() { over.src = picture(left.value).src; under.src = picture(right.value).src; }
  if (left) { for (const each of [left, right]) each.addEventListener("change", lay); lay(); }
  every(".slide, .tools").forEach((each) => { each.hidden = false; });
  show();
}
