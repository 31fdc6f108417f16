// The new report: one page, filled from top to bottom. Category and text are enough. What is typed survives a reload.

import { $, alertUser, choice, choose, chosen, el, icon, isoWithOffset } from "./dom.js";
import { MOST, NotAPhoto, shrink } from "./photos.js";
import * as place from "./place.js";
import * as store from "./store.js";
import * as voice from "./voice.js";

const KINDS_SHOWN = 5;
const SUGGESTIONS = 4;
const LONG = 4; // letters of a word that says something

let account = null;
let photos = []; // without their bytes
let moreKinds = false;
let onSaved = () => {};
let draftTimer = 0;

export function begin(savedListener) {
  onSaved = savedListener;
  place.begin(edited);
  voice.begin(edited);
  $("report").addEventListener("submit", (event) => { event.preventDefault(); save(); });
  $("text").addEventListener("input", edited);
  $("categories").addEventListener("change", () => { moreKinds = false; showKinds(); edited(); });
  $("kinds").addEventListener("change", () => { useKind(); edited(); });
  $("severity").addEventListener("change", edited);
  $("photo-place").addEventListener("change", edited);
  $("photo").addEventListener("change", async ({ target }) => {
    const files = Array.from(target.files);
    target.value = "";
    for (const file of files) await addPhoto(file);
  });
}

export async function show(now) {
  if (account?.id === now.id) { account = now; return; }
  account = now;
  const { categories, severities } = account.me.catalogue;
  $("categories").querySelector(".big").replaceChildren(
    ...categories.map(({ code, name }) => choice("category", code, "category", icon(code), el("b", {}, name))));
  $("severity").querySelector(".chips").replaceChildren(
    ...severities.map(({ value, name }) => { const made = choice("severity", String(value), "chip", name); made.dataset.level = value; return made; }));
  await place.setAccount(account);
  clear();
  await restore();
}

const category = () => account.me.catalogue.categories.find(({ code }) => code === chosen("category"));

function showKinds(keep = "") {
  const kinds = category()?.kinds ?? [];
  const shown = moreKinds ? kinds : kinds.slice(0, KINDS_SHOWN);
  const rest = kinds.length - shown.length;
  const more = rest > 0 ? el("button", { type: "button", className: "chip more", onclick: () => { moreKinds = true; showKinds(chosen("kind")); $("kinds").querySelectorAll("input")[KINDS_SHOWN].focus(); } }, `${rest} jenis lain …`) : null;
  $("kinds").querySelector(".chips").replaceChildren(...shown.map(({ code, name }) => choice("kind", code, "chip", name)), ...(more ? [more] : []));
  $("kinds").hidden = !kinds.length;
  $("categories").classList.toggle("chosen", Boolean(kinds.length)); // smaller: what comes next moves into view
  if (keep) choose("kind", keep);
}

// A chosen kind begins the text, unless the officer wrote something of their own.
function useKind() {
  const text = $("text").value.trim();
  const names = category().kinds.map(({ name }) => name);
  const kind = category().kinds.find(({ code }) => code === chosen("kind"));
  if (kind && (!text || names.includes(text))) $("text").value = kind.name;
}

async function suggest() {
  const typed = $("text").value.trim().toLowerCase();
  const now = category();
  const options = [];
  if (now && typed.length >= 3) {
    for (const kind of alike(now.kinds, typed)) {
      options.push({ name: kind.name, use: () => { moreKinds = true; showKinds(kind.code); $("text").focus(); } });
    }
  } else if (now && !typed) {
    const earlier = (await store.allReports()).filter((one) => one.officer === account.id && one.report.category === now.code).sort((a, b) => b.created - a.created);
    for (const text of new Set(earlier.map((one) => one.report.text))) if (text.length < 90) options.push({ name: text, use: () => { $("text").value = text; $("text").focus(); } });
  }
  $("suggestions").hidden = !options.length;
  $("suggestions").replaceChildren(...options.slice(0, SUGGESTIONS).map(({ name, use }) => el("button", { type: "button", className: "chip", onclick: () => { use(); edited(); } }, name)));
}

function edited() {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keepDraft, 250);
  $("missing").textContent = "";
  $("photo-place-row").hidden = !photos.length;
  suggest();
}

// The kinds whose names share most words with what was typed; none when that says nothing, or when one is chosen.
function alike(kinds, typed) {
  const said = typed.split(/\W+/).filter((word) => word.length >= LONG);
  const shared = (kind) => kind.name.toLowerCase().split(/\W+/).filter((word) => word.length >= LONG && said.some((one) => word.startsWith(one))).length;
  const most = Math.max(0, ...kinds.map(shared));
  const best = most ? kinds.filter((kind) => shared(kind) === most) : [];
  return chosen("kind") || best.length > 2 ? [] : best;
}

const draftKey = () => `draft:${account.id}`;

function keepDraft() {
  const draft = { category: chosen("category"), kind: chosen("kind"), text: $("text").value, severity: chosen("severity"), photos, photoPlace: $("photo-place").checked, place: place.draft() };
  store.setMeta(draftKey(), draft).catch(storageFull);
}

async function restore() {
  fill(await store.getMeta(draftKey()));
}

// Puts a draft, or a refused report that is to be mended, into the form.
export function fill(draft) {
  if (!draft) return;
  choose("category", draft.category);
  moreKinds = Boolean(draft.kind);
  showKinds(draft.kind);
  $("text").value = draft.text;
  choose("severity", draft.severity);
  photos = draft.photos ?? [];
  $("photo-place").checked = Boolean(draft.photoPlace);
  if (draft.place) place.restore(draft.place);
  showPhotos();
  edited();
}

function clear() {
  $("report").reset();
  photos = []; moreKinds = false;
  showKinds(); showPhotos(); place.clear();
  clearTimeout(draftTimer);
  $("suggestions").hidden = true;
  $("missing").textContent = "";
}

async function addPhoto(file) {
  if (photos.length >= MOST) return alertUser(`Paling banyak ${MOST} foto untuk satu laporan.`);
  try {
    const photo = await shrink(file, newId());
    await store.putPhoto(photo);
    const { blob, ...known } = photo;
    photos.push(known);
    alertUser("");
  } catch (error) {
    if (!(error instanceof NotAPhoto)) return storageFull(error);
    alertUser("Foto itu tidak dapat dibaca di HP ini. Ambil foto dengan kamera, lalu coba lagi.");
  }
  await showPhotos();
  edited();
}

async function showPhotos() {
  const items = await Promise.all(photos.map(async (photo, number) => {
    const stored = await store.getPhoto(photo.id);
    const image = el("img", { alt: `Foto ${number + 1}`, width: 80, height: 80 });
    if (stored) { image.src = URL.createObjectURL(stored.blob); image.onload = () => URL.revokeObjectURL(image.src); }
    const remove = el("button", { type: "button", className: "remove", "aria-label": `Hapus foto ${number + 1}`, onclick: async () => {
      photos = photos.filter((one) => one !== photo);
      await store.dropPhoto(photo.id);
      await showPhotos();
      edited();
    } }, "×");
    return el("li", {}, image, remove);
  }));
  $("thumbs").replaceChildren(...items);
  $("photo-place-row").hidden = !photos.length;
}

async function save() {
  const problem = !chosen("category") ? ["Pilih dulu apa yang terjadi.", 'input[name="category"]'] : !$("text").value.trim() ? ["Ceritakan singkat apa yang terjadi.", "#text"] : null;
  if (problem) {
    $("missing").textContent = problem[0];
    document.querySelector(problem[1]).focus();
    return;
  }
  $("send").disabled = true;
  try {
    const record = made(Date.now());
    clearTimeout(draftTimer);
    await store.addReport(record, draftKey());
    await place.remember().catch(() => {});
    clear();
    alertUser("");
    onSaved(record);
  } catch (error) {
    storageFull(error);
  } finally {
    $("send").disabled = false;
  }
}

function made(now) {
  const id = newId();
  const { officer } = account.me;
  const severity = Number(chosen("severity"));
  const report = {
    report_id: id,
    category: chosen("category"),
    ...(chosen("kind") ? { kind: chosen("kind") } : {}),
    text: $("text").value.trim(),
    reported_at: isoWithOffset(now),
    reporter: { id: officer.id, role: officer.role, institution: officer.institution },
    ...place.fields(),
    ...(severity ? { severity } : {}),
    channel: "app",
    ...(photos.length ? { attachments: photos.map(described) } : {}),
  };
  const kept = photos.map(({ id: photo, sha256 }) => ({ id: photo, sha256, state: "saved", tries: 0, at: 0 }));
  return { id, officer: account.id, created: now, state: "saved", tries: 0, at: 0, report, photos: kept };
}

// A photo in the report: its place only if the officer agreed, from the photo itself or from where the officer stands.
function described({ sha256, mime, name, bytes, taken_at, lat, lng }) {
  const at = lat !== undefined ? { lat, lng } : place.position() && { lat: place.position().lat, lng: place.position().lng };
  return { sha256, mime, name, bytes, taken_at, ...($("photo-place").checked ? at : {}) };
}

function storageFull(error) {
  const full = error?.name === "QuotaExceededError";
  alertUser(full
    ? "Penyimpanan HP penuh: ini BELUM tersimpan. Hapus foto atau video lain di HP, atau kirim tanpa foto, lalu tekan lagi."
    : "HP ini tidak dapat menyimpan laporan. Tutup mode penyamaran, muat ulang halaman, lalu tekan lagi.");
}

function newId() {
  return crypto.randomUUID();
}
