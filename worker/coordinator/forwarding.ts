import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import type { QueuedRequest } from "../../shared/api/queue.ts";
import { canonicalName, isCloudName } from "../../shared/lib/model-name.ts";
import type { Access } from "./access.ts";
import type { Agent } from "./agent.ts";
import { SAFETY_HEADERS } from "./answer-headers.ts";
import type { Call, Outcome } from "./api.ts";
import { Attempt, type AttemptEnd, messageOf } from "./attempt.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import type { Clock } from "./deps.ts";
import { fanOut } from "./fan-out.ts";
import { Ledger } from "./ledger.ts";
import type { Admission, Limits } from "./limits/limits.ts";
import { manageTargets } from "./manage-targets.ts";
import type { Recorder } from "./recorder.ts";
import type { Registry } from "./registry.ts";
import type { Ending, Grant } from "./scheduling/grant.ts";
import type { Decision, Scheduler } from "./scheduling/scheduler.ts";
import type { Want } from "./scheduling/want.ts";
import type { Windows } from "./windows.ts";

export interface ForwardingOptions {
  clock: Clock;
  access: Access;
  limits: Limits;
  registry: Registry;
  scheduler: Scheduler;
  recorder: Recorder;
  windows: Windows;
  windowMs: () => number;
  /** A request of this agent ended: counters changed. */
  counted: (agent: Agent) => void;
}

interface Running {
  attempt: Attempt;
  want: Want | undefined;
}

/** Client requests on their way to agents and back. */
export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #running = new Set<Running>();
  /** Requests that wait for a place. */
  readonly #waiting = new Map<Want, Call>();

  constructor(options: ForwardingOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Who waits, in the order in which their turns are expected to come. */
  waiting(): QueuedRequest[] {
    const { scheduler, access, clock } = this.#options;
    return scheduler.places().flatMap(({ want, position, estimateMs }) => {
      const call = this.#waiting.get(want);
      if (call === undefined) return [];
      const key = access.keyName(call.caller);
      return {
        id: call.id,
        position,
        estimate_ms: estimateMs === undefined ? null : Math.round(estimateMs),
        waited_ms: clock.now() - want.ticket.arrived,
        arrived_at: new Date(want.ticket.arrived).toISOString(),
        model: want.model,
        endpoint: call.endpoint,
        key_id: key?.id ?? null,
        key_name: key?.name ?? null,
        agent_id: want.pinned ?? null,
      };
    });
  }

  /** Serves one attempt of a request; resolves when nothing of it is left here. */
  async forward(call: Call, body: ByteSource | null, client: ClientSide): Promise<Outcome> {
    const { access, limits, scheduler, clock } = this.#options;
    const ticket = call.ticket ?? scheduler.ticket();
    const ledger = new Ledger(call, ticket, access.keyName(call.caller));
    const refuse = (code: ErrorCode, message: string, retryAfterS?: number): Outcome => {
      body?.cancel();
      // Refused before it could take over the place that waits for it since the attempt before: it will not come again.
      if (call.caller.kind === "key") limits.drop(call.caller.key_id, call.id);
      const { status } = CLIENT_ERRORS[code];
      // Unknown callers write no history: they could fill it.
      if (code !== "unauthorized") {
        this.#options.recorder.request(ledger.row(clock.now(), { status, error: code, bytes: 0 }));
      }
      return { kind: "refused", code, message, retryAfterS, queueMs: ledger.queueMs };
    };

    const permission = call.class === "manage" || call.agent !== undefined ? "manage" : "infer";
    const forbidden = access.check(call.caller, permission, call.model);
    if (forbidden !== undefined) return refuse(forbidden.code, forbidden.message);
    if (call.model !== undefined && isCloudName(call.model)) {
      return refuse("forbidden", "models of ollama.com would use the account of a machine's owner");
    }
    if (call.class === "manage") return this.#manage(call, ledger, body, client, refuse);

    if (call.model === undefined) return refuse("bad_request", "model is required");
    const pinned = call.agent === undefined ? undefined : this.#options.registry.find(call.agent);
    if (call.agent !== undefined && pinned === undefined) {
      return refuse("bad_request", `X-Agent: there is no agent '${call.agent}'`);
    }
    const want: Want = {
      model: canonicalName(call.model),
      since: call.since,
      slot: call.class === "infer",
      pinned: pinned?.id,
      avoid: new Set(call.avoid),
      ticket,
      share: access.shareOf(call.caller),
      numCtx: call.numCtx,
      prefixes: call.prefixes,
      remember: call.remember,
    };
    const admission = this.#admit(call);
    if (admission?.kind === "refused")
      return refuse(admission.code, admission.message, admission.retryAfterS);
    const pass = admission?.pass;
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#inTurn(call, ledger, want, body, client, refuse);
      return outcome;
    } finally {
      if (outcome?.kind === "lost") pass?.hold();
      else pass?.done({ tokens: ledger.tokens, durationMs: clock.now() - ticket.arrived });
    }
  }

  /** Lets the request through its key's limits; undefined where there are none. */
  #admit(call: Call): Admission | undefined {
    const { access, limits, clock } = this.#options;
    const key = access.keyOf(call.caller);
    if (key === undefined || call.class !== "infer") return undefined;
    return limits.admit({ ...call, key_id: key.id }, key, clock.now());
  }

  /** Waits for a place on an agent, and is served there. */
  async #inTurn(
    call: Call,
    ledger: Ledger,
    want: Want,
    body: ByteSource | null,
    client: ClientSide,
    refuse: (code: ErrorCode, message: string, retryAfterS?: number) => Outcome,
  ): Promise<Outcome> {
    const { access, clock } = this.#options;
    const since = clock.now();
    const decision = await this.#place(call, want, client);
    ledger.queueMs = clock.now() - since;
    if (decision?.kind === "refused") {
      const { code, retryAfterS } = decision.refusal;
      if (code === "model_offline" && call.lostTo !== undefined && call.lostTo !== "agent_lost") {
        // Its machine is there and was tried: what failed on it says more than that nobody is left.
        return refuse(call.lostTo, messageOf(call.lostTo));
      }
      return refuse(code, refusalMessage(code, call.model ?? ""), retryAfterS);
    }
    if (decision === undefined || client.gone) {
      if (decision?.kind === "granted") decision.grant.release({ verdict: "neutral" });
      body?.cancel();
      this.#options.recorder.request(ledger.row(clock.now(), { status: 499, error: "cancelled", bytes: 0 }));
      return { kind: "gone" };
    }
    const revoked = access.refuse(call.caller);
    if (revoked !== undefined) {
      // Its key was good when it got into the line, and is not any more.
      decision.grant.release({ verdict: "neutral" });
      return refuse(revoked.code, revoked.message);
    }
    return this.#attempt(call, ledger, decision.grant, want, body, client);
  }

  /** Waits for a place; undefined when the client has left before. */
  async #place(call: Call, want: Want, client: ClientSide): Promise<Decision | undefined> {
    if (client.gone) return undefined;
    this.#waiting.set(want, call);
    const decision = await new Promise<Decision | undefined>((resolve) => {
      const leave = this.#options.scheduler.acquire(want, resolve);
      client.onGone = () => {
        leave();
        resolve(undefined);
      };
    });
    this.#waiting.delete(want);
    return decision;
  }

  async #attempt(
    call: Call,
    ledger: Ledger,
    grant: Grant,
    want: Want,
    body: ByteSource | null,
    client: ClientSide,
  ): Promise<Outcome> {
    ledger.agent = grant.agent;
    ledger.reason = grant.reason;
    let end: AttemptEnd | undefined;
    try {
      end = await this.#run(call, ledger, grant.agent, want, body, client);
    } finally {
      grant.release(endingOf(end));
    }
    if (end.kind === "lost" && CLIENT_ERRORS[end.code].status >= 500 && call.mayRetry) {
      return {
        kind: "lost",
        code: end.code,
        message: messageOf(end.code),
        agentId: grant.agent.id,
        ticket: want.ticket,
      };
    }
    return this.#conclude(ledger, grant.agent, end);
  }

  /** Runs one attempt at one agent and counts it as open for as long as it is. */
  async #run(
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
    windows.opened();
    try {
      attempt.start({
        method: call.method,
        path: call.path,
        headers: call.headers,
        content_length: body === null ? 0 : call.contentLength,
      });
      return await attempt.ended;
    } finally {
      windows.closed();
      this.#running.delete(running);
    }
  }

  /** Writes the history row of a request that is over, and says what the caller has to do. */
  #conclude(ledger: Ledger, agent: Agent, end: AttemptEnd): Outcome {
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

  /** Changing machines: to one, or to several with one answer. Never sent twice by itself. */
  async #manage(
    call: Call,
    ledger: Ledger,
    body: ByteSource | null,
    client: ClientSide,
    refuse: (code: ErrorCode, message: string) => Outcome,
  ): Promise<Outcome> {
    const { registry, clock, windowMs } = this.#options;
    const targets = manageTargets(call, registry, clock.now(), windowMs());
    if (targets.kind === "refused") return refuse(targets.code, targets.message);
    const [first, ...others] = targets.agents;
    ledger.reason = targets.reason;
    ledger.agent = first;
    if (others.length === 0 && !targets.merged) {
      const end = await this.#run(call, ledger, first, undefined, body, client);
      return this.#conclude(ledger, first, end);
    }
    const end = await fanOut({
      clock,
      agents: targets.agents,
      merged: targets.merged,
      body,
      client,
      headers: explainHeaders(call, ledger),
      run: (agent, copy, side) => this.#run(call, ledger, agent, undefined, copy, side),
    });
    if (end.kind === "refused") return refuse(end.code, end.message);
    return this.#conclude(ledger, first, end.end);
  }

  /** An agent's socket is lost: requests that nobody has seen a byte of go elsewhere, where there is an elsewhere. */
  detached(agent: Agent): void {
    for (const { attempt, want } of [...this.#running]) {
      if (attempt.agent !== agent || attempt.answered || want === undefined) continue;
      if (this.#options.scheduler.servableElsewhere(want, agent)) attempt.abandon();
    }
  }
}

/** What an attempt says of its machine. */
function endingOf(end: AttemptEnd | undefined): Ending {
  switch (end?.kind) {
    case "complete": {
      const { prompt_tokens, completion_tokens, load_duration, eval_duration } = end.stats ?? {};
      // Busy is not broken: Ollama's own queue is full.
      const failed = end.status >= 500 && end.status !== 503;
      return {
        verdict: failed ? "failure" : end.status === 503 ? "neutral" : "success",
        tokens: (prompt_tokens ?? 0) + (completion_tokens ?? 0),
        answer:
          completion_tokens === undefined || eval_duration === undefined
            ? undefined
            : { tokens: completion_tokens, seconds: eval_duration / 1e9 },
        loadS: load_duration === undefined ? undefined : load_duration / 1e9,
      };
    }
    case "broken":
    case "lost":
      return { verdict: OLLAMA_FAILED.has(end.code) ? "failure" : "neutral" };
    default:
      return { verdict: "neutral" };
  }
}

/** An agent that is lost says nothing of its Ollama. */
const OLLAMA_FAILED: ReadonlySet<ErrorCode> = new Set(["ollama_unreachable", "ollama_cut", "ollama_timeout"]);

function explainHeaders(call: Call, ledger: Ledger): [string, string][] {
  return [
    ...SAFETY_HEADERS,
    ["x-request-id", call.id],
    // Header values are Latin-1; a machine's name need not be.
    ["x-coordinator-agent", encodeName(ledger.agent?.name ?? "")],
    ["x-coordinator-attempts", String(call.attempt)],
    ["x-coordinator-queue-ms", String(Math.round(ledger.queueMs))],
    ["x-coordinator-reason", ledger.reason ?? ""],
  ];
}

function encodeName(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name : encodeURIComponent(name);
}

/** Texts for a client; the one for an unknown model is Ollama's own. */
function refusalMessage(code: ErrorCode, model: string): string {
  switch (code) {
    case "no_agents":
      return "no machine is online";
    case "model_not_found":
      return `model '${model}' not found`;
    case "model_offline":
      return `model '${model}' is only on machines that are offline or not ready`;
    case "queue_full":
      return "too many requests are waiting";
    case "queue_timeout":
      return "no machine became free in time";
    default:
      return code;
  }
}
