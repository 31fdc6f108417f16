// "Di mana?": my TPS (remembered), where I stand (GPS), or a village found by name. All three work without network.

import { $, chosen, choose, el } from "./dom.js";
import * as places from "./places.js";
import * as store from "./store.js";

const GOOD_M = 50; // a fix this precise ends the search for a better one
const FIX_MS = 25_000;

let account = null;
let mine = null; // {code, number, label} of this officer
let found = null; // the village chosen by name
let fix = null; // {lat, lng, accuracy_m}
let watching = 0;
let onInput = () => {};

export function begin(inputListener) {
  onInput = inputListener;
  document.querySelectorAll('input[name="where"]').forEach((input) => input.addEventListener("change", () => pick(input.value)));
  $("mine-label").closest("label").addEventListener("click", () => chosen("where") === "mine" && pick("mine"));
  $("find").addEventListener("input", showFound);
  $("number").addEventListener("input", () => { say(); onInput(); });
  $("keep").addEventListener("change", onInput);
}

export async function setAccount(now) {
  account = now;
  mine = (await store.getMeta(`mine:${account.id}`)) ?? null;
  showMine();
  say();
}

function showMine() {
  $("mine-label").textContent = mine && !mine.number ? "Desa saya" : "TPS saya";
}

const home = () => account?.me.officer.area ?? "";

// Selects how the place is given: "mine", "gps", "search" or "" (not at all).
export function pick(way) {
  choose("where", way);
  const searching = way === "search" || (way === "mine" && !mine);
  if (way === "mine" && !mine && !found && places.find(home())) take(places.find(home())); // only the number is missing
  $("search").hidden = !searching;
  $("keep-row").hidden = !(searching && found);
  if (way === "mine" && !mine) $("keep").checked = true;
  if (way === "gps") locate();
  else stopLocating();
  if (searching && !found) $("find").focus({ preventScroll: true });
  say();
  onInput();
}

export function clear() {
  found = null; fix = null;
  $("find").value = ""; $("number").value = ""; $("keep").checked = false;
  $("found").replaceChildren();
  pick(mine ? "mine" : "");
}

// What the draft keeps, and how it comes back.
export const draft = () => ({ way: chosen("where"), found: found?.code ?? "", number: $("number").value, fix, keep: $("keep").checked });
export function restore(kept) {
  found = kept.found ? places.find(kept.found) ?? { code: kept.found, name: kept.found, where: "", tps: null } : null;
  fix = kept.fix;
  $("number").value = kept.number; $("keep").checked = kept.keep;
  $("number-row").hidden = !found;
  if (kept.way !== "gps" || !fix) return pick(kept.way);
  choose("where", "gps");
  say();
}

// The report's fields about the place, and (after a report) the TPS that is remembered.
export function fields() {
  const way = chosen("where");
  if (way === "gps" && fix) return { lat: fix.lat, lng: fix.lng, accuracy_m: fix.accuracy_m };
  if (way === "mine" && mine) return coded(mine.code, mine.number);
  if ((way === "search" || way === "mine") && found) return coded(found.code, number());
  return {};
}

export async function remember() {
  if (!found || !$("keep").checked || !account) return;
  mine = { code: found.code, number: number() };
  showMine();
  await store.setMeta(`mine:${account.id}`, mine);
}

export const position = () => fix;
const number = () => { const value = Number($("number").value); return Number.isInteger(value) && value > 0 && value < 1000 ? value : null; };
const coded = (code, tps) => (tps ? { tps: `${code}/${String(tps).padStart(3, "0")}` } : { area: code });

function label(code, tps) {
  const place = places.find(code);
  return `${tps ? `TPS ${tps}, ` : ""}${place ? `${place.name}, ${place.where}` : code}`;
}

function say() {
  const way = chosen("where");
  let said = "";
  if (way === "mine" && mine) said = label(mine.code, mine.number);
  else if (way === "mine" && found) said = label(found.code, number());
  else if (way === "mine") said = "Cari desa Anda dan isi nomor TPS satu kali saja; HP ini mengingatnya.";
  else if (way === "gps" && fix) said = `Lokasi didapat, ketelitian ± ${fix.accuracy_m < 1000 ? `${fix.accuracy_m} meter` : `${Math.round(fix.accuracy_m / 1000)} km`}.`;
  else if (way === "gps" && watching) said = "Mencari lokasi … Anda boleh terus mengisi.";
  else if (way === "search" && found) said = label(found.code, number());
  if (said || way !== "gps") $("where-said").textContent = said;
}

function showFound() {
  const question = $("find").value;
  const { number: tps } = places.splitNumber(question);
  if (tps) $("number").value = String(tps);
  const list = places.search(question, home());
  found = null;
  $("number-row").hidden = $("keep-row").hidden = true;
  $("found").replaceChildren(...list.map((place) => el("li", {}, el("button", { type: "button", onclick: () => take(place) }, el("b", {}, place.name), el("small", {}, place.where)))));
  if (question.trim().length > 1 && !list.length) {
    const why = places.isReady() ? "Tidak ditemukan. Tulis saja nama tempat di cerita Anda." : "Daftar desa belum ada di HP ini. Tulis saja nama tempat di cerita Anda.";
    $("found").replaceChildren(el("li", { className: "hint" }, why));
  }
  say();
  onInput();
}

function take(place) {
  found = place;
  $("find").value = place.name;
  $("found").replaceChildren();
  $("number-row").hidden = $("keep-row").hidden = false;
  if (chosen("where") === "mine") $("keep").checked = true;
  $("number").focus({ preventScroll: true });
  $("where-said").textContent = label(place.code, number());
  onInput();
}

function locate() {
  fix = null;
  stopLocating();
  if (!navigator.geolocation) { $("where-said").textContent = "HP ini tidak memberi lokasi. Pilih cara lain."; return; }
  const started = Date.now();
  watching = navigator.geolocation.watchPosition(({ coords }) => {
    const accuracy = Math.max(1, Math.round(coords.accuracy));
    if (!fix || accuracy < fix.accuracy_m) fix = { lat: round(coords.latitude), lng: round(coords.longitude), accuracy_m: accuracy };
    if (fix.accuracy_m <= GOOD_M || Date.now() - started > FIX_MS) stopLocating();
    say();
    onInput();
  }, (error) => {
    stopLocating();
    if (fix) return;
    $("where-said").textContent = error.code === 1
      ? "Izin lokasi ditolak. Izinkan lokasi di pengaturan, atau cari nama desa."
      : "Lokasi belum didapat. Coba di tempat terbuka, atau cari nama desa.";
  }, { enableHighAccuracy: true, timeout: FIX_MS, maximumAge: 60_000 });
}

function stopLocating() {
  if (watching) navigator.geolocation.clearWatch(watching);
  watching = 0;
}

const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
