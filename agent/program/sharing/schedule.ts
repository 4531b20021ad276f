import type { ScheduleEntry } from "../owner-settings.ts";

/** Days are looked through from yesterday, whose hours may reach into today, to two weeks ahead: next week's may be skipped. */
const FIRST_DAY = -1;
const LAST_DAY = 14;

interface Span {
  from: Date;
  to: Date;
}

/**
 * When an entry holds around `now`. Local calendar days, not steps of 24 hours: a day on which clocks change has 23 or 25. An
 * hour that is skipped begins when the clock goes on; of one that comes twice the first counts.
 */
function* spans({ days, from, to }: ScheduleEntry, now: Date): Generator<Span> {
  const overnight = to <= from ? 1 : 0;
  for (let day = FIRST_DAY; day <= LAST_DAY; day++) {
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + day);
    if (!days.includes(midnight.getDay())) continue;
    const span = { from: at(midnight, 0, from), to: at(midnight, overnight, to) };
    // Where clocks go forward over its beginning and not over its end, nothing may be left of it.
    if (span.from < span.to) yield span;
  }
}

function at(midnight: Date, daysLater: number, time: string): Date {
  const [hours, minutes] = time.split(":").map(Number);
  return new Date(
    midnight.getFullYear(),
    midnight.getMonth(),
    midnight.getDate() + daysLater,
    hours,
    minutes,
  );
}

/** Whether the schedule lets others in now; an empty one always does. */
export function isOpen(schedule: readonly ScheduleEntry[], now: Date): boolean {
  if (schedule.length === 0) return true;
  for (const entry of schedule) {
    for (const { from, to } of spans(entry, now)) if (from <= now && now < to) return true;
  }
  return false;
}

/** When it opens next; undefined while it is open, or when it never does. */
export function nextOpening(schedule: readonly ScheduleEntry[], now: Date): Date | undefined {
  return isOpen(schedule, now) ? undefined : soonest(schedule, now, ({ from }) => [from]);
}

/** When it is to be looked at again; undefined: an empty one never changes. */
export function nextEdge(schedule: readonly ScheduleEntry[], now: Date): Date | undefined {
  return soonest(schedule, now, ({ from, to }) => [from, to]);
}

function soonest(
  schedule: readonly ScheduleEntry[],
  now: Date,
  edges: (span: Span) => Date[],
): Date | undefined {
  let next: Date | undefined;
  for (const entry of schedule) {
    for (const span of spans(entry, now)) {
      for (const edge of edges(span)) if (edge > now && (next === undefined || edge < next)) next = edge;
    }
  }
  return next;
}
