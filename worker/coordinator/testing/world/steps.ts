import fc from "fast-check";
import type { KeyPatch } from "../../../../shared/api/keys.ts";
import { STRATEGIES, type StrategyName } from "../../../../shared/api/settings.ts";

export const NAMES = ["a", "b", "c"] as const;
export const MODELS = ["m0", "m1", "m2"] as const;
export const KEYS = 4;

/** One thing that happens to the brain. */
export type Step =
  | {
      do: "ask";
      model: number;
      /** Index of a key; beyond the last: the operator, who has no limits. */
      key: number;
      pinned: number | undefined;
      numCtx: number | undefined;
      /** A conversation that goes on. */
      talk: number | undefined;
      /** `show` takes no slot. */
      show: boolean;
    }
  | { do: "write" | "finish" | "cut" | "refuse" | "leave"; which: number }
  | { do: "answer"; which: number; status: 200 | 404 | 500 | 503; stats: Stats | undefined }
  | {
      do: "lose" | "dial" | "restart" | "stop" | "drain" | "resume" | "disconnect" | "break" | "remove";
      agent: number;
    }
  /** All machines are well again. */
  | { do: "repair" }
  /** A new agent in the place of one that was removed. */
  | { do: "register"; agent: number }
  /** A model fails there until its breaker opens. */
  | { do: "storm"; agent: number; model: number }
  | { do: "tell"; agent: number; what: Said }
  | { do: "patch"; agent: number; slots: number | null; weight: number }
  | { do: "wait"; ms: number }
  | { do: "queue"; length: number; timeout_s: number }
  | { do: "strategy"; strategy: StrategyName }
  | {
      do: "limit";
      key: number;
      patch: Pick<KeyPatch, "rpm" | "tpm" | "max_concurrency" | "priority" | "weight">;
    }
  | { do: "revoke"; key: number }
  /** From now on the edge takes its time with what was lost, or does not any more. */
  | { do: "dawdle"; slow: boolean }
  /** It sends what was lost. */
  | { do: "send" }
  /** The brain's memory is gone. `sockets`: whose survive; `orderly`: what was to be written down has been. */
  | { do: "evict"; sockets: boolean[]; orderly: boolean }
  /** The next steps happen before anything of this comes to rest. */
  | { do: "rush" };

export interface Stats {
  prompt_tokens: number;
  completion_tokens: number;
  eval_duration: number;
  load_duration: number;
}

/** What an agent says of its machine. Models by their numbers. */
export type Said =
  | { loaded: number[]; context: number }
  | { models: number[] }
  | { cpu_usage: number }
  | { ollama_parallel: number }
  | { yielding: { reason: "paused" } | null }
  | { max_concurrency: number | null }
  | { ollama: "ok" | "hung" };

const which = fc.nat(20);
const agent = fc.nat(NAMES.length - 1);
const model = fc.nat(MODELS.length - 1);
const key = fc.nat(KEYS - 1);
const some = fc.subarray([0, 1, 2]);

/** Mostly not. */
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 11, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const stats: fc.Arbitrary<Stats | undefined> = fc.option(
  fc.record({
    prompt_tokens: fc.constantFrom(1, 30),
    completion_tokens: fc.constantFrom(1, 50, 400),
    eval_duration: fc.constantFrom(1e8, 2e9),
    load_duration: fc.constantFrom(1e7, 4e9),
  }),
  { nil: undefined, freq: 4 },
);

const said: fc.Arbitrary<Said> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ loaded: some, context: fc.constantFrom(2_048, 8_192) }) },
  { weight: 1, arbitrary: fc.record({ models: some }) },
  { weight: 1, arbitrary: fc.record({ cpu_usage: fc.constantFrom(10, 95) }) },
  { weight: 2, arbitrary: fc.record({ ollama_parallel: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ yielding: fc.constantFrom({ reason: "paused" as const }, null) }),
  },
  { weight: 1, arbitrary: fc.record({ max_concurrency: fc.constantFrom(null, 1, 3) }) },
  { weight: 1, arbitrary: fc.record({ ollama: fc.constantFrom<"ok" | "hung">("ok", "hung") }) },
);

const limit = fc.record({
  rpm: fc.constantFrom(null, 2, 6),
  tpm: fc.constantFrom(null, null, 300),
  max_concurrency: fc.constantFrom(null, 1, 3),
  priority: fc.constantFrom("high" as const, "normal" as const, "low" as const),
  weight: fc.constantFrom(1, 0.5, 4),
});

/** A step by its name, with what else it has. */
function of<Name extends Step["do"], Rest extends object>(
  name: Name,
  rest: { [Field in keyof Rest]: fc.Arbitrary<Rest[Field]> },
): fc.Arbitrary<{ do: Name } & Rest> {
  return fc.record(rest).map((fields) => ({ do: name, ...(fields as Rest) }));
}

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 40,
    arbitrary: of("ask", {
      model,
      key: fc.nat(KEYS),
      pinned: seldom(agent),
      numCtx: fc.constantFrom(undefined, undefined, 2_048, 8_192),
      talk: fc.option(fc.nat(2), { nil: undefined }),
      show: fc.nat(11).map((number) => number === 0),
    }),
  },
  ...(["write", "finish", "finish", "cut", "refuse", "leave"] as const).map((name) => ({
    weight: 4,
    arbitrary: of(name, { which }),
  })),
  {
    weight: 16,
    arbitrary: of("answer", { which, status: fc.constantFrom(200, 200, 200, 404, 500, 503), stats }),
  },
  ...(["lose", "restart", "stop", "drain", "disconnect", "break", "remove"] as const).map((name) => ({
    weight: 1,
    arbitrary: of(name, { agent }),
  })),
  ...(["dial", "resume", "register"] as const).map((name) => ({ weight: 2, arbitrary: of(name, { agent }) })),
  { weight: 4, arbitrary: fc.constant<Step>({ do: "repair" }) },
  { weight: 2, arbitrary: of("storm", { agent, model }) },
  { weight: 6, arbitrary: of("tell", { agent, what: said }) },
  {
    weight: 1,
    arbitrary: of("patch", { agent, slots: fc.constantFrom(null, 1, 3), weight: fc.constantFrom(1, 4) }),
  },
  { weight: 10, arbitrary: of("wait", { ms: fc.constantFrom(1, 400, 3_000, 10_000, 14_999, 20_000) }) },
  { weight: 16, arbitrary: fc.constant<Step>({ do: "rush" }) },
  { weight: 1, arbitrary: of("queue", { length: fc.nat(8), timeout_s: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: of("strategy", { strategy: fc.constantFrom(...STRATEGIES) }) },
  { weight: 2, arbitrary: of("limit", { key, patch: limit }) },
  { weight: 1, arbitrary: of("revoke", { key }) },
  { weight: 1, arbitrary: of("dawdle", { slow: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "send" }) },
  {
    weight: 1,
    arbitrary: of("evict", {
      sockets: fc.array(fc.boolean(), { minLength: NAMES.length, maxLength: NAMES.length }),
      orderly: fc.boolean(),
    }),
  },
);
