import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINE_MS, PacedLines } from "./paced-lines.ts";
import { FakeClock } from "./testing/fake-clock.ts";

interface Progress {
  agent: string;
  status: string;
  digest?: string;
  completed?: number;
}

function pacing() {
  const clock = new FakeClock();
  const start = clock.now();
  const sent: (Progress & { at: number })[] = [];
  const lines = new PacedLines(clock, (value) =>
    sent.push({ ...(value as Progress), at: clock.now() - start }),
  );
  const layer = (completed: number, digest = "sha256:a", agent = "a"): void =>
    lines.push(agent, { agent, status: `pulling ${digest}`, digest, completed });
  const status = (text: string, agent = "a"): void => lines.push(agent, { agent, status: text });
  return { clock, lines, sent, layer, status };
}

describe("lines of one machine about one layer", () => {
  test("are 250 ms apart, and the newest counts", async () => {
    const { clock, sent, layer } = pacing();
    for (let completed = 0; completed < 100; completed++) {
      layer(completed);
      await clock.advance(10);
    }
    await clock.drain();
    expect(sent.map(({ at }) => at)).toEqual([0, 250, 500, 750, 1_000]);
    expect(sent.map(({ completed }) => completed)).toEqual([0, 24, 49, 74, 99]);
  });

  test("end with the last one, before what the machine says next", async () => {
    const { clock, sent, layer, status } = pacing();
    layer(1);
    layer(2);
    layer(3);
    status("verifying");
    status("done");
    await clock.drain();
    expect(sent.map(({ status: said, completed }) => [said, completed])).toEqual([
      ["pulling sha256:a", 1],
      ["pulling sha256:a", 3],
      ["verifying", undefined],
      ["done", undefined],
    ]);
    expect(clock.timers).toBe(0);
  });

  test("do not slow another layer, or another machine", () => {
    const { sent, layer } = pacing();
    layer(1);
    layer(1, "sha256:b");
    layer(1, "sha256:a", "b");
    expect(sent).toHaveLength(3);
  });
});

test("a machine that only talks is held back until its lines are gone", async () => {
  const { clock, lines, status, layer } = pacing();
  layer(1);
  layer(2);
  let taken = 0;
  for (let line = 0; line < 100; line++) {
    status(`status ${line}`);
    lines.whenTaken("a", () => taken++);
  }
  expect(taken).toBeLessThan(70);
  await clock.drain();
  expect(taken).toBe(100);
});

test("a machine that invents layers is held back until those before are forgotten", async () => {
  const { clock, lines, sent, layer } = pacing();
  let said = 0;
  let most = 0;
  const say = (): void => {
    if (said === 2_000) return;
    layer(1, `sha256:${said++}`);
    most = Math.max(most, lines.kept);
    lines.whenTaken("a", () => queueMicrotask(say));
  };
  say();
  await clock.advance(0);
  expect(said).toBeLessThan(300);
  await clock.drain();
  expect([said, sent.length]).toEqual([2_000, 2_000]);
  expect(most).toBeLessThan(300);
  expect(sent.at(-1)?.at).toBeGreaterThan(LINE_MS);
});

test("what comes in one piece about very many layers is passed on in order, and then forgotten", async () => {
  const { clock, lines, sent, layer, status } = pacing();
  const say = (): void => {
    for (let number = 0; number < 20_000; number++) layer(number, `sha256:${number}`);
  };
  say();
  status("x");
  say();
  expect(lines.kept).toBeLessThan(60_000);
  await clock.drain();
  const numbers = Array.from({ length: 20_000 }, (_, number) => number);
  expect(sent.map(({ completed }) => completed)).toEqual([...numbers, undefined, ...numbers]);
  await clock.advance(LINE_MS);
  layer(1);
  expect(lines.kept).toBe(1);
});

test("stopped, it sends nothing more, waits for nothing and leaves no timer", async () => {
  const { clock, lines, sent, layer } = pacing();
  layer(1);
  layer(2);
  const idle = lines.idle();
  lines.stop();
  layer(3);
  await idle;
  expect(clock.timers).toBe(0);
  expect(sent).toHaveLength(1);
});

test("whatever comes when: never faster than that, nothing is out of order, every last word is said", async () => {
  const step = fc.record({
    agent: fc.constantFrom("a", "b"),
    digest: fc.constantFrom("1", "2", undefined),
    wait: fc.constantFrom(0, 0, 1, 30, 249, 250, 600),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, lines, sent, layer, status } = pacing();
      const last = new Map<string, number>();
      for (const [number, { agent, digest, wait }] of steps.entries()) {
        if (digest === undefined) status("status", agent);
        else {
          layer(number, digest, agent);
          last.set(`${agent} ${digest}`, number);
        }
        await clock.advance(wait);
      }
      const idle = lines.idle();
      await clock.drain(LINE_MS * 40);
      await idle;
      const before = new Map<string, { at: number; completed: number | undefined }>();
      for (const { agent, digest, status: said, at, completed } of sent) {
        const key = `${agent} ${digest ?? said}`;
        const previous = before.get(key);
        if (previous !== undefined) {
          expect(at - previous.at).toBeGreaterThanOrEqual(LINE_MS);
          expect(completed ?? 0).toBeGreaterThanOrEqual(previous.completed ?? 0);
        }
        before.set(key, { at, completed });
      }
      for (const [key, number] of last) expect(before.get(key)?.completed).toBe(number);
    }),
    { numRuns: 100 },
  );
});
