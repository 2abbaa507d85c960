
// Columns sort where they are clicked, a figure grows, pictures move, and paper has no folds; without this script the page is
// whole, and still.
const number = (text) => {
  const found = text.replaceAll("\u2212", "-").replaceAll(",", "").match(/-?(\d+\.?\d*(e[-+]?\d+)?|∞)/i);
  return found ? Number(found[0].replace("∞", "Infinity")) : NaN;
};

const content = (row, column) => (row.cells[column]?.querySelector(".text")?.textContent ?? "").trim();

const order = (column, down) => (one, other) => {
  const [left, right] = [content(one, column), content(other, column)];
  const [a, b] = [number(left), number(right)];
  if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1; // what is unknown comes last
  const by = Number.isNaN(a) ? left.localeCompare(right) : a - b;
  return down ? -by : by;
};

for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  if (rows.length < 3 || rows.some((row) => row.cells.length !== table.tHead.rows[0].cells.length)) continue;
  const heads = [...table.tHead.rows[0].cells];
  const sort = (head, column) => {
    const now = { none: "ascending", ascending: "descending", descending: "none" }[head.ariaSort ?? "none"];
    heads.forEach((each) => each.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", now);
    body.append(...(now === "none" ? rows : [...rows].sort(order(column, now === "descending"))));
  };
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    head.title ||= "sort";
    head.classList.add("sorts");
    head.addEventListener("click", () => sort(head, column));
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter") sort(head, column);
    });
  });
}

for (const picture of document.querySelectorAll(".box img")) {
  const box = picture.closest(".box");
  picture.addEventListener("click", (event) => {
    const [x, y] = [event.offsetX / picture.clientWidth, event.offsetY / picture.clientHeight];
    const large = box.classList.toggle("large");
    if (large) box.scrollTo(x * picture.clientWidth - event.offsetX, y * picture.clientHeight - event.offsetY);
  });
}

document.querySelectorAll(".gallery").forEach(gallery);

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((each) => { each.open = true; });
});
addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }));
