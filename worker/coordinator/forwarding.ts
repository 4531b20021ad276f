import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import type { QueuedRequest } from "../../shared/api/queue.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";
import type { Access } from "./access.ts";
import { acquireAny } from "./acquire-any.ts";
import type { Agent } from "./agent.ts";
import type { Candidate, Substitutions } from "./aliases.ts";
import type { Call, Outcome } from "./api.ts";
import { type AttemptEnd, messageOf } from "./attempt.ts";
import { candidatesFor } from "./candidates.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import type { Log } from "./deps.ts";
import { refusalMessage } from "./explain.ts";
import type { LiveRequests } from "./feed/live-requests.ts";
import { Ledger } from "./ledger.ts";
import type { Admission, Limits } from "./limits/limits.ts";
import { manage } from "./managing.ts";
import { nextAttempt } from "./next-attempt.ts";
import { once } from "./once.ts";
import { QueueEvents } from "./queue-events.ts";
import type { Registry } from "./registry.ts";
import { renamed } from "./rename-body.ts";
import type { Decision } from "./scheduling/dispatcher.ts";
import type { Grant } from "./scheduling/grant.ts";
import type { Want } from "./scheduling/want.ts";
import { endingOf, Serving, type ServingOptions } from "./serving.ts";
import { readWhole } from "./whole-body.ts";

export interface ForwardingOptions extends ServingOptions {
  log: Log;
  access: Access;
  limits: Limits;
  registry: Registry;
  live: LiveRequests;
  windowMs: () => number;
  substitutions: () => Substitutions;
}

/** What is kept of a body whose client hears of its place, bytes: only this object can send it again. */
const MOST_KEPT = 64 * 1024;

/** One attempt of a request, on its way through everything that it has to pass. */
interface Passage {
  call: Call;
  body: ByteSource | null;
  client: ClientSide;
  ledger: Ledger;
  /** Set for a client that hears of its place. */
  events: QueueEvents | undefined;
  /** Whether it is sent again when it is lost now. */
  mayRetry: () => boolean;
  refuse: (code: ErrorCode, message: string, retryAfterS?: number) => Outcome;
}

/** Client requests on their way to agents and back. */
export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #serving: Serving;
  /** Requests that wait for a place. */
  readonly #waiting = new Map<Want, Call>();

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#serving = new Serving(options);
  }

  get running(): number {
    return this.#serving.running;
  }

  detached(agent: Agent): void {
    this.#serving.detached(agent);
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
  forward(call: Call, body: ByteSource | null, client: ClientSide): Promise<Outcome> {
    const tells = call.queueEvents === true && call.stream === true && call.class === "infer";
    return tells && body !== null
      ? this.#telling(call, body, client)
      : this.#once(call, body, client, undefined, () => call.mayRetry && body?.replayable !== false);
  }

  /**
   * A client that hears of its place sees its answer begin before an agent is chosen: from then on nobody but this object can send
   * the request again, or say what went wrong.
   */
  async #telling(first: Call, body: ByteSource, client: ClientSide): Promise<Outcome> {
    const { clock } = this.#options;
    const events = new QueueEvents(client, { clock, requestId: first.id });
    const small = first.contentLength >= 0 && first.contentLength <= MOST_KEPT;
    let kept: Uint8Array | undefined;
    try {
      kept = small ? await readWhole(body, MOST_KEPT) : undefined;
    } catch {
      // The client stopped in the middle of its own body.
      return { kind: "gone" };
    }
    for (let call = first; ; ) {
      const { mayRetry } = call;
      const source = kept === undefined ? body : once(kept);
      const again = (): boolean =>
        mayRetry && (events.begun ? kept !== undefined : body.replayable !== false);
      let outcome: Outcome;
      try {
        outcome = await this.#once(call, source, events, events, again);
      } catch (error) {
        if (!events.begun) throw error;
        // Whoever called cannot answer any more, and the client would wait for ever.
        this.#options.log.error("unexpected", { request: call.id, error: String(error) });
        events.served();
        if (!events.gone && !events.over) events.fail("internal", "the coordinator failed; this is a bug");
        return { kind: "answered" };
      }
      if (!events.begun) return outcome;
      if (outcome.kind === "lost") {
        call = nextAttempt(call, outcome);
        continue;
      }
      if (outcome.kind !== "refused") return outcome;
      if (!events.gone) events.fail(outcome.code, outcome.message);
      return { kind: "answered" };
    }
  }

  async #once(
    call: Call,
    body: ByteSource | null,
    client: ClientSide,
    events: QueueEvents | undefined,
    mayRetry: () => boolean,
  ): Promise<Outcome> {
    try {
      return await this.#attempt(call, body, client, events, mayRetry);
    } finally {
      this.#options.live.leave(call.id);
    }
  }

  async #attempt(
    call: Call,
    body: ByteSource | null,
    client: ClientSide,
    events: QueueEvents | undefined,
    mayRetry: () => boolean,
  ): Promise<Outcome> {
    const { access, limits, scheduler, clock } = this.#options;
    const ticket = call.ticket ?? scheduler.ticket();
    const ledger = new Ledger(call, ticket, access.keyName(call.caller));
    this.#options.live.enter(call, ledger);
    const refuse: Passage["refuse"] = (code, message, retryAfterS) => {
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

    const allowed = candidatesFor(call, access, this.#options.substitutions(), this.#options.registry);
    if (allowed.kind === "refused") return refuse(allowed.code, allowed.message);
    if (call.class === "manage") {
      const { registry, windowMs } = this.#options;
      const serving = this.#serving;
      return manage(call, { clock, registry, serving, windowMs: windowMs(), ledger, body, client, refuse });
    }
    const [first, ...fallbacks] = allowed.candidates;
    if (first === undefined) return refuse("bad_request", "model is required");
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
      share: access.shareOf(call.caller),
      numCtx: call.numCtx,
      prefixes: call.prefixes,
      remember: call.remember,
    };
    const admission = this.#admit(call);
    if (admission?.kind === "refused") {
      return refuse(admission.code, admission.message, admission.retryAfterS);
    }
    let outcome: Outcome | undefined;
    try {
      const passage: Passage = { call, body, client, ledger, events, mayRetry, refuse };
      outcome = await this.#inTurn(passage, wanted, [first, ...fallbacks]);
      return outcome;
    } finally {
      if (outcome?.kind === "lost") admission?.pass.hold();
      else admission?.pass.done({ ...ledger.used, durationMs: clock.now() - ticket.arrived });
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
    passage: Passage,
    wanted: Omit<Want, "model">,
    candidates: [Candidate, ...Candidate[]],
  ): Promise<Outcome> {
    const { access, clock } = this.#options;
    const { call, body, client, ledger, refuse } = passage;
    const model = call.model ?? "";
    const since = clock.now();
    const { decision, want, candidate } = await acquireAny(
      (each) => this.#place(passage, each),
      wanted,
      candidates,
    );
    ledger.queueMs = Math.max(0, clock.now() - since);
    if (decision?.kind === "refused") {
      const { code, retryAfterS, yielding } = decision.refusal;
      if (code === "model_offline" && call.lostTo !== undefined && call.lostTo !== "agent_lost") {
        // Its machine is there and was tried: what failed on it says more than that nobody is left.
        return refuse(call.lostTo, messageOf(call.lostTo));
      }
      return refuse(code, refusalMessage(code, model, yielding), retryAfterS);
    }
    if (decision === undefined || client.gone) {
      decision?.grant.release({ verdict: "neutral" });
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
    if (candidate.model === canonicalName(model)) return this.#serve(passage, decision.grant, want);
    ledger.substitute = candidate.name;
    return this.#serve({ ...passage, ...renamed(call, body, candidate.name) }, decision.grant, want);
  }

  /** Waits for a place; undefined when the client has left before. */
  async #place({ call, client, events }: Passage, want: Want): Promise<Decision | undefined> {
    const { scheduler } = this.#options;
    if (client.gone) return undefined;
    this.#waiting.set(want, call);
    try {
      return await new Promise<Decision | undefined>((resolve) => {
        let settled = false;
        const leave = scheduler.acquire(want, (decided) => {
          settled = true;
          resolve(decided);
        });
        client.onGone = () => {
          leave();
          resolve(undefined);
        };
        if (!settled) events?.waiting(() => scheduler.placeOf(want));
      });
    } finally {
      events?.served();
      this.#waiting.delete(want);
    }
  }

  async #serve(passage: Passage, grant: Grant, want: Want): Promise<Outcome> {
    const { call, ledger, body, client } = passage;
    ledger.agent = grant.agent;
    ledger.reason = grant.reason;
    let end: AttemptEnd | undefined;
    try {
      end = await this.#serving.run(call, ledger, grant.agent, want, body, client);
    } finally {
      grant.release(endingOf(end, ledger.streamedMs(this.#options.clock.now()) / 1_000));
    }
    if (end.kind === "lost" && CLIENT_ERRORS[end.code].status >= 500 && passage.mayRetry()) {
      return {
        kind: "lost",
        code: end.code,
        message: messageOf(end.code),
        agentId: grant.agent.id,
        ticket: want.ticket,
        tried: ledger.tried(this.#options.clock.now(), end.code),
      };
    }
    return this.#serving.conclude(ledger, grant.agent, end);
  }
}
