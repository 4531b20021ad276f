import { broken, ok, type Result, skipped, warning } from "./finding.ts";

const WARN_MS = 60_000;
const BROKEN_MS = 5 * 60_000;
/** A `Date` header has whole seconds, cut off. */
const CUT_MS = 500;

export interface Timed {
  /** The `Date` header. */
  date: string | undefined;
  /** Around the question, on this machine's clock, milliseconds since 1970. */
  asked: number;
  answered: number;
}

/** Compares this machine's clock with the coordinator's. */
export function judgeClock({ date, asked, answered }: Timed): Result {
  const theirs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return skipped("the coordinator does not say what time it is");
  const ahead = (asked + answered) / 2 - (theirs + CUT_MS);
  const off = Math.abs(ahead);
  if (off <= WARN_MS) return ok("agrees with the coordinator's");
  const found = `this machine's clock is ${spoken(off)} ${ahead > 0 ? "ahead of" : "behind"} the coordinator's`;
  const advice = "set this machine's clock, by NTP if it can be";
  return off <= BROKEN_MS
    ? warning(found, advice)
    : broken(found, `${advice}: with a wrong time, certificates look expired or not yet valid`);
}

function spoken(ms: number): string {
  const [size, unit] =
    ms < 90 * 60_000
      ? [60_000, "minutes"]
      : ms < 48 * 3_600_000
        ? [3_600_000, "hours"]
        : [86_400_000, "days"];
  return `${Math.round(ms / size)} ${unit}`;
}
