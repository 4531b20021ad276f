/** A coordinator's base URL in the one form that is stored and compared: no query, no fragment, no final slash. */
export function normalBase(base: string): string {
  const url = new URL(base);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

/** `path` below the base; a prefix in the base (a reverse proxy's) is kept. */
export function below(base: string, path: string): URL {
  return new URL(`${normalBase(base)}${path}`);
}

/** Where the tunnel is dialled: `ws` for `http`, `wss` for `https`. */
export function tunnelUrl(base: string): URL {
  const url = below(base, "/ws/agent");
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}
