import { afterAll, beforeAll, expect, test } from "vitest";
import type { RequestView } from "../../shared/api/requests.ts";
import { type Answer, ask } from "../support/ask.ts";
import { ANTHROPIC, NDJSON, OPENAI, STREAMS, type TestDialect } from "../support/dialects.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, until } from "../support/hosts/host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";

const LONGEST_WAIT_S = 60;

/** What a dialect's own clients look at in an error. */
function shapeOf(dialect: TestDialect, message: RegExp): object {
  const said = expect.stringMatching(message);
  switch (dialect) {
    case OPENAI:
      return { error: { message: said, type: "rate_limit_error", param: null, code: "rate_limited" } };
    case ANTHROPIC:
      return {
        type: "error",
        error: { type: "rate_limit_error", message: said },
        request_id: expect.any(String),
      };
    default:
      return { error: said, code: "rate_limited" };
  }
}

function expectRefusal(dialect: TestDialect, answer: Answer, message: RegExp): void {
  expect(answer.status).toBe(429);
  expect(answer.headers["x-coordinator-error"]).toBe("rate_limited");
  expect(Number(answer.headers["x-coordinator-queue-ms"])).toBe(0);
  const retryAfterS = Number(answer.headers["retry-after"]);
  expect(retryAfterS).toBeGreaterThanOrEqual(1);
  expect(retryAfterS).toBeLessThanOrEqual(LONGEST_WAIT_S);
  expect(JSON.parse(answer.text)).toEqual(shapeOf(dialect, message));
}

onBothHosts("a key's limits hold", (startHost) => {
  let fleet: Fleet;
  let ollama: StandInOllama;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "large",
      ollama: { models: ["m"] },
      flags: ["--max-concurrency", "64"],
    });
    ({ ollama } = fleet.machine("large"));
  });
  afterAll(() => fleet.stop());

  const send = (key: string, dialect: TestDialect): Promise<Answer> =>
    ask({ url: fleet.host.url, key, path: dialect.path, body: dialect.body("m") }).answer;

  test("of 500 attempts at once with a key of five at once, Ollama never sees six, and the others are told when to come again", async () => {
    const { key } = await makeKey(fleet.host, { max_concurrency: 5 });
    const gate = Promise.withResolvers<void>();
    ollama.misbehave({ kind: "raw", chunks: [{ until: gate.promise }] }, { times: 5 });
    const asked = Array.from({ length: 500 }, (_, number) => {
      const dialect = STREAMS[number % STREAMS.length] ?? NDJSON;
      return send(key, dialect).then((answer) => ({ dialect, answer }));
    });
    await until("five are at work", () => ollama.inFlight() === 5);
    // The others come while these end: a place that is given away twice would show here.
    gate.resolve();
    const all = await Promise.all(asked);
    expect(ollama.maxInFlight()).toBe(5);
    const refused = all.filter(({ answer }) => answer.status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { dialect, answer } of refused) expectRefusal(dialect, answer, /max_concurrency/);
    expect(ollama.seen.filter(({ method }) => method === "POST")).toHaveLength(500 - refused.length);

    await until("all is at rest", async () =>
      (await listAgents(fleet.host)).every(({ active_requests }) => active_requests === 0),
    );
    expect((await send(key, NDJSON)).status).toBe(200);
  });

  test("a key of six requests a minute gets six, in whatever dialect, and another key its own", async () => {
    const [{ key }, other] = await Promise.all([
      makeKey(fleet.host, { rpm: 6 }),
      makeKey(fleet.host, { rpm: 6 }),
    ]);
    const before = ollama.seen.length;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => send(key, STREAMS[at % 3] ?? NDJSON)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
    for (const dialect of STREAMS) expectRefusal(dialect, await send(key, dialect), /rpm/);
    expect(ollama.seen.slice(before).filter(({ method }) => method === "POST")).toHaveLength(6);
    expect((await send(other.key, NDJSON)).status).toBe(200);
  });

  test("a key of a few tokens a minute is at its end after an OpenAI stream that did not tell its usage", async () => {
    const { key } = await makeKey(fleet.host, { tpm: 5 });
    const answer = await send(key, OPENAI);
    expect([answer.status, answer.text.includes("usage")]).toEqual([200, false]);
    expectRefusal(OPENAI, await send(key, OPENAI), /tpm/);
    const path = `/api/admin/requests/${answer.headers["x-request-id"]}`;
    const row = (): Promise<RequestView | undefined> =>
      admin<RequestView>(fleet.host, "GET", path).catch(() => undefined);
    await until("it is in the history", async () => (await row())?.status === 200);
    expect((await row())?.completion_tokens).toBeGreaterThan(5);
  });
});
