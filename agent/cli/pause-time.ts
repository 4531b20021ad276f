const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(?:\d+(?:\.\d+)?[smhd])+$/;
const YEAR_MS = 366 * UNIT_MS.d;

/** Milliseconds of `90m` or `1h30m`; undefined when it is none, or longer than a year. */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)([smhd])/g)) {
    ms += Number(count) * (unit === "s" || unit === "m" || unit === "h" || unit === "d" ? UNIT_MS[unit] : 0);
  }
  return ms > 0 && ms <= YEAR_MS ? ms : undefined;
}

const TIME_OF_DAY = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;

/** Whether it is written as a time; which one it is depends on when it is asked. */
export function isTime(text: string): boolean {
  return TIME_OF_DAY.test(text) || (MOMENT.test(text) && !Number.isNaN(Date.parse(text)));
}

/** The next `HH:MM` of this machine's time, or the moment named; without an offset it is this machine's time too. */
export function nextTime(text: string, now: Date): Date {
  const found = TIME_OF_DAY.exec(text);
  if (found === null) return new Date(text);
  const time = new Date(now);
  time.setHours(Number(found[1]), Number(found[2]), 0, 0);
  // By the calendar: a day on which clocks change is not 24 hours long.
  if (time <= now) time.setDate(time.getDate() + 1);
  return time;
}

export type PauseEnd = { ok: true; until: Date | null } | { ok: false; error: string };

/** When a pause ends, null: when someone says so. */
export function pauseEnd(given: { for: number | undefined; until: string | undefined }, now: Date): PauseEnd {
  if (given.for !== undefined && given.until !== undefined) {
    return { ok: false, error: "--for and --until: both were given; allowed: one of them" };
  }
  if (given.for !== undefined) return { ok: true, until: new Date(now.getTime() + given.for) };
  if (given.until === undefined) return { ok: true, until: null };
  const until = nextTime(given.until, now);
  if (until <= now) {
    return { ok: false, error: `--until: ${JSON.stringify(given.until)} is over; allowed: a time to come` };
  }
  return { ok: true, until };
}
