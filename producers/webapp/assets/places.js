// Villages of the election's area, kept on the device, and their search without network.

import { call } from "./api.js";
import * as store from "./store.js";

// What people write, and what the official name says. Numbers become words: "35 ilir" is Tiga-puluh-lima Ilir.
const SHORT = { tj: "tanjung", tg: "tanjung", tjg: "tanjung", sei: "sungai", sgi: "sungai", s: "sungai", lb: "lubuk", lbk: "lubuk",
  tl: "talang", mr: "muara", ma: "muara", pl: "pulau", gn: "gunung", bt: "batu", kt: "kota", kp: "kampung", tb: "tebing", ul: "ulu",
  il: "ilir", sp: "simpang", pd: "padang", sb: "suban" };
const LEVELS = new Set(["desa", "ds", "kel", "kelurahan", "kec", "kecamatan", "kab", "kabupaten", "kota", "nagari", "di", "no", "nomor"]);
const DIGITS = ["", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"];
const SHOWN = 8;

let index = null; // [{code, name, where, tps, own: words of the name, all: words of everything}]

export function inWords(number) {
  if (number < 10) return DIGITS[number];
  if (number === 10) return "sepuluh";
  if (number === 11) return "sebelas";
  if (number < 20) return `${DIGITS[number - 10]} belas`;
  return `${DIGITS[Math.trunc(number / 10)]} puluh ${DIGITS[number % 10]}`.trim();
}

// Words of a name or a question, in one spelling.
export function words(text) {
  const parts = text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").split(/[^a-z0-9]+/).filter(Boolean);
  return parts.flatMap((part) => (/^[1-9][0-9]?$/.test(part) ? inWords(Number(part)).split(" ") : [SHORT[part] ?? part]));
}

// "tj baru tps 4": {number: 4, rest: "tj baru"}.
export function splitNumber(text) {
  const found = /\btps\s*(?:no\.?|nomor)?\s*0*([1-9][0-9]{0,2})\b/i.exec(text);
  return { number: found ? Number(found[1]) : null, rest: found ? text.replace(found[0], " ") : text.replace(/\btps\b/i, " ") };
}

function indexed(rows) {
  const names = new Map(rows.map(([code, name]) => [code, name]));
  const above = (code) => code.split(".").slice(0, -1).join(".");
  return rows.filter(([code]) => code.length === 13).map(([code, name, tps]) => {
    const district = names.get(above(code)) ?? "", regency = names.get(above(above(code))) ?? "";
    const own = words(name);
    return { code, name, tps, where: [district && `Kec. ${district}`, regency].filter(Boolean).join(", "), own, all: [...own, ...words(district), ...words(regency)] };
  });
}

// The best places for a question, those near `home` (a code) first among equals.
export function search(question, home = "", list = index) {
  const asked = words(splitNumber(question).rest).filter((word) => !LEVELS.has(word));
  if (!asked.length || !list) return [];
  const found = [];
  for (const place of list) {
    let score = 0;
    for (const word of asked) {
      const inName = place.own.some((one) => one.startsWith(word));
      if (!inName && !place.all.some((one) => one.startsWith(word))) { score = -1; break; }
      score += inName ? (place.own.includes(word) ? 4 : 3) : 1;
    }
    if (score < 0) continue;
    if (place.own.length === asked.length) score += 1;
    if (home) score += ["", ".", ".."].filter((_, level) => place.code.startsWith(home.split(".").slice(0, 4 - level).join("."))).length / 2;
    found.push({ place, score });
  }
  found.sort((a, b) => b.score - a.score || a.place.code.localeCompare(b.place.code));
  return found.slice(0, SHOWN).map(({ place }) => place);
}

export const find = (code) => index?.find((place) => place.code === code);
export const isReady = () => Boolean(index);

// Reads the list that is on the device, then asks whether there is a newer one. Never throws: without it, places are typed.
export async function load(token) {
  let kept = await store.getMeta("places").catch(() => undefined);
  if (kept && !index) index = indexed(kept.rows);
  if (!token || !navigator.onLine) return;
  try {
    const headers = kept?.etag ? { "If-None-Match": kept.etag } : {};
    const { content, etag } = await call("GET", "/api/v1/places", { token, headers, ms: 180_000 });
    const rows = rowsOf(content);
    if (!rows.length) return;
    index = indexed(rows);
    await store.setMeta("places", { etag, rows });
  } catch { /* 304, or no network: what is here is good */ }
}

const rowsOf = (content) => (Array.isArray(content) ? content : content?.places ?? []);
