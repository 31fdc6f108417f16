// The map: bubbles and figures change where they are.
import { $, $$, alarm, keys, listen } from "./umum.js";

const map = $("#peta");
function news({ bubbles = {}, alarming }) {
  alarm(alarming ?? 0);
  for (const link of $$("[data-bubble]")) {
    const found = bubbles[link.dataset.bubble], open = found?.open ?? 0;
    link.setAttribute("class", `worst${found?.worst ?? 0}`);
    link.toggleAttribute("aria-hidden", !open);
    link.tabIndex = open ? 0 : -1;
    link.setAttribute("aria-label", link.getAttribute("aria-label").replace(/\d+$/, String(open)));
    const circle = $("circle", link), radius = found?.radius ?? 0;
    circle.setAttribute("r", radius);
    $("text", link).textContent = open || "";
    $(`[data-name="${link.dataset.bubble}"]`)?.setAttribute("y", Number(circle.getAttribute("cy")) + 15 + radius);
  }
  for (const row of $$("[data-row]")) {
    const found = bubbles[row.dataset.row] ?? {};
    row.classList.toggle("none", !found.open);
    for (const cell of $$("[data-n]", row)) cell.textContent = found[cell.dataset.n] ?? 0;
  }
}
for (const path of $$(".shapes path")) {
  path.addEventListener("click", () => { $(`[data-bubble="${path.dataset.code}"]`)?.dispatchEvent(new MouseEvent("click", { bubbles: true })); });
}
const query = new URLSearchParams(map.dataset.kueri);
query.set("wilayah", map.dataset.wilayah);
listen(() => `/peta/arus?${query}`, news);
keys({});
