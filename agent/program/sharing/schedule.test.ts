import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ScheduleEntry } from "../owner-settings.ts";
import { isOpen, nextEdge, nextOpening } from "./schedule.ts";

const before = process.env.TZ;
beforeAll(() => {
  process.env.TZ = "Europe/Berlin";
  // 02:00 to 03:00 is skipped on this day.
  if (new Date(2026, 2, 29, 12).getTimezoneOffset() !== -120) throw new Error("the time zone does not hold");
});
afterAll(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

const ALL = [0, 1, 2, 3, 4, 5, 6];
const hours = (from: string, to: string, days = ALL): ScheduleEntry => ({ days, from, to });
/** 2026-11-23 is a Monday. */
const monday = (time: string): Date => new Date(`2026-11-23T${time}:00`);
const local = (date: Date | undefined): string | undefined => date?.toLocaleString("sv-SE").slice(0, 16);

test.each<[string, ScheduleEntry[], string, boolean, string | undefined]>([
  ["no entry: always", [], "12:00", true, undefined],
  ["before its hours", [hours("18:00", "22:00")], "17:59", false, "2026-11-23 18:00"],
  ["at its beginning", [hours("18:00", "22:00")], "18:00", true, undefined],
  ["at its end", [hours("18:00", "22:00")], "22:00", false, "2026-11-24 18:00"],
  ["past midnight, in the evening", [hours("22:00", "07:00", [1])], "23:59", true, undefined],
  [
    "past midnight, the morning of the day on which it begins",
    [hours("22:00", "07:00", [1])],
    "06:59",
    false,
    "2026-11-23 22:00",
  ],
  [
    "past midnight, the morning after the day on which it began",
    [hours("22:00", "07:00", [0])],
    "06:59",
    true,
    undefined,
  ],
  ["past midnight, over", [hours("22:00", "07:00", [0])], "07:00", false, "2026-11-29 22:00"],
  ["from and to the same: a whole day", [hours("12:00", "12:00", [0])], "11:59", true, undefined],
  ["a whole day later", [hours("12:00", "12:00", [0])], "12:00", false, "2026-11-29 12:00"],
  ["today's hours are over: next week", [hours("08:00", "09:00", [1])], "10:00", false, "2026-11-30 08:00"],
  [
    "the sooner of two",
    [hours("08:00", "09:00", [3]), hours("20:00", "21:00", [2])],
    "10:00",
    false,
    "2026-11-24 20:00",
  ],
  ["one of two that overlap", [hours("08:00", "12:00"), hours("11:00", "14:00")], "13:00", true, undefined],
])("%s", (_, schedule, time, open, next) => {
  expect(isOpen(schedule, monday(time))).toBe(open);
  expect(local(nextOpening(schedule, monday(time)))).toBe(next);
});

const instant = (text: string): Date => new Date(text);

test("on the day that lacks an hour, hours end by the clock on the wall and skipped ones begin when it goes on", () => {
  const night = [hours("22:00", "07:00")];
  expect(isOpen(night, instant("2026-03-29T06:59:00+02:00"))).toBe(true);
  expect(isOpen(night, instant("2026-03-29T07:00:00+02:00"))).toBe(false);
  const skipped = [hours("02:30", "04:00")];
  expect(nextOpening(skipped, instant("2026-03-29T01:00:00+01:00"))?.toISOString()).toBe(
    "2026-03-29T01:30:00.000Z",
  );
  const gone = [hours("02:30", "03:00", [0])];
  expect(isOpen(gone, instant("2026-03-29T03:00:00+02:00"))).toBe(false);
  expect(local(nextOpening(gone, instant("2026-03-29T00:00:00+01:00")))).toBe("2026-04-05 02:30");
});

test("on the day that has an hour twice, hours that contain it last an hour longer", () => {
  const night = [hours("22:00", "07:00")];
  const [from, to] = [instant("2026-10-24T22:00:00+02:00"), instant("2026-10-25T07:00:00+01:00")];
  expect(isOpen(night, from)).toBe(true);
  expect(isOpen(night, new Date(to.getTime() - 1))).toBe(true);
  expect(isOpen(night, to)).toBe(false);
  expect((to.getTime() - from.getTime()) / 3_600_000).toBe(10);
});

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`);
const entry = fc.record({
  days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }),
  from: time,
  to: time,
});
const schedules = fc.array(entry, { minLength: 1, maxLength: 5 });
/** Around both changes of the clocks, and a quiet week. */
const moments = fc
  .tuple(
    fc.constantFrom("2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z", "2026-07-01T00:00:00Z"),
    fc.integer({ min: -3 * 24 * 60, max: 3 * 24 * 60 }),
  )
  .map(([near, minutes]) => new Date(Date.parse(near) + minutes * 60_000));

test("when it says that it opens next, it is shut until then and open then", () => {
  fc.assert(
    fc.property(schedules, moments, (schedule, now) => {
      const next = nextOpening(schedule, now);
      if (isOpen(schedule, now)) {
        expect(next).toBeUndefined();
        return;
      }
      if (next === undefined) expect.fail("an entry has a day of the week, so it opens some time");
      expect(next > now).toBe(true);
      expect(isOpen(schedule, next)).toBe(true);
      const between = Math.floor((next.getTime() - now.getTime()) / 60_000 / 7) * 60_000;
      for (let at = now.getTime(); at < next.getTime(); at += Math.max(between, 60_000)) {
        expect(isOpen(schedule, new Date(at))).toBe(false);
      }
      expect(isOpen(schedule, new Date(next.getTime() - 1))).toBe(false);
    }),
  );
});

test("nothing changes before the edge that it names", () => {
  fc.assert(
    fc.property(schedules, moments, (schedule, now) => {
      const edge = nextEdge(schedule, now)?.getTime() ?? expect.fail("no edge");
      const open = isOpen(schedule, now);
      expect(isOpen(schedule, new Date(edge - 1))).toBe(open);
      expect(isOpen(schedule, new Date((now.getTime() + edge) / 2))).toBe(open);
    }),
  );
});

test("away from changes of the clocks it is as the clock on the wall says", () => {
  fc.assert(
    fc.property(schedules, fc.integer({ min: 0, max: 7 * 24 * 60 - 1 }), (schedule, minutes) => {
      const now = new Date(2026, 6, 1, 0, minutes);
      const clock = now.toLocaleTimeString("sv-SE").slice(0, 5);
      const [today, yesterday] = [now.getDay(), (now.getDay() + 6) % 7];
      const naive = schedule.some(({ days, from, to }) =>
        to > from
          ? days.includes(today) && from <= clock && clock < to
          : (days.includes(today) && from <= clock) || (days.includes(yesterday) && clock < to),
      );
      expect(isOpen(schedule, now)).toBe(naive);
    }),
  );
});
