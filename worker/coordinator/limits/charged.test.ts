import { expect, test } from "vitest";
import type { AnswerStats } from "../../../shared/protocol/messages.ts";
import type { Call, Outcome } from "../api.ts";
import { type Asked, Bench, storedKey } from "../testing/bench.ts";
import type { FakeRequest } from "../testing/fake-agent.ts";
import { turn } from "../testing/turn.ts";

const caller = { kind: "key", key_id: "k", by_path: false } as const;
const reserves400: Partial<Call> = { caller, contentLength: 1_600 };

const fleet = (
  limits: Parameters<typeof storedKey>[1],
  machine: Parameters<typeof Bench.fleet>[0][string] = { slots: 50 },
) => Bench.fleet({ a: machine }, { keys: [storedKey("k", limits)] });

async function end(asked: Asked): Promise<Outcome["kind"]> {
  return (await asked.outcome).kind;
}

test("who leaves before the first byte is charged what was reserved once a machine works for it, and nothing in the line", async () => {
  const { bench, agent } = await fleet({ tpm: 1_200 }, { slots: 1 });
  const asked = bench.ask(reserves400);
  const waiting = bench.ask(reserves400);
  await turn();
  for (const { client, outcome } of [waiting, asked]) {
    client.leave();
    expect(await outcome).toEqual({ kind: "gone" });
  }
  const second = bench.ask(reserves400);
  await turn();
  expect(agent("a").open).toHaveLength(1);
  second.client.leave();
  await second.outcome;
  const third = bench.ask(reserves400);
  await turn();
  expect(agent("a").open).toHaveLength(1);
  third.client.leave();
  await third.outcome;
  expect(await end(bench.ask(reserves400))).toBe("refused");
});

test.each<[string, AnswerStats | undefined, number]>([
  ["without any count", undefined, 400],
  ["without its prompt's, shorter than what was reserved", { completion_tokens: 300 }, 400],
  ["without its prompt's, longer than what was reserved", { completion_tokens: 500 }, 500],
  ["with all of them", { completion_tokens: 50, prompt_tokens: 50 }, 100],
])("an answer %s: %j is charged %i", async (_, stats, charged) => {
  const serve = (request: FakeRequest) => request.respond().write("data: {}\n\n").finish(stats);
  const next = Math.max(1, (stats?.prompt_tokens ?? 0) + (stats?.completion_tokens ?? 0));
  const second = async (tpm: number): Promise<string> => {
    const { bench } = await fleet({ tpm }, { serve });
    expect(await end(bench.ask(reserves400))).toBe("answered");
    return end(bench.ask({ caller, contentLength: 0 }));
  };
  expect([await second(charged + next), await second(charged + next - 1)]).toEqual(["answered", "refused"]);
});

test("a key that never lets its usage be told has the same limit as others", async () => {
  const serve = (request: FakeRequest) =>
    request.respond().write("data: {}\n\n".repeat(100)).finish({ completion_tokens: 100 });
  const { bench } = await fleet({ tpm: 1_000, tpd: 3_000 }, { serve });
  let answered = 0;
  for (let time = 0; time < 50; time++) {
    if ((await end(bench.ask({ caller, contentLength: 40, stream: true }))) === "answered") answered++;
  }
  expect(answered).toBe(10);
});

test("what nobody counted says nothing of the key's next bodies", async () => {
  const stats: (AnswerStats | undefined)[] = [{ prompt_tokens: 100, completion_tokens: 0 }, undefined];
  const serve = (request: FakeRequest) => request.respond().write("x").finish(stats.shift());
  const { bench } = await fleet({ tpm: 1e9 }, { slots: 1, serve });
  const reserved = async (): Promise<number> => {
    const asked = bench.ask({ caller, contentLength: 100_000 });
    const gauge = bench.brain.limitGauge().k?.reserved ?? -1;
    await asked.outcome;
    return gauge;
  };
  await reserved();
  expect(await reserved()).toBe(await reserved());
});

test("an error of Ollama's without counts costs nothing", async () => {
  const serve = (request: FakeRequest) => request.respond(400).write('{"error":"no"}').finish();
  const { bench } = await fleet({ tpm: 100 }, { serve });
  for (let time = 0; time < 5; time++) {
    expect(await end(bench.ask({ caller, contentLength: 400 }))).toBe("answered");
  }
});
