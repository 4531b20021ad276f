import { describe, expect, test } from "vitest";
import { type Asked, Bench, bytesOf, HeldBody } from "./testing/bench.ts";
import type { FakeAgent } from "./testing/fake-agent.ts";
import { turn } from "./testing/turn.ts";

const pull = (on: Bench, agent: string, body: string): Asked =>
  on.ask(
    { class: "manage", endpoint: "/api/pull", path: "/api/pull", agent, mayRetry: false },
    bytesOf(body),
  );
const remove = (on: Bench, body = bytesOf('{"model":"m"}')): Asked =>
  on.ask(
    { class: "manage", method: "DELETE", endpoint: "/api/delete", path: "/api/delete", mayRetry: false },
    body,
  );

const lines = (asked: Asked): unknown[] =>
  asked.client.body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

async function three(): Promise<{ on: Bench; all: FakeAgent[] }> {
  const { bench, agents } = await Bench.fleet({ a: {}, b: {}, c: {} });
  return { on: bench, all: Object.values(agents) };
}

async function atRest(on: Bench, all: FakeAgent[]): Promise<void> {
  await on.clock.drain();
  expect(on.brain.load()).toEqual({ running: 0, waiting: 0, streams: 0 });
  expect(all.map(({ streams }) => streams)).toEqual(all.map(() => 0));
  expect(on.history.requests).toHaveLength(1);
}

describe("progress of several machines in one stream", () => {
  test("every line is whole and says whose it is, and the last says that all went well", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m"}');
    await turn();
    expect(all.map(({ last }) => last.body)).toEqual(['{"model":"m"}', '{"model":"m"}', '{"model":"m"}']);
    const [a, b, c] = all.map(({ last }) => last.respond());
    const cut = new TextEncoder().encode('{"status":"é"}\n');
    a?.write(cut.subarray(0, 12));
    b?.write('{"status":"pulling","completed":1}\n{"status":"succ');
    await turn();
    a?.write(cut.subarray(12));
    c?.write('{"status":"success"}\n').finish();
    a?.write('{"status":"success"}').finish();
    b?.write('ess"}\n').finish();
    await turn();
    expect(asked.client.header("content-type")).toBe("application/x-ndjson");
    const of = (name: string): unknown[] =>
      lines(asked).filter((line) => (line as { agent?: string }).agent === name);
    expect(of("a")).toEqual([
      { status: "é", agent: "a" },
      { status: "done", agent: "a" },
    ]);
    expect(of("b")).toEqual([
      { status: "pulling", completed: 1, agent: "b" },
      { status: "done", agent: "b" },
    ]);
    expect(of("c")).toEqual([{ status: "done", agent: "c" }]);
    expect(lines(asked)).toHaveLength(6);
    expect(lines(asked).at(-1)).toEqual({ status: "success" });
    expect(asked.ended).toEqual({ kind: "answered" });
    await atRest(on, all);
  });

  test("an error inside a 200 stream, a lost machine and one that just ends are failures of the whole", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m"}');
    await turn();
    const [a, b, c] = all;
    a?.last.respond().write('{"error":"file does not exist"}\n').finish();
    b?.last.reset("ollama_unreachable");
    c?.last.respond().write('{"status":"pulling"}\n').finish();
    await turn();
    expect(lines(asked).slice(-3)).toEqual([
      { error: "a: file does not exist", agent: "a" },
      { error: "b: the machine's Ollama cannot be reached", agent: "b" },
      { error: "c: the answer ended without success", agent: "c" },
    ]);
    // No line before them is an error: clients leave at the first.
    expect(
      lines(asked)
        .slice(0, -3)
        .filter((line) => "error" in (line as object)),
    ).toEqual([]);
    await atRest(on, all);
  });

  test("garbage from one machine does not end the others' progress", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m"}');
    await turn();
    const [a, b, c] = all.map(({ last }) => last.respond());
    a?.write("<html>\n").write("null\n").write("[1]\n").write('"x"\n').finish();
    b?.write("x".repeat(3 * 1024 * 1024)).finish();
    c?.write('{"status":"success"}\n').finish();
    await turn();
    expect(lines(asked)).toContainEqual({ status: "done", agent: "c" });
    expect(asked.client.bytes).toBeLessThan(10_000);
    expect(lines(asked).slice(-2)).toMatchObject([{ agent: "a" }, { agent: "b" }]);
    await atRest(on, all);
  });

  test("a layer is told four times a second, whatever the machine says, and its last line always", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m"}');
    await turn();
    const [a, b, c] = all.map(({ last }) => last.respond());
    b?.write('{"status":"success"}\n').finish();
    c?.write('{"status":"success"}\n').finish();
    for (let completed = 0; completed < 100; completed++) {
      a?.write(`{"status":"pulling x","digest":"x","total":99,"completed":${completed}}\n`);
      await on.clock.advance(10);
    }
    a?.write('{"status":"success"}\n').finish();
    await on.clock.advance(250);
    const told = lines(asked).flatMap((line) => (line as { completed?: number }).completed ?? []);
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toBe(99);
    expect(lines(asked).slice(-2)).toEqual([{ status: "done", agent: "a" }, { status: "success" }]);
    await atRest(on, all);
  });

  test("a client that leaves while a line waits for its time leaves no timer", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m"}');
    await turn();
    all[0]?.last.respond();
    for (const completed of [1, 2]) {
      all[0]?.last.write(`{"status":"pulling x","digest":"x","completed":${completed}}\n`);
    }
    await turn();
    asked.client.leave();
    await turn();
    expect(on.clock.next).not.toBeLessThanOrEqual(250);
    await atRest(on, all);
  });
});

describe("one short answer for several machines", () => {
  test("is the first machine's when all went well", async () => {
    const { on, all } = await three();
    const asked = remove(on);
    await turn();
    for (const { last } of all) last.respond(200, []).finish();
    await turn();
    expect(asked.client.journal).toEqual(["head 200", "end"]);
    expect(asked.client.header("content-length")).toBe("0");
    await atRest(on, all);
  });

  test("is the failure when one failed, as Ollama put it", async () => {
    const { on, all } = await three();
    const asked = remove(on);
    await turn();
    const [a, b, c] = all;
    a?.last.respond(200, []).finish();
    b?.last.answer('{"error":"busy"}', 500);
    c?.last.respond(200, []).finish();
    await turn();
    expect([asked.client.status, asked.client.body]).toEqual([500, '{"error":"busy"}']);
    await atRest(on, all);
  });

  test.each([
    ["ollama_unreachable", 502],
    ["owner_refused", 403],
    ["ollama_timeout", 504],
  ] as const)("one machine that ends with %s makes it a %i that says so", async (reset, status) => {
    const { on, all } = await three();
    const asked = remove(on);
    await turn();
    const [a, b, c] = all;
    a?.last.respond(200, []).finish();
    b?.last.reset(reset);
    c?.last.respond(200, []).finish();
    await turn();
    expect(asked.client.status).toBe(status);
    const { code } = JSON.parse(asked.client.body) as { code: string };
    expect(asked.client.header("x-coordinator-error")).toBe(code);
    await atRest(on, all);
  });

  test("pull with stream false is such an answer, too", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m","stream":false}');
    await turn();
    for (const { last } of all)
      last
        .respond(200, [["content-type", "application/json"]])
        .write('{"status":"success"}')
        .finish();
    await turn();
    expect(asked.client.body).toBe('{"status":"success"}');
    expect(asked.client.header("content-type")).toMatch(/^application\/json/);
    await atRest(on, all);
  });
});

describe("the client", () => {
  test("leaves while the machines work: all of them stop", async () => {
    const { on, all } = await three();
    const asked = pull(on, "*", '{"model":"m"}');
    await turn();
    all[0]?.last.respond().write('{"status":"x"}\n');
    await turn();
    asked.client.leave();
    await turn();
    expect(all.map(({ last }) => last.failure)).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(asked.ended).toEqual({ kind: "gone" });
    await atRest(on, all);
  });

  test("breaks off its own body: no machine hears of it, and the request ends", async () => {
    const { on, all } = await three();
    const body = new HeldBody();
    const asked = on.ask(
      { class: "manage", method: "DELETE", endpoint: "/api/delete", path: "/api/delete", mayRetry: false },
      body,
    );
    body.give('{"mod');
    await turn();
    body.give(new Error("the client stopped sending"));
    await turn();
    expect(asked.ended).toEqual({ kind: "gone" });
    expect(all.map(({ requests }) => requests.length)).toEqual([0, 0, 0]);
    await atRest(on, all);
  });

  test("leaves before its body is complete: no machine hears of it", async () => {
    const { on, all } = await three();
    const body = new HeldBody();
    const asked = on.ask(
      { class: "manage", method: "DELETE", endpoint: "/api/delete", path: "/api/delete", mayRetry: false },
      body,
    );
    await turn();
    asked.client.leave();
    body.give("{}");
    body.give(null);
    await turn();
    expect(asked.ended).toEqual({ kind: "gone" });
    expect(all.map(({ requests }) => requests.length)).toEqual([0, 0, 0]);
    await atRest(on, all);
  });

  test("sends more than a name or two: refused, and the rest is not read", async () => {
    const { on, all } = await three();
    const body = bytesOf(...Array.from({ length: 20 }, () => "x".repeat(64 * 1024)));
    const asked = remove(on, body);
    await turn();
    expect(asked.ended).toMatchObject({ kind: "refused", code: "bad_request" });
    expect(body.cancelled).toBe(true);
    await atRest(on, all);
  });
});
