import { LIMITS } from "../../shared/protocol/limits.ts";

/** The step of reaching a coordinator that failed. */
export type NetworkStep = "dns" | "tcp" | "proxy" | "tls" | "http";

export interface NetworkFailure {
  step: NetworkStep;
  /** One line: what failed, where, and what to do. */
  message: string;
}

const DNS = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_NONAME", "EAI_FAIL"]);
const TCP = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "EADDRNOTAVAIL", "EACCES"]);
const TLS =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/;
const UNTRUSTED = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

/** Says of a failed attempt to reach `url` which step failed, and what a person can do about it. */
export function networkFailure(error: unknown, url: URL, proxy: string | undefined): NetworkFailure {
  const code = codeOf(error);
  // The package for proxies names the URL of one that it cannot use, with user and password.
  const text = textOf(error).replace(/\/\/\S*@/g, "//");
  const there = `${url.hostname} port ${portOf(url)}`;
  const via = proxy === undefined ? "" : ` through the proxy ${proxy}`;
  if (proxy !== undefined && (atProxy(error, proxy) || bySocks(error))) {
    return {
      step: "proxy",
      message: `cannot use the proxy ${proxy} (${code ?? text}): check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, or exclude ${url.hostname} with NO_PROXY`,
    };
  }
  if (code !== undefined && DNS.has(code)) {
    return {
      step: "dns",
      message: `cannot find the host ${url.hostname} (DNS: ${code}): check the coordinator URL and this machine's network`,
    };
  }
  if (code !== undefined && TCP.has(code)) {
    return {
      step: "tcp",
      message: `cannot connect to ${there}${via} (TCP: ${code}): check that the coordinator runs and that no firewall is in the way`,
    };
  }
  if (code !== undefined && TLS.test(code)) {
    const advice = UNTRUSTED.test(code)
      ? "if the certificate is your own, name its CA file in NODE_EXTRA_CA_CERTS"
      : /WRONG_VERSION|EPROTO|PACKET_LENGTH/.test(`${code} ${text}`)
        ? "the server does not seem to speak TLS there; try http:// instead of https://"
        : "check the host name, the certificate and this machine's clock";
    return { step: "tls", message: `TLS with ${there}${via} failed (${code}): ${advice}` };
  }
  return {
    step: "http",
    message: `no answer from ${there}${via} (${code ?? text}): check the coordinator URL`,
  };
}

/** An error's own words, bounded; the several attempts of one connection have only an empty text together. */
export function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return [...new Set(error.errors.map(textOf))].join(", ").slice(0, LIMITS.name_chars);
  }
  return (error instanceof Error ? error.message : String(error)).slice(0, LIMITS.name_chars);
}

export function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** An error of the package socks, which gives it no name of its own; only its options tell it. */
function bySocks(error: unknown): boolean {
  if (!(error instanceof Error) || !("options" in error)) return false;
  const { options } = error;
  return typeof options === "object" && options !== null && "proxy" in options && "destination" in options;
}

export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" || url.protocol === "wss:" ? 443 : 80;
}

/** Whether a socket error happened on the way to the proxy rather than behind it. */
function atProxy(error: unknown, proxy: string): boolean {
  const target = URL.parse(proxy);
  if (target === null || typeof error !== "object" || error === null) return false;
  if (error instanceof AggregateError) return error.errors.some((one) => atProxy(one, proxy));
  if ("hostname" in error) return error.hostname === target.hostname;
  return "port" in error && error.port === portOf(target);
}
