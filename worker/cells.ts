import type { Bindings } from "./bindings.ts";
import type { CoordinatorApi } from "./coordinator/api.ts";
import { API_METHODS, type ApiMethod } from "./coordinator/api-methods.ts";
import type { CoordinatorObject } from "./object/coordinator-object.ts";

/** How long this isolate remembers what the object said of a key, an agent's token or the origins; ms. */
const REMEMBER = { known: 60_000, unknown: 5_000 };
/** Entries remembered; beyond that the oldest go. */
const MOST = 10_000;

/** Answers that may be a minute old: the object has the last word on every request anyway. */
const REMEMBERED: ReadonlySet<ApiMethod> = new Set(["findKey", "findAgentByToken", "corsOrigins"]);

const memory = new Map<string, { value: unknown; until: number }>();

/** A fresh stub: one that has seen an exception stays broken. */
export function stubOf(env: Bindings, cell = "main"): DurableObjectStub<CoordinatorObject> {
  return env.COORDINATOR.getByName(
    cell,
    env.LOCATION_HINT === undefined ? {} : { locationHint: env.LOCATION_HINT },
  );
}

/** A cell's control interface. The only place that knows how a cell's name becomes an object. */
export function cellOf(env: Bindings, cell = "main"): CoordinatorApi {
  const call = async (method: ApiMethod, args: unknown[]): Promise<unknown> => {
    if (!REMEMBERED.has(method)) return invoke(env, cell, method, args);
    const name = `${cell} ${method} ${args.join(" ")}`;
    const known = memory.get(name);
    if (known !== undefined && known.until > Date.now()) return known.value;
    const value = await invoke(env, cell, method, args);
    const lasts = value === undefined ? REMEMBER.unknown : REMEMBER.known;
    memory.delete(name);
    memory.set(name, { value, until: Date.now() + lasts });
    const [oldest] = memory.keys();
    if (memory.size > MOST && oldest !== undefined) memory.delete(oldest);
    return value;
  };
  const api = Object.fromEntries(
    API_METHODS.map((method) => [method, (...args: unknown[]) => call(method, args)]),
  );
  // Every method of the interface is in API_METHODS: the type of that list makes sure.
  return api as unknown as CoordinatorApi;
}

function invoke(env: Bindings, cell: string, method: ApiMethod, args: unknown[]): Promise<unknown> {
  const stub: { invoke(name: string, given: unknown[]): Promise<unknown> } = stubOf(env, cell) as never;
  return stub.invoke(method, args);
}
