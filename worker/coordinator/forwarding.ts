import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";
import type { Access } from "./access.ts";
import { acquireAny } from "./acquire-any.ts";
import type { Agent } from "./agent.ts";
import type { Substitutions } from "./aliases.ts";
import { SAFETY_HEADERS } from "./answer-headers.ts";
import type { Call, Outcome } from "./api.ts";
import { Attempt, type AttemptEnd, messageOf } from "./attempt.ts";
import { candidatesFor } from "./candidates.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import type { Clock } from "./deps.ts";
import { fanOut } from "./fan-out.ts";
import { Ledger } from "./ledger.ts";
import { manageTargets } from "./manage-targets.ts";
import type { Recorder } from "./recorder.ts";
import type { Registry } from "./registry.ts";
import { renamed } from "./rename-body.ts";
import type { Decision, Grant, Scheduler } from "./scheduler.ts";
import type { Want } from "./want.ts";
import type { Windows } from "./windows.ts";

export interface ForwardingOptions {
  clock: Clock;
  access: Access;
  registry: Registry;
  scheduler: Scheduler;
  recorder: Recorder;
  windows: Windows;
  windowMs: () => number;
  substitutions: () => Substitutions;
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

  constructor(options: ForwardingOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Serves one attempt of a request; resolves when nothing of it is left here. */
  async forward(call: Call, body: ByteSource | null, client: ClientSide): Promise<Outcome> {
    const { access, scheduler, clock } = this.#options;
    const ticket = call.ticket ?? scheduler.ticket();
    const ledger = new Ledger(call, ticket, access.keyName(call.caller));
    const refuse = (code: ErrorCode, message: string, retryAfterS?: number): Outcome => {
      body?.cancel();
      const { status } = CLIENT_ERRORS[code];
      // Unknown callers write no history: they could fill it.
      if (code !== "unauthorized") {
        this.#options.recorder.request(ledger.row(clock.now(), { status, error: code, bytes: 0 }));
      }
      return { kind: "refused", code, message, retryAfterS };
    };

    const allowed = candidatesFor(call, access, this.#options.substitutions());
    if (allowed.kind === "refused") return refuse(allowed.code, allowed.message);
    if (call.class === "manage") return this.#manage(call, ledger, body, client, refuse);

    const [first, ...fallbacks] = allowed.candidates;
    if (call.model === undefined || first === undefined) return refuse("bad_request", "model is required");
    const pinned = call.agent === undefined ? undefined : this.#options.registry.find(call.agent);
    if (call.agent !== undefined && pinned === undefined) {
      return refuse("bad_request", `X-Agent: there is no agent '${call.agent}'`);
    }
    const wanted: Omit<Want, "model"> = {
      since: call.since,
      slot: call.class === "infer",
      pinned: pinned?.id,
      avoid: new Set(call.avoid),
      ticket,
    };
    const since = clock.now();
    let gone = client.gone;
    let leave: (() => void) | undefined;
    client.onGone = () => {
      gone = true;
      leave?.();
    };
    const acquire = async (want: Want): Promise<Decision | undefined> => {
      if (gone) return undefined;
      return scheduler.acquire(want, (leaveLine) => {
        leave = leaveLine;
      });
    };
    const { decision, want, candidate } = await acquireAny(acquire, wanted, [first, ...fallbacks]);
    ledger.queueMs = clock.now() - since;
    if (decision?.kind === "refused") {
      const { code, retryAfterS } = decision.refusal;
      if (code === "model_offline" && call.lostTo !== undefined && call.lostTo !== "agent_lost") {
        // Its machine is there and was tried: what failed on it says more than that nobody is left.
        return refuse(call.lostTo, messageOf(call.lostTo));
      }
      return refuse(code, refusalMessage(code, call.model), retryAfterS);
    }
    if (decision === undefined || gone) {
      if (decision?.kind === "granted") decision.grant.release();
      body?.cancel();
      this.#options.recorder.request(ledger.row(clock.now(), { status: 499, error: "cancelled", bytes: 0 }));
      return { kind: "gone" };
    }
    const revoked = access.refuse(call.caller);
    if (revoked !== undefined) {
      // Its key was good when it got into the line, and is not any more.
      decision.grant.release();
      return refuse(revoked.code, revoked.message);
    }
    if (candidate.model === canonicalName(call.model)) {
      return this.#attempt(call, ledger, decision.grant, want, body, client);
    }
    ledger.substitute = candidate.name;
    const sent = renamed(call, body, candidate.name);
    return this.#attempt(sent.call, ledger, decision.grant, want, sent.body, client);
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
    let end: AttemptEnd;
    try {
      end = await this.#run(call, ledger, grant.agent, want, body, client);
    } finally {
      grant.release();
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
        if (end.stats?.completion_tokens !== undefined && (end.stats.eval_duration ?? 0) > 0) {
          agent.observeSpeed(end.stats.completion_tokens / ((end.stats.eval_duration ?? 1) / 1e9));
        }
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

function explainHeaders(call: Call, ledger: Ledger): [string, string][] {
  return [
    ...SAFETY_HEADERS,
    ["x-request-id", call.id],
    // Header values are Latin-1; a machine's name need not be.
    ["x-coordinator-agent", encodeName(ledger.agent?.name ?? "")],
    ["x-coordinator-attempts", String(call.attempt)],
    ["x-coordinator-queue-ms", String(Math.round(ledger.queueMs))],
    ["x-coordinator-reason", ledger.reason ?? ""],
    ...(ledger.substitute === undefined
      ? []
      : [["x-coordinator-model", encodeName(ledger.substitute)] satisfies [string, string]]),
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
