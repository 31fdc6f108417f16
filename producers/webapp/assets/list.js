// "Laporan saya": every report with its state in words, and what to do about those that were refused.

import { $, clock, el, icon } from "./dom.js";
import * as store from "./store.js";

const SHOWN = 100;
const KEPT_MS = 14 * 86_400_000; // reports that are through are forgotten after two weeks

// state -> [mark, word, sentence]; a mark helps those who do not see colours
const WORDS = {
  saved: ["●", "Tersimpan", "Aman di HP ini. Dikirim sendiri begitu ada jaringan."],
  held: ["●", "Tersimpan", "Aman di HP ini. Buka tautan baru dari posko, lalu dikirim sendiri."],
  sent: ["✓", "Terkirim", "Sudah sampai di posko."],
  received: ["✓✓", "Diterima", "Sudah dicatat posko."],
  joined: ["✓✓", "Digabung", "dengan laporan lain tentang kejadian yang sama."],
  verified: ["✓✓", "Terverifikasi", "Posko sudah memastikan kejadian ini."],
  resolved: ["★", "Selesai", "Kejadian ini sudah ditangani."],
  rejected: ["–", "Tidak terbukti", "Posko sudah memeriksa; kejadian ini tidak terbukti."],
  refused: ["!", "Ditolak", ""],
};

// Why a report was refused, and what to do, where the server's own sentence is missing.
const REASONS = {
  conflict: "Nomor laporan ini sudah dipakai untuk isi lain. Tekan “Perbaiki” untuk mengirimnya sebagai laporan baru.",
  clock_implausible: "Jam HP ini salah. Betulkan tanggal dan jam di pengaturan HP, lalu tekan “Perbaiki”.",
  http_413: "Laporan terlalu besar. Tekan “Perbaiki” dan pendekkan ceritanya.",
};

export function stateOf(record, account) {
  if (record.state === "saved") return account.revoked ? "held" : "saved";
  if (record.state !== "sent") return record.state;
  const { state, reports } = record.remote ?? {};
  if (state === "joined" && reports <= 1) return "received"; // an incident of its own: nothing was joined
  return state in WORDS ? state : "sent";
}

// Shows the reports of this account. `actions`: {mend(record)}
export async function show(account, actions) {
  const all = await store.allReports();
  const own = all.filter((record) => record.officer === account.id).sort((a, b) => b.created - a.created);
  const others = all.filter((record) => record.officer !== account.id && record.state === "saved").length;
  $("others").hidden = !others;
  $("others").textContent = `${others} laporan dari pengguna lain HP ini masih menunggu. Kalau tidak terkirim, pengguna itu perlu membuka tautannya lagi.`;
  $("none").hidden = own.length > 0;
  const categories = new Map(account.me.catalogue.categories.map((one) => [one.code, one.name]));
  $("reports").replaceChildren(...own.slice(0, SHOWN).map((record) => card(record, account, categories, actions)));
}

function card(record, account, categories, actions) {
  const state = stateOf(record, account);
  const [mark, word] = WORDS[state];
  const refused = state === "refused";
  return el("li", { className: "card", "data-state": state, "data-id": record.id },
    el("p", { className: "top" }, icon(record.report.category), el("b", {}, categories.get(record.report.category) ?? record.report.category), el("time", {}, clock(record.created))),
    el("p", { className: "words" }, record.report.text),
    el("p", { className: "state" }, el("span", { className: "mark", "aria-hidden": "true" }, mark), el("b", {}, word), " ", el("span", {}, sentence(record, state))),
    photosLine(record),
    refused ? el("p", { className: "row" },
      el("button", { type: "button", className: "button", onclick: () => actions.mend(record) }, "Perbaiki"),
      el("button", { type: "button", className: "button", onclick: () => store.dropReport(record).then(store.changed) }, "Hapus")) : null);
}

function sentence(record, state) {
  if (state === "refused") return record.why || REASONS[record.reason] || "Posko tidak dapat menerima laporan ini. Tekan “Perbaiki”, periksa isinya, lalu kirim lagi.";
  const title = record.remote?.title;
  if (!title) return WORDS[state][2];
  if (state === "joined") return `ke kejadian “${title}” bersama ${record.remote.reports - 1} laporan lain.`;
  return `${WORDS[state][2]} Kejadian: “${title}”.`;
}

function photosLine(record) {
  const { photos } = record;
  if (!photos.length) return null;
  const sent = photos.filter((photo) => photo.state === "sent").length;
  const refused = photos.filter((photo) => photo.state === "refused").length;
  const words = [`Foto: ${sent} dari ${photos.length} terkirim`, refused ? `${refused} ditolak` : "", sent + refused < photos.length ? "sisanya menyusul" : ""];
  return el("p", { className: "hint" }, `${words.filter(Boolean).join(", ")}.`);
}

// One sentence for the top of the page: {mood, words, waiting}.
export async function summary(account, link, online) {
  const own = (await store.allReports()).filter((record) => record.officer === account.id);
  const waiting = own.filter((record) => record.state === "saved").length;
  const refused = own.filter((record) => record.state === "refused").length;
  const photos = own.flatMap((record) => record.photos).filter((photo) => photo.state === "saved").length;
  const some = `${waiting} laporan tersimpan di HP`;
  if (account.revoked) return { mood: "bad", waiting, words: `Tautan Anda tidak berlaku lagi.${waiting ? ` ${some}, tidak hilang.` : ""}` };
  if (refused) return { mood: "bad", waiting, words: `${refused} laporan ditolak. Lihat di “Laporan saya”.` };
  if (waiting && !online) return { mood: "wait", waiting, words: `Tidak ada jaringan. ${some}, dikirim sendiri nanti.` };
  if (waiting && link?.at > Date.now()) return { mood: "wait", waiting, words: `Jaringan lemah. ${some}, dicoba lagi sendiri.` };
  if (waiting) return { mood: "wait", waiting, words: `Mengirim … ${some}.` };
  if (photos) return { mood: "wait", waiting, words: `Semua laporan terkirim; ${photos} foto menyusul.` };
  if (!online) return { mood: "quiet", waiting, words: "Tidak ada jaringan; lapor tetap bisa." };
  return own.length ? { mood: "good", waiting, words: "Semua laporan sudah sampai di posko." } : { mood: "quiet", waiting, words: "Siap, juga tanpa jaringan." };
}

export async function forgetOld(now = Date.now()) {
  for (const record of await store.allReports()) {
    const through = record.state === "sent" && !record.photos.some((photo) => photo.state === "saved");
    if (through && now - record.created > KEPT_MS) await store.dropReport(record);
  }
}
