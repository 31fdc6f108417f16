// One incident: forms for every action, the same by mouse, finger and key; what others do meanwhile appears by itself.
import { $, $$, act, alarm, ask, keys, listen, part, t, tick, toast, undo } from "./umum.js";

const page = $("#insiden");
const id = page.dataset.id;
const version = () => Number($("#isian").dataset.version);
let waitsForForm = false;

// `answered`: a form that has done its work and goes with the old content.
async function refresh(answered = null) {
  const inHand = () => $$("dialog[open]:not(#bantuan)").some((dialog) => dialog !== answered); // never under somebody's hands
  if (inHand()) { waitsForForm = true; return; }
  const html = await part(`/insiden/${id}/isi`);
  answered?.close();
  if (html === null) return;
  if (inHand()) { waitsForForm = true; return; } // it was opened meanwhile
  waitsForForm = false;
  const picked = new Set($$("[name=report]:checked").map((box) => box.value));
  const opened = new Set($$(".reports details[open]").map((one) => one.closest("li").id));
  page.innerHTML = html;
  for (const box of $$("[name=report]")) box.checked = picked.has(box.value);
  for (const one of $$(".reports details")) one.open = opened.has(one.closest("li").id);
  tick(page);
}
function open(action, value) {
  const dialog = document.getElementById(`d-${action}`);
  if (!dialog) { toast(t("Tindakan ini tidak tersedia sekarang.")); return; }
  const picked = $$("[name=report]:checked");
  if (action === "split") {
    if (!picked.length) { toast(t("Pilih laporan yang dipisah lebih dahulu.")); $("[name=report]")?.focus(); return; }
    $("[data-picked]", dialog).textContent = picked.length;
  }
  if (value) $("[name=value]", dialog).value = value;
  fail(dialog, "");
  dialog.showModal();
  $("textarea, select, input:not([type=hidden])", dialog)?.focus();
}
function fail(dialog, text) {
  const box = $("[data-error]", dialog);
  box.textContent = text;
  box.hidden = !text;
}

page.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.act) open(button.dataset.act, button.dataset.value);
  if ("close" in button.dataset) button.closest("dialog").close();
  if (button.dataset.unmask) {
    button.disabled = true;
    const answer = await ask(`/insiden/${id}/pelapor/${button.dataset.unmask}`, {});
    button.disabled = false;
    if (!answer.person) { toast(answer.text, { bad: true }); return; }
    const item = button.closest("li");
    $("[data-text]", item).textContent = answer.text;
    const box = document.createElement("p");
    box.className = "person-box";
    box.textContent = Object.entries(answer.person).map(([name, value]) => `${name}: ${value}`).join(" · ");
    button.replaceWith(box);
  }
});
page.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-form]");
  if (!form) return;
  event.preventDefault();
  const dialog = form.closest("dialog"), send = $("button.primary", form);
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(form)) given.append(name, value);
  send.disabled = true;
  fail(dialog, "");
  given.label = $("h2", form).textContent;
  given.action = form.dataset.form;
  await act(id, given, {
    onDone: () => refresh(dialog),
    onRefused: async (answer) => {
      fail(dialog, answer.text);
      $("[name=action_id]", form).value = crypto.randomUUID();
      if (answer.code === "stale" || answer.code === "status") offer(form, answer);
    },
  });
  send.disabled = false;
});
// Somebody else was first: show what they did, and leave it to this person whether it is still wanted.
async function offer(form, answer) {
  $("[name=expected_version]", form).value = answer.version || version();
  $("button.primary", form).textContent = t("Tetap lakukan");
  waitsForForm = true;
}
page.addEventListener("close", () => { if (waitsForForm) { waitsForForm = false; refresh(); } }, true);
page.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) event.target.closest("form[data-form]")?.requestSubmit();
});
document.addEventListener("posko:changed", () => refresh());

const pressed = Object.fromEntries($$("#bantuan kbd").filter((one) => /^[a-z]$/.test(one.textContent)).map((one) => [one.textContent, one]));
const map = {};
for (const letter of Object.keys(pressed)) {
  map[letter] = () => { const button = $(`[data-key="${letter}"]`); if (button) open(button.dataset.act); else toast(t("Tindakan ini tidak tersedia sekarang.")); };
}
keys({ ...map, u: undo, Escape: () => { if (document.referrer.startsWith(location.origin)) history.back(); else location.href = "/"; }, "/": () => { location.href = "/"; } });

// Its stream is closed while nobody looks: a browser has only six lines to one server.
let line = null;
function news({ version: latest, alarming }) {
  alarm(alarming ?? 0);
  if (latest > version()) refresh();
}
function look() {
  if (document.hidden) { line?.close(); line = null; } else if (!line) { line = listen(() => `/insiden/${id}/arus`, news); }
}
document.addEventListener("visibilitychange", look);
look();
