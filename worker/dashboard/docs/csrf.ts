/** A request as the page is about to send it. */
export interface Outgoing {
  url: string;
  method?: string;
  headers: Record<string, string>;
}

/**
 * Adds the CSRF token to what changes something, where a session of the dashboard is there to send its cookie. Asked for once;
 * who signs in later loads the page again.
 */
export function withCsrfToken(origin: string): (request: Outgoing) => Promise<Outgoing> {
  let asked: Promise<string> | undefined;
  return async (request) => {
    const { method = "GET", headers } = request;
    const foreign = new URL(request.url, origin).origin !== origin;
    // A token that was typed into the page speaks for itself.
    const typed = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
    if (foreign || typed || method === "GET" || method === "HEAD") return request;
    asked ??= csrfToken(origin);
    const token = await asked;
    if (token !== "") headers["x-csrf-token"] = token;
    return request;
  };
}

/** Empty: there is no session. */
async function csrfToken(origin: string): Promise<string> {
  const response = await fetch(`${origin}/api/admin/session`);
  if (!response.ok) return "";
  const { csrf_token }: { csrf_token?: unknown } = await response.json();
  return typeof csrf_token === "string" ? csrf_token : "";
}
