import type { EventKind } from "../../shared/api/event-kinds.ts";
import type { RequestView } from "../../shared/api/requests.ts";
import type { Deps, EventRow, HistoryRows, SampleRow, Timer } from "./deps.ts";
import type { OutboxRow } from "./store.ts";

/** Longest time a finished row waits in memory, ms. The contract promises the history within a second. */
const FLUSH_MS = 400;
/**
 * The same while the history is away, ms: then each flush is a write of the object's own, which holds up what it sends until it is
 * confirmed. With the agents' state (`RuntimeSaver`) it is one more a second, and no row is younger than it may be.
 */
const ASIDE_MS = 900;
/** Rows in one call to the history. */
const BATCH = 100;
/** Calls in one go while the outbox empties, and the pause after them, ms: an hour's rows at once would leave no time for requests. */
const DRAIN = { calls: 5, pauseMs: 100 };
/** How often a row may be refused by a history that is there, before it is set aside. */
const MAX_REFUSALS = 5;
/** Wait after a refusal, ms: doubling up to the second. */
const RETRY_MS = { first: 1_000, most: 60_000 };

type Row =
  | { table: "requests"; row: RequestView }
  | { table: "events"; row: EventRow }
  | { table: "samples"; row: SampleRow };

/**
 * Carries finished requests, events and samples of machines into the history. Rows wait in memory and go in batches; what the history does not
 * take goes to the object's own database and is tried again, in order. Nothing that serves a request waits for this.
 */
export class Recorder {
  readonly #deps: Pick<Deps, "clock" | "history" | "store" | "log" | "uuid">;
  #rows: Row[] = [];
  #timer: { timer: Timer; due: number } | undefined;
  #flushing: Promise<void> | undefined;
  #retryMs = RETRY_MS.first;
  /** Not before this time is a history that was away asked again. */
  #retryAt = 0;
  #outboxed: number;
  readonly #taken: (requests: number) => void;
  readonly #observers: ((row: RequestView) => void)[] = [];
  readonly #eventObservers: ((row: EventRow) => void)[] = [];

  /** @param taken the history has so many requests more */
  constructor(
    deps: Pick<Deps, "clock" | "history" | "store" | "log" | "uuid">,
    taken: (requests: number) => void = () => {},
  ) {
    this.#deps = deps;
    this.#taken = taken;
    this.#outboxed = deps.store.outbox.size();
    if (this.#outboxed > 0) this.#arm(FLUSH_MS);
  }

  /** Rows that the history has not taken yet. */
  get pending(): number {
    return this.#rows.length + this.#outboxed;
  }

  /** Of these, those in the object's own database, because the history was away. */
  get outboxed(): number {
    return this.#outboxed;
  }

  /** @param observer told of each finished request, before the history has it; must not throw */
  observe(observer: (row: RequestView) => void): void {
    this.#observers.push(observer);
  }

  /** @param observer told of each event, before the history has it; must not throw */
  observeEvents(observer: (row: EventRow) => void): void {
    this.#eventObservers.push(observer);
  }

  request(row: RequestView): void {
    for (const observer of this.#observers) observer(row);
    this.#add({ table: "requests", row });
  }

  sample(row: SampleRow): void {
    this.#add({ table: "samples", row });
  }

  /** @param actor who did it; null: it happened by itself, or a machine did it */
  event(
    kind: EventKind,
    agentId: string | null,
    detail: Record<string, unknown> = {},
    actor: string | null = null,
  ): void {
    const row = this.#event(kind, agentId, detail, actor);
    for (const observer of this.#eventObservers) observer(row);
    this.#add({ table: "events", row });
  }

  #event(
    kind: EventKind,
    agentId: string | null,
    detail: Record<string, unknown>,
    actor: string | null = null,
  ): EventRow {
    return {
      id: this.#deps.uuid(),
      at: new Date(this.#deps.clock.now()).toISOString(),
      kind,
      actor,
      agent_id: agentId,
      detail: JSON.stringify(detail),
    };
  }

  #add(row: Row): void {
    this.#rows.push(row);
    this.#arm(this.#outboxed > 0 ? ASIDE_MS : FLUSH_MS);
  }

  /** The earlier of two wishes holds: a new row must not wait for the next look at a history that is away. */
  #arm(ms: number): void {
    const due = this.#deps.clock.now() + ms;
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.timer.cancel();
    const timer = this.#deps.clock.after(ms, () => {
      this.#timer = undefined;
      void this.#flush(false);
    });
    this.#timer = { timer, due };
  }

  /** Writes everything that waits; resolves when nothing is under way any more. */
  flush(): Promise<void> {
    return this.#flush(true);
  }

  /** @param now asks a history that was away without waiting for its time */
  async #flush(now: boolean): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    this.#flushing = this.#drain(now).catch((error: unknown) => {
      // The object's own database refuses, too: a full disk, say. Rows stay in memory, and requests are served.
      this.#deps.log.error("finished requests could not be kept; tried again", { error: String(error) });
      this.#later();
    });
    await this.#flushing;
    this.#flushing = undefined;
  }

  async #drain(now: boolean): Promise<void> {
    if (this.#outboxed > 0) {
      const asked = now || this.#isTime();
      const left = asked ? await this.#drainOutbox(now ? Number.POSITIVE_INFINITY : DRAIN.calls) : "away";
      if (left !== "nothing") {
        // In order: while older rows wait in the outbox, newer ones join them there. At once, since memory dies with the process.
        this.#setAside(this.#rows);
        if (left === "more") this.#arm(DRAIN.pauseMs);
        else if (asked) this.#later();
        else this.#arm(this.#retryAt - this.#deps.clock.now());
        return;
      }
    }
    while (this.#rows.length > 0) {
      const batch = this.#rows.splice(0, BATCH);
      try {
        await this.#write(batch);
        this.#retryMs = RETRY_MS.first;
      } catch (error) {
        this.#deps.log.warn("history did not take rows; kept", { rows: batch.length, error: String(error) });
        this.#rows.unshift(...batch);
        this.#setAside(this.#rows);
        this.#later();
        return;
      }
    }
  }

  /** A wait that is longer than any comes from a clock that was set back. */
  #isTime(): boolean {
    const wait = this.#retryAt - this.#deps.clock.now();
    return wait <= 0 || wait > RETRY_MS.most;
  }

  async #write(rows: readonly Row[]): Promise<void> {
    const parted = split(rows);
    await this.#deps.history.write(parted);
    this.#taken(parted.requests.length);
  }

  #later(): void {
    this.#retryAt = this.#deps.clock.now() + this.#retryMs;
    this.#arm(this.#retryMs);
    this.#retryMs = Math.min(RETRY_MS.most, this.#retryMs * 2);
  }

  /** Moves `rows` to the outbox; where it does not take them, they stay. */
  #setAside(rows: Row[]): void {
    if (rows.length === 0) return;
    const outbox = rows.map(
      ({ table, row }): OutboxRow => ({ id: row.id, table, row: JSON.stringify(row), refusals: 0 }),
    );
    this.#deps.store.outbox.put(outbox);
    rows.length = 0;
    // Not counted anew: counting reads every row, and there may be an hour of them.
    this.#outboxed += outbox.length;
  }

  /**
   * What the outbox holds afterwards.
   * @param calls at most so many to the history
   */
  async #drainOutbox(calls: number): Promise<"nothing" | "more" | "away"> {
    for (let call = 0; call < calls; call++) {
      const kept = this.#deps.store.outbox.take(BATCH);
      if (kept.length === 0) {
        this.#outboxed = 0;
        return "nothing";
      }
      try {
        await this.#write(kept.map(revive));
        this.#forget(kept);
        this.#retryMs = RETRY_MS.first;
      } catch (error) {
        if (!(await this.#oneByOne(kept))) {
          this.#deps.log.warn("history is away", { waiting: this.#outboxed, error: String(error) });
          return "away";
        }
      }
    }
    return this.#outboxed > 0 ? "more" : "nothing";
  }

  #forget(rows: readonly OutboxRow[]): void {
    this.#deps.store.outbox.delete(rows.map(({ id }) => id));
    this.#outboxed -= rows.length;
  }

  /** A batch was refused: goes on row by row, so that one bad row does not block the rest for ever. */
  async #oneByOne(kept: readonly OutboxRow[]): Promise<boolean> {
    for (const row of kept) {
      try {
        await this.#write([revive(row)]);
      } catch (error) {
        const refusals = row.refusals + 1;
        if (refusals < MAX_REFUSALS || !(await this.#reportRefused(row, error))) {
          this.#deps.store.outbox.put([{ ...row, refusals }]);
          return false;
        }
      }
      this.#forget([row]);
    }
    return true;
  }

  /**
   * Whether the history takes the event that says so, and then still not the row: it is there, and the row itself is at fault. What
   * it refused before that says nothing: it may have been away for all of it, and have come back just now.
   */
  async #reportRefused(row: OutboxRow, error: unknown): Promise<boolean> {
    const event = this.#event("history_row_refused", null, { id: row.id, table: row.table });
    try {
      await this.#deps.history.write({ requests: [], samples: [], events: [event] });
    } catch {
      return false;
    }
    try {
      await this.#write([revive(row)]);
      return true;
    } catch {
      // It is as the event says.
    }
    this.#deps.log.error("history refuses a row for good; it is dropped", {
      id: row.id,
      error: String(error),
    });
    return true;
  }
}

/** Rows of the outbox were written by this program as JSON of the very type that they are read as. */
function revive({ table, row }: OutboxRow): Row {
  return { table, row: JSON.parse(row) } as Row;
}

function split(rows: readonly Row[]): HistoryRows {
  const requests: RequestView[] = [];
  const events: EventRow[] = [];
  const samples: SampleRow[] = [];
  for (const row of rows) {
    if (row.table === "requests") requests.push(row.row);
    else if (row.table === "events") events.push(row.row);
    else samples.push(row.row);
  }
  return { requests, events, samples };
}
