import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { keyCreate } from "../../shared/api/keys.ts";

const name = z.string().min(1).max(200);
const positive = z.number().positive();
const count = z.number().int().positive();
const seconds = z.number().nonnegative();
const weight = z.number().positive().default(1);

/** A fixed number, or evenly spread between two. */
const amount = z.union([
  count,
  z
    .strictObject({ min: count, max: count })
    .refine(({ min, max }) => min <= max, { error: "min is above max", path: ["min"] }),
]);
export type Amount = z.infer<typeof amount>;

const model = z.strictObject({
  name,
  /** So many of them, `name-1`, `name-2`, … */
  count: count.default(1),
  size_gb: positive,
  /** Against what a machine's tokens per second are said for. */
  speed: positive.default(1),
});

/** Names of models or of groups of them. */
const models = z.union([z.literal("all"), z.array(name).min(1)]);

const machine = z.strictObject({
  class: name,
  count: count.default(1),
  tokens_per_s: positive,
  /** 10 times `tokens_per_s` when not given. */
  prefill_tokens_per_s: positive.optional(),
  memory_gb: positive,
  disk_gb_per_s: positive.default(1),
  slots: count.max(1_024).default(1),
  /** How much longer each takes for every other that runs beside it: 0 not at all, 1 as if they took turns. */
  slowdown: z.number().min(0).max(1).default(0),
  weight,
  /** What its owner's own programs use, percent. */
  cpu_usage: z.number().min(0).max(100).optional(),
  /** On its disk; a number takes so many at random, popular ones more often, and no model is left without a machine. */
  models: z.union([models, count]).default("all"),
  /** In its memory at the start. */
  loaded: models.or(z.array(name).length(0)).default([]),
});

const arrivals = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("poisson"),
    per_s: positive,
    requests: count,
    start_s: seconds.default(0),
  }),
  z.strictObject({
    kind: z.literal("burst"),
    requests: count,
    start_s: seconds.default(0),
    /** So many bursts, `requests` in each. */
    times: count.default(1),
    every_s: positive.default(60),
  }),
  z.strictObject({
    /** Clients that send their next request some time after the answer to their last. */
    kind: z.literal("closed"),
    clients: count.default(1),
    /** Of each client. */
    requests: count,
    start_s: seconds.default(0),
    think_s: seconds.default(0),
  }),
]);
export type Arrivals = z.infer<typeof arrivals>;

const traffic = z.strictObject({
  /** Who sends it. With `keys` it is evenly that many, `key-1`, `key-2`, … */
  key: name,
  keys: count.default(1),
  models: models.default("all"),
  prompt_tokens: amount.default({ min: 50, max: 500 }),
  completion_tokens: amount.default({ min: 50, max: 500 }),
  arrivals,
});

/** What a key may use, and how often its turn comes: as the coordinator's own keys say it. */
const key = keyCreate.pick({
  rpm: true,
  tpm: true,
  tpd: true,
  max_concurrency: true,
  priority: true,
  weight: true,
});

const scenario = z.strictObject({
  name,
  description: z.string().max(1_000).default(""),
  seed: z.number().int().default(1),
  models: z.array(model).min(1),
  /** How unequally popular the models are, in the order of the list: 0 equally, 1 as words in a text. */
  zipf: z.number().min(0).max(3).default(0),
  machines: z.array(machine).min(1),
  traffic: z.array(traffic).default([]),
  /** By a key's name, or that of `keys` of them; no limit and a turn as others where nothing is said. */
  keys: z.record(name, key).default({}),
  /** A file of requests beside the scenario, one JSON object a line. */
  trace: z.string().min(1).optional(),
  /** Machines that are lost and come back. */
  churn: z
    .strictObject({
      /** How often each is lost. */
      per_hour: positive,
      /** How long it is away, on average. */
      away_s: positive,
    })
    .optional(),
  /** Speeds and load times are known from before, as after the first day of a fleet. */
  measured: z.boolean().default(false),
  queue: z
    .strictObject({ max_length: z.number().int().min(0), timeout_s: count })
    .default({ max_length: 10_000, timeout_s: 86_400 }),
  resume_window_s: z.number().int().min(0).max(300).default(15),
});
export type Scenario = z.infer<typeof scenario> & { requests: readonly TraceLine[] };

const traceLine = z.strictObject({
  at_s: seconds,
  key: name,
  model: name,
  prompt_tokens: count,
  completion_tokens: count,
});
export type TraceLine = z.infer<typeof traceLine>;

/** A scenario that cannot be run; the message names the field. */
export class ScenarioError extends Error {
  override name = "ScenarioError";
}

/** @throws ScenarioError */
export function readScenario(file: string): Scenario {
  const parsed = parseScenario(jsonOf(read(file), file));
  if (parsed.trace === undefined) return parsed;
  const trace = resolve(dirname(file), parsed.trace);
  const lines = read(trace).split("\n");
  const requests = lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const where = `${parsed.trace}:${index + 1}`;
    return [checked(traceLine, jsonOf(line, where), `${where}: `)];
  });
  const known = new Set(namesOf(parsed));
  for (const { model: wanted } of requests) {
    if (!known.has(wanted)) throw new ScenarioError(`trace: no model is called ${wanted}`);
  }
  checkKeys(parsed, requests);
  return { ...parsed, requests };
}

/** @throws ScenarioError */
export function parseScenario(value: unknown): Scenario {
  const parsed = checked(scenario, value, "");
  const known = new Set([...parsed.models.map((each) => each.name), ...namesOf(parsed)]);
  const check = (used: string[] | "all" | number, path: string): void => {
    if (typeof used !== "object") return;
    const at = used.findIndex((each) => !known.has(each));
    if (at >= 0) throw new ScenarioError(`${path}.${at}: no model is called ${used[at]}`);
  };
  parsed.machines.forEach((each, at) => {
    check(each.models, `machines.${at}.models`);
    check(each.loaded, `machines.${at}.loaded`);
  });
  parsed.traffic.forEach((each, at) => {
    check(each.models, `traffic.${at}.models`);
  });
  if (parsed.traffic.length === 0 && parsed.trace === undefined) {
    throw new ScenarioError("traffic: nobody asks for anything; give traffic or trace");
  }
  if (parsed.trace === undefined) checkKeys(parsed, []);
  return { ...parsed, requests: [] };
}

/** A key that nobody has is a slip of the pen: its limit would hold for nobody. */
function checkKeys(parsed: z.infer<typeof scenario>, requests: readonly TraceLine[]): void {
  const known = new Set(requests.map((each) => each.key));
  for (const { key: name, keys } of parsed.traffic) {
    for (const each of [name, ...membersOf({ name, count: keys })]) known.add(each);
  }
  const unknown = Object.keys(parsed.keys).find((each) => !known.has(each));
  if (unknown !== undefined) throw new ScenarioError(`keys.${unknown}: nobody sends with this key`);
}

function namesOf(parsed: z.infer<typeof scenario>): string[] {
  return parsed.models.flatMap(membersOf);
}

/** The names of a group's models, machines or keys. */
export function membersOf(group: { name: string; count: number }): string[] {
  if (group.count === 1) return [group.name];
  return Array.from({ length: group.count }, (_, index) => `${group.name}-${index + 1}`);
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const extra = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...extra].join(".");
  throw new ScenarioError(`${where}${path === "" ? "" : `${path}: `}${issue?.message ?? "is not valid"}`);
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScenarioError(`${where}: ${cause instanceof Error ? cause.message : "is not JSON"}`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ScenarioError(`${file}: ${cause instanceof Error ? cause.message : "cannot be read"}`);
  }
}
