import * as format from "./format.ts";
import { language } from "./language.ts";

type Value = number | null | undefined;

/** The formats in the language of the page; inside a component they follow it. */
export const fmt = {
  count: (value: Value) => format.count(language.value, value),
  compact: (value: Value) => format.compact(language.value, value),
  decimal: (value: Value) => format.decimal(language.value, value),
  /** @param value 0 to 1 */
  share: (value: Value) => format.share(language.value, value),
  /** @param value 0 to 100 */
  percent: (value: Value) => format.percent(language.value, value),
  bytes: (value: Value) => format.bytes(language.value, value),
  /** @param value MiB */
  mib: (value: Value) => format.bytes(language.value, typeof value === "number" ? value * 1_048_576 : value),
  /** @param value ms; for waits: `84 ms`, `1.3 s` */
  duration: (value: Value) => format.duration(language.value, value),
  /** @param value ms; for uptimes: `3 days 4 hr` */
  span: (value: Value, units?: number) => format.span(language.value, value, units),
  dateTime: (at: string | number) => format.dateTime(language.value, at),
  time: (at: string | number) => format.timeOfDay(language.value, at),
  date: (at: string | number) => format.date(language.value, at),
};
