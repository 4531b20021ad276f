const STEPS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Decimal units, as disks and downloads are sold. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < STEPS.length - 1) {
    value /= 1_000;
    step += 1;
  }
  return `${step > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${STEPS[step]}`;
}

/** The two largest units: `2 d 3 h`, `1 min 20 s`. */
export function spanText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return pair(s, 60, "min", 1, "s");
  if (s < 86_400) return pair(s, 3_600, "h", 60, "min");
  return pair(s, 86_400, "d", 3_600, "h");
}

function pair(s: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((s % big) / small);
  return `${Math.floor(s / big)} ${bigUnit}${rest === 0 ? "" : ` ${rest} ${smallUnit}`}`;
}

/** `18:00`, with its date where that is not today; this machine's time. */
export function momentText(moment: Date, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
  if (moment.toDateString() === now.toDateString()) return time;
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${time}`;
}
