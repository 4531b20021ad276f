import type { Sample } from "./sample.ts";
import type { Ends } from "./work.ts";

const MB = 1024 * 1024;

/** One row for each process, first → last of each measure, and how the requests ended. */
export function report(samples: ReadonlyMap<string, readonly Sample[]>, ends: Ends): string {
  const rows = [...samples].map(([name, of]) => {
    const mb = (what: "resident" | "heap" | "external"): string =>
      line(of, (sample) => (sample[what] / MB).toFixed(1));
    const count = (what: "timers" | "handles"): string => line(of, (sample) => String(sample[what]));
    return `| ${[name, mb("resident"), mb("heap"), mb("external"), count("timers"), count("handles")].join(" | ")} |`;
  });
  const { whole, refused, left, broken } = ends;
  return [
    "",
    "| process | resident MB | heap MB | buffers MB | timers | handles |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `requests: ${whole} whole, ${refused} refused as they had to be, ${left} left by their client, ${broken} broken by a cut`,
  ].join("\n");
}

/** First, middle and last. */
function line(samples: readonly Sample[], show: (sample: Sample) => string): string {
  const picked = [samples[0], samples[Math.floor(samples.length / 2)], samples.at(-1)];
  return picked.map((sample) => (sample === undefined ? "" : show(sample))).join(" → ");
}
