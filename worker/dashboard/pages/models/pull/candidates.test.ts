import { expect, test } from "vitest";
import { fitnessOf } from "./candidates.ts";

const fit = { status: "online", allow_manage: true, yielding: null } as const;

test("what the coordinator would refuse is known before", () => {
  expect(fitnessOf(fit)).toBe("ok");
  expect(fitnessOf({ ...fit, status: "offline" })).toBe("offline");
  expect(fitnessOf({ ...fit, allow_manage: false })).toBe("forbidden");
  expect(fitnessOf({ ...fit, yielding: { reason: "paused", detail: null, until: null } })).toBe("yielding");
});
