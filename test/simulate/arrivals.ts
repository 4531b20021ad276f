import { type FleetSpec, modelsOf } from "./fleet.ts";
import { exponential, pickerOf, type Random, randomOf } from "./random.ts";
import { type Amount, membersOf, type Scenario } from "./scenario.ts";

/** One request that somebody will send. */
export interface Demand {
  readonly key: string;
  readonly weight: number;
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Requests one after the other. */
export interface Stream {
  readonly key: string;
  readonly weight: number;
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
  const streams = [
    ...scenario.traffic.flatMap((traffic, index) => {
      const models = modelsOf(scenario, fleet.models, traffic.models);
      const pick = pickerOf(models, ({ popularity }) => popularity);
      const keys = membersOf({ name: traffic.key, count: traffic.keys });
      const random = randomOf(scenario.seed, `requests ${index}`);
      const demandOf = (key: string): Demand => ({
        key,
        weight: traffic.weight,
        model: pick(random).name,
        promptTokens: amountOf(traffic.prompt_tokens, random),
        completionTokens: amountOf(traffic.completion_tokens, random),
      });
      const { arrivals } = traffic;
      const startMs = arrivals.start_s * 1_000;
      return keys.flatMap((key): Stream[] => {
        const stream = { key, weight: traffic.weight };
        const demands = (count: number): Demand[] => Array.from({ length: count }, () => demandOf(key));
        switch (arrivals.kind) {
          case "poisson": {
            let at = startMs;
            const times = Array.from({ length: Math.ceil(arrivals.requests / keys.length) }, () => {
              at += exponential(random, arrivals.per_s / keys.length) * 1_000;
              return at;
            });
            return [{ ...stream, demands: demands(times.length), at: times, chainMs: undefined }];
          }
          case "burst": {
            const times = Array.from({ length: arrivals.times }, (_, burst) =>
              new Array<number>(Math.ceil(arrivals.requests / keys.length)).fill(
                startMs + burst * arrivals.every_s * 1_000,
              ),
            ).flat();
            return [{ ...stream, demands: demands(times.length), at: times, chainMs: undefined }];
          }
          case "closed":
            return Array.from({ length: arrivals.clients }, () => ({
              ...stream,
              demands: demands(arrivals.requests),
              at: [startMs],
              chainMs: arrivals.think_s * 1_000,
            }));
        }
      });
    }),
    ...traced(scenario),
  ];
  return shortened(streams, most);
}

function traced({ requests }: Scenario): Stream[] {
  const byKey = Map.groupBy(requests, ({ key }) => key);
  return [...byKey].map(([key, lines]) => ({
    key,
    weight: 1,
    demands: lines.map((line) => ({
      key,
      weight: 1,
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
