// The queue: rows change where they are; new ones wait behind a button unless one stands at the top and has chosen none.
import { $, $$, act, alarm, keys, letters, listen, part, t, tick, undo } from "./umum.js";

const list = () => $("#baris");
const query = () => list()?.dataset.kueri ?? "";
const waiting = new Map(); // id -> row of what is new and not shown yet
let chosen = null;
const key = `posko.pilih.${location.search}`;

function rowOf(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}
function replace(old, row) {
  if (Number(row.dataset.version) < Number(old.dataset.version)) return;
  row.classList.toggle("chosen", old.classList.contains("chosen"));
  row.classList.add("flash");
  const focused = old.contains(document.activeElement);
  old.replaceWith(row);
  tick(row);
  if (chosen?.id === row.id) chosen = row;
  if (focused) $("a.title", row).focus({ preventScroll: true });
}
function fresh() {
  const button = $("#baru");
  button.hidden = !waiting.size;
  button.textContent = t("{n} baru", { n: waiting.size });
}
const newestFirst = new URLSearchParams(location.search).get("urut") === "baru";
// A screen that nobody touches sorts itself again.
let touched = Date.now();
for (const event of ["pointermove", "pointerdown", "keydown", "scroll"]) addEventListener(event, () => { touched = Date.now(); }, { passive: true });
setInterval(() => { if (waiting.size && atTop() && Date.now() - touched > 20_000) reload(); }, 5000);
function atTop() { return scrollY < 40 && !chosen && !document.hidden; }

function news({ rows = {}, gone = [], figures, reload: all }) {
  for (const [name, value] of Object.entries(figures ?? {})) {
    const node = $(`[data-figure="${name}"]`);
    if (node && node.textContent !== String(value)) node.textContent = value;
  }
  if (figures) alarm(figures.alarming);
  for (const [id, html] of Object.entries(rows)) {
    const old = document.getElementById(`i-${id}`);
    if (old && html) replace(old, rowOf(html));
    else if (!old && html && !gone.includes(id)) waiting.set(id, html);
    else waiting.delete(id);
    if (gone.includes(id)) document.getElementById(`i-${id}`)?.classList.add("gone");
  }
  arrive();
  if (all) update();
}
// What is new comes in by itself where nobody has chosen a row; else it waits behind the button.
function arrive() {
  if (waiting.size && atTop() && list()) {
    for (const [id, html] of waiting) {
      const row = rowOf(html);
      if (!newestFirst && !row.classList.contains("alarm")) continue; // nothing pushes what burns away
      row.classList.add("flash");
      list().prepend(row);
      tick(row);
      waiting.delete(id);
    }
    if ($(".row")) $(".empty")?.remove();
    while (list().children.length > 400) list().lastElementChild.remove();
  }
  fresh();
}

// The list as it is now, in its order; what is chosen stays chosen.
async function reload() {
  const html = await part(`/daftar?${query()}`);
  if (html === null) return;
  waiting.clear();
  fresh();
  $("#daftar").innerHTML = html;
  tick($("#daftar"));
  choose(chosen && document.getElementById(chosen.id), false);
}
// Whatever was not told: rows that are there change in place, others are new.
async function update() {
  const html = await part(`/daftar?${query()}`);
  if (html === null) return;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const row of $$(".row", holder.content)) {
    const old = document.getElementById(row.id);
    if (!old) waiting.set(row.dataset.id, row.outerHTML);
    else if (Number(row.dataset.version) > Number(old.dataset.version)) replace(old, row);
  }
  arrive();
}

function choose(row, show = true) {
  chosen?.classList.remove("chosen");
  chosen = row ?? null;
  sessionStorage.setItem(key, chosen?.id ?? "");
  if (!chosen) return;
  chosen.classList.add("chosen");
  if (show) { $("a.title", chosen).focus({ preventScroll: true }); chosen.scrollIntoView({ block: "nearest" }); }
}
function step(by) {
  const rows = $$(".row");
  const at = rows.indexOf(chosen);
  choose(rows[Math.min(rows.length - 1, Math.max(0, at + by))]);
}
function open() { if (chosen) location.href = `/insiden/${chosen.dataset.id}`; }
async function acknowledge() {
  if (!chosen || chosen.dataset.waits !== "1" || list().dataset.boleh !== "True") return;
  const { id, version } = chosen.dataset;
  await act(id, { action: "acknowledge", action_id: crypto.randomUUID(), expected_version: version, label: $(".title", chosen).textContent });
}

keys({
  j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
  Enter: open, o: open, a: acknowledge, n: reload, u: undo, "/": () => $("[name=cari]").focus(),
  Escape: () => { choose(null); document.activeElement.blur(); },
});
if (!letters()) $("[name=cari]").placeholder = $("[name=cari]").placeholder.replace("( / )", "").trim();
$("#baru").addEventListener("click", () => { choose(null); reload(); scrollTo({ top: 0 }); });
$("#saring").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = [...new FormData(event.target)].filter(([, value]) => value);
  location.href = `/?${new URLSearchParams(given)}`;
});
$("#saring").addEventListener("change", (event) => { if (event.target.name !== "cari") $("#saring").requestSubmit(); });
if (!matchMedia("(min-width: 901px)").matches && !query().match(/kategori|wilayah|instansi/)) $(".more").open = false;
listen(() => `/arus?${query()}`, news, update);
const kept = sessionStorage.getItem(key);
if (kept && document.getElementById(kept)) choose(document.getElementById(kept), performance.getEntriesByType("navigation")[0]?.type === "back_forward");
