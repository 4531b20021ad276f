import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import { readStart } from "../../core/answer.ts";
import type { Clock } from "../../core/clock.ts";
import type { ProxyRoute } from "../../core/proxy.ts";

const ANSWER_MS = 10_000;

export interface Question {
  url: URL;
  proxy: ProxyRoute;
  clock: Clock;
  /** Sent with POST as JSON; without it the question is a GET. */
  body?: unknown;
  /** For `Authorization: Bearer`. */
  token?: string;
  /** Takes any certificate: only for a look at what everybody may see, never with a token. */
  unverified?: boolean;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The beginning of it. */
  body: string;
}

/** One question over a connection of its own. @throws the socket's error, or when nothing comes in time */
export function ask({ url, proxy, clock, body, token, unverified = false }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      method: bytes === undefined ? "GET" : "POST",
      headers: {
        "user-agent": `ollama-coordinator-agent/${PROGRAM_VERSION}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(bytes === undefined
          ? {}
          : { "content-type": "application/json", "content-length": bytes.length }),
      },
      ...(unverified ? { rejectUnauthorized: false } : {}),
      ...(proxy.agent === undefined ? { agent: false } : { agent: proxy.agent }),
    });
    const cancel = clock.after(ANSWER_MS, () =>
      request.destroy(new Error(`nothing within ${ANSWER_MS / 1000} s`)),
    );
    request.on("close", cancel);
    request.on("error", reject);
    request.on("response", (response) => {
      readStart(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        request.destroy();
      }, reject);
    });
    request.end(bytes);
  });
}
