import { normalBase } from "../core/coordinator-url.ts";

/** Why something is no address of a coordinator. */
export const ADDRESS_PROBLEMS = ["empty", "scheme", "credentials", "not_an_address"] as const;
export type AddressProblem = (typeof ADDRESS_PROBLEMS)[number];

export type Address =
  /** `exposed`: what is sent there can be read on the way. */
  { ok: true; url: string; exposed: boolean } | { ok: false; problem: AddressProblem };

const LOOPBACK = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const MAX_LENGTH = 2_000;

/**
 * Reads what a person typed or pasted. Without a scheme it is https, except on this very machine, where nobody has a
 * certificate; the path of a page of the dashboard is dropped, because that is what gets pasted.
 */
export function readAddress(typed: string): Address {
  const text = typed.trim();
  if (text === "") return { ok: false, problem: "empty" };
  if (text.length > MAX_LENGTH || /\s/.test(text)) return { ok: false, problem: "not_an_address" };
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    return { ok: false, problem: "scheme" };
  const url = URL.parse(scheme === undefined ? `https://${text}` : text);
  // A lone word is more likely a slip than a host, and `https://hello` would only fail much later.
  if (url === null || !(scheme !== undefined || url.port !== "" || isHost(url.hostname)))
    return { ok: false, problem: "not_an_address" };
  if (url.username !== "" || url.password !== "") return { ok: false, problem: "credentials" };
  const loopback = LOOPBACK.test(url.hostname);
  if (scheme === undefined && loopback) url.protocol = "http:";
  url.pathname = url.pathname.replace(/\/dashboard(\/.*)?$/, "");
  return { ok: true, url: normalBase(url.href), exposed: url.protocol === "http:" && !loopback };
}

function isHost(hostname: string): boolean {
  return hostname.includes(".") || hostname.startsWith("[") || LOOPBACK.test(hostname);
}
