import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { hostname } from "node:os";

const nearby = new BlockList();
nearby.addSubnet("127.0.0.0", 8);
nearby.addSubnet("10.0.0.0", 8);
nearby.addSubnet("172.16.0.0", 12);
nearby.addSubnet("192.168.0.0", 16);
nearby.addAddress("0.0.0.0");
nearby.addAddress("::1", "ipv6");
nearby.addAddress("::", "ipv6");
nearby.addSubnet("fc00::", 7, "ipv6");

const APP_ORIGIN = /^(app|file|tauri|vscode-webview|vscode-file):\/\//;
const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0)(:\d+)?$/;

/** Against DNS rebinding, a loopback Ollama answers 403 to names that are not its own. */
export function hostAllowed(req: IncomingMessage): boolean {
  const host = (req.headers.host ?? "")
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  const family = isIP(host);
  if (family !== 0) return nearby.check(host, family === 6 ? "ipv6" : "ipv4");
  if (host === "" || host === "localhost" || host === hostname().toLowerCase()) return true;
  return host.endsWith(".localhost") || host.endsWith(".local") || host.endsWith(".internal");
}

export function originAllowed(req: IncomingMessage): boolean {
  const origin = req.headers.origin;
  if (origin === undefined || origin === "") return true;
  if (origin === `http://${req.headers.host}` || origin === `https://${req.headers.host}`) return true;
  return LOCAL_ORIGIN.test(origin) || APP_ORIGIN.test(origin);
}
