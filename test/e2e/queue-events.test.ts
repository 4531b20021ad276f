import { Readable } from "node:stream";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { QueueView } from "../../shared/api/queue.ts";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { ANTHROPIC, NDJSON, OPENAI, type TestDialect } from "../support/dialects.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, until } from "../support/hosts/host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";

const ASKS_FOR_THEM = { "x-coordinator-queue-events": "1" };
const EVERY_MS = 5_000;
/** One host hears of it from the socket, the other only when it writes: at the second comment after it at the latest. */
const NOTICED_WITHIN_MS = 25_000;
const SSE = [OPENAI, ANTHROPIC];
const EIGHT = "tok0 tok1 tok2 tok3 tok4é tok5 tok6 tok7 ";
const MESSAGES = [{ role: "user" as const, content: "hi" }];
const LARGE = [{ role: "user" as const, content: "é".repeat(50_000) }];
const FAILURE = { kind: "status", status: 404, body: '{"error":"model \'m\' not found"}' } as const;
/** What no two answers have in common. */
const OWN = ["date", "x-request-id", "x-coordinator-queue-ms"];

/** An answer's comments, and the rest of it byte for byte. */
function apart(answer: Answer): { comments: string[]; rest: Buffer } {
  const bytes = answer.bytes.toString("latin1");
  const [comments = ""] = /^(?:: [^\n]*\n\n)*/.exec(bytes) ?? [];
  return { comments: comments.split("\n\n").slice(0, -1), rest: answer.bytes.subarray(comments.length) };
}

onBothHosts("a client that waits can hear of it", (startHost) => {
  let fleet: Fleet;
  let ollama: StandInOllama;
  /** Ends what holds the only slot; more often does no harm. */
  let free = (): void => {};

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "lone",
      ollama: { models: ["m"] },
      flags: ["--max-concurrency", "1"],
    });
    ({ ollama } = fleet.machine("lone"));
  });
  afterEach(async () => {
    free();
    await until("all is at rest", async () =>
      (await listAgents(fleet.host)).every((agent) => agent.active_requests + agent.queued_requests === 0),
    );
    ollama.clear();
  });
  afterAll(() => fleet.stop());

  /** Somebody else has the only slot, until `free` is called. */
  async function busy(): Promise<void> {
    const gate = Promise.withResolvers<void>();
    free = gate.resolve;
    ollama.misbehave({ kind: "raw", chunks: [{ until: gate.promise }, '{"done":true}'] });
    ask({
      url: fleet.host.url,
      key: fleet.key,
      path: "/api/generate",
      body: { model: "m", prompt: "hi", stream: false },
    });
    await until("the slot is taken", () => ollama.inFlight() === 1);
  }

  const queue = (): Promise<QueueView> => admin(fleet.host, "GET", "/api/admin/queue");
  const waiting = (count: number): Promise<unknown> =>
    until(`${count} wait`, async () => (await queue()).length === count);

  function send(
    dialect: TestDialect,
    body: object | Readable = dialect.body("m"),
    headers: Record<string, string> = ASKS_FOR_THEM,
  ): Asked {
    return ask({ url: fleet.host.url, key: fleet.key, path: dialect.path, body, headers });
  }

  const openai = (): OpenAI =>
    new OpenAI({
      baseURL: `${fleet.host.url}/v1`,
      apiKey: fleet.key,
      maxRetries: 0,
      logLevel: "off",
      defaultHeaders: ASKS_FOR_THEM,
    });
  const anthropic = (): Anthropic =>
    new Anthropic({
      baseURL: fleet.host.url,
      apiKey: fleet.key,
      maxRetries: 0,
      logLevel: "off",
      defaultHeaders: ASKS_FOR_THEM,
    });

  test.each(SSE)(
    "$name: its stream begins when its wait does and says where it stands; then come Ollama's bytes, exactly",
    async (dialect) => {
      const pieces = ['data: {"tö', 'k":1}\n', "\ndata: [DONE]\n\n"].map((text) => Buffer.from(text));
      const [first = Buffer.of(), ...others] = pieces;
      const cut = first.indexOf("ö") + 1;
      const chunks = [first.subarray(0, cut), first.subarray(cut), ...others];
      await busy();
      ollama.misbehave({ kind: "raw", headers: { "content-type": "text/event-stream" }, chunks });
      const asked = send(dialect);
      await asked.received(1);
      const [item] = (await queue()).items;
      // Not held back until the second one, which is due by then, pushes it out.
      expect(item?.waited_ms).toBeLessThan(EVERY_MS);
      free();
      const answer = await asked.answer;
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/event-stream"]);
      expect(answer.headers["x-request-id"]).toBe(item?.id);
      const { comments, rest } = apart(answer);
      expect(comments[0]).toMatch(/^: queued position=1( estimate_ms=\d+)?$/);
      expect(rest).toEqual(Buffer.concat(pieces));
      expect(answer.end).toBe("complete");
    },
  );

  test("the openai client has its stream while it waits, and all of its answer then", async () => {
    await busy();
    const stream = await openai().chat.completions.create({ model: "m", messages: MESSAGES, stream: true });
    await waiting(1);
    free();
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(EIGHT);
  });

  test("so has its Responses API", async () => {
    await busy();
    const stream = await openai().responses.create({ model: "m", input: "hi", stream: true });
    await waiting(1);
    free();
    let text = "";
    for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
    expect(text).toBe(EIGHT);
  });

  test("the Anthropic client has its stream while it waits, and all of its answer then", async () => {
    await busy();
    const request = { model: "m", max_tokens: 8, messages: MESSAGES };
    const { response } = await anthropic()
      .messages.create({ ...request, stream: true })
      .withResponse();
    expect(response.status).toBe(200);
    const stream = anthropic().messages.stream(request);
    await waiting(2);
    free();
    await response.body?.cancel();
    expect((await stream.finalMessage()).content).toMatchObject([{ type: "text", text: EIGHT }]);
  });

  test.each(SSE)("$name: without a wait its answer is as any other", async (dialect) => {
    const [plain, telling] = [
      await send(dialect, dialect.body("m"), {}).answer,
      await send(dialect).answer,
    ].map(({ headers }) => Object.entries(headers).filter(([name]) => !OWN.includes(name)));
    expect(telling).toEqual(plain);
    expect(Object.fromEntries(telling ?? [])).toMatchObject({ "x-coordinator-agent": "lone" });
  });

  test.each<[string, TestDialect, object]>([
    ["NDJSON", NDJSON, NDJSON.body("m")],
    ["one that does not stream", OPENAI, { ...OPENAI.body("m"), stream: false }],
  ])("%s has no room for comments: it waits in silence, and says how long", async (_, dialect, body) => {
    await busy();
    const asked = send(dialect, body);
    await waiting(1);
    free();
    const answer = await asked.answer;
    expect([answer.status, answer.end, answer.text]).toEqual([200, "complete", expect.stringMatching(/^\{/)]);
    expect(answer.text).not.toContain("queued");
    expect(Number(answer.headers["x-coordinator-queue-ms"])).toBeGreaterThan(0);
  });

  test("a body of 100 KB waits with its client, of a length that was announced or not", async () => {
    await busy();
    // The wish to stream comes last: all of it has to be read to know.
    const body = { model: "m", messages: LARGE, stream: true };
    const sized = send(OPENAI, body);
    const chunked = send(OPENAI, Readable.from([JSON.stringify(body)]), {
      ...ASKS_FOR_THEM,
      "content-type": "application/json",
    });
    await Promise.all([sized.received(1), chunked.received(1)]);
    free();
    const answers = await Promise.all([sized.answer, chunked.answer]);
    expect(answers.map((answer) => OPENAI.verdict(answer))).toEqual([{ kind: "whole" }, { kind: "whole" }]);
    const bodies = ollama.seen.filter(({ url }) => url === OPENAI.path).map((seen) => seen.body);
    expect(bodies).toEqual([body, body]);
  });

  test.each([
    ["a few bytes", MESSAGES],
    ["100 KB", LARGE],
  ])("who asked for an alias waits for the model that is meant, with a body of %s", async (_, messages) => {
    await admin(fleet.host, "PUT", "/api/admin/settings", { aliases: { fancy: "m" } });
    await busy();
    const body = { messages, stream: true };
    const asked = send(OPENAI, { model: "fancy", ...body });
    await asked.received(1);
    free();
    const answer = await asked.answer;
    expect(apart(answer).comments[0]).toMatch(/^: queued position=1/);
    expect(OPENAI.verdict(answer)).toEqual({ kind: "whole" });
    const seen = ollama.seen.find(({ url }) => url === OPENAI.path);
    expect(seen?.body).toEqual({ model: "m", ...body });
    await admin(fleet.host, "PUT", "/api/admin/settings", { aliases: {} });
  });

  test("a wait that was too long is an error that official clients raise", async () => {
    await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { timeout_s: 1 } });
    await busy();
    const request = { model: "m", messages: MESSAGES };
    const streamed = (async () => {
      const stream = await openai().chat.completions.create({ ...request, stream: true });
      for await (const chunk of stream) expect(chunk).toBeUndefined();
    })();
    const message = anthropic()
      .messages.stream({ ...request, max_tokens: 8 })
      .finalMessage();
    const [first, second] = await Promise.allSettled([streamed, message]);
    expect(first).toMatchObject({ status: "rejected", reason: { code: "queue_timeout" } });
    expect(first).toHaveProperty("reason", expect.any(OpenAI.APIError));
    expect(second).toMatchObject({
      status: "rejected",
      reason: { error: { type: "error", error: { type: "api_error", message: expect.any(String) } } },
    });
    expect(second).toHaveProperty("reason", expect.any(Anthropic.APIError));
    await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { timeout_s: 600 } });
  });

  test.each(SSE)("$name: so is what Ollama refuses once the stream has begun", async (dialect) => {
    await busy();
    ollama.misbehave(FAILURE);
    const asked = send(dialect);
    await asked.received(1);
    free();
    const answer = await asked.answer;
    expect(answer.status).toBe(200);
    expect(dialect.verdict(answer)).toMatchObject({ kind: "error" });
    expect(apart(answer).rest.toString()).toContain("model 'm' not found");
  });

  test("who leaves while it waits is soon gone from the line, and Ollama never hears of it", async () => {
    await busy();
    const asked = send(OPENAI);
    await asked.received(1);
    await waiting(1);
    asked.leave();
    await until("it is gone", async () => (await queue()).length === 0, NOTICED_WITHIN_MS);
    free();
    expect((await asked.answer).end).toBe("reset");
    expect((await send(NDJSON).answer).status).toBe(200);
    expect(ollama.seen.filter(({ url }) => url === OPENAI.path)).toEqual([]);
  });
});
