// Small helpers for the page. Texts are set as text, never as HTML.

export const $ = (id) => document.getElementById(id);

// An element: el("button", { type: "button", onclick }, "Hapus"). Names with "-" and `role`, `for` are attributes.
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  const known = document.getElementById(`i-${name}`) ? name : "other";
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${known}`);
  made.setAttribute("aria-hidden", "true");
  made.append(use);
  return made;
}

// A radio button or check box that looks like a button. `name`: the group; content: what it says.
export function choice(name, value, className, ...content) {
  return el("label", { className }, el("input", { type: "radio", name, value }), el("span", {}, ...content));
}

export const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value ?? "";

export function choose(name, value) {
  for (const input of document.querySelectorAll(`input[name="${name}"]`)) input.checked = input.value === value;
}

// A sentence above everything that must not be missed; "" takes it away.
export function alertUser(sentence) {
  $("alert").textContent = sentence;
  $("alert").hidden = !sentence;
  if (sentence) $("alert").scrollIntoView({ block: "center" });
}

export function clock(time, now = Date.now()) {
  const day = new Intl.DateTimeFormat("id", { day: "numeric", month: "short" });
  const hour = new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit" });
  const today = day.format(time) === day.format(now);
  return today ? `pukul ${hour.format(time)}` : `${day.format(time)} ${hour.format(time)}`;
}

// The device's time as ISO 8601 with its offset, as the report wants it.
export function isoWithOffset(time) {
  const date = new Date(time);
  const minutes = -date.getTimezoneOffset();
  const two = (number) => String(Math.abs(Math.trunc(number))).padStart(2, "0");
  const local = new Date(time + minutes * 60_000).toISOString().slice(0, 19);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
