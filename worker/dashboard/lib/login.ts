import { ask, call } from "./api.ts";
import { asApiError } from "./api-error.ts";
import { expired, session } from "./session.ts";

/** @throws ApiError */
export async function login(token: string): Promise<void> {
  session.value = await call("POST /api/admin/session", { body: { token } });
  expired.value = false;
}

/**
 * Leaves. Only the coordinator can take the cookie back: a page that showed the login without it would be signed in again when
 * somebody else reloads it. @throws ApiError when it could not be told; the session goes on
 */
export async function logout(): Promise<void> {
  try {
    await ask("DELETE", "/api/admin/session");
  } catch (error) {
    if (asApiError(error).status !== 401) throw error;
  }
  expired.value = false;
  session.value = null;
}

/** Who this browser is, at the start of the page; a link with a token logs in first. @throws ApiError of that login */
export async function enter(): Promise<void> {
  const token = takeTokenFromAddress();
  if (token !== undefined) {
    session.value = null;
    return login(token);
  }
  try {
    session.value = await call("GET /api/admin/session");
  } catch (error) {
    session.value = null;
    if (asApiError(error).status !== 401) throw error;
  }
}

const TOKEN = /^#token=(.+)$/;

export const hasTokenInAddress = (): boolean => TOKEN.test(location.hash);

/** The fragment never leaves the browser, and it goes from the address bar before anything else happens. */
function takeTokenFromAddress(): string | undefined {
  const found = TOKEN.exec(location.hash)?.[1];
  if (found === undefined) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}
