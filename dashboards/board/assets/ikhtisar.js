// The overview again every half minute, while somebody looks.
import { $, part } from "./umum.js";

setInterval(async () => {
  if (document.hidden) return;
  const html = await part(location.href);
  if (html === null) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  $("#ikhtisar").replaceWith(page.getElementById("ikhtisar"));
}, 30_000);
