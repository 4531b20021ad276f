import { isIP } from "node:net";

const DEFAULT_PORT = 11_434;
const LAST_PORT = 65_535;

/** Where a client of Ollama would look for it. */
export interface OllamaHost {
  /** Without a final slash; a path prefix is kept. */
  url: string;
  hostname: string;
  port: number;
}

/** The address that `OLLAMA_HOST` means to a client, as Ollama itself reads it (envconfig.Host, ConnectableHost). */
export function readOllamaHost(value: string | undefined): OllamaHost {
  const text = (value ?? "").trim().replace(/^["']+|["']+$/g, "");
  const [, scheme, rest = ""] = /^(?:(\w+):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme === undefined && rest === "ollama.com") return address("https", rest, 443, "");
  const secure = scheme === "https";
  const fallback = scheme === undefined ? DEFAULT_PORT : secure ? 443 : 80;
  const slash = rest.indexOf("/");
  const where = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? "" : rest.slice(slash).replace(/\/+$/, "");
  const { hostname, port } = split(where);
  const wanted = port === undefined || !/^\d+$/.test(port) ? Number.NaN : Number(port);
  return address(
    secure ? "https" : "http",
    connectable(hostname),
    wanted <= LAST_PORT ? wanted : fallback,
    path,
  );
}

/** Host and port as Go's SplitHostPort takes them apart; an IPv6 address without a port may come bare. */
function split(where: string): { hostname: string; port: string | undefined } {
  const bare = where.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0) return { hostname: bare, port: undefined };
  const [, bracketed, plain = "", port] = /^(?:\[([^\]]*)\]|([^:]*)):(.*)$/.exec(where) ?? [];
  return port === undefined ? { hostname: where, port } : { hostname: bracketed ?? plain, port };
}

/** A server that listens everywhere is reached over the loopback interface. */
function connectable(hostname: string): string {
  if (hostname === "" || hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}

function address(scheme: string, hostname: string, port: number, path: string): OllamaHost {
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  return { url: `${scheme}://${shown}:${port}${path}`, hostname, port };
}
