/** How numbers look, without a browser's state: `locale` comes first. */

/** `null` and everything that is no number. */
export const NOTHING = "–";

const cache = new Map<string, Intl.NumberFormat>();

function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const name = `${locale} ${JSON.stringify(options)}`;
  let found = cache.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, options);
    cache.set(name, found);
  }
  return found;
}

const isNothing = (value: number | null | undefined): value is null | undefined =>
  value === null || value === undefined || !Number.isFinite(value);

export function count(locale: string, value: number | null | undefined): string {
  return isNothing(value) ? NOTHING : format(locale, { maximumFractionDigits: 0 }).format(value);
}

/** Short from a thousand on: `12.3K`. */
export function compact(locale: string, value: number | null | undefined): string {
  if (isNothing(value)) return NOTHING;
  return format(locale, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** One digit after the point below ten, none from a hundred on. */
export function decimal(locale: string, value: number | null | undefined): string {
  if (isNothing(value)) return NOTHING;
  return format(locale, { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 }).format(value);
}

/** @param value 0 to 1 */
export function share(locale: string, value: number | null | undefined): string {
  if (isNothing(value)) return NOTHING;
  return format(locale, { style: "percent", maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(value);
}

/** @param value 0 to 100 */
export const percent = (locale: string, value: number | null | undefined): string =>
  share(locale, isNothing(value) ? value : value / 100);

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

export function bytes(locale: string, value: number | null | undefined): string {
  if (isNothing(value)) return NOTHING;
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1_024 && unit < BYTE_UNITS.length - 1) {
    size /= 1_024;
    unit++;
  }
  const digits = unit === 0 || Math.abs(size) >= 100 ? 0 : 1;
  return `${format(locale, { maximumFractionDigits: digits }).format(size)} ${BYTE_UNITS[unit]}`;
}

const unit = (locale: string, value: number, name: string, digits = 0): string =>
  format(locale, {
    style: "unit",
    unit: name,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  }).format(value);

/** A short time: `84 ms`, `1.3 s`, `2 min 5 s`. @param value ms */
export function duration(locale: string, value: number | null | undefined): string {
  if (isNothing(value)) return NOTHING;
  if (value < 999.5) return unit(locale, Math.round(value), "millisecond");
  if (value < 59_950) return unit(locale, value / 1_000, "second", value < 9_950 ? 1 : 0);
  return span(locale, value);
}

/** The largest units of a long time, two of them: `3 d 4 h`. @param value ms */
export function span(locale: string, value: number | null | undefined, units = 2): string {
  if (isNothing(value)) return NOTHING;
  const total = Math.max(0, Math.round(value / 1_000));
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), "day"],
    [Math.floor(total / 3_600) % 24, "hour"],
    [Math.floor(total / 60) % 60, "minute"],
    [total % 60, "second"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return unit(locale, 0, "second");
  return parts
    .slice(first, first + units)
    .filter(([amount]) => amount > 0)
    .map(([amount, name]) => unit(locale, amount, name))
    .join(" ");
}

const dates = new Map<string, Intl.DateTimeFormat>();

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${locale} ${JSON.stringify(options)}`;
  let found = dates.get(name);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, options);
    dates.set(name, found);
  }
  return found;
}

/** Date and time of day to the second, in the reader's time zone. @param at an ISO timestamp or ms */
export function dateTime(locale: string, at: string | number): string {
  return dateFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

export function timeOfDay(locale: string, at: string | number): string {
  return dateFormat(locale, { timeStyle: "medium" }).format(new Date(at));
}

export function date(locale: string, at: string | number): string {
  return dateFormat(locale, { dateStyle: "medium" }).format(new Date(at));
}

const relatives = new Map<string, Intl.RelativeTimeFormat>();

/** `5 min ago`, `in 2 hr`. @param at and @param now ms */
export function relative(locale: string, at: number, now: number): string {
  let found = relatives.get(locale);
  if (found === undefined) {
    found = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
    relatives.set(locale, found);
  }
  const s = Math.round((at - now) / 1_000);
  const size = Math.abs(s);
  // A clock that is a second off makes no event of the future.
  if (size < 2) return found.format(0, "second");
  if (size < 60) return found.format(s, "second");
  if (size < 3_600) return found.format(Math.trunc(s / 60), "minute");
  if (size < 86_400) return found.format(Math.trunc(s / 3_600), "hour");
  return found.format(Math.trunc(s / 86_400), "day");
}
