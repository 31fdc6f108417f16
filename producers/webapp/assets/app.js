// The page: signs in by the personal link, shows the form or the list, and sees to it that what waits is sent.

import { $, alertUser } from "./dom.js";
import * as form from "./form.js";
import * as list from "./list.js";
import * as places from "./places.js";
import { drain } from "./send.js";
import * as session from "./session.js";
import * as status from "./status.js";
import * as store from "./store.js";

const LOOK_MS = 30_000; // between two questions about reports while the page is seen
const PENDING = "pending-key"; // of a link that was opened without network

let account = null;
let timer = 0;

async function start() {
  if (!self.isSecureContext) return alertUser("Buka alamat ini lewat https, supaya laporan aman dan bisa disimpan tanpa jaringan.");
  registerWorker();
  store.onChange(() => render());
  form.begin(saved);
  $("signin-form").addEventListener("submit", (event) => { event.preventDefault(); enter(session.keyOf($("link").value)); });
  $("again").addEventListener("click", () => { send(true); if (account) status.look(account); });
  addEventListener("hashchange", route);
  addEventListener("online", () => wake());
  addEventListener("offline", render);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  const key = location.pathname === "/masuk" ? session.keyOf(location.hash) : "";
  if (location.pathname !== "/") history.replaceState(null, "", "/"); // the key stays neither in view nor in the history
  if (key) await store.setMeta(PENDING, key);
  await places.load();
  const pending = await store.getMeta(PENDING);
  if (pending) {
    $("strip").textContent = "Sedang masuk …";
    await enter(pending); // before anything of an earlier user is shown
  }
  account ??= await session.current();
  if (account) await show();
  else if (!pending) askForLink();
  wake();
  setInterval(() => document.visibilityState === "visible" && account && status.look(account), LOOK_MS);
}

async function show() {
  await form.show(account);
  $("title").textContent = account.me.election?.title ?? "Posko";
  $("who").textContent = account.me.officer.name;
  $("tabs").hidden = false;
  await route();
}

async function enter(key) {
  if (!key) return askForLink("Tautan itu tidak lengkap. Salin seluruhnya, dari https sampai akhir.");
  try {
    account = await session.signIn(key);
    await store.dropMeta(PENDING);
    navigator.storage?.persist?.();
    $("link").value = "";
    alertUser("");
    await show();
    send(true);
    places.load(account.token);
  } catch (error) {
    if (error.status === 0 || error.status >= 500 || error.status === 429) {
      await store.setMeta(PENDING, key);
      askForLink("Belum ada jaringan untuk masuk. HP ini mencoba lagi sendiri; biarkan halaman ini terbuka.");
      setTimeout(async () => (await store.getMeta(PENDING)) === key && enter(key), Math.max(5_000, error.retryAfter * 1000));
      return;
    }
    await store.dropMeta(PENDING);
    askForLink(error.message || "Tautan ini tidak berlaku atau sudah dipakai. Minta tautan baru ke posko.");
  }
}

function askForLink(sentence = "") {
  alertUser(sentence);
  if (account) return;
  $("signin").hidden = false;
  $("strip").dataset.mood = "quiet";
  $("strip").textContent = "Belum masuk.";
}

async function route() {
  if (!account) return;
  const mine = location.hash === "#laporan";
  const moved = $("mine").hidden === mine;
  $("signin").hidden = true;
  $("report").hidden = mine;
  $("mine").hidden = !mine;
  for (const [tab, on] of [["tab-report", !mine], ["tab-mine", mine]]) on ? $(tab).setAttribute("aria-current", "page") : $(tab).removeAttribute("aria-current");
  if (moved) scrollTo(0, 0);
  await render();
}

let rendering = Promise.resolve();
const render = () => (rendering = rendering.then(draw, draw));

async function draw() {
  if (!account) return;
  account = (await store.getMeta(`account:${account.id}`)) ?? account;
  const { mood, words, waiting } = await list.summary(account, await store.getMeta("link"), navigator.onLine);
  $("strip").dataset.mood = mood;
  if ($("strip").textContent !== words) $("strip").textContent = words;
  $("count").hidden = !waiting;
  $("count").textContent = waiting;
  $("count").setAttribute("aria-label", `${waiting} belum terkirim`);
  $("signin").hidden = !account.revoked;
  if (account.revoked) {
    $("signin-title").textContent = "Tautan Anda tidak berlaku lagi";
    $("signin-why").textContent = "Laporan Anda tetap tersimpan di HP ini dan tidak hilang. Minta tautan baru ke posko, buka di HP ini, lalu semuanya dikirim sendiri.";
  }
  if (!$("mine").hidden) await list.show(account, { mend });
}

async function saved() {
  location.hash = "#laporan";
  await render();
  $("mine-title").focus({ preventScroll: true });
  scrollTo(0, 0);
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("posko-send")).catch(() => {});
  send();
}

// A refused report goes back into the form: a new one with a new id.
async function mend(record) {
  const { report } = record;
  form.fill({ category: report.category, kind: report.kind ?? "", text: report.text, severity: String(report.severity ?? ""), photos: [] });
  await store.dropReport(record);
  location.hash = "#lapor";
  $("text").focus();
}

async function wake() {
  if (!account) return;
  send(true);
  account = await session.refresh(account);
  await places.load(account.token);
  await status.look(account);
  await list.forgetOld();
}

async function send(hurry = false) {
  clearTimeout(timer);
  let next = null;
  try {
    next = navigator.onLine ? await drain(hurry) : Date.now() + LOOK_MS;
    if (account) setTimeout(() => status.look(account), 2_000);
  } catch (error) {
    console.error("send", error);
    next = Date.now() + LOOK_MS;
  }
  clearTimeout(timer);
  if (next !== null) timer = setTimeout(send, Math.max(250, next - Date.now()));
  render();
}

async function registerWorker() {
  try {
    await navigator.serviceWorker?.register("/sw.js", { type: "module" });
  } catch (error) {
    console.warn("no service worker", error);
  }
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  $("install").hidden = false;
  $("install").onclick = () => { event.prompt(); $("install").hidden = true; };
});

start().catch((error) => {
  console.error(error);
  alertUser("Aplikasi tidak dapat dibuka: HP ini tidak mengizinkan penyimpanan. Tutup mode penyamaran dan muat ulang.");
});
