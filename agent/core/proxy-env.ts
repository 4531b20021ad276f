import { BlockList, isIP } from "node:net";
import { portOf } from "./network-error.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names for `url`, or undefined: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, either case. */
export function proxyFromEnv(env: Env, url: URL): string | undefined {
  if (exempt(variable(env, "no_proxy"), url)) return undefined;
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  const proxy = variable(env, secure ? "https_proxy" : "http_proxy") || variable(env, "all_proxy");
  if (proxy === "") return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

export function variable(env: Env, name: string): string {
  return env[name] || env[name.toUpperCase()] || "";
}

function exempt(list: string, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => entry !== "" && covers(entry, host, portOf(url)));
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  const [network, bits] = entry.split("/");
  if (bits !== undefined && network !== undefined) return inNetwork(network, Number(bits), host);
  const withPort = /^(.+):(\d+)$/.exec(entry);
  const colons = entry.split(":").length - 1;
  if (withPort !== null && (colons === 1 || entry.startsWith("[")) && Number(withPort[2]) !== port)
    return false;
  const bare = withPort !== null && (colons === 1 || entry.startsWith("[")) ? (withPort[1] ?? entry) : entry;
  const name = bare.replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function inNetwork(network: string, bits: number, host: string): boolean {
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !Number.isInteger(bits)) return false;
  if (bits < 0 || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}
