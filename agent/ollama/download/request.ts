import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { TLSSocket } from "node:tls";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import type { Clock } from "../../core/clock.ts";
import { codeOf, networkFailure, textOf } from "../../core/network-error.ts";
import type { ProxyRoute } from "../../core/proxy.ts";
import { aborted, InstallError } from "../install-error.ts";
import { TransientError } from "./retry.ts";
import { shownUrl } from "./shown-url.ts";

const ANSWER_MS = 30_000;
const STALL_MS = 30_000;
const MAX_REDIRECTS = 5;

/** A user and password that belong to one origin and go nowhere else. */
export interface Credentials {
  origin: string;
  authorization: string;
}

export interface RequestDeps {
  clock: Clock;
  proxy: ProxyRoute;
  signal: AbortSignal;
  credentials: Credentials | undefined;
}

export interface Answer {
  /** Where it came from in the end. */
  url: URL;
  status: number;
  response: IncomingMessage;
}

/** What a URL says about who asks, and undefined where it says nothing. */
export function credentialsOf(url: URL): Credentials | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { origin: url.origin, authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/**
 * GETs `url` and follows redirects: never to http when the start was https, and never with credentials to another origin. The caller reads
 * the response to its end or destroys it.
 * @throws TransientError for what may pass, InstallError for what will not
 */
export async function get(url: URL, headers: OutgoingHttpHeaders, deps: RequestDeps): Promise<Answer> {
  let next = bare(url);
  for (let hop = 0; ; hop++) {
    if (deps.signal.aborted) throw aborted();
    const response = await once(next, headers, deps);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
      return { url: next, status, response };
    }
    response.destroy();
    next = redirected(url, next, location, hop);
  }
}

/** Takes each piece of a body in turn; a body that stands still is given up. @throws as `get` */
export async function readBody(
  answer: Answer,
  { clock, signal }: RequestDeps,
  take: (chunk: Buffer) => Promise<void> | void,
): Promise<void> {
  const { response } = answer;
  const arm = (): (() => void) =>
    clock.after(STALL_MS, () => response.destroy(new Error(`no byte for ${STALL_MS / 1_000} s`)));
  let disarm = arm();
  const body = response[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await nextPiece(body, answer, signal);
      // A slow disk is not a slow server.
      disarm();
      if (piece === undefined) return;
      await take(piece);
      disarm = arm();
    }
  } finally {
    disarm();
    response.destroy();
  }
}

async function nextPiece(
  body: AsyncIterator<unknown>,
  { url }: Answer,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const { done, value } = await body.next();
    if (done === true) return undefined;
    return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
  } catch (cause) {
    if (signal.aborted) throw aborted();
    throw new TransientError(`the connection to ${url.host} broke (${textOf(cause)})`, { cause });
  }
}

function redirected(start: URL, from: URL, location: string, hop: number): URL {
  const refuse = (why: string): InstallError =>
    new InstallError("redirect_refused", `${shownUrl(from)} redirects ${why}: check OLLAMA_RELEASES_URL`);
  const to = URL.parse(location, from.href);
  if (to === null || !/^https?:$/.test(to.protocol)) throw refuse("to something that is no web address");
  if (hop >= MAX_REDIRECTS) throw refuse(`more than ${MAX_REDIRECTS} times`);
  if (start.protocol === "https:" && to.protocol === "http:") {
    throw refuse(`to ${shownUrl(to)}, which is not encrypted`);
  }
  return bare(to);
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  return copy;
}

function once(
  url: URL,
  headers: OutgoingHttpHeaders,
  { clock, proxy, signal, credentials }: RequestDeps,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const request = (secure ? httpsRequest : httpRequest)(url, {
      headers: {
        "accept-encoding": "identity",
        "user-agent": `ollama-coordinator-agent/${PROGRAM_VERSION}`,
        ...headers,
        ...(credentials?.origin === url.origin ? { authorization: credentials.authorization } : {}),
      },
      // One connection each, gone with its answer: the pool would keep them open.
      agent: proxy.agent ?? false,
    });
    const settle = (): void => {
      cancel();
      signal.removeEventListener("abort", onAbort);
    };
    // Not left to the request: while a proxy has not connected it, destroying it tells nobody.
    const giveUp = (error: Error): void => {
      settle();
      reject(signal.aborted ? aborted() : failure(error, url, proxy));
      request.destroy(error);
    };
    const onAbort = (): void => giveUp(aborted());
    const cancel = clock.after(ANSWER_MS, () => giveUp(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
    signal.addEventListener("abort", onAbort, { once: true });
    request.on("close", settle);
    // Also after the response has begun, when nobody waits for it any more: the body tells of that.
    request.on("error", giveUp);
    request.on("response", (response) => {
      cancel();
      response.on("close", settle);
      const via = proxy.proxyFor(url);
      const status = response.statusCode ?? 0;
      if (status === 407 || (secure && !(response.socket instanceof TLSSocket))) {
        response.destroy();
        reject(refusedByProxy(status, via ?? "", url));
        return;
      }
      resolve(response);
    });
    request.end();
  });
}

function refusedByProxy(status: number, proxy: string, url: URL): Error {
  const message = `the proxy ${proxy} answered HTTP ${status} instead of connecting to ${url.host}: check its user, password and rules`;
  return status >= 500 ? new TransientError(message) : new InstallError("network", message);
}

function failure(error: unknown, url: URL, proxy: ProxyRoute): Error {
  const via = proxy.proxyFor(url);
  const { step } = networkFailure(error, url, via);
  const reason = codeOf(error) ?? textOf(error);
  if (step === "tls") {
    return new InstallError(
      "network",
      `TLS with ${url.host} failed (${reason}): check this machine's clock, and name a CA of your own in NODE_EXTRA_CA_CERTS`,
      { cause: error },
    );
  }
  if (step === "proxy") {
    const message = `cannot use the proxy ${via} (${reason}): check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, or exclude ${url.hostname} with NO_PROXY`;
    // Asking a second time with the same password only gets an account locked. No cause: it carries the password.
    return /authentication/i.test(textOf(error))
      ? new InstallError("network", message)
      : new TransientError(message);
  }
  return new TransientError(`cannot reach ${url.host} (${reason})`, { cause: error });
}
