export const PAUSES = ["hour", "tomorrow", "open"] as const;
/** `open`: until somebody resumes. */
export type Pause = (typeof PAUSES)[number];

const MORNING_HOUR = 6;
/** Who pauses at two in the night "until tomorrow" means the morning that comes next. */
const NIGHT_ENDS_HOUR = 4;

/** When a pause that begins at `now` ends, in local time; null: when somebody resumes. */
export function pauseUntil(pause: Pause, now: Date): Date | null {
  switch (pause) {
    case "hour":
      return new Date(now.getTime() + 3_600_000);
    case "tomorrow": {
      const end = new Date(now);
      end.setHours(MORNING_HOUR, 0, 0, 0);
      if (now.getHours() >= NIGHT_ENDS_HOUR) end.setDate(end.getDate() + 1);
      return end;
    }
    case "open":
      return null;
  }
}
