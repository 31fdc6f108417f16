// Sends what waits on the device, with the same id until the gateway has acknowledged it. Runs in the page and in the
// service worker; a Web Lock lets one of them work at a time. A repeat is harmless: the gateway knows the id.

import { ApiError, call, postJson } from "./api.js";
import * as store from "./store.js";

const FIRST_WAIT_MS = 2_000; // after the first failure; doubled each time, with jitter
const LONGEST_WAIT_MS = 300_000;
const PHOTO_WAIT_MS = 45_000; // a report waits so long for its photos, from when it was written
const PHOTO_TRIES = 2; // or until one has failed so often
const SLOWEST = 2; // bytes a millisecond at which a photo may still arrive
const BATCH = 25; // reports in one request
const FEW = 3; // after so many failures in a row they are halved, so that a thin network carries at least one

// How long to wait after the n-th failure in a row (ms); `random` in [0, 1).
export function waitAfter(failures, random = Math.random()) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
  return longest / 2 + (longest / 2) * random;
}

export const isWaiting = (record) => record.state === "saved";
export const hasPhotosToSend = (record) => record.photos.some((photo) => photo.state === "saved");

// Sends until nothing is left or the network fails. Gives when to try again (ms since 1970), or null when nothing waits.
// `hurry`: the network just came back or a person asked: do not wait for the backoff to pass.
export function drain(hurry = false) {
  const work = () => drainLocked(hurry);
  return self.navigator.locks ? navigator.locks.request("posko-send", work) : work();
}

async function drainLocked(hurry) {
  const link = { failures: 0, at: 0, batch: BATCH, ...(await store.getMeta("link")) };
  if (hurry) await forgetWaits();
  else if (link.at > Date.now()) return (await waits()) ? link.at : null;
  for (;;) {
    const accounts = new Map((await store.allMeta("account:")).map((account) => [account.id, account]));
    const usable = (record) => accounts.get(record.officer)?.token && !accounts.get(record.officer).revoked;
    const records = (await store.allReports()).filter(usable).sort((a, b) => a.created - b.created);
    const ready = records.filter((record) => isWaiting(record) && isReady(record) && record.at <= Date.now());
    try {
      if (ready.length) {
        const batch = ready.filter((record) => record.officer === ready[0].officer).slice(0, link.batch);
        await sendBatch(accounts.get(ready[0].officer), batch);
        if (link.failures || link.batch < BATCH) await note(link, { failures: 0, at: 0, batch: Math.min(BATCH, link.batch * 2) });
        continue;
      }
      const upload = nextUpload(records, accounts); // it must not hold up reports that come meanwhile
      if (!upload) break;
      await Promise.race([upload, pause(1000)]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const failures = link.failures + 1;
      const wait = Math.max(waitAfter(failures), error.retryAfter * 1000);
      await note(link, { failures, at: Date.now() + wait, batch: failures < FEW ? link.batch : Math.max(1, link.batch >> 1) });
      return (await waits()) ? link.at : null;
    }
  }
  return nextTime();
}

async function forgetWaits() {
  for (const record of await store.allReports()) {
    if (!isWaiting(record) && !hasPhotosToSend(record)) continue;
    await store.updateReport(record.id, (now) => ({ at: 0, photos: now.photos.map((photo) => ({ ...photo, at: 0 })) }));
  }
}

async function sendBatch(account, batch) {
  let content;
  try {
    ({ content } = await postJson("/api/v1/reports", { reports: batch.map((record) => record.report) }, account.token));
  } catch (error) {
    if (await isRevoked(error, account)) return;
    if (error.content?.receipts) return settle(batch, error.content.receipts); // none was accepted
    if (error.status < 400 || [408, 429, 502, 503, 504].includes(error.status)) throw error; // nobody's fault: try again
    if (batch.length > 1) { // one of them is not to the gateway's liking: which one?
      for (const record of batch) await sendBatch(account, [record]);
      return;
    }
    await later(batch[0], error);
    return;
  }
  await settle(batch, content?.receipts ?? []);
}

async function settle(batch, list) {
  const receipts = new Map(list.map((receipt) => [receipt.report_id.toLowerCase(), receipt]));
  for (const record of batch) await store.updateReport(record.id, () => outcome(record, receipts.get(record.id)));
  store.changed();
}

function outcome(record, receipt) {
  if (receipt?.state === "accepted" || receipt?.state === "known") return { state: "sent", sent: Date.now(), why: "" };
  if (receipt?.state === "refused" || receipt?.state === "conflict") {
    return { state: "refused", reason: receipt.state === "conflict" ? "conflict" : receipt.reason, field: receipt.field, why: receipt.message };
  }
  const tries = record.tries + 1; // no word about this one
  return { tries, at: Date.now() + waitAfter(tries) };
}

// A request with this report alone failed: refused for good if it is the report's fault, else tried again later.
async function later(record, error) {
  const refused = [400, 413, 415, 422].includes(error.status);
  const tries = record.tries + 1;
  const change = refused
    ? { state: "refused", reason: `http_${error.status}`, why: error.message }
    : { tries, at: Date.now() + waitAfter(tries) };
  await store.updateReport(record.id, () => change);
  store.changed();
}

async function isRevoked(error, account) {
  if (error.status !== 401 && error.status !== 403) return false;
  const now = await store.getMeta(`account:${account.id}`);
  if (now?.token === account.token) await store.setMeta(`account:${account.id}`, { ...now, revoked: true });
  store.changed();
  return true;
}

function isReady(record) {
  const waiting = record.photos.filter((photo) => photo.state === "saved");
  return !waiting.length || waiting.every((photo) => photo.tries >= PHOTO_TRIES) || Date.now() - record.created > PHOTO_WAIT_MS;
}

const uploads = new Map(); // photo id -> the promise of its upload, while it is under way

function nextUpload(records, accounts) {
  for (const promise of uploads.values()) return promise;
  for (const record of records) {
    const photo = record.photos.find((one) => one.state === "saved" && one.at <= Date.now());
    if (!photo) continue;
    const upload = sendPhoto(accounts.get(record.officer), record, photo).finally(() => uploads.delete(photo.id));
    upload.catch(() => {}); // whoever waits for it hears of it; nobody may
    uploads.set(photo.id, upload);
    return upload;
  }
  return null;
}

// Uploads one photo. Throws ApiError when the network fails.
async function sendPhoto(account, record, photo) {
  const path = `/api/v1/attachments/${photo.sha256}`;
  const stored = await store.getPhoto(photo.id);
  try {
    if (!stored) throw new ApiError(410, { message: "Foto sudah tidak ada di HP" });
    if (!(photo.tries && (await isThere(path, account)))) {
      const ms = 30_000 + stored.bytes / SLOWEST;
      await call("PUT", path, { token: account.token, body: stored.blob, headers: { "Content-Type": stored.mime }, ms });
    }
    await store.updatePhoto(record.id, photo.id, { state: "sent" }, true);
  } catch (error) {
    if (await isRevoked(error, account)) return;
    const refused = [400, 404, 410, 413, 415, 422].includes(error.status);
    const tries = photo.tries + 1;
    const change = refused ? { state: "refused", why: error.message } : { tries, at: Date.now() + waitAfter(tries) };
    await store.updatePhoto(record.id, photo.id, change);
    store.changed();
    if (error.status === 0) throw error;
    return;
  }
  store.changed();
}

const isThere = (path, account) => call("HEAD", path, { token: account.token }).then(() => true, () => false);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function note(link, change) {
  Object.assign(link, change);
  await store.setMeta("link", link);
  store.changed();
}

async function waits() {
  return (await nextTime()) !== null;
}

// When the next report or photo is due; null when nothing waits that could be sent.
async function nextTime() {
  const accounts = new Map((await store.allMeta("account:")).map((account) => [account.id, account]));
  const times = [];
  for (const record of await store.allReports()) {
    const account = accounts.get(record.officer);
    if (!account?.token || account.revoked) continue;
    if (isWaiting(record)) times.push(record.at);
    record.photos.forEach((photo) => photo.state === "saved" && times.push(photo.at));
  }
  return times.length ? Math.max(Date.now() + 1000, Math.min(...times)) : null;
}
