import type { StatsQuery, StatsView } from "../../../shared/api/stats.ts";
import type { SqlDatabase } from "../storage.ts";
import { type Member, READ_AT_ONCE, readMembers, readNext, readRest, readSums } from "./read.ts";
import { DIMENSIONS, type Dimension, memberOf } from "./scopes.ts";
import { DAY_MS, MINUTE_MS, spansOf, startOf } from "./spans.ts";
import { type Measured, measuredOf, Tally } from "./tally.ts";

const TOP = 100;

/** Sums of one dimension. */
class Members {
  readonly tallies = new Map<string, { name: string | null; namedAt: number; tally: Tally }>();

  of(id: string, name: string | null, at: number): Tally {
    const known = this.tallies.get(id);
    if (known === undefined) {
      const tally = new Tally();
      this.tallies.set(id, { name, namedAt: at, tally });
      return tally;
    }
    // Spans come in any order, and the last name is the one it has.
    if (at >= known.namedAt) Object.assign(known, { name, namedAt: at });
    return known.tally;
  }

  /** Most used first. */
  top(): { id: string | null; name: string | null; tally: Tally }[] {
    return [...this.tallies]
      .sort(([idA, a], [idB, b]) => b.tally.requests - a.tally.requests || (idA < idB ? -1 : 1))
      .slice(0, TOP)
      .map(([id, { name, tally }]) => ({ id: id === "" ? null : id, name, tally }));
  }
}

/** Everything that one answer sums up. */
class Sums {
  readonly totals = new Tally();
  readonly days = new Map<number, Tally>();
  readonly members: Record<Dimension, Members> = {
    model: new Members(),
    agent: new Members(),
    key: new Members(),
  };

  day(at: number): Tally {
    const day = startOf(at, DAY_MS);
    const tally = this.days.get(day) ?? new Tally();
    this.days.set(day, tally);
    return tally;
  }

  add(row: Measured): void {
    this.totals.add(row);
    this.day(row.at).add(row);
    for (const dimension of DIMENSIONS) {
      const { id, name } = memberOf(row, dimension);
      this.members[dimension].of(id, name, row.at).add(row);
    }
  }
}

/** Statistics of the last `range`, from sums and from what is in none yet, read at one moment. */
export async function readStats(
  { batch, execute }: SqlDatabase,
  query: StatsQuery,
  now: number,
): Promise<StatsView> {
  const sums = new Sums();
  const member = memberAsked(query);
  const spans = spansOf(query.range, now);
  const from = Math.min(...spans.map((span) => span.from));
  if (member !== undefined && spans.every(({ size }) => size === MINUTE_MS)) {
    // Minutes are not kept of pairs.
    // No id comes before the empty one.
    for (let behind = { at: from, id: "" }; ; ) {
      const { query, params } = readNext(member, behind);
      const rows = (await execute(query, params)).map(measuredOf);
      for (const row of rows) sums.add(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < READ_AT_ONCE) return viewOf(sums, from, now);
      behind = last;
    }
  }
  const [rest = [], total = [], ...lists] = await batch([
    readRest(spans, member),
    readSums(spans, member),
    ...DIMENSIONS.map((dimension) => readMembers(spans, dimension, member)),
  ]);
  for (const [start, ...packed] of total) {
    sums.totals.merge(packed);
    sums.day(Number(start)).merge(packed);
  }
  for (const [at, dimension] of DIMENSIONS.entries()) {
    for (const [id, name, start, ...packed] of lists[at] ?? []) {
      sums.members[dimension]
        .of(String(id), name === null ? null : String(name), Number(start))
        .merge(packed);
    }
  }
  for (const row of rest) sums.add(measuredOf(row));
  return viewOf(sums, from, now);
}

/** Which one is asked for; a query names at most one. */
export function memberAsked(query: {
  model?: string | undefined;
  agent_id?: string | undefined;
  key_id?: string | undefined;
}): Member | undefined {
  if (query.model !== undefined) return { dimension: "model", id: query.model };
  if (query.agent_id !== undefined) return { dimension: "agent", id: query.agent_id };
  if (query.key_id !== undefined) return { dimension: "key", id: query.key_id };
  return undefined;
}

function viewOf(sums: Sums, from: number, to: number): StatsView {
  const named = ({ id, name, tally }: ReturnType<Members["top"]>[number]) => ({
    id,
    name,
    ...tally.figures(),
  });
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    totals: sums.totals.figures(),
    by_agent: sums.members.agent.top().map(named),
    by_model: sums.members.model.top().map(({ id, tally }) => ({ model: id, ...tally.figures() })),
    by_key: sums.members.key.top().map(named),
    by_day: [...sums.days]
      .sort(([a], [b]) => a - b)
      .map(([day, tally]) => ({ day: new Date(day).toISOString().slice(0, 10), ...tally.figures() })),
  };
}
