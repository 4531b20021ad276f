import type { Language } from "./language.ts";

/** Numbers and times as a person reads them. */
export interface Format {
  bytes(count: number): string;
  speed(bytesPerS: number): string;
  /** A rough span, in one unit: "3 minutes". */
  span(seconds: number): string;
  /** A running clock, `9:05`. */
  countdown(seconds: number): string;
  percent(fraction: number): string;
  count(value: number): string;
  /** A moment ahead or past, in local time; with the day where that is not today. */
  moment(when: Date, now: Date): string;
  /** 0 is Sunday. */
  day(day: number, width: "long" | "short"): string;
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
/** A Sunday. */
const SOME_SUNDAY = Date.UTC(2026, 0, 4);
const DAY_MS = 86_400_000;

/** Intl's makers take a millisecond each, and everything is worded anew several times a second. */
const MADE = new Map<string, Format>();

/** `timeZone`: undefined is the machine's own. */
export function formatFor(language: Language, timeZone?: string): Format {
  const key = `${language} ${timeZone ?? ""}`;
  const made = MADE.get(key) ?? makeFormat(language, timeZone);
  MADE.set(key, made);
  return made;
}

function makeFormat(language: Language, timeZone: string | undefined): Format {
  const zone = timeZone === undefined ? {} : { timeZone };
  const units = new Map<string, Intl.NumberFormat>();
  const unit = (name: string, digits: number, unitDisplay: "short" | "long" = "short"): Intl.NumberFormat => {
    const key = `${name} ${digits}`;
    const made =
      units.get(key) ??
      new Intl.NumberFormat(language, {
        style: "unit",
        unit: name,
        unitDisplay,
        maximumFractionDigits: digits,
      });
    units.set(key, made);
    return made;
  };
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const number = new Intl.NumberFormat(language);
  const days = {
    long: new Intl.DateTimeFormat(language, { timeZone: "UTC", weekday: "long" }),
    short: new Intl.DateTimeFormat(language, { timeZone: "UTC", weekday: "short" }),
  };
  // Decimal units: what Ollama, disks and download pages show.
  const scaled = (count: number, suffix: "" | "-per-second"): string => {
    let power = 0;
    let value = count;
    // 999.95 would be shown as 1,000.
    while (value >= 999.5 && power < BYTE_UNITS.length - 1) {
      value /= 1_000;
      power++;
    }
    return unit(`${BYTE_UNITS[power] ?? "byte"}${suffix}`, power > 1 && value < 100 ? 1 : 0).format(value);
  };
  const dateIn = new Intl.DateTimeFormat("en-CA", { ...zone, dateStyle: "short" });
  const time = new Intl.DateTimeFormat(language, { ...zone, hour: "numeric", minute: "2-digit" });
  const dayAndTime = new Intl.DateTimeFormat(language, {
    ...zone,
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });
  return {
    bytes: (count) => scaled(count, ""),
    speed: (bytesPerS) => scaled(bytesPerS, "-per-second"),
    span: (seconds) => {
      if (seconds < 59.5) return unit("second", 0, "long").format(Math.max(1, Math.round(seconds)));
      if (seconds < 59.5 * 60) return unit("minute", 0, "long").format(Math.round(seconds / 60));
      return unit("hour", 1, "long").format(seconds / 3_600);
    },
    countdown: (seconds) => {
      const left = Math.max(0, Math.ceil(seconds));
      return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    },
    percent: (fraction) =>
      // Never "100 %" of something that still runs.
      percent.format(Math.floor(fraction * 100) / 100),
    count: (value) => number.format(value),
    moment: (when, now) => (dateIn.format(when) === dateIn.format(now) ? time : dayAndTime).format(when),
    day: (day, width) => days[width].format(SOME_SUNDAY + day * DAY_MS),
  };
}
