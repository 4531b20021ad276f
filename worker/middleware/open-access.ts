/**
 * Who may come in without a key (`CLIENT_AUTH=off`): the rules by which Ollama itself guards an open port against web
 * pages. A page's `Origin` must be local or listed; the `Host` must not be a name that an attacker's DNS could point here.
 */
export function openAccessAllowed(
  request: { host: string; origin: string | undefined },
  listed: { hosts: readonly string[]; origins: readonly string[] },
): boolean {
  return hostAllowed(request.host, listed.hosts) && originAllowed(request.origin, listed.origins);
}

function hostAllowed(host: string, listed: readonly string[]): boolean {
  if (host === "" || listed.includes(host.toLowerCase())) return true;
  const name = withoutPort(host).toLowerCase();
  return isAddress(name) || isLocalName(name) || listed.includes(name);
}

function originAllowed(origin: string | undefined, listed: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (/^(app|file|tauri|vscode-webview|vscode-file):\/\//.test(origin)) return true;
  if (listed.includes(origin)) return true;
  const host = /^https?:\/\/([^/]+)$/.exec(origin)?.[1];
  if (host === undefined) return false;
  const name = withoutPort(host).toLowerCase();
  return name === "localhost" || name === "127.0.0.1" || name === "0.0.0.0" || name === "[::1]";
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "");
}

/** An address cannot be rebound by DNS. */
function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);
}

function isLocalName(name: string): boolean {
  return name === "localhost" || /\.(localhost|local|internal)$/.test(name) || !/[.:]/.test(name);
}
