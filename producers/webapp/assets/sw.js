// The service worker: the app starts without network, and what waits is sent when the page is closed (Background Sync).
// VERSION and FILES are filled in by the server: other files, another version, another cache.

import { drain } from "/app/send.js";

const VERSION = "%VERSION%";
const FILES = "%FILES%".split(" ");
const CACHE = `posko-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("posko-") && name !== CACHE).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const page = event.request.mode === "navigate" && ["/", "/masuk"].includes(url.pathname);
  const file = page ? "/" : url.pathname;
  if (FILES.includes(file)) event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(file)) ?? fetch(event.request)));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "posko-send") event.waitUntil(sendAll());
});

async function sendAll() {
  if ((await drain(true)) !== null) throw new Error("not everything is sent yet"); // the browser tries again
}
