import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import type { Agent } from "./agent.ts";
import type { Call, Outcome } from "./api.ts";
import { Attempt, type AttemptEnd, messageOf } from "./attempt.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import type { Clock } from "./deps.ts";
import { explainHeaders } from "./explain.ts";
import type { Ledger } from "./ledger.ts";
import type { Recorder } from "./recorder.ts";
import type { Ending } from "./scheduling/grant.ts";
import type { Scheduler } from "./scheduling/scheduler.ts";
import type { Want } from "./scheduling/want.ts";
import type { Windows } from "./windows.ts";

export interface ServingOptions {
  clock: Clock;
  scheduler: Scheduler;
  recorder: Recorder;
  windows: Windows;
  /** A request of this agent ended: counters changed. */
  counted: (agent: Agent) => void;
}

interface Running {
  attempt: Attempt;
  want: Want | undefined;
}

/** Requests that are with an agent, and what becomes of them. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #running = new Set<Running>();

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Runs one attempt at one agent and counts it as open for as long as it is. */
  async run(
    call: Call,
    ledger: Ledger,
    agent: Agent,
    want: Want | undefined,
    body: ByteSource | null,
    client: ClientSide,
  ): Promise<AttemptEnd> {
    const { clock, windows } = this.#options;
    const attempt = new Attempt({
      agent,
      client,
      body,
      headers: () => {
        ledger.begun(clock.now());
        return explainHeaders(call, ledger);
      },
    });
    const running: Running = { attempt, want };
    this.#running.add(running);
    ledger.answer = attempt;
    ledger.started(clock.now());
    windows.opened();
    try {
      attempt.start({
        method: call.method,
        path: call.path,
        headers: call.headers,
        content_length: body === null ? 0 : call.contentLength,
      });
      return plausible(await attempt.ended, call);
    } finally {
      windows.closed();
      this.#running.delete(running);
    }
  }

  /** Writes the history row of a request that is over, and says what the caller has to do. */
  conclude(ledger: Ledger, agent: Agent, end: AttemptEnd): Outcome {
    const { recorder, clock } = this.#options;
    agent.totalRequests++;
    let outcome: Outcome = { kind: "answered" };
    switch (end.kind) {
      case "complete":
        if (end.status >= 500) agent.failedRequests++;
        recorder.request(
          ledger.row(clock.now(), { status: end.status, error: null, bytes: end.bytes, stats: end.stats }),
        );
        break;
      case "broken":
        agent.failedRequests++;
        recorder.request(ledger.row(clock.now(), { status: end.status, error: end.code, bytes: end.bytes }));
        break;
      case "gone":
        recorder.request(
          ledger.row(clock.now(), { status: end.status ?? 499, error: "cancelled", bytes: end.bytes }),
        );
        outcome = { kind: "gone" };
        break;
      case "lost":
        agent.failedRequests++;
        recorder.request(
          ledger.row(clock.now(), {
            status: CLIENT_ERRORS[end.code].status,
            error: end.code,
            bytes: 0,
          }),
        );
        outcome = { kind: "refused", code: end.code, message: messageOf(end.code) };
        break;
    }
    this.#options.counted(agent);
    return outcome;
  }

  /** An agent's socket is lost: requests that nobody has seen a byte of go elsewhere, where there is an elsewhere. */
  detached(agent: Agent): void {
    for (const { attempt, want } of [...this.#running]) {
      if (attempt.agent !== agent || attempt.answered || want === undefined) continue;
      if (this.#options.scheduler.servableElsewhere(want, agent)) attempt.abandon();
    }
  }
}

/** Tokens that a chat template and a tool's description may add to a prompt. */
const TEMPLATE_TOKENS = 16_384;
/** Tokens that a model may think without saying them. */
const SILENT_TOKENS = 1_024;
/** Most that a request of unknown or packed length may have. */
const MOST_TOKENS = 10_000_000;

/**
 * What an agent says of tokens, as far as it can be: a token has at least a byte. One that lies would lock a key out for a day,
 * or send it behind everybody else.
 */
function plausible(end: AttemptEnd, call: Call): AttemptEnd {
  if (end.kind !== "complete" || end.stats === undefined) return end;
  const packed = call.headers.some(([name]) => name.toLowerCase() === "content-encoding");
  const prompt = call.contentLength < 0 || packed ? MOST_TOKENS : call.contentLength + TEMPLATE_TOKENS;
  const { prompt_tokens, completion_tokens } = end.stats;
  return {
    ...end,
    stats: {
      ...end.stats,
      ...(prompt_tokens === undefined ? {} : { prompt_tokens: Math.min(prompt_tokens, prompt) }),
      ...(completion_tokens === undefined
        ? {}
        : { completion_tokens: Math.min(completion_tokens, end.bytes + SILENT_TOKENS) }),
    },
  };
}

/** An agent that is lost says nothing of its Ollama. */
const OLLAMA_FAILED: ReadonlySet<ErrorCode> = new Set(["ollama_unreachable", "ollama_cut", "ollama_timeout"]);

/**
 * What an attempt says of its machine; undefined: it ended by an error of ours.
 * @param streamedS seconds from the answer's first byte to its last: what making it took, where Ollama does not say so itself
 */
export function endingOf(end: AttemptEnd | undefined, streamedS: number): Ending {
  switch (end?.kind) {
    case "complete": {
      const { prompt_tokens, completion_tokens, load_duration, eval_duration } = end.stats ?? {};
      // Busy is not broken: Ollama's own queue is full.
      const failed = end.status >= 500 && end.status !== 503;
      return {
        verdict: failed ? "failure" : end.status === 503 ? "neutral" : "success",
        tokens: (prompt_tokens ?? 0) + (completion_tokens ?? 0),
        answer:
          completion_tokens === undefined
            ? undefined
            : {
                tokens: completion_tokens,
                seconds: eval_duration === undefined ? streamedS : eval_duration / 1e9,
              },
        loadS: load_duration === undefined ? undefined : load_duration / 1e9,
        streamedS,
      };
    }
    case "broken":
    case "lost":
      return { verdict: OLLAMA_FAILED.has(end.code) ? "failure" : "neutral" };
    default:
      return { verdict: "neutral" };
  }
}
