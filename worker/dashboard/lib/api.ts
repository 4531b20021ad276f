import { ApiError, asApiError, errorOf } from "./api-error.ts";
import type { AnswerOf, Arguments, Route } from "./routes.ts";
import { session, sessionEnded } from "./session.ts";

export { ApiError, asApiError };

interface Loose {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * Calls the management API: `call("PATCH /api/agents/{id}", { params: { id }, body: { note } })`.
 * @throws ApiError; an aborted call throws it too, with the code `aborted`
 */
export async function call<R extends Route>(route: R, ...[asked]: Arguments<R>): Promise<AnswerOf<R>> {
  // The table has checked what was given; from here on it is only text.
  const { params = {}, query = {}, body, signal } = (asked ?? {}) as Loose;
  const [method = "GET", pattern = ""] = route.split(" ");
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const response = await ask(method, `${path}${search(query)}`, body, signal);
  if (response.status === 204) return undefined as AnswerOf<R>;
  return (await response.json().catch((error: unknown) => {
    // The answer may also have broken off, or nobody wants it any more.
    if (!(error instanceof SyntaxError)) throw failed(error, signal);
    throw new ApiError({ status: response.status, code: "unreadable", message: `${path} answered no JSON` });
  })) as AnswerOf<R>;
}

/**
 * The bare request, for what is no route of the table (streams, exports).
 * @param more headers beside the usual ones, such as `X-Agent`
 * @throws ApiError unless the status is 2xx
 */
export async function ask(
  method: string,
  url: string,
  body?: unknown,
  signal?: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...more };
  const changes = method !== "GET" && method !== "HEAD";
  const csrf = session.peek()?.csrf_token;
  if (changes && csrf !== undefined) headers["x-csrf-token"] = csrf;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw failed(error, signal);
  }
  if (response.ok) return response;
  const failure = await errorOf(response);
  // A wrong token at the login is no session that ended.
  if (response.status === 401 && !(method === "POST" && url === "/api/admin/session")) sessionEnded();
  throw failure;
}

function failed(error: unknown, signal: AbortSignal | undefined): ApiError {
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError({ status: 0, code: signal?.aborted === true ? "aborted" : "unreachable", message });
}

function search(query: Record<string, unknown>): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    found.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = found.toString();
  return text === "" ? "" : `?${text}`;
}
