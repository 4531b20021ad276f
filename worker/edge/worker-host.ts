import type { Bindings } from "../bindings.ts";
import { cellOf, stubOf } from "../cells.ts";
import type { Call, CoordinatorApi, Outcome } from "../coordinator/api.ts";
import type { ByteSource } from "../coordinator/client-side.ts";
import type { Viewer } from "../coordinator/feed/page.ts";
import { SqlHistory } from "../db/history.ts";
import { d1Database } from "../db/storage.ts";
import { MemoryBudget } from "../forward/memory-budget.ts";
import { type Sent, withRetries } from "../forward/with-retries.ts";
import type { AppContext, ForwardedCall, HistoryReader, Host, HostConfig } from "../host.ts";
import { clientError } from "../middleware/client-error.ts";
import { BodySource } from "./body-source.ts";
import { type Answer, passOn } from "./pass-on.ts";
import { sha256 } from "./sha256.ts";
import {
  AGENT_ID_HEADER,
  CALL_HEADER,
  decodeOutcome,
  encodeCall,
  encodeViewer,
  OUTCOME_HEADER,
  VIEWER_HEADER,
} from "./wire.ts";

/** Bodies kept by this isolate, over all its requests. */
const budget = new MemoryBudget();

/** The app's platform on Cloudflare: the brain lives in a Durable Object, one call away. */
export class WorkerHost implements Host {
  readonly config: HostConfig;
  readonly cell: CoordinatorApi;
  readonly history: HistoryReader;
  readonly #env: Bindings;

  constructor(env: Bindings, config: HostConfig) {
    this.#env = env;
    this.config = config;
    this.cell = cellOf(env);
    this.history = new SqlHistory(d1Database(env.DB));
  }

  sha256(text: string): Promise<string> {
    return sha256(text);
  }

  /** Cloudflare writes this header itself, over whatever the caller sent. */
  callerAddress(c: AppContext): string | null {
    return c.req.header("cf-connecting-ip") ?? null;
  }

  isHttps(c: AppContext): boolean {
    return new URL(c.req.url).protocol === "https:";
  }

  ownOrigins(c: AppContext): readonly string[] {
    return [new URL(c.req.url).origin];
  }

  async forward(c: AppContext, asked: ForwardedCall): Promise<Response> {
    const { raw } = c.req;
    // HTTP/2 needs no header to announce a body: here the platform knows whether there is one.
    const unannounced = raw.body !== null && c.req.header("content-length") === undefined;
    const call = unannounced ? { ...asked, contentLength: -1 } : asked;
    const sent = await withRetries<Answer>({
      call,
      source: raw.body === null || call.contentLength === 0 ? null : new BodySource(raw.body),
      contentType: c.req.header("content-type") ?? "",
      contentEncoding: c.req.header("content-encoding") ?? "",
      budget,
      mayCall: this.cell.mayCall,
      send: (attempt, body, begun, whole) => {
        if (whole !== undefined || body === null) {
          // It goes in one piece: nobody will read this.
          body?.cancel();
          return this.#send(attempt, whole ?? null, raw.signal, () => {}, begun);
        }
        const broken = new AbortController();
        const signal = AbortSignal.any([raw.signal, broken.signal]);
        return this.#send(
          attempt,
          streamOf(body, () => broken.abort()),
          signal,
          () => body.release(),
          begun,
        );
      },
    });
    switch (sent.kind) {
      case "refused":
        return clientError(c, sent);
      case "gone":
        // Nobody is there to read this; the status is what Ollama logs for it.
        return new Response(null, { status: 499 });
      case "answered":
        return passOn(sent.answer, call, (work) => c.executionCtx.waitUntil(work));
    }
  }

  async #send(
    call: Call,
    body: BodyInit | null,
    signal: AbortSignal,
    over: () => void,
    begun: () => void,
  ): Promise<Sent<Answer>> {
    let response: Response;
    try {
      response = await stubOf(this.#env).fetch("https://coordinator/forward", {
        method: "POST",
        headers: { [CALL_HEADER]: encodeCall(call) },
        body,
        signal,
      });
    } catch (error) {
      if (signal.aborted) return { kind: "gone" };
      return failed(error);
    }
    const outcome = response.headers.get(OUTCOME_HEADER);
    if (outcome === null) {
      begun();
      return { kind: "answered", answer: { response, over } };
    }
    const decoded = decodeOutcome(outcome);
    // The answer itself would have come instead of this.
    return decoded.kind === "answered" ? { kind: "gone" } : decoded;
  }

  /** What a browser may keep never comes here: Cloudflare answers it by itself. */
  async asset(_c: AppContext, path: string): Promise<Response | undefined> {
    const response = await this.#env.ASSETS?.fetch(`https://assets/dashboard/${path}`);
    return response?.ok === true ? response : undefined;
  }

  acceptAgent(_c: AppContext, agentId: string): Promise<Response> {
    return stubOf(this.#env).fetch("https://coordinator/agent", {
      headers: { upgrade: "websocket", [AGENT_ID_HEADER]: agentId },
    });
  }

  acceptDashboard(_c: AppContext, viewer: Viewer): Promise<Response> {
    return stubOf(this.#env).fetch("https://coordinator/dashboard", {
      headers: { upgrade: "websocket", [VIEWER_HEADER]: encodeViewer(viewer) },
    });
  }
}

/** The object could not be asked, or was reset while the request waited in it. */
function failed(error: unknown): Extract<Outcome, { kind: "refused" | "lost" }> {
  const flags = error as { overloaded?: boolean };
  if (flags.overloaded === true) {
    return { kind: "refused", code: "overloaded", message: "the coordinator is overloaded" };
  }
  // After a reset the object starts anew and answers: the request has not been seen by any client.
  return {
    kind: "lost",
    code: "agent_lost",
    message: "the coordinator was restarted",
  };
}

/**
 * Reads the client only as fast as the object does. When the client stops in the middle, `broken` is called and the stream
 * never ends: one that fails looks to the object like a complete body, and Ollama would get half a request as a whole one.
 */
function streamOf(body: ByteSource, broken: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let chunk: Uint8Array | null;
        try {
          chunk = await body.read();
        } catch {
          broken();
          return new Promise<void>(() => {});
        }
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => body.cancel(),
    },
    { highWaterMark: 0 },
  );
}
