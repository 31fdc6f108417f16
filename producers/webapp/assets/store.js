// What the device keeps (IndexedDB): reports with their state, photos, and a few values ("meta").
// A report is here before anything else happens to it, and stays until the officer's phone forgets it on purpose.

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("posko", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("reports", { keyPath: "id" });
      asked.result.createObjectStore("photos", { keyPath: "id" });
      asked.result.createObjectStore("meta");
    };
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); opened = undefined; };
      asked.result.onclose = () => { opened = undefined; };
      resolve(asked.result);
    };
  });
  opened.catch(() => { opened = undefined; });
  return opened;
}

// Runs `work(stores...)` in one transaction and gives what it returns (a request's result) once it is on the disk.
async function transact(names, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const request = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}

const channel = new BroadcastChannel("posko");
const listeners = new Set();
channel.onmessage = () => listeners.forEach((listener) => listener());

// Calls `listener` whenever a tab or the service worker changed something.
export const onChange = (listener) => listeners.add(listener);
export function changed() {
  channel.postMessage("changed");
  listeners.forEach((listener) => listener());
}

export const getMeta = (key) => transact(["meta"], "readonly", (meta) => meta.get(key));
export const setMeta = (key, value) => transact(["meta"], "readwrite", (meta) => meta.put(value, key));
export const dropMeta = (key) => transact(["meta"], "readwrite", (meta) => meta.delete(key));
export const allMeta = (prefix) => transact(["meta"], "readonly", (meta) => meta.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));

export const allReports = () => transact(["reports"], "readonly", (reports) => reports.getAll());
export const getPhoto = (id) => transact(["photos"], "readonly", (photos) => photos.get(id));
export const putPhoto = (photo) => transact(["photos"], "readwrite", (photos) => photos.put(photo));
export const dropPhoto = (id) => transact(["photos"], "readwrite", (photos) => photos.delete(id));

// A new report; the draft it was written in (`draftKey`) ends in the same transaction.
export function addReport(record, draftKey) {
  return transact(["reports", "meta"], "readwrite", (reports, meta) => {
    meta.delete(draftKey);
    reports.add(record);
  });
}

// Changes one report, whatever another tab did to it meanwhile: `change` gets what is stored now.
export function updateReport(id, change) {
  return transact(["reports"], "readwrite", (reports) => {
    reports.get(id).onsuccess = ({ target }) => target.result && reports.put({ ...target.result, ...change(target.result) });
  });
}

// Changes one photo in its report's list; `drop`: its bytes are no longer needed here.
export function updatePhoto(reportId, photoId, change, drop = false) {
  return transact(["reports", "photos"], "readwrite", (reports, photos) => {
    reports.get(reportId).onsuccess = ({ target }) => {
      const report = target.result;
      if (!report) return;
      report.photos = report.photos.map((photo) => (photo.id === photoId ? { ...photo, ...change } : photo));
      reports.put(report);
    };
    if (drop) photos.delete(photoId);
  });
}

export function dropReport(record) {
  return transact(["reports", "photos"], "readwrite", (reports, photos) => {
    reports.delete(record.id);
    record.photos.forEach((photo) => photos.delete(photo.id));
  });
}
