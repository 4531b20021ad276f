import { expect, test } from "vitest";
import { z } from "zod";
import { requestId } from "./request-id.ts";

test("a request id is a UUID whose order is that of time", () => {
  const early = requestId(1_700_000_000_000);
  const late = requestId(1_700_000_000_001);
  expect(z.uuid({ version: "v7" }).safeParse(early).success).toBe(true);
  expect(early < late).toBe(true);
  expect(requestId(1_700_000_000_000)).not.toBe(early);
});
