import type { Settings } from "../../shared/api/settings.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";

export type Substitutions = Pick<Settings, "aliases" | "fallbacks">;

/** A model that may serve a request. */
export interface Candidate {
  /** As the operator (or the client) wrote it. */
  name: string;
  /** Canonical. */
  model: string;
  /** It serves only while what was meant does not: `fallbacks` lead to it, and not aliases alone. */
  fallback: boolean;
}

export interface Resolved {
  /** Best first: what an alias stands for, then the fallbacks of all names on the way, and theirs. */
  candidates: readonly [Candidate, ...Candidate[]];
  /** The first candidate is not what was asked for. */
  replaced: boolean;
}

export interface Table {
  /** By canonical name. */
  aliases: ReadonlyMap<string, string>;
  fallbacks: ReadonlyMap<string, readonly string[]>;
  /** What aliases come to, by canonical name: every list of models asks for all of them. */
  resolved: Map<string, Resolved>;
}

/** Settings are replaced, never changed: each is indexed once, not for each request. */
const tables = new WeakMap<Substitutions, Table>();

export function tableOf(settings: Substitutions): Table {
  let table = tables.get(settings);
  if (table === undefined) {
    const byCanonical = <T>(record: Record<string, T>): Map<string, T> =>
      new Map(Object.entries(record).map(([name, value]) => [canonicalName(name), value]));
    table = {
      aliases: byCanonical(settings.aliases),
      fallbacks: byCanonical(settings.fallbacks),
      resolved: new Map(),
    };
    tables.set(settings, table);
  }
  return table;
}

/**
 * What may serve a request for `name`. An alias wins over a real model of its name: the operator said so. Ends with cycles,
 * too: an earlier release may have stored one.
 */
export function resolve(name: string, settings: Substitutions): Resolved {
  const table = tableOf(settings);
  const asked: Candidate = { name, model: canonicalName(name), fallback: false };
  const known = table.resolved.get(asked.model);
  if (known !== undefined) return known;
  const found: Candidate[] = [];
  const seen = new Set<string>();
  const visit = (at: Candidate): void => {
    if (seen.has(at.model)) return;
    seen.add(at.model);
    const target = table.aliases.get(at.model);
    if (target === undefined) found.push(at);
    else visit({ name: target, model: canonicalName(target), fallback: at.fallback });
    for (const next of table.fallbacks.get(at.model) ?? []) {
      visit({ name: next, model: canonicalName(next), fallback: true });
    }
  };
  visit(asked);
  const [first = asked, ...others] = found;
  const resolved: Resolved = { candidates: [first, ...others], replaced: first.model !== asked.model };
  // Only names that the operator gave: clients may ask for endlessly many, and those that are no alias stand as they wrote them.
  if (table.aliases.has(asked.model) && resolved.replaced) table.resolved.set(asked.model, resolved);
  return resolved;
}

/**
 * Those that a caller may use: with the name as asked it may use what the operator has put behind that, and what it may use
 * itself it could ask for directly. A fallback is there so that something answers, and gives nobody more than his own.
 * @param asked whether the name as asked is allowed
 * @param own whether a model is allowed under its own name
 */
export function usable(
  candidates: readonly Candidate[],
  asked: boolean,
  own: (name: string) => boolean,
): Candidate[] {
  return candidates.filter(({ name, fallback }) => (asked && !fallback) || own(name));
}
