import type { HistogramSample } from "../../../shared/api/metrics.ts";

/** Upper bounds, seconds: from a short answer of a small model to a queue of ten minutes. */
export const SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
] as const;

/** How long something took, by model. */
export class Histogram {
  readonly #byModel = new Map<string, { counts: number[]; sum: number }>();

  observe(model: string, seconds: number): void {
    let known = this.#byModel.get(model);
    if (known === undefined) {
      known = { counts: new Array<number>(SECONDS.length + 1).fill(0), sum: 0 };
      this.#byModel.set(model, known);
    }
    const at = SECONDS.findIndex((bound) => seconds <= bound);
    const bucket = at === -1 ? SECONDS.length : at;
    known.counts[bucket] = (known.counts[bucket] ?? 0) + 1;
    known.sum += seconds;
  }

  samples(): HistogramSample[] {
    return [...this.#byModel].map(([model, { counts, sum }]) => ({
      labels: { model },
      counts: [...counts],
      sum,
    }));
  }
}
