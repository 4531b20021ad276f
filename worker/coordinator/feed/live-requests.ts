import type { FeedRunning } from "../../../shared/api/feed.ts";
import type { Call } from "../api.ts";
import type { Ledger } from "../ledger.ts";
import { shortModel } from "./short.ts";

/** A request that is here. */
export interface LiveRequest {
  readonly call: Call;
  readonly ledger: Ledger;
  /** Tokens of its answer that were counted already while it runs, and the bytes that they were reckoned from. */
  counted: number;
  bytes: number;
}

/** Requests that wait or run, in the order in which they came. */
export class LiveRequests {
  readonly #live = new Map<string, LiveRequest>();
  /** Something of a request has changed, or it has come or gone. */
  changed: (id: string) => void = () => {};

  enter(call: Call, ledger: Ledger): void {
    this.#live.set(call.id, { call, ledger, counted: 0, bytes: 0 });
    ledger.changed = () => this.changed(call.id);
    this.changed(call.id);
  }

  /** It has ended, or goes back to whoever sends it again. */
  leave(id: string): void {
    if (this.#live.delete(id)) this.changed(id);
  }

  get size(): number {
    return this.#live.size;
  }

  get(id: string): LiveRequest | undefined {
    return this.#live.get(id);
  }

  all(): Iterable<LiveRequest> {
    return this.#live.values();
  }
}

/** A live request as the feed shows it. */
export function runningRow({ call, ledger }: LiveRequest): FeedRunning {
  const { agent, firstByteMs } = ledger;
  return {
    id: call.id,
    at: new Date(ledger.arrived).toISOString(),
    endpoint: call.endpoint,
    model: shortModel(call.model ?? null),
    key_name: ledger.keyName,
    state: agent === undefined ? "waiting" : firstByteMs === null ? "running" : "streaming",
    agent_id: agent?.id ?? null,
    reason: ledger.reason,
  };
}
