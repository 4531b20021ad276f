import type { RequestView } from "../../../shared/api/requests.ts";
import type { EventRow, History, HistoryRows, SampleRow } from "../deps.ts";

/** A history that remembers, in the order of arrival, and can be told to be away or to choke on a row. */
export class RecordingHistory implements History {
  readonly requests: RequestView[] = [];
  readonly events: EventRow[] = [];
  readonly samples: SampleRow[] = [];
  /** Ids in the order in which they were first taken. */
  readonly order: string[] = [];
  /** Rows offered that it had already. */
  doubled = 0;
  /** Sizes of the batches offered, refused ones included. */
  readonly batches: number[] = [];
  away = false;
  /** Ids of rows that it never takes. */
  readonly poison = new Set<string>();
  /** Set to hold every write until it resolves. */
  gate: Promise<void> | undefined;

  async write(rows: HistoryRows): Promise<void> {
    this.batches.push(rows.requests.length + rows.events.length + rows.samples.length);
    await this.gate;
    if (this.away) throw new Error("the database is away");
    const all = [...rows.requests, ...rows.events, ...rows.samples];
    const bad = all.find(({ id }) => this.poison.has(id));
    if (bad !== undefined) throw new Error(`row ${bad.id} cannot be taken`);
    const known = new Set(this.order);
    for (const row of rows.requests) if (this.#isNew(row.id, known)) this.requests.push(row);
    for (const row of rows.events) if (this.#isNew(row.id, known)) this.events.push(row);
    // Two lives of a coordinator may offer the same minute of a machine: the first has it.
    for (const row of rows.samples) if (!this.samples.some(({ id }) => id === row.id)) this.samples.push(row);
  }

  #isNew(id: string, known: Set<string>): boolean {
    if (known.has(id)) {
      this.doubled++;
      return false;
    }
    known.add(id);
    this.order.push(id);
    return true;
  }

  /** What was asked of it beside writing: `rollUp` and `prune`, in order. */
  readonly kept: string[] = [];
  /** Steps after which there is nothing left to sum up or to prune. */
  readonly steps = { rollUp: 1, prune: 1 };

  async rollUp(): Promise<boolean> {
    this.#work("rollUp");
    return --this.steps.rollUp > 0;
  }

  async prune(_now: number, _retentionDays: number, limit: number): Promise<number> {
    this.#work("prune");
    return --this.steps.prune > 0 ? limit : 0;
  }

  #work(what: string): void {
    this.kept.push(what);
    if (this.away) throw new Error("the database is away");
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}
