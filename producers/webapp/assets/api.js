// The gateway's JSON API. Every request has a time limit; what went wrong is an ApiError with the HTTP status (0: no network).

export class ApiError extends Error {
  constructor(status, content = null, retryAfter = 0) {
    super(content?.message ?? "");
    this.status = status;
    this.content = content;
    this.retryAfter = retryAfter; // seconds that the server asks to wait
  }
}

export const REQUEST_MS = 30_000;

// The JSON of an answer; null for an answer without one. `ms`: time limit until the whole answer is here.
export async function call(method, path, { token, body, headers = {}, ms = REQUEST_MS } = {}) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ms);
  try {
    const answer = await fetch(path, {
      method,
      body,
      headers: { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      signal: limit.signal,
      cache: "no-store",
      redirect: "error",
    });
    const content = method === "HEAD" ? "" : await answer.text();
    if (!answer.ok) throw new ApiError(answer.status, parsed(content), Number(answer.headers.get("Retry-After")) || 0);
    return { status: answer.status, content: parsed(content), etag: answer.headers.get("ETag") };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, { message: String(error) });
  } finally {
    clearTimeout(timer);
  }
}

export const postJson = (path, content, token) =>
  call("POST", path, { token, body: JSON.stringify(content), headers: { "Content-Type": "application/json" } });

const parsed = (text) => { try { return JSON.parse(text); } catch { return null; } };
