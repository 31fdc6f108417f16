// What became of reports that were handed over: asked from the gateway, kept on the device.

import { call } from "./api.js";
import * as store from "./store.js";

const ASKED = 50; // ids in one question
const FINAL = new Set(["resolved"]);
const WEEK_MS = 7 * 86_400_000;

// Asks about this account's reports that may still change. Never throws: the next look is soon.
export async function look(account) {
  const open = (await store.allReports())
    .filter((record) => record.officer === account.id && record.state === "sent" && !FINAL.has(record.remote?.state) && Date.now() - record.created < WEEK_MS)
    .sort((a, b) => b.created - a.created).slice(0, ASKED);
  if (!open.length || account.revoked || !navigator.onLine) return;
  try {
    const { content } = await call("GET", `/api/v1/reports?ids=${open.map((record) => record.id).join(",")}`, { token: account.token });
    let news = false;
    for (const answer of content?.reports ?? []) {
      const known = open.find((record) => record.id === answer.report_id);
      const remote = { state: answer.state, title: answer.title ?? "", reports: answer.reports ?? 0 };
      if (!known || !answer.state || (known.remote?.state === remote.state && known.remote.title === remote.title && known.remote.reports === remote.reports)) continue;
      news = true;
      await store.updateReport(known.id, () => ({ remote }));
    }
    if (news) store.changed();
  } catch { /* no network, or the command post's tables are away */ }
}
