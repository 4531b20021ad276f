/** One value of a family; the labels tell it from the others. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** What fell under each bound, one by one (not added up), and what was above all of them last. */
export interface HistogramSample {
  labels: Record<string, string>;
  counts: number[];
  sum: number;
}

/** What is measured under one name, before it is written in anybody's format. */
export type Metric =
  | { type: "counter" | "gauge"; name: string; help: string; samples: Sample[] }
  | { type: "histogram"; name: string; help: string; bounds: readonly number[]; samples: HistogramSample[] };
