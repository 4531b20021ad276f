import { canonicalName } from "../../shared/lib/model-name.ts";
import type { Stream } from "./arrivals.ts";
import type { FleetSpec } from "./fleet.ts";
import type { Host } from "./host.ts";

const GB = 1e9;

/** What a coordinator knows of a machine that has worked for it before. */
export function restoreMeasures({ agent, spec }: Host, fleet: FleetSpec, streams: readonly Stream[]): void {
  const means = meansOf(streams);
  agent.loadRate.restore(spec.diskGbPerS * GB);
  for (const model of fleet.models) {
    const replica = agent.replica(canonicalName(model.name));
    const mean = means.get(model.name);
    if (replica === undefined || mean === undefined) continue;
    const tokensPerS = spec.tokensPerS * model.speed;
    replica.speed.restore(tokensPerS);
    replica.measuredLoadS.restore(model.sizeGb / spec.diskGbPerS);
    replica.measuredServiceS.restore(
      mean.prompt / (spec.prefillPerS * model.speed) + mean.completion / tokensPerS,
    );
    replica.figures.tokens.restore(mean.completion);
  }
}

const known = new WeakMap<readonly Stream[], Map<string, { prompt: number; completion: number }>>();

/** Tokens of a request, by model. */
function meansOf(streams: readonly Stream[]): Map<string, { prompt: number; completion: number }> {
  const before = known.get(streams);
  if (before !== undefined) return before;
  const all = streams.flatMap(({ demands }) => demands);
  const means = new Map(
    [...Map.groupBy(all, ({ model }) => model)].map(([model, demands]) => {
      const mean = (of: (demand: (typeof demands)[number]) => number): number =>
        demands.reduce((sum, demand) => sum + of(demand), 0) / demands.length;
      return [
        model,
        {
          prompt: mean((demand) => demand.promptTokens),
          completion: mean((demand) => demand.completionTokens),
        },
      ];
    }),
  );
  known.set(streams, means);
  return means;
}
