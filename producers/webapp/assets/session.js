// Who uses this phone. An account is {id, token, revoked, me}; several people may share a phone, one at a time is `current`.

import { ApiError, call, postJson } from "./api.js";
import * as store from "./store.js";

// The key in what somebody opened or pasted: the whole link, or what is behind its "#". "" when there is none.
export function keyOf(pasted) {
  const text = pasted.trim();
  return text.includes("#") ? text.slice(text.indexOf("#") + 1).trim() : /^[\w.~-]{8,}$/.test(text) ? text : "";
}

// Signs in by the key of a personal link. Throws ApiError: 0 no network, 401 or 403 no longer valid.
export async function signIn(key) {
  let device = await store.getMeta("device"); // lets this phone ask again when the answer was lost on its way
  if (!device) await store.setMeta("device", (device = crypto.randomUUID()));
  const { content } = await postJson("/api/v1/session", { link: key, device });
  if (!content?.token) throw new ApiError(500);
  const me = shown((await call("GET", "/api/v1/me", { token: content.token })).content);
  const account = { id: me.officer.id, token: content.token, revoked: false, me };
  await store.setMeta(`account:${account.id}`, account);
  await store.setMeta("current", account.id);
  store.changed();
  return account;
}

export async function current() {
  const id = await store.getMeta("current");
  return id ? store.getMeta(`account:${id}`) : undefined;
}

// Asks again what the officer may report; what is known stays when there is no answer.
export async function refresh(account) {
  try {
    const me = shown((await call("GET", "/api/v1/me", { token: account.token })).content);
    const now = await store.getMeta(`account:${account.id}`);
    if (now?.token !== account.token) return account;
    const fresh = { ...now, me, revoked: false };
    await store.setMeta(`account:${account.id}`, fresh);
    return fresh;
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      await store.setMeta(`account:${account.id}`, { ...account, revoked: true });
      store.changed();
    }
    return account;
  }
}

// What the page shows of the gateway's answer: words in Indonesian.
function shown({ officer, area, election, categories, severities }) {
  const named = (one) => ({ ...one, name: one.names.id });
  return {
    officer: { ...officer, area: area.code },
    election: { title: election },
    catalogue: {
      categories: categories.map((category) => ({ ...named(category), kinds: category.kinds.map(named) })),
      severities: severities.map(({ severity, names }) => ({ value: severity, name: names.id })),
    },
  };
}
