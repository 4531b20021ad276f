import { turnsOf } from "../../worker/coordinator/access.ts";
import { type FleetSpec, modelsOf } from "./fleet.ts";
import { keysOf } from "./keys.ts";
import { exponential, pickerOf, type Random, randomOf } from "./random.ts";
import { type Amount, type Arrivals, membersOf, type Scenario } from "./scenario.ts";

/** One request that somebody will send. */
export interface Demand {
  readonly key: string;
  /** Its key's turns beside others'. */
  readonly weight: number;
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Requests one after the other. */
export interface Stream {
  readonly demands: readonly Demand[];
  /** When each is sent, ms; of `chain`, when the first is. */
  readonly at: readonly number[];
  /** Pause between an answer and the next request, ms; undefined: they do not wait for answers. */
  readonly chainMs: number | undefined;
}

/**
 * Everything that will be asked, made before the first decision: no strategy can change it.
 * @param most requests altogether; every stream is shortened alike
 */
export function streamsOf(scenario: Scenario, fleet: FleetSpec, most = Number.POSITIVE_INFINITY): Stream[] {
  const weights = new Map([...keysOf(scenario)].map(([name, key]) => [name, turnsOf(key)]));
  const weightOf = (key: string): number => weights.get(key) ?? 1;
  const streams = scenario.traffic.flatMap((traffic, index) => {
    const random = randomOf(scenario.seed, `requests ${index}`);
    const pick = pickerOf(modelsOf(scenario, fleet.models, traffic.models), ({ popularity }) => popularity);
    const keys = membersOf({ name: traffic.key, count: traffic.keys });
    return keys.flatMap((key) =>
      timesOf(traffic.arrivals, keys.length, random).map(({ at, count, chainMs }) => ({
        at,
        chainMs,
        demands: Array.from({ length: count }, () => ({
          key,
          weight: weightOf(key),
          model: pick(random).name,
          promptTokens: amountOf(traffic.prompt_tokens, random),
          completionTokens: amountOf(traffic.completion_tokens, random),
        })),
      })),
    );
  });
  return shortened([...streams, ...traced(scenario, weightOf)], most);
}

/** One key's part, where `keys` of them share it. */
function timesOf(
  arrivals: Arrivals,
  keys: number,
  random: Random,
): { at: number[]; count: number; chainMs: number | undefined }[] {
  const startMs = arrivals.start_s * 1_000;
  const count = Math.ceil(arrivals.requests / keys);
  switch (arrivals.kind) {
    case "poisson": {
      let now = startMs;
      const at = Array.from({ length: count }, () => {
        now += exponential(random, arrivals.per_s / keys) * 1_000;
        return now;
      });
      return [{ at, count, chainMs: undefined }];
    }
    case "burst": {
      const at = Array.from({ length: arrivals.times * count }, (_, number) => {
        return startMs + Math.floor(number / count) * arrivals.every_s * 1_000;
      });
      return [{ at, count: at.length, chainMs: undefined }];
    }
    case "closed":
      return Array.from({ length: arrivals.clients }, () => ({
        at: [startMs],
        count: arrivals.requests,
        chainMs: arrivals.think_s * 1_000,
      }));
  }
}

function traced({ requests }: Scenario, weightOf: (key: string) => number): Stream[] {
  const byKey = Map.groupBy(requests, ({ key }) => key);
  return [...byKey].map(([key, lines]) => ({
    demands: lines.map((line) => ({
      key,
      weight: weightOf(key),
      model: line.model,
      promptTokens: line.prompt_tokens,
      completionTokens: line.completion_tokens,
    })),
    at: lines.map((line) => line.at_s * 1_000),
    chainMs: undefined,
  }));
}

function shortened(streams: readonly Stream[], most: number): Stream[] {
  const all = streams.reduce((sum, { demands }) => sum + demands.length, 0);
  const share = Math.min(1, most / all);
  return streams.map((stream) => {
    const kept = Math.max(1, Math.floor(stream.demands.length * share));
    return { ...stream, demands: stream.demands.slice(0, kept), at: stream.at.slice(0, kept) };
  });
}

function amountOf(amount: Amount, random: Random): number {
  if (typeof amount === "number") return amount;
  return amount.min + Math.floor(random() * (amount.max - amount.min + 1));
}
