import { withoutUndefined } from "../../worker/coordinator/access.ts";
import type { StoredKey } from "../../worker/coordinator/store.ts";
import { storedKey } from "../../worker/coordinator/testing/bench.ts";
import { membersOf, type Scenario } from "./scenario.ts";

/** Everybody who sends something, as the coordinator would have stored their keys; what is said of one goes before its group. */
export function keysOf({
  traffic,
  keys,
  requests,
}: Pick<Scenario, "traffic" | "keys" | "requests">): ReadonlyMap<string, StoredKey> {
  const specs = new Map(Object.entries(keys));
  const stored = new Map<string, StoredKey>();
  const put = (name: string, group: string): void => {
    const spec = specs.get(name) ?? specs.get(group);
    if (spec !== undefined || !stored.has(name))
      stored.set(name, storedKey(name, withoutUndefined(spec ?? {})));
  };
  for (const { key, keys: count } of traffic) {
    for (const name of membersOf({ name: key, count })) put(name, key);
  }
  for (const { key } of requests) put(key, key);
  return stored;
}
