import type { Metric, Sample } from "../../../shared/api/metrics.ts";

/** Names that every scraped program uses go without it. */
export const named = (name: string): string => `ollama_coordinator_${name}`;

export function counter(name: string, help: string, samples: Sample[]): Metric {
  return { type: "counter", name: named(name), help, samples };
}

export function gauge(name: string, help: string, samples: Sample[] | number): Metric {
  const list = typeof samples === "number" ? [{ labels: {}, value: samples }] : samples;
  return { type: "gauge", name: named(name), help, samples: list };
}
