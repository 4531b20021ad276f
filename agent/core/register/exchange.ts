import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { TLSSocket } from "node:tls";
import { apiError } from "../../../shared/api/register.ts";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import { parseJson, readStart } from "../answer.ts";
import type { Clock } from "../clock.ts";
import { type NetworkStep, networkFailure } from "../network-error.ts";
import type { ProxyRoute } from "../proxy.ts";

const ANSWER_MS = 10_000;

export interface Question {
  url: URL;
  method: "GET" | "POST";
  /** Sent as bearer, where there is one. */
  token: string | undefined;
  /** Sent as JSON, where there is one. */
  body?: unknown;
}

export interface ExchangeDeps {
  proxy: ProxyRoute;
  clock: Clock;
  /** Ends it at once, as a failure. */
  signal?: AbortSignal;
}

/** An answer of whoever answers there. */
export interface Answer {
  status: number;
  type: string;
  location: string | undefined;
  /** Milliseconds, where the answer said it in seconds. */
  retryAfterMs: number | undefined;
  json: unknown;
  /** What the coordinator gives as reason; undefined when it is not one that speaks. */
  error: { code: string; text: string; fields: Record<string, string> } | undefined;
  /** The answer did not come out of the TLS connection that was asked for. */
  fromProxy: boolean;
}

export interface Failed {
  ok: false;
  step: NetworkStep;
  /** The same attempt may work later; otherwise a person has to act. */
  retry: boolean;
  /** When the coordinator wants to be asked again, if it has said so. */
  retryAfterMs?: number | undefined;
  /** One line. */
  message: string;
}

/** Asks a coordinator one thing; what it answers is still to be judged. */
export async function exchange(
  question: Question,
  deps: ExchangeDeps,
): Promise<{ ok: true; answer: Answer } | Failed> {
  const { url } = question;
  try {
    return { ok: true, answer: await send(question, deps) };
  } catch (error) {
    return { ok: false, retry: true, ...networkFailure(error, url, deps.proxy.proxyFor(url)) };
  }
}

function send({ url, method, token, body }: Question, deps: ExchangeDeps): Promise<Answer> {
  const { proxy, clock, signal } = deps;
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(bytes === undefined
          ? {}
          : { "content-type": "application/json", "content-length": bytes.length }),
        "user-agent": `ollama-coordinator-agent/${PROGRAM_VERSION}`,
      },
      ...(proxy.agent === undefined ? {} : { agent: proxy.agent }),
      ...(signal === undefined ? {} : { signal }),
    });
    const cancel = clock.after(ANSWER_MS, () => {
      const error = new Error(`nothing within ${ANSWER_MS / 1000} s`);
      // Also here: while a proxy takes the connection and says nothing, a request that is destroyed tells nobody.
      reject(error);
      request.destroy(error);
    });
    request.on("close", cancel);
    request.on("error", reject);
    request.on("response", (response) => {
      const fromProxy = secure && !(response.socket instanceof TLSSocket);
      readStart(response).then((text) => {
        const json = parseJson(text);
        const said = apiError.safeParse(json);
        const { headers } = response;
        resolve({
          status: response.statusCode ?? 0,
          type: headers["content-type"] ?? "no content type",
          location: headers.location,
          retryAfterMs: /^\d{1,6}$/.test(headers["retry-after"] ?? "")
            ? Number(headers["retry-after"]) * 1_000
            : undefined,
          json,
          error: said.success
            ? { code: said.data.code, text: said.data.error, fields: said.data.fields ?? {} }
            : undefined,
          fromProxy,
        });
        request.destroy();
      }, reject);
    });
    request.end(bytes);
  });
}

/** What a proxy, a redirect or a coordinator that has no time gives for an answer; undefined when it is none of these. */
export function inTheWay(url: URL, answer: Answer, proxy: ProxyRoute): Failed | undefined {
  const { status, error } = answer;
  if (status === 407 || answer.fromProxy) {
    return {
      ok: false,
      step: "proxy",
      retry: status !== 407,
      message: `the proxy ${proxy.proxyFor(url) ?? ""} answered HTTP ${status} instead of connecting to ${url.host}: check its user, password and rules`,
    };
  }
  if (status >= 300 && status < 400) {
    return failed(
      false,
      `${url.href} redirects to ${answer.location ?? "nowhere"} (HTTP ${status}): use the address it redirects to as coordinator URL`,
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    const why = error === undefined ? "" : `: ${error.text}`;
    const message = `${url.href} cannot register this machine now (HTTP ${status}${why})`;
    return { ...failed(true, message), retryAfterMs: answer.retryAfterMs };
  }
  return undefined;
}

/** An answer that is none of those that are expected. @param expected the status of a good one */
export function notUnderstood(url: URL, answer: Answer, expected: number): Failed {
  const { status, error } = answer;
  if (status !== expected && error !== undefined) {
    const fields = Object.entries(error.fields).map(([name, text]) => `${name}: ${text}`);
    const which = fields.length === 0 ? "" : `; ${fields.join(", ")}`;
    return failed(false, `${url.href} refused this machine (HTTP ${status}: ${error.text}${which})`);
  }
  return failed(
    false,
    `${url.origin}${url.pathname} is not a coordinator (HTTP ${status}, ${answer.type}): check the coordinator URL`,
  );
}

export function failed(retry: boolean, message: string): Failed {
  return { ok: false, step: "http", retry, message };
}
