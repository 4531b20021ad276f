import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { readStart } from "../core/answer.ts";
import { networkFailure } from "../core/network-error.ts";
import type { ProxyRoute } from "../core/proxy.ts";

const PROBE_MS = 5_000;

export type Probe = { ok: true; status: number; body: string } | { ok: false; error: string };

/** One GET, to see whether somebody is there. */
export function probe(url: URL, proxy: ProxyRoute): Promise<Probe> {
  return new Promise((resolve) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      signal: AbortSignal.timeout(PROBE_MS),
      ...(proxy.agent === undefined ? {} : { agent: proxy.agent }),
    });
    const fail = (error: unknown): void =>
      resolve({ ok: false, error: networkFailure(error, url, proxy.proxyFor(url)).message });
    request.on("error", fail);
    request.on("response", (response) => {
      readStart(response).then((body) => {
        resolve({ ok: true, status: response.statusCode ?? 0, body });
        request.destroy();
      }, fail);
    });
    request.end();
  });
}
