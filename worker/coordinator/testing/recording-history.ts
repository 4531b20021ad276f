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
    for (const row of rows.samples) if (this.#isNew(row.id, known)) this.samples.push(row);
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

  async rollUp(): Promise<number> {
    return 0;
  }

  async prune(): Promise<number> {
    return 0;
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}
