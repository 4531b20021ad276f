import { pino } from "pino";
import { expect, test } from "vitest";
import { narrate } from "./narrate.ts";

test("a coordinator's words cannot move the cursor of the terminal that they are told on", () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  narrate(log, () => false)({ type: "offline", reason: "\u001b[2J\u001b]0;title\u0007closed\nagain" });
  expect(JSON.parse(lines[0] ?? "").msg).toBe("offline: [2J]0;titleclosed again");
});
