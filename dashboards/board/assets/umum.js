// What every page has: words, clock, deadlines that tick, messages, the sound, and the line to the server.
const words = JSON.parse(document.getElementById("kata").textContent);
export const t = (text, values = {}) => (words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
export const csrf = document.querySelector('meta[name="csrf"]').content;
export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// The server's clock counts: people's computers are minutes off.
let ahead = Number(document.body.dataset.now) - Date.now();
export const now = () => Date.now() + ahead;

const MINUTE = 60_000;
function span(ms, key) {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return t(`${key} {menit} menit`, { menit: minutes });
  if (minutes < 48 * 60) return t(`${key} {jam} jam {menit} mnt`, { jam: Math.floor(minutes / 60), menit: minutes % 60 });
  return t(`${key} {hari} hari`, { hari: Math.floor(minutes / 1440) });
}
export function due(ms, at) {
  const left = ms - at;
  if (left >= MINUTE) return span(left, "sisa");
  if (left > 0) return t("sisa kurang dari 1 menit");
  return -left < MINUTE ? t("baru saja lewat") : span(-left, "lewat");
}
function ago(ms) {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return t("baru saja");
  if (minutes < 60) return t("{menit} menit lalu", { menit: minutes });
  if (minutes < 48 * 60) return t("{jam} jam lalu", { jam: Math.floor(minutes / 60) });
  return t("{hari} hari lalu", { hari: Math.floor(minutes / 1440) });
}
const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
export function tick(within = document) {
  const at = now();
  for (const node of $$("time[data-due]", within)) {
    const left = Number(node.dataset.due) - at;
    set(node, due(Number(node.dataset.due), at));
    node.classList.toggle("late", left <= 0);
    node.classList.toggle("soon", left > 0 && left < 15 * MINUTE);
  }
  for (const node of $$("time[data-ago]", within)) set(node, ago(Math.max(0, at - Number(node.dataset.ago))));
}
const zone = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: document.body.dataset.zone });
setInterval(() => { tick(); const clock = $("[data-clock]"); if (clock) set(clock, zone.format(now())); }, 1000);
tick();

// Messages. The one with progress stays until it is replaced.
export function toast(text, { bad = false, busy = false, button, onPress, stay = 8000 } = {}) {
  const box = document.createElement("div");
  box.className = `toast${bad ? " bad" : ""}${busy ? " busy" : ""}`;
  const said = document.createElement("span");
  said.textContent = text;
  box.append(said);
  if (button) {
    const press = document.createElement("button");
    press.type = "button";
    press.textContent = button;
    press.addEventListener("click", () => { box.remove(); onPress(); });
    box.append(press);
  }
  $("#pesan").append(box);
  while ($("#pesan").children.length > 4) $("#pesan").firstChild.remove();
  if (!busy) setTimeout(() => box.remove(), stay);
  return { say: (next) => { said.textContent = next; }, close: () => box.remove() };
}

// A request by script. What is refused comes back as {state: "error", text}.
export async function ask(address, form) {
  const options = { headers: { "x-posko": "1", "x-csrf": csrf } };
  if (form) Object.assign(options, { method: "POST", body: new URLSearchParams(form) });
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    return { state: "error", text: t("Tidak terkirim. Tidak ada sambungan ke server; coba lagi.") };
  }
  if (answer.status === 401) { location.href = `/masuk?ke=${encodeURIComponent(location.pathname + location.search)}`; return { state: "error", text: t("Sesi berakhir; masuk lagi.") }; }
  try { return await answer.json(); } catch { return { state: "error", text: `HTTP ${answer.status}` }; }
}
export async function part(address) {
  const answer = await fetch(address, { headers: { "x-posko": "1" } });
  if (answer.status === 401) location.href = "/masuk";
  return answer.ok ? answer.text() : null;
}

// An action: progress while it is on its way, the answer to who asked, and undo where there is one.
let last = null;
export async function act(id, form, { onDone, onRefused } = {}) {
  const box = toast(t("Mengirim…"), { busy: true });
  const waiting = setTimeout(() => box.say(t("Menunggu jawaban…")), 1000);
  let answer = await ask(`/insiden/${id}/tindakan`, form);
  for (let tries = 0; answer.state === "silent" && tries < 15; tries++) {
    box.say(t("Belum ada jawaban; tindakan tetap akan dikerjakan. Kami terus menunggu."));
    answer = await ask(`/insiden/${id}/jawaban/${answer.action_id}`);
  }
  clearTimeout(waiting);
  box.close();
  if (answer.state === "done") {
    last = answer.undo ? { id, undo: answer.undo, version: answer.version } : null;
    const name = `${form.label ?? form.action} ✓`;
    toast(name, last ? { button: t("Batalkan") + (letters() ? " (u)" : ""), onPress: undo, stay: 20000 } : {});
    await onDone?.(answer);
  } else if (onRefused) {
    await onRefused(answer);
  } else {
    toast(answer.text, { bad: true, stay: 15000 });
  }
  return answer;
}
export async function undo() {
  if (!last) return;
  const { id, undo: back, version } = last;
  last = null;
  await act(id, { ...back, action_id: crypto.randomUUID(), expected_version: version, label: t("Dibatalkan.") }, {
    onDone: () => document.dispatchEvent(new CustomEvent("posko:changed", { detail: { id } })),
  });
}

// Sound and title badge for critical incidents that nobody has. A browser allows sound after the first press on the page.
let audio = null;
let alarming = 0;
const title = document.title;
const loud = () => localStorage.getItem("posko.suara") !== "mati";
function ring() {
  if (!loud() || !audio || audio.state !== "running") return;
  for (const [start, tone] of [[0, 880], [0.22, 660], [0.44, 880]]) {
    const voice = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + start;
    voice.frequency.value = tone;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    voice.connect(volume).connect(audio.destination);
    voice.start(at);
    voice.stop(at + 0.21);
  }
}
let first = true;
export function alarm(count) {
  if (count > alarming && !first) { ring(); document.dispatchEvent(new CustomEvent("posko:alarm", { detail: count })); }
  first = false;
  alarming = count;
  document.title = count ? `(${count}!) ${title}` : title;
}
const sound = $("#suara");
if (sound) {
  const show = () => { sound.setAttribute("aria-pressed", String(loud())); sound.title = loud() ? t("Suara nyala") : t("Suara mati"); };
  sound.addEventListener("click", () => { localStorage.setItem("posko.suara", loud() ? "mati" : "nyala"); show(); if (loud()) setTimeout(ring, 50); });
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => { audio ??= new AudioContext(); audio.resume(); }, { once: true });
  show();
}

// The line to the server. It beats at least every 10 s; silence for 25 s is a broken line, whatever the browser thinks.
export function listen(address, onNews, onJoined) {
  const banner = $("#sambungan");
  let source, heard = Date.now(), broken = false, joined = false;
  const show = (text, good = false) => { banner.textContent = text; banner.hidden = !text; banner.classList.toggle("good", good); };
  const lost = () => { if (!broken) { broken = true; show(t("Sambungan terputus. Mencoba menyambung lagi…")); } };
  function open() {
    source?.close();
    joined = false;
    source = new EventSource(address());
    source.addEventListener("kabar", (event) => {
      heard = Date.now();
      const news = JSON.parse(event.data);
      ahead = news.now - Date.now();
      if (broken) { broken = false; show(t("Tersambung lagi."), true); setTimeout(() => { if (!broken) show(""); }, 2500); }
      else if (news.away) show(t("Basis data tidak menjawab; yang tampil mungkin sudah lama."));
      else if (!banner.classList.contains("good")) show("");
      onNews(news);
      if (!joined) { joined = true; onJoined?.(); } // what changed since the page was made, or since the break, was told to nobody
    });
    source.addEventListener("selesai", () => { source.close(); location.href = `/masuk?ke=${encodeURIComponent(location.pathname + location.search)}`; });
    source.onerror = () => { lost(); joined = false; if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000); };
  }
  setInterval(() => { if (Date.now() - heard > 25_000 && source) { lost(); heard = Date.now() - 15_000; open(); } }, 2000);
  open();
  return { again: open, close: () => { source?.close(); source = null; } };
}

// Keys of one letter act at once, so whoever dictates or touches keys by accident can switch them off in the account's menu (WCAG 2.1.4).
export const letters = () => localStorage.getItem("posko.pintas") !== "mati";
const choice = $("#pintas");
if (choice) {
  choice.checked = letters();
  choice.addEventListener("change", () => {
    localStorage.setItem("posko.pintas", choice.checked ? "nyala" : "mati");
    document.documentElement.dataset.pintas = choice.checked ? "nyala" : "mati";
  });
}

// Keys: never while somebody writes, never with Ctrl or Alt, which belong to the browser.
export function keys(map) {
  const help = $("#bantuan");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") || $("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return; // that is what has the focus
    if (event.key.length === 1 && !letters()) return;
    const run = map[event.key] ?? (event.key === "?" && help ? () => help.showModal() : null);
    if (!run) return;
    event.preventDefault();
    run(event);
  });
}
